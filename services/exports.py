"""A dataset over some communes → a file, with the attributes that its asker has for the usage `file`."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from psycopg import sql

from catalog.database import Connection, Pool, as_principal, query
from catalog.errors import BadRequest, NotFound
from catalog.loader import datasets
from catalog.model import BASE, Dataset, Principal
from services.crs import own_uri, systems
from services.export_files import DEFAULT_FORMAT, FORMATS, writer
from services.jobs import Holds
from services.reading import note
from services.statements import template

INPUTS = {"dataset", "communes", "crs", "format"}
COMMUNES_EXPECTED = 'L\'entrée communes est une liste de codes INSEE : ["85901"].'
MAX_COMMUNES = 2000
BATCH = 5000


@dataclass(frozen=True, slots=True)
class Export:
    """What is asked: a dataset, over communes, in a coordinate reference system."""

    dataset: str
    communes: tuple[str, ...]
    crs: str = field(default_factory=own_uri)
    format: str = DEFAULT_FORMAT

    @property
    def inputs(self) -> dict[str, Any]:
        """The inputs as they are kept with the job."""
        return asdict(self)

    @property
    def holds(self) -> Holds:
        """What the caller must have for this to be begun."""
        return [{"dataset": self.dataset, "group": BASE, "communes": list(self.communes)}]

    @property
    def file(self) -> str:
        """The name under which the result is downloaded."""
        return f"{self.dataset}.{self.format}"

    @property
    def media_type(self) -> str:
        """The media type of the result."""
        return FORMATS[self.format]


def read_export(inputs: Mapping[str, Any], pool: Pool, principal: Principal) -> Export:
    """Check the inputs of an execution. A dataset or commune that the caller may not have does not exist."""
    if not set(inputs) <= INPUTS:
        raise BadRequest(f"Les entrées sont : {', '.join(sorted(INPUTS))}.")
    dataset, crs = inputs.get("dataset"), inputs.get("crs", own_uri())
    if not isinstance(dataset, str):
        raise BadRequest("L'entrée dataset manque.", "dataset")
    if not isinstance(crs, str) or crs not in systems():
        raise BadRequest(f"L'entrée crs est l'une de : {', '.join(systems())}.", "crs")
    form = inputs.get("format", DEFAULT_FORMAT)
    if not isinstance(form, str) or form not in FORMATS:
        raise BadRequest(f"L'entrée format est l'une de : {', '.join(FORMATS)}.", "format")
    asked = _communes(inputs.get("communes"))
    if dataset not in principal.profile.datasets("file"):
        raise NotFound
    with as_principal(pool, principal, "file") as connection:
        seen = visible(connection, dataset, BASE)
    if not seen or not set(asked or seen) <= seen:
        raise NotFound
    return Export(dataset, tuple(sorted(set(asked or seen))), crs, form)


def _communes(value: object) -> list[str] | None:
    if value is None:
        return None
    if not isinstance(value, list) or not 0 < len(value) <= MAX_COMMUNES:
        raise BadRequest(COMMUNES_EXPECTED, "communes")
    if not all(isinstance(code, str) for code in value):
        raise BadRequest(COMMUNES_EXPECTED, "communes")
    return value


def visible(connection: Connection, dataset: str, group: str) -> set[str]:
    """Return the communes that the caller of this transaction has of a dataset's group."""
    row = connection.execute(query("job_visible", "services"), [dataset, group]).fetchone()
    return set(row[0]) if row else set()


def write_export(pool: Pool, principal: Principal, export: Export, path: Path, step: Callable[[int], None]) -> Holds:
    """Write the file and return what it holds. `step` is told the progress, and may raise to stop."""
    dataset = datasets()[export.dataset]
    with as_principal(pool, principal, "file") as connection:
        groups = _groups(connection, dataset, principal, export)
        _note(connection, principal, dataset, groups)
        total = _count(connection, dataset, groups)
        srid = systems()[export.crs].srid  # files have x before y, whatever the order of the axes
        write = writer(export.format, dataset, tuple(groups), srid, path)
        done = 0
        for number, rows in enumerate(_batches(connection, dataset, groups, srid)):
            write.add(rows, first=number == 0)
            done += len(rows)
            step(min(99, 100 * done // max(total, 1)))
    write.end()
    return [{"dataset": dataset.id, "group": group, "communes": communes} for group, communes in groups.items()]


def _groups(connection: Connection, dataset: Dataset, principal: Principal, export: Export) -> dict[str, list[str]]:
    """Return the communes of each group that the file will hold: what is asked and, today, given.

    The rows are then asked for within these lists, so that the file holds no more than is written down for it.
    """
    groups: dict[str, list[str]] = {}
    for group in principal.profile.groups(dataset.id, "file"):
        if communes := visible(connection, dataset.id, group) & set(export.communes):
            groups[group] = sorted(communes)
    if groups.get(BASE) != list(export.communes):
        raise NotFound
    return groups


def _note(connection: Connection, principal: Principal, dataset: Dataset, groups: Mapping[str, list[str]]) -> None:
    rows = template("register_export").format(table=sql.Identifier(*dataset.group_table()))
    note(connection, principal, dataset, "file", list(groups), rows, {BASE: groups[BASE]})


def _count(connection: Connection, dataset: Dataset, groups: Mapping[str, Sequence[str]]) -> int:
    statement = sql.SQL(query("export_count", "services")).format(table=sql.Identifier(*dataset.group_table()))
    row = connection.execute(statement, [groups[BASE]]).fetchone()
    return row[0] if row else 0


def _batches(
    connection: Connection, dataset: Dataset, groups: Mapping[str, list[str]], srid: int
) -> Iterator[list[tuple[Any, ...]]]:
    """Yield rows by the thousand from a cursor of the server's; one empty batch where there is none.

    The cursor is declared by hand: psycopg's own cannot be closed within a pipeline.
    """
    connection.execute(_statement(dataset, groups), {**groups, "srid": srid})
    fetch = sql.SQL(query("export_fetch", "services")).format(count=sql.Literal(BATCH))
    rows = connection.execute(fetch).fetchall()
    yield rows
    while rows := connection.execute(fetch).fetchall():
        yield rows


def _statement(dataset: Dataset, groups: Mapping[str, list[str]]) -> sql.Composed:
    """Ask for all columns of the groups; a side table gives its own in its own communes, and null elsewhere."""
    columns = [
        sql.Identifier(group, column) for group in dataset.groups if group in groups for column in dataset.groups[group]
    ]
    joins = [_join(dataset, group) for group in groups if group != BASE]
    return sql.SQL(query("export_rows", "services")).format(
        columns=sql.SQL(", ").join(columns), table=sql.Identifier(*dataset.group_table()), joins=sql.SQL("").join(joins)
    )


def _join(dataset: Dataset, group: str) -> sql.Composed:
    return sql.SQL(query("export_join", "services")).format(
        table=sql.Identifier(*dataset.group_table(group)), group=sql.Identifier(group), communes=sql.Placeholder(group)
    )
