"""The tables of datasets: served, past and staged; and the statements that name them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from psycopg import sql

from catalog import database
from catalog.loader import datasets
from catalog.model import BASE, Dataset


def query(name: str, **parts: sql.Composable) -> sql.Composed:
    """Return a statement of this package, with the names of tables and columns put in."""
    return sql.SQL(database.query(name, package="etl")).format(**parts)


def of_kind(kind: str) -> list[Dataset]:
    """Return the datasets that a kind of delivery feeds."""
    return [dataset for dataset in datasets().values() if dataset.kind == kind]


@dataclass(frozen=True, slots=True)
class Tables:
    """The tables of one attribute group of a dataset: served, past, staged."""

    dataset: Dataset
    group: str

    @property
    def table(self) -> sql.Identifier:
        """Where it is served."""
        return sql.Identifier(*self.dataset.group_table(self.group))

    @property
    def past(self) -> sql.Identifier:
        """Where what was replaced is kept."""
        schema, name = self.dataset.group_table(self.group)
        return sql.Identifier(schema, f"{name}_passe")

    @property
    def stage(self) -> sql.Identifier:
        """Where it waits."""
        return sql.Identifier("staging", self.dataset.id if self.group == BASE else f"{self.dataset.id}_{self.group}")

    @property
    def columns(self) -> list[str]:
        """The columns that rows fill, in order: commune and edition first, then the group's own."""
        own = [name for name in self.dataset.groups[self.group] if name not in ("commune", "edition")]
        hidden = ["fichier"] if self.group == BASE and self.dataset.raster else []
        return ["commune", "edition", *own, *hidden]

    @property
    def stored(self) -> list[str]:
        """All columns that it shares with what it held before: a column added later may stand anywhere."""
        return ["id", "unite", *self.columns, *(["geom"] if self.group == BASE else []), "feature"]

    @property
    def shown(self) -> list[str]:
        """The columns that a feature's text bears."""
        return list(self.dataset.groups[self.group])


def tables(dataset: Dataset) -> list[Tables]:
    """Return the tables of each attribute group of a dataset, `base` first."""
    return [Tables(dataset, group) for group in sorted(dataset.groups, key=lambda group: group != BASE)]


def parts(kind: str) -> Iterator[Tables]:
    """Yield every table of a kind, staged or served."""
    for dataset in of_kind(kind):
        yield from tables(dataset)


def identifiers(names: Iterable[str]) -> sql.Composed:
    """Return column names for a statement."""
    return sql.SQL(", ").join(map(sql.Identifier, names))
