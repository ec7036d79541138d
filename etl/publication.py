"""What one transaction publishes, and what it leaves out."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from catalog.database import Connection
from catalog.model import BASE
from etl.report import Reject
from etl.tables import Tables, identifiers, query


@dataclass(frozen=True, slots=True)
class Publication:
    """What one transaction publishes: a commune of a delivery."""

    kind: str
    delivery: int
    commune: str
    units: tuple[str, ...]
    newest: date
    force: bool = False
    missing: tuple[str, ...] = ()  # sheets that the commune no longer has

    def parameters(self, **more: Any) -> dict[str, Any]:
        """Return what the statements are given."""
        own = {name: getattr(self, name) for name in ("kind", "delivery", "commune", "newest", "force")}
        return own | {"units": list(self.units), "missing": list(self.missing)} | more


@dataclass(frozen=True, slots=True)
class Left:
    """A staged row that was not published: seen again in a newer sheet, or rejected."""

    dataset: str
    unit: str
    id: str
    reason: str | None

    @property
    def object(self) -> str:
        """The whole object's identifier, where the row is a commune's piece of it."""
        return self.id.rpartition(".")[0] or self.id


def rejected(one: Left) -> Reject:
    """Return what was left out with a reason as a reject."""
    return Reject(one.unit, one.dataset, one.id, one.reason or "")


def insert(connection: Connection, part: Tables, publication: Publication) -> None:
    """Insert what is staged for a commune into the table that is served."""
    statement = query(
        "publish_base" if part.group == BASE else "publish_group",
        table=part.table,
        stage=part.stage,
        columns=identifiers(part.columns),
        shown=identifiers(part.shown),
    )
    connection.execute(statement, publication.parameters())


def refresh_statistics(connection: Connection, base: Tables, commune: str) -> None:
    """Count anew what a dataset serves in a commune, and say where it is."""
    for name in ("refresh_statistics", "refresh_ground"):
        names = {"table": base.table, "past": base.past}
        connection.execute(query(name, **names), {"dataset": base.dataset.id, "commune": commune})
