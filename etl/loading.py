"""Rows into the database: staged by sheet or file, then published one commune at a time, in one transaction."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import shapely
from psycopg import sql
from psycopg.types.json import Jsonb

from catalog import database
from catalog.database import Connection
from catalog.loader import datasets
from catalog.model import BASE, Dataset
from catalog.territories import installation
from etl import mutations, partition
from etl.etalab_layouts import LAYOUTS, identified
from etl.quality import contract, whole
from etl.report import Reject, Unit
from etl.rows import Row

SHARED = ("communes", "sections")  # each sheet repeats them whole: one row an id, from the newest edition


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


def identifiers(names: Iterable[str]) -> sql.Composed:
    """Return column names for a statement."""
    return sql.SQL(", ").join(map(sql.Identifier, names))


def stage(
    connection: Connection, delivery: int, unit: Unit, rows: list[Row], kind: str, status: str = "staged"
) -> None:
    """Stage a sheet or file whole, in one transaction: what it had staged before is forgotten.

    Nothing is done where the delivery has it in a better lot already, or is closed.
    """
    parts = [
        (part, [row for row in rows if row.dataset == dataset.id])
        for dataset in of_kind(kind)
        for part in tables(dataset)
    ]
    with connection.transaction():
        claimed = connection.execute(query("claim_unit"), claim(delivery, unit, status, len(rows))).fetchone()
        if claimed is None:
            return
        if claimed != (True,):
            forget(connection, delivery, unit, [part for part, _ in parts])
        for part, own in parts:
            if own:
                copy(connection, part, delivery, unit, own)
        keep_rejects(connection, delivery, unit.rejects)
        keep_repairs(connection, delivery, unit)


def claim(delivery: int, unit: Unit, status: str, rows: int) -> dict[str, Any]:
    """Return what enters a sheet or file in a delivery."""
    own = {name: getattr(unit, name) for name in ("commune", "edition", "sha256", "file")}
    return own | {
        "delivery": delivery,
        "unit": unit.name,
        "status": status,
        "objects": rows,
        "report": Jsonb(unit.as_json()),
    }


def forget(connection: Connection, delivery: int, unit: Unit, parts: list[Tables]) -> None:
    """Forget what a sheet or file had staged."""
    for part in parts:
        connection.execute(query("stage_clear", stage=part.stage), [delivery, unit.name])
    for name in ("clear_rejects", "clear_repairs"):
        connection.execute(query(name), [delivery, unit.name])


def copy(connection: Connection, part: Tables, delivery: int, unit: Unit, rows: list[Row]) -> None:
    """COPY rows into a staging table."""
    geometry = part.group == BASE
    columns = [*part.columns, "geom"] if geometry else part.columns
    statement = query("stage_copy", stage=part.stage, columns=identifiers(columns))
    placed = shapely.set_srid([row.geometry for row in rows], installation().srid)
    shapes = shapely.to_wkb(placed, hex=True, include_srid=True)
    with connection.cursor() as cursor, cursor.copy(statement) as stream:
        for row, shape in zip(rows, shapes, strict=True):
            known = {**row.values, "commune": row.commune, "edition": unit.edition, "geom": shape}
            stream.write_row([row.id, unit.name, delivery, *(known.get(name) for name in columns)])


def keep_unit(connection: Connection, delivery: int, unit: Unit, status: str) -> None:
    """Enter a sheet or file of a delivery that stages nothing."""
    connection.execute(query("add_unit"), [delivery, unit.name, unit.commune, unit.edition, unit.sha256, status, 0])


def keep_rejects(connection: Connection, delivery: int, rejects: Iterable[Reject]) -> None:
    """Keep why objects were not loaded."""
    values = [(delivery, reject.unit, reject.layer, reject.object, reject.reason) for reject in rejects]
    with connection.cursor() as cursor:
        cursor.executemany(query("add_reject"), values)


def keep_repairs(connection: Connection, delivery: int, unit: Unit) -> None:
    """Keep the geometries that were wrong as they came, beside their repair."""
    with connection.cursor() as cursor:
        values = [(delivery, unit.name, *one.as_json(), one.original, one.repaired) for one in unit.repairs]
        cursor.executemany(query("add_repair"), values)


@dataclass(frozen=True, slots=True)
class Publication:
    """What one transaction publishes: a commune of a delivery."""

    kind: str
    delivery: int
    commune: str
    units: tuple[str, ...]
    newest: date
    force: bool = False

    def parameters(self, **more: Any) -> dict[str, Any]:
        """Return what the statements are given."""
        own = {name: getattr(self, name) for name in ("kind", "delivery", "commune", "newest", "force")}
        return own | {"units": list(self.units)} | more


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


def communes(connection: Connection, kind: str, delivery: int, units: list[str]) -> list[str]:
    """Return the communes that publishing a delivery touches: those staged, and those its files served before."""
    found = {row[1] for row in connection.execute(query("published"), [kind, units])}
    for dataset in of_kind(kind):
        rows = connection.execute(query("stage_communes", stage=tables(dataset)[0].stage), [delivery])
        found.update(commune for (commune,) in rows)
    return sorted(found)


def publish(connection: Connection, publication: Publication) -> list[Left]:
    """Publish a commune whole or not at all, and return what was left out."""
    left: list[Left] = []
    with connection.transaction():
        connection.execute(query("lock_commune"), [publication.commune])
        publication = without_done(connection, publication)
        if not publication.units:
            return []
        for dataset in of_kind(publication.kind):
            left += publish_dataset(connection, dataset, publication)
        connection.execute(query("set_published"), publication.parameters())
        clear(connection, publication)
        drop_unpublished(connection, publication)
        keep_rejects(connection, publication.delivery, (rejected(one) for one in left if one.reason))
        if publication.kind == "cadastre":
            partition.refresh(connection, publication.commune)
            keep_mutations(connection, publication)
            keep_anomalies(connection, publication, left)
    return left


def keep_mutations(connection: Connection, publication: Publication) -> None:
    """Find what became of the parcels of a commune, and serve it."""
    editions = [edition for (edition,) in connection.execute(query("publication_editions"), publication.parameters())]
    keep_found(connection, publication, mutations.DATASET, mutations.renewed(connection, publication.commune, editions))


def keep_anomalies(connection: Connection, publication: Publication, left: list[Left]) -> None:
    """Find what only the whole commune shows, serve it, and keep the commune's score."""
    for name in ("quality_passed", "set_scores", "drop_scores"):
        connection.execute(query(name), publication.parameters())
    doubles = [(one.dataset, one.unit, one.id) for one in left if one.reason]
    found = whole.renewed(connection, publication.commune, publication.newest, doubles)
    keep_found(connection, publication, contract.DATASET, found)
    whole.keep_score(connection, publication.commune)


def keep_found(
    connection: Connection, publication: Publication, dataset: str, found: list[tuple[Unit, list[Row]]]
) -> None:
    """Serve rows that were found in what is published: no delivery brings them."""
    part = Tables(datasets()[dataset], BASE)
    for unit, rows in found:
        copy(connection, part, publication.delivery, unit, rows)
    if found:
        insert(connection, part, publication)
        connection.execute(query("stage_drop", stage=part.stage), publication.parameters(units=None))
    refresh_statistics(connection, part, publication.commune)


def refresh_statistics(connection: Connection, base: Tables, commune: str) -> None:
    """Count anew what a dataset serves in a commune."""
    statement = query("refresh_statistics", table=base.table)
    connection.execute(statement, {"dataset": base.dataset.id, "commune": commune})


def without_done(connection: Connection, publication: Publication) -> Publication:
    """Leave out what another load has meanwhile published: the same content, or a newer edition."""
    if publication.force:
        return publication
    served = connection.execute(query("published"), [publication.kind, list(publication.units)]).fetchall()
    if not served:
        return publication
    staged = {unit: (edition, sha256) for unit, _, edition, sha256, _ in staged_units(connection, publication.delivery)}
    done = []
    for unit, commune, edition, sha256 in served:
        if commune == publication.commune and (sha256 == staged[unit][1] or edition > staged[unit][0]):
            done.append(unit)
    for part in parts(publication.kind) if done else ():
        connection.execute(query("stage_drop", stage=part.stage), publication.parameters(units=done))
    return replace(publication, units=tuple(unit for unit in publication.units if unit not in done))


type Staged = tuple[str, str | None, date, str, int]  # unit, commune, edition, checksum, number of rows


def staged_units(connection: Connection, delivery: int) -> list[Staged]:
    """Return what a delivery has staged."""
    return connection.execute(query("staged_units"), [delivery]).fetchall()  # type: ignore[return-value]


def parts(kind: str) -> Iterator[Tables]:
    """Yield every table of a kind, staged or served."""
    for dataset in of_kind(kind):
        yield from tables(dataset)


def publish_dataset(connection: Connection, dataset: Dataset, publication: Publication) -> list[Left]:
    """Replace what a dataset serves in a commune by what is staged."""
    base, *sides = tables(dataset)
    left = leave_out(connection, dataset, base, publication)
    owned = dataset.id not in SHARED
    for side in sides:
        connection.execute(query("publish_strays", side=side.stage, stage=base.stage), publication.parameters())
    if dataset.id in LAYOUTS and owned and dataset.id != "feuilles":
        sheets = Tables(datasets()["feuilles"], BASE).stage
        stored = identifiers(base.stored)
        retire = query("publish_fallback", table=base.table, past=base.past, sheets=sheets, columns=stored)
        connection.execute(retire, publication.parameters())
    for part in (base, *sides):
        names = {"table": part.table, "past": part.past, "stage": base.stage, "columns": identifiers(part.stored)}
        for name in ("publish_trim", "publish_replace"):
            connection.execute(query(name, **names), publication.parameters(owned=owned))
        insert(connection, part, publication)
    refresh_statistics(connection, base, publication.commune)
    return left


def leave_out(connection: Connection, dataset: Dataset, base: Tables, publication: Publication) -> list[Left]:
    """Take from the stage what must not be published, and return it with the reason."""
    reasons: dict[str, str | None] = {"publish_reference": None} if dataset.id in LAYOUTS else {}
    if dataset.id in SHARED:
        reasons |= {"publish_doubles": None, "publish_seen": None}
    else:
        reasons |= {
            "publish_doubles": "identifiant porté par deux feuilles de la livraison",
            "publish_older": "identifiant porté par une autre feuille, d'une édition plus récente",
        }
    left = []
    asked = publication.parameters(imposed=publication.force and identified(dataset.id))
    for name, reason in reasons.items():
        rows = connection.execute(query(name, stage=base.stage, table=base.table), asked)
        left += [Left(dataset.id, unit, id, reason) for unit, id in rows]
    return left


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


def clear(connection: Connection, publication: Publication) -> None:
    """Forget what was staged for a commune."""
    for part in parts(publication.kind):
        connection.execute(query("stage_drop", stage=part.stage), publication.parameters(units=None))


def drop_unpublished(connection: Connection, publication: Publication) -> None:
    """Forget the sheets or files whose last row in a commune has gone: come again, they are no longer served."""
    bases = (tables(dataset)[0].table for dataset in of_kind(publication.kind) if dataset.id != contract.DATASET)
    served = sql.SQL(" UNION ").join(query("served_units", table=table) for table in bases)
    connection.execute(query("drop_unpublished", served=served), publication.parameters())


def rejected(one: Left) -> Reject:
    """Return what was left out with a reason as a reject."""
    return Reject(one.unit, one.dataset, one.id, one.reason or "")
