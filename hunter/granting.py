"""The hunt's own organisations, agreements and tokens: granted, changed, and removed whatever happens."""

import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from psycopg.types.json import Jsonb

from catalog import agreements as written
from catalog import lifecycle
from catalog.access import Right, add_agreement, add_organisation, issue_token, revoke_token, set_rights, token_key
from catalog.database import Connection, query
from catalog.identities import add_identity
from catalog.terms import Term
from hunter.members import ADMINISTRATOR, PREFIX, PUBLIC, Agreement, Member, organisations
from hunter.things import BASE

# In the order of their references.
SWEPT = ("sweep_jobs", "sweep_tokens", "sweep_identities", "sweep_drafts", "sweep_agreements", "sweep_organisations")
DOCUMENT = "0" * 64  # the hash of a signed document that nobody has
ISSUER = f"urn:{PREFIX}fournisseur"


@contextmanager
def granted(connection: Connection, agreements: Sequence[Agreement], communes: Sequence[str]) -> Iterator[list[Member]]:
    """Grant the hunt's agreements for the time of a block, and give everybody who will ask.

    What a hunt that was killed left behind is removed first.
    """
    sweep(connection)
    try:
        with connection.transaction():
            members = grant(connection, agreements, communes)
        yield members
    finally:
        sweep(connection)


def sweep(connection: Connection) -> None:
    """Remove all that bears the hunt's prefix."""
    with connection.transaction():
        for name in SWEPT:
            connection.execute(query(name, "hunter"), {"prefix": f"{PREFIX}%"})


def grant(connection: Connection, agreements: Sequence[Agreement], communes: Sequence[str]) -> list[Member]:
    """Put agreements in the database, and return everybody who will ask: those with a bad credential too."""
    tokens = {}
    for organisation in organisations(agreements):
        add_organisation(connection, organisation, organisation, "commune", communes)
        tokens[organisation] = issue_token(connection, organisation)
    for one in agreements:
        if one.own:
            add(connection, one)
    empty = f"{PREFIX}vide"
    revoked, expired = issue_token(connection, empty), issue_token(connection, empty)
    revoke_token(connection, revoked)
    connection.execute(query("expire_token", "hunter"), [token_key(expired)])
    flagged = issue_token(connection, empty, administrator=True)
    bad = {"revoked": revoked, "expired": expired, "unknown": revoked[:-4] + "AAAA", "malformed": "departement"}
    return [
        Member("anonymous", PUBLIC),
        *(Member(organisation, organisation, token) for organisation, token in tokens.items()),
        *signed_in(connection, [f"{PREFIX}eaux", f"{PREFIX}departement"], set(tokens)),
        Member(ADMINISTRATOR, empty, flagged),
        *(Member(name, None, token) for name, token in bad.items()),
    ]


def signed_in(connection: Connection, wanted: Sequence[str], added: set[str]) -> Iterator[Member]:
    """Yield somebody of each organisation who signed in: the provider's part is done, the services read a cookie."""
    for organisation in (each for each in wanted if each in added):
        add_identity(connection, organisation, ISSUER, {"sub": organisation})
        yield Member(f"{organisation}, session", organisation, cookie=open_session(connection, organisation))


def open_session(connection: Connection, organisation: str) -> str:
    """Open a session for who is known to an organisation, and return its cookie."""
    cookie = secrets.token_urlsafe(32)
    end = datetime.now(UTC) + timedelta(hours=12)
    connection.execute(query("open_session"), [token_key(cookie), ISSUER, Jsonb({"sub": organisation}), end])
    return cookie


def close_session(connection: Connection, cookie: str) -> None:
    """Close a session."""
    connection.execute(query("close_session"), [token_key(cookie)])


def add(connection: Connection, one: Agreement) -> None:
    """Put one agreement in the database."""
    add_agreement(connection, one.id, one.organisation, "essai", one.first, one.last, rights(one))


def draft(connection: Connection, one: Agreement) -> None:
    """Keep one agreement as a draft."""
    lifecycle.draft(connection, written_of(one))


def may_be_signed(connection: Connection, one: Agreement) -> bool:
    """True where the bank has the limits of all the communes of an agreement: members cannot name others."""
    limits = {code for (code,) in connection.execute(query("held_communes"))}
    return not limits or all(limits.issuperset(each.communes) for each in one.given)


def sign(connection: Connection, one: Agreement) -> None:
    """Sign the draft of one agreement."""
    lifecycle.sign_draft(connection, one.id, DOCUMENT)


def lend(connection: Connection, one: Agreement, neighbours: Sequence[str]) -> None:
    """Sign an agreement that also gives some groups in the communes around, wherever it gives `base`."""
    terms = [replace(term, neighbours=tuple(neighbours) if term.group == BASE else ()) for term in terms_of(one)]
    lifecycle.sign(connection, replace(written_of(one), rights=tuple(terms), document_sha256=DOCUMENT))


def written_of(one: Agreement) -> written.Agreement:
    """Return an agreement as members write theirs."""
    return written.Agreement(one.id, one.organisation, "essai", one.first, one.last, tuple(terms_of(one)))


def terms_of(one: Agreement) -> list[Term]:
    """Return what an agreement gives, as it is written."""
    return [Term(each.dataset, each.group, each.usages, each.communes) for each in one.given]


def forget_drafts(connection: Connection) -> None:
    """Remove the drafts of the hunt's own."""
    connection.execute(query("sweep_drafts", "hunter"), {"prefix": f"{PREFIX}%"})


def rights(one: Agreement) -> list[Right]:
    """Return what an agreement gives, as the catalogue says it."""
    return [Right(each.dataset, each.group, each.usages, each.communes) for each in one.given]


def amend(connection: Connection, one: Agreement) -> None:
    """Write what an agreement gives, instead of what it gave."""
    with connection.transaction():
        set_rights(connection, one.id, rights(one))


def set_last_day(connection: Connection, one: Agreement) -> None:
    """Write the last day of an agreement."""
    connection.execute(query("set_last_day", "hunter"), [one.last, one.id])
