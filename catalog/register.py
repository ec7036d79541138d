"""The register: one line for each read of an audited dataset, committed before its data are read.

It is written by `geosocle_audit`, which can do nothing else; who asks is resolved there from the caller's key. Where a
line cannot be written, the data are not given.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, Literal
from uuid import UUID

import psycopg
from psycopg.types.json import Jsonb

from catalog.database import Connection, Spares, query
from catalog.errors import AgreementError, RegisterUnavailable
from catalog.loader import datasets
from catalog.model import Dataset, Principal, Usage
from catalog.settings import FEWEST_MONTHS, MOST_MONTHS

Kind = Literal["read", "count"]

SHA256 = re.compile(r"[0-9a-f]{64}")
GONE = (
    "dernière, mais l'empreinte notée n'est plus dans la chaîne : sa fin fut retirée ou refaite, ou la purge l'a prise"
)


@dataclass(frozen=True, slots=True)
class Desk:
    """Where reads are written down: connections of `geosocle_audit`, the datasets audited by choice, and the door."""

    connections: Spares
    audited: frozenset[str] = frozenset()
    door: str = ""
    job: UUID | None = None


@dataclass(frozen=True, slots=True)
class Read:
    """What is about to be read: features are ids by commune, groups those whose columns are looked at."""

    dataset: str
    usage: Usage
    groups: Sequence[str]
    features: Mapping[str, Sequence[str]] = field(default_factory=dict)
    kind: Kind = "read"


_desk: ContextVar[Desk | None] = ContextVar("geosocle_desk", default=None)
_named: ContextVar[bool] = ContextVar("geosocle_named", default=False)


def pass_by(desk: Desk | None) -> None:
    """Make every read of this context pass by a desk."""
    _desk.set(desk)


@contextmanager
def passing(desk: Desk | None) -> Iterator[None]:
    """Make every read of a block pass by a desk."""
    token = _desk.set(desk)
    try:
        yield
    finally:
        _desk.reset(token)


def audited(dataset: Dataset) -> bool:
    """True where reads of a dataset are written down: its file says so, or this server's settings."""
    desk = _desk.get()
    return dataset.audit or (desk is not None and dataset.id in desk.audited)


def anything_audited() -> bool:
    """True where reads of some dataset are written down."""
    return any(map(audited, datasets().values()))


def named() -> bool:
    """True once a line was written for what this context reads."""
    return _named.get()


def write(principal: Principal, read: Read) -> None:
    """Write a line and commit it. Raises RegisterUnavailable: the data must then not be read."""
    desk = here()
    execute(
        desk,
        "audit_write",
        {
            **_who(principal, desk),
            "kind": read.kind,
            "usage": read.usage,
            "dataset": read.dataset,
            "groups": list(read.groups),
            "features": Jsonb({commune: list(ids) for commune, ids in read.features.items()}),
            "job": desk.job,
        },
    )
    _named.set(True)


def write_download(principal: Principal, job: UUID) -> None:
    """Write that the file of a job is handed over, if it holds an audited dataset. Raises RegisterUnavailable."""
    desk = here()
    ((line,),) = execute(desk, "audit_write_download", {**_who(principal, desk), "job": job})
    if line is not None:
        _named.set(True)


def here() -> Desk:
    """Return the desk of this block. Raises RegisterUnavailable without one: nothing is read by the back door."""
    desk = _desk.get()
    if desk is None:
        raise RegisterUnavailable
    return desk


def _who(principal: Principal, desk: Desk) -> dict[str, Any]:
    return {"key": principal.key, "door": desk.door}


def execute(desk: Desk, name: str, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    """Execute a statement as `geosocle_audit`, commit it and return its rows. Raises RegisterUnavailable."""
    try:
        with desk.connections.connection() as connection:
            return connection.execute(query(name), values).fetchall()
    except psycopg.Error as error:
        raise RegisterUnavailable from error


@dataclass(frozen=True, slots=True)
class State:
    """How the register is: its length, its last line, and every fault of its chain as (line, what is wrong).

    `noted` is the line whose hash was noted elsewhere, if it is still there.
    """

    lines: int
    last: int
    hash: str
    faults: tuple[tuple[int, str], ...]
    noted: int | None = None


def verify(connection: Connection, noted: str | None = None) -> State:
    """Walk the whole chain, and look for the hash of a last line that was noted elsewhere.

    Whoever can rewrite the tables can also make a chain that is sound, but none with that hash in it.
    """
    lines, last, digest = connection.execute(query("audit_head")).fetchone() or (0, 0, "")
    faults = connection.execute(query("audit_verify"), {}).fetchall()
    if noted is None:
        return State(lines, last, digest, tuple(faults))
    if not SHA256.fullmatch(noted):
        raise AgreementError("--head : l'empreinte que « audit verify » a donnée, 64 chiffres hexadécimaux.")
    found = connection.execute(query("audit_noted"), {"hash": noted}).fetchone()
    gone = () if found else ((last, GONE),)
    return State(lines, last, digest, (*faults, *gone), found and found[0])


def purge(connection: Connection, months: int) -> int:
    """Take off lines older than `months` and return their number. Raises AgreementError outside 6 to 12."""
    if not FEWEST_MONTHS <= months <= MOST_MONTHS:
        raise AgreementError(f"Le registre se garde de {FEWEST_MONTHS} à {MOST_MONTHS} mois.")
    row = connection.execute(query("audit_purge"), [months]).fetchone()
    return row[0] if row else 0
