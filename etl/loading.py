"""From the staging tables to those that are served: one commune at a time, in one transaction."""

from dataclasses import replace
from datetime import date

from psycopg import sql

from catalog.database import Connection
from catalog.loader import datasets
from catalog.model import BASE, Dataset
from etl import partition
from etl.etalab_layouts import LAYOUTS, identified
from etl.findings import keep_anomalies, keep_mutations
from etl.publication import Left, Publication, insert, refresh_statistics, rejected
from etl.quality import contract
from etl.staging import keep_rejects, staged_units
from etl.tables import Tables, identifiers, of_kind, parts, query, tables

SHARED = ("communes", "sections")  # each sheet repeats them whole: one row an id, from the newest edition
PARCELS = "parcelles"


def communes(connection: Connection, kind: str, delivery: int, units: list[str]) -> list[str]:
    """Return the communes that publishing a delivery touches: those staged, and those its files served before."""
    found = {row[1] for row in connection.execute(query("published"), [kind, units])}
    for dataset in of_kind(kind):
        rows = connection.execute(query("stage_communes", stage=tables(dataset)[0].stage), [delivery])
        found.update(commune for (commune,) in rows)
    return sorted(found)


def publish(connection: Connection, publication: Publication) -> list[Left]:
    """Publish a commune whole or not at all, and return what was left out."""
    with connection.transaction():
        connection.execute(query("lock_family"), publication.parameters())
        own = without_done(connection, leave(connection, publication))
        left = exchange(connection, own) if own.units or own.missing else []
        days = succeed(connection, publication) | ({own.newest} if own.missing else set())
        if publication.kind == "cadastre" and (own.units or days):
            partition.refresh(connection, own.commune)
            keep_mutations(connection, own, days)
            keep_anomalies(connection, own, left)
    return left


def exchange(connection: Connection, publication: Publication) -> list[Left]:
    """Replace what is served of a commune by what is staged, and return what was left out."""
    left: list[Left] = []
    for dataset in of_kind(publication.kind):
        left += publish_dataset(connection, dataset, publication)
    if publication.kind == "cadastre":
        retire_emptied(connection, publication)
    connection.execute(query("set_published"), publication.parameters())
    clear(connection, publication)
    drop_unpublished(connection, publication)
    keep_rejects(connection, publication.delivery, (rejected(one) for one in left if one.reason))
    return left


def succeed(connection: Connection, publication: Publication) -> set[date]:
    """Let the sheets leave that merged communes still serve and that have a successor; return the days of these."""
    succeeded = connection.execute(query("fusions_succeeded"), publication.parameters()).fetchall()
    for commune, day, sheets in succeeded:
        old = {"commune": commune, "units": (), "newest": day, "force": False, "missing": tuple(sheets)}
        publish(connection, replace(publication, **old))
    return {day for _, day, _ in succeeded}


def leave(connection: Connection, publication: Publication) -> Publication:
    """Take the sheets that a commune no longer has from what is served, but those that have come anew meanwhile."""
    gone = connection.execute(query("drop_missing"), publication.parameters())
    return replace(publication, missing=tuple(sorted(unit for (unit,) in gone)))


def retire_emptied(connection: Connection, publication: Publication) -> None:
    """Serve no more the sections, and the commune, whose last sheet has left: no sheet owns them."""
    for part in (Tables(datasets()[name], BASE) for name in SHARED if publication.missing):
        names = {"table": part.table, "past": part.past, "sheets": Tables(datasets()["feuilles"], BASE).table}
        retire = query("publish_emptied", **names, columns=identifiers(part.stored))
        connection.execute(retire, publication.parameters())
        refresh_statistics(connection, part, publication.commune)


def without_done(connection: Connection, publication: Publication) -> Publication:
    """Leave out what another load has meanwhile published: the same content, a newer edition, or a successor."""
    late = {unit for (unit,) in connection.execute(query("published_too_late"), publication.parameters())}
    done = late | (set() if publication.force else served_meanwhile(connection, publication))
    for part in parts(publication.kind) if done else ():
        connection.execute(query("stage_drop", stage=part.stage), publication.parameters(units=list(done)))
    return replace(publication, units=tuple(unit for unit in publication.units if unit not in done))


def served_meanwhile(connection: Connection, publication: Publication) -> set[str]:
    """Return what is served as it is staged, or in a newer edition."""
    served = connection.execute(query("published"), [publication.kind, list(publication.units)]).fetchall()
    if not served:
        return set()
    staged = {unit: (edition, sha256) for unit, _, edition, sha256, _ in staged_units(connection, publication.delivery)}
    return {
        unit
        for unit, commune, edition, sha256 in served
        if commune == publication.commune and (sha256 == staged[unit][1] or edition > staged[unit][0])
    }


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
    if dataset.id == PARCELS and publication.missing:
        names = {"table": base.table, "past": base.past, "stage": base.stage, "columns": identifiers(base.stored)}
        connection.execute(query("publish_withdrawn", **names), publication.parameters())
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


def clear(connection: Connection, publication: Publication) -> None:
    """Forget what was staged for a commune."""
    for part in parts(publication.kind):
        connection.execute(query("stage_drop", stage=part.stage), publication.parameters(units=None))


def drop_unpublished(connection: Connection, publication: Publication) -> None:
    """Forget the sheets or files whose last row in a commune has gone: come again, they are no longer served."""
    bases = (tables(dataset)[0].table for dataset in of_kind(publication.kind) if dataset.id != contract.DATASET)
    served = sql.SQL(" UNION ").join(query("served_units", table=table) for table in bases)
    connection.execute(query("drop_unpublished", served=served), publication.parameters())
