"""Rows into the staging tables, a sheet or file at a time; each is there whole or not at all."""

from collections.abc import Iterable
from datetime import date
from typing import Any

import shapely
from psycopg.types.json import Jsonb

from catalog.database import Connection
from catalog.model import BASE
from catalog.territories import installation
from etl.report import Reject, Unit
from etl.rows import Row
from etl.tables import Tables, identifiers, of_kind, query, tables


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


type Staged = tuple[str, str | None, date, str, int]  # unit, commune, edition, checksum, number of rows


def staged_units(connection: Connection, delivery: int) -> list[Staged]:
    """Return what a delivery has staged."""
    return connection.execute(query("staged_units"), [delivery]).fetchall()  # type: ignore[return-value]
