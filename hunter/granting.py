"""The hunt's own organisations, agreements and tokens: granted, changed, and removed whatever happens."""

import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from psycopg.types.json import Jsonb

from catalog.access import Right, add_agreement, add_organisation, issue_token, revoke_token, set_rights, token_key
from catalog.database import Connection, query
from catalog.identities import add_identity
from hunter.members import PREFIX, PUBLIC, Agreement, Member, organisations

# In the order of their references.
SWEPT = ("sweep_jobs", "sweep_tokens", "sweep_identities", "sweep_agreements", "sweep_organisations")
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
        Member("administrator", empty, flagged),
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
