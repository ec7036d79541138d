"""Who an OpenID provider vouches for: identities, and the sessions that they open."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from psycopg.types.json import Jsonb

from catalog.access import described
from catalog.database import Connection, Pool, available, query
from catalog.errors import AgreementError
from catalog.model import PUBLIC


def add_identity(
    connection: Connection,
    organisation: str,
    issuer: str,
    claims: Mapping[str, str],
    administrator: bool = False,
    label: str = "",
) -> str:
    """Tie whoever has these claims of an issuer to an organisation, and return the identity's identifier."""
    if not claims or not all(name and value for name, value in claims.items()):
        raise AgreementError("Une identité se reconnaît à un attribut au moins : --claim NOM=VALEUR.")
    if organisation == PUBLIC:
        raise AgreementError("public : tout le monde est servi sans identité.")
    with described(", ".join(f"{name}={value}" for name, value in claims.items()), organisation):
        row = connection.execute(
            query("add_identity"), [issuer, Jsonb(dict(claims)), organisation, administrator, label]
        ).fetchone()
    return row[0] if row else ""


def remove_identity(connection: Connection, id: str) -> None:
    """Remove an identity: its sessions and its jobs end with it."""
    with described(id):
        if connection.execute(query("remove_identity"), [id]).rowcount == 0:
            raise AgreementError(f"Identité inconnue : {id}.")


def open_session(pool: Pool, key: str, issuer: str, claims: Mapping[str, Any], end: datetime) -> bool:
    """Open a session for verified claims, known from then on by `key`; False where no one organisation knows them."""
    with available(), pool.connection() as connection:
        row = connection.execute(query("open_session"), [key, issuer, Jsonb(dict(claims)), end]).fetchone()
    return bool(row and row[0])


def close_session(pool: Pool, key: str) -> None:
    """Close a session."""
    with available(), pool.connection() as connection:
        connection.execute(query("close_session"), [key])
