"""Organisations, agreements, rights and tokens: who asks, and what it may."""

import hashlib
import secrets
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date

import psycopg

from catalog.database import Connection, Pool, available, query
from catalog.errors import AgreementError, UnknownToken
from catalog.loader import datasets
from catalog.model import PUBLIC, USAGES, Principal, Profile

TOKEN_PREFIX = "geosocle_"
TOKEN_BYTES = 32


@dataclass(frozen=True, slots=True)
class Right:
    """One grant: an attribute group of a dataset, for some usages, over some communes (INSEE codes)."""

    dataset: str
    group: str
    usages: tuple[str, ...]
    communes: tuple[str, ...]

    def __post_init__(self) -> None:
        known = datasets().get(self.dataset)
        if known is None:
            raise AgreementError(f"Jeu de données inconnu : {self.dataset}.")
        if self.group not in known.groups:
            raise AgreementError(f"{self.dataset} : groupe d'attributs inconnu : {self.group}.")
        if not self.usages or not set(self.usages) <= set(USAGES):
            raise AgreementError(f"{self.dataset} : usages attendus parmi {', '.join(USAGES)}.")
        if not self.communes:
            raise AgreementError(f"{self.dataset} : aucune commune.")


def token_key(token: str) -> str:
    """Return the key of a token: its SHA-256, the only thing of it that is kept."""
    return hashlib.sha256(token.encode()).hexdigest()


def authenticate(pool: Pool, token: str | None) -> Principal:
    """Return who asks: nobody's rights without a token. Raises UnknownToken for a bad one, Unavailable."""
    if token is not None and not token.startswith(TOKEN_PREFIX):
        raise UnknownToken
    return principal(pool, PUBLIC if token is None else token_key(token))


def principal(pool: Pool, key: str) -> Principal:
    """Return the principal behind a key: a token's, a job's or the word `public`."""
    with available(), pool.connection() as connection:
        row = connection.execute(query("authenticate"), [key]).fetchone()
    if row is None:
        raise UnknownToken
    organisation, name, token, administrator, tree = row
    return Principal(key, organisation, Profile.from_tree(tree), token and str(token), administrator, name)


def add_organisation(connection: Connection, id: str, name: str, kind: str, communes: Iterable[str] = ()) -> None:
    """Add a member and its territory."""
    with described():
        connection.execute(query("add_organisation"), [id, name, kind, sorted(communes)])


def add_agreement(  # noqa: PLR0913: an agreement has these parts
    connection: Connection,
    id: str,
    organisation: str,
    purpose: str,
    first_day: date,
    last_day: date,
    rights: Sequence[Right],
    document_sha256: str | None = None,
) -> None:
    """Add an agreement with all its rights, or nothing. Its days are inclusive, in Europe/Paris."""
    if not rights:
        raise AgreementError("Une convention sans droit ne donne rien : indiquez au moins un droit.")
    with described(), connection.transaction():
        connection.execute(query("add_agreement"), [id, organisation, purpose, first_day, last_day, document_sha256])
        for (dataset, group, usage), communes in united(rights).items():
            connection.execute(query("add_right"), [id, dataset, group, usage, sorted(communes)])


def united(rights: Iterable[Right]) -> dict[tuple[str, str, str], set[str]]:
    """Unite rights tuple by tuple: communes are put together within one dataset, group and usage, never across."""
    tuples: dict[tuple[str, str, str], set[str]] = {}
    for right in rights:
        for usage in right.usages:
            tuples.setdefault((right.dataset, right.group, usage), set()).update(right.communes)
    return tuples


def end_agreement(connection: Connection, id: str, last_day: date) -> None:
    """Set the last day of an agreement; a day before its first makes it void from the start."""
    with described():
        if connection.execute(query("end_agreement"), [last_day, id]).rowcount == 0:
            raise AgreementError(f"Convention inconnue : {id}.")


def issue_token(
    connection: Connection, organisation: str, days: int = 365, administrator: bool = False, label: str = ""
) -> str:
    """Draw a token for an organisation and return it: it is shown this once, only its SHA-256 is kept."""
    token = TOKEN_PREFIX + secrets.token_urlsafe(TOKEN_BYTES)
    with described():
        connection.execute(query("issue_token"), [token_key(token), organisation, label, administrator, days])
    return token


def revoke_token(connection: Connection, token: str) -> None:
    """Revoke a token, given itself or by its identifier."""
    key = token_key(token) if token.startswith(TOKEN_PREFIX) else None
    with described():
        if connection.execute(query("revoke_token"), {"key": key, "id": None if key else token}).rowcount == 0:
            raise AgreementError("Ce jeton est inconnu ou déjà révoqué.")


REFUSALS: dict[type[psycopg.Error], str] = {
    psycopg.errors.UniqueViolation: "Cet identifiant existe déjà.",
    psycopg.errors.ForeignKeyViolation: "Cette organisation n'existe pas.",
    psycopg.errors.CheckViolation: "Identifiant, code INSEE, dates ou nature incorrects.",
    psycopg.errors.InvalidTextRepresentation: "Identifiant incorrect.",
}


@contextmanager
def described() -> Iterator[None]:
    """Turn the database's refusal of a wrong description into ours: PostgreSQL's words repeat values of rows."""
    try:
        yield
    except tuple(REFUSALS) as error:
        raise AgreementError(next(words for kind, words in REFUSALS.items() if isinstance(error, kind))) from error
