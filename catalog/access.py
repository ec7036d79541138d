"""Organisations, agreements, rights and tokens: who asks, and what it may."""

import hashlib
import re
import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date

import psycopg
from psycopg.types.json import Jsonb

from catalog.database import Connection, Pool, available, query
from catalog.errors import AgreementError, UnknownToken
from catalog.loader import datasets
from catalog.model import PUBLIC, Principal, Profile
from catalog.terms import CODE_INSEE, Right, Term, united

TOKEN_PREFIX = "geosocle_"
TOKEN_BYTES = 32
SLUG = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")  # as access.slug has it, to name what is wrong


def token_key(token: str) -> str:
    """Return the key of a token: its SHA-256, the only thing of it that is kept."""
    return hashlib.sha256(token.encode()).hexdigest()


def authenticate(pool: Pool, token: str | None) -> Principal:
    """Return who asks: nobody's rights without a token. Raises UnknownToken for a bad one, Unavailable."""
    if token is not None and not token.startswith(TOKEN_PREFIX):
        raise UnknownToken
    return principal(pool, PUBLIC if token is None else token_key(token))


def principal(pool: Pool, key: str) -> Principal:
    """Return the principal behind a key: a token's, a session's, a job's or the word `public`."""
    with available(), pool.connection() as connection:
        row = connection.execute(query("authenticate"), {"key": key}).fetchone()
    if row is None:
        raise UnknownToken
    organisation, name, token, administrator, tree, limits = row
    profile, quotas = Profile.from_tree(known(tree)), frozenset(map(tuple, limits))
    return Principal(key, organisation, profile, token and str(token), administrator, name, quotas)


def known(tree: Mapping[str, Mapping[str, list[str]]]) -> dict[str, dict[str, list[str]]]:
    """Return the rights on what the catalogue has: agreements outlive the datasets that they speak of."""
    return {
        dataset.id: {group: usages for group, usages in tree[dataset.id].items() if group in dataset.groups}
        for dataset in datasets().values()
        if dataset.id in tree
    }


def add_organisation(connection: Connection, id: str, name: str, kind: str, communes: Iterable[str] = ()) -> None:
    """Add a member and its territory."""
    codes = sorted(communes)
    check_identifier(id)
    check_communes(codes)
    with described(id):
        connection.execute(query("add_organisation"), [id, name, kind, codes])


def check_organisation(connection: Connection, id: str) -> tuple[str, ...]:
    """Return the territory of an organisation. Raises AgreementError where it does not exist."""
    found = connection.execute(query("territory"), [id]).fetchone() if SLUG.fullmatch(id) else None
    if found is None:
        raise AgreementError(f"Organisation inconnue : {id}.")
    return tuple(found[0])


def check_identifier(id: str) -> None:
    """Raise AgreementError naming an identifier that the database would refuse."""
    if not SLUG.fullmatch(id):
        raise AgreementError(f"Identifiant incorrect : « {id} » (minuscules, chiffres et tirets, 63 au plus).")


def check_communes(codes: Iterable[str]) -> None:
    """Raise AgreementError naming the first code that is not a commune's."""
    for code in codes:
        if not CODE_INSEE.fullmatch(code):
            raise AgreementError(f"Code INSEE incorrect : « {code} » (cinq caractères, comme 85001 ou 2A004).")


def add_agreement(  # noqa: PLR0913 (an agreement has these parts)
    connection: Connection,
    id: str,
    organisation: str,
    purpose: str,
    first_day: date,
    last_day: date,
    rights: Sequence[Right],
    document_sha256: str | None = None,
    terms: Sequence[Term] = (),
) -> None:
    """Add a signed agreement with all its rights, or nothing. Its days are inclusive, in Europe/Paris.

    `terms` are the rights as they were written; without them, what is given is what was written.
    """
    if not rights:
        raise AgreementError("Une convention sans droit ne donne rien : indiquez au moins un droit.")
    if last_day < first_day:
        raise AgreementError(f"--to précède --from : la convention finirait le {last_day}, avant le {first_day}.")
    check_identifier(id)
    check_communes(code for right in rights for code in right.communes)
    with described(id, organisation), connection.transaction():
        connection.execute(query("add_agreement"), [id, organisation, purpose, first_day, last_day, document_sha256])
        set_rights(connection, id, rights, terms)


def set_rights(connection: Connection, id: str, rights: Sequence[Right], terms: Sequence[Term] = ()) -> None:
    """Put these in the place of an agreement's rights, and keep how they were written."""
    written = terms or [Term(right.dataset, right.group, right.usages, right.communes) for right in rights]
    tuples = [
        {"dataset": dataset, "group": group, "usage": usage, "communes": sorted(communes)}
        for (dataset, group, usage), communes in united(rights).items()
    ]
    connection.execute(query("set_terms"), [Jsonb([term.document() for term in written]), id])
    connection.execute(query("delete_rights"), [id])
    connection.execute(query("add_rights"), [id, Jsonb(tuples)])


def end_agreement(connection: Connection, id: str, last_day: date) -> date | None:
    """Bring the last day of an agreement forward and return it: None where, before its first, the agreement is void."""
    found = connection.execute(query("end_agreement"), {"id": id, "day": last_day}).fetchone()
    if found is None:
        raise AgreementError(f"Convention inconnue : {id}.")
    before, first, last = found
    if first is None:
        raise AgreementError(f"{id} finit déjà le {before} : pour la prolonger, « agreement renew » ou « amend ».")
    return last if first <= last else None


def issue_token(
    connection: Connection, organisation: str, days: int = 365, administrator: bool = False, label: str = ""
) -> str:
    """Draw a token for an organisation and return it: it is shown this once, only its SHA-256 is kept."""
    token = TOKEN_PREFIX + secrets.token_urlsafe(TOKEN_BYTES)
    if organisation == PUBLIC:
        raise AgreementError("public : tout le monde est servi sans jeton.")
    with described(label, organisation):
        connection.execute(query("issue_token"), [token_key(token), organisation, label, administrator, days])
    return token


def rotate_token(connection: Connection, token: str, grace: int = 0) -> str:
    """Draw a token in place of one that is still good, which dies now or after `grace` hours, and return it."""
    new = TOKEN_PREFIX + secrets.token_urlsafe(TOKEN_BYTES)
    with described(token):
        values = named(token) | {"new": token_key(new), "grace": grace}
        if connection.execute(query("rotate_token"), values).fetchone() is None:
            raise AgreementError(f"Jeton inconnu, expiré ou révoqué{shown(token)}.")
    return new


def revoke_token(connection: Connection, token: str) -> None:
    """Revoke a token, given itself or by its identifier."""
    with described(token):
        if connection.execute(query("revoke_token"), named(token)).rowcount == 0:
            raise AgreementError(f"Jeton inconnu ou déjà révoqué{shown(token)}.")


def named(token: str) -> dict[str, str | None]:
    """Return how the database knows a token, given itself or by its identifier."""
    itself = token.startswith(TOKEN_PREFIX)
    return {"key": token_key(token) if itself else None, "id": None if itself else token}


def shown(token: str) -> str:
    """Return what a message says of a token: its identifier, never itself."""
    return "" if token.startswith(TOKEN_PREFIX) else f" : {token}"


REFUSALS: dict[type[psycopg.Error], str] = {
    psycopg.errors.UniqueViolation: "Cet identifiant existe déjà : {id}.",
    psycopg.errors.ForeignKeyViolation: "Organisation inconnue : {organisation}.",
    psycopg.errors.CheckViolation: "{id} : organisation, nature ou empreinte de document incorrecte.",
    psycopg.errors.InvalidTextRepresentation: "Identifiant incorrect : « {id} ».",
}


@contextmanager
def described(id: str, organisation: str = "") -> Iterator[None]:
    """Turn the database's refusal of a wrong description into ours: PostgreSQL's words repeat values of rows."""
    try:
        yield
    except tuple(REFUSALS) as error:
        words = next(words for kind, words in REFUSALS.items() if isinstance(error, kind))
        raise AgreementError(words.format(id=id, organisation=organisation)) from error
