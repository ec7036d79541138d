"""A load, from top to bottom: open → check → repair → conform → load → report."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path

from shapely.errors import ShapelyError

from catalog.database import available, connect
from catalog.errors import DeliveryError
from catalog.loader import datasets
from catalog.model import BASE
from catalog.settings import Settings
from etl import deliveries, kinds, loading
from etl.admission import refuse_double, unchanged
from etl.deliveries import Lot
from etl.loading import query
from etl.repair import Repairer
from etl.report import CHECKED, IGNORED, PUBLISHED, REFUSED, UNCHANGED, Report, Unit, shortened
from etl.rows import printable
from etl.sources import Options, Source
from etl.work import Work, refuse

Progress = Callable[[int, int, str], None]


def load(
    kind: str,
    paths: Sequence[Path],
    options: Options,
    settings: Settings,
    progress: Progress = lambda _done, _total, _what: None,
) -> Report:
    """Load deliveries of one kind and return what became of them; the report is also kept in the database.

    A sheet or file that is refused is in the report and never an error: what it served before is still served.
    Raises DeliveryError where nothing can be opened at all, Unavailable where the database is away.
    """
    deliveries.sweep()
    content = deliveries.delivery_checksum(list(paths), kinds.selector(kind))
    with available(), connect(settings, "loader") as connection, Repairer() as repair:
        work = Work(kind, options, connection, settings.files, Report(kind, dry_run=options.dry_run), repair)
        checksum = work.checksum(content, *([options.departement] if options.departement else []))
        if options.dry_run:
            take_all(work, paths, progress)
            work.report.tell_of_editions()
            return work.report
        connection.execute(query("lock_delivery"), [kind, checksum])
        if not open_delivery(work, printable(" ".join(path.name for path in paths)), checksum):
            return work.report
        take_all(work, paths, progress)
        publish_all(work, progress)
        close_delivery(work)
    return work.report


def open_delivery(work: Work, name: str, checksum: str) -> bool:
    """Enter the delivery, or go on with the one that was interrupted; False where all of it is served already."""
    found = work.connection.execute(query("find_delivery"), [work.kind, checksum]).fetchone()
    again = found is not None and found[1] == "published" and not work.options.force
    if found is not None and again and (served := served_already(work, found[0])):
        work.report.units = served
        work.report.delivery = found[0]
        return False
    if found is not None and found[1] != "published":
        work.report.delivery = found[0]
        work.staged = {unit: sha for unit, _, _, sha, _ in loading.staged_units(work.connection, found[0])}
        return True
    row = work.connection.execute(query("open_delivery"), [work.kind, name, checksum]).fetchone()
    assert row is not None
    work.report.delivery = row[0]
    return True


def served_already(work: Work, delivery: int) -> list[Unit]:
    """Return the units of a delivery that is served as it came; none where anything has changed since."""
    row = work.connection.execute(query("delivery_served"), [delivery]).fetchone()
    if row is None or any(unit["etat"] == REFUSED for unit in row[0]["unites"]):
        return []
    taken = (unit for unit in row[0]["unites"] if unit["etat"] != IGNORED)
    return [Unit(unit["unite"], unit["fichier"], unit["commune"], status=UNCHANGED) for unit in taken]


def take_all(work: Work, paths: Sequence[Path], progress: Progress) -> None:
    """Open each source in turn, and stage what it holds."""
    sources = deliveries.sources(list(paths))
    for number, source in enumerate(sources):
        progress(number, len(sources), source.name)
        take_source(work, source)
    progress(len(sources), len(sources), "")


def take_source(work: Work, source: Path) -> None:
    """Open one archive, folder or file, and take every lot in it."""
    try:
        with deliveries.opened(source, kinds.selector(work.kind)) as lots:
            for lot in lots:
                take_lot(work, lot)
            if not lots:
                expected = " ".join(kinds.SUFFIXES[work.kind])
                raise DeliveryError(f"rien à charger : aucun fichier {expected}", file=source.name)
    except DeliveryError as error:
        refuse(work, Unit(source.name, error.file or source.name), error)


def take_lot(work: Work, lot: Lot) -> None:
    """Take one sheet or file: check it against what is served, read it, stage it. A refusal ends in the report."""
    unit = Unit(lot.name, lot.name)
    try:
        source = kinds.source(work.kind, lot, work.options)
        unit = source.unit
        unit.sha256 = work.checksum(unit.sha256)
        refuse_double(work, unit)
        if unchanged(work, unit):
            unit.status = UNCHANGED
        elif work.kind not in kinds.CUT and work.staged.get(unit.name) == unit.sha256:
            recall(work, unit)
        else:
            read_and_stage(work, source)
        work.report.units.append(unit)
    except DeliveryError as error:
        refuse(work, unit, error)
    except ShapelyError as error:
        refuse(work, unit, DeliveryError(f"géométrie que GEOS ne sait pas traiter ({error})", file=lot.name))


def read_and_stage(work: Work, source: Source) -> None:
    """Read a lot and stage its rows, or only read it where this is a trial."""
    rows = source.rows(work.tools)
    if not rows:
        raise DeliveryError(nothing(source.unit), file=source.unit.file)
    if not work.options.dry_run:
        loading.stage(work.connection, work.delivery, source.unit, rows, work.kind)


def nothing(unit: Unit) -> str:
    """Say that a lot gives no object, and why the first was rejected."""
    words = f" : {len(unit.rejects)} rejeté(s), le premier {unit.rejects[0].reason}" if unit.rejects else ""
    return f"aucun objet à charger{words}"


def recall(work: Work, unit: Unit) -> None:
    """Count again what an interrupted load had staged."""
    unit.notices.append("déjà lue par un chargement interrompu")
    for dataset in loading.of_kind(work.kind):
        stage = loading.tables(dataset)[0].stage
        row = work.connection.execute(query("stage_count", stage=stage), [work.delivery, unit.name]).fetchone()
        if row and row[0]:
            unit.count(dataset.id).read = unit.count(dataset.id).loaded = row[0]
    for layer, obj, reason in work.connection.execute(query("unit_rejects"), [work.delivery, unit.name]):
        unit.count(layer).read += 1
        unit.reject(layer, obj, reason)


def publish_all(work: Work, progress: Progress) -> None:
    """Publish what is staged, one commune after the other."""
    staged = loading.staged_units(work.connection, work.delivery)
    communes = loading.communes(work.connection, work.kind, work.delivery, [unit for unit, *_ in staged])
    for number, commune in enumerate(communes):
        progress(number, len(communes), f"publication de {commune}")
        mine = [(unit, edition) for unit, home, edition, *_ in staged if home in (commune, None)]
        if mine:
            newest = max(edition for _, edition in mine)
            names = tuple(unit for unit, _ in mine)
            publication = loading.Publication(work.kind, work.delivery, commune, names, newest, work.options.force)
            account(work, loading.publish(work.connection, publication))
    for unit in work.report.units:
        unit.status = PUBLISHED if unit.status == CHECKED else unit.status
    work.report.tell_of_editions()
    tell_of_limits(work)
    tell_of_others(work, communes)


def tell_of_limits(work: Work) -> None:
    """Say which kinds must be loaded again where the communes' limits are no longer those they were cut along."""
    if work.limits_now() != work.limits_seen:
        kinds_served = [kind for (kind,) in work.connection.execute(query("cut_kinds"), [list(kinds.CUT)])]
        if kinds_served:
            words = ", ".join(kinds_served)
            work.report.notices.append(f"limites de communes changées : rechargez {words} pour les recouper")


def tell_of_others(work: Work, communes: list[str]) -> None:
    """Say what of a network other files still serve: one that comes under another name replaces none."""
    if work.kind not in kinds.NETWORKS:
        return
    table = loading.Tables(datasets()[kinds.NETWORKS[work.kind]], BASE).table
    mine = [unit.name for unit in work.report.units if unit.status in (PUBLISHED, UNCHANGED)]
    others = dict(work.connection.execute(query("served_of_others", table=table), [communes, mine]).fetchall())
    if others:
        number, names = sum(others.values()), ", ".join(shortened(list(others)))
        work.report.notices.append(f"{number} objets d'autres fichiers ({names}) restent servis dans ces communes")


def account(work: Work, left: list[loading.Left]) -> None:
    """Count what publishing left out: an object once, in however many pieces."""
    units = {unit.name: unit for unit in work.report.units if unit.status != REFUSED}
    objects = {(one.unit, one.dataset, one.reason, one.object) for one in left}
    for name, dataset, reason, obj in sorted(objects, key=str):
        counts = units[name].count(dataset)
        counts.loaded -= 1
        if reason is None:
            counts.seen_again += 1
        else:
            units[name].reject(dataset, obj, reason)


def close_delivery(work: Work) -> None:
    """Keep the report, and what the delivery held."""
    known = {unit for unit, *_ in loading.staged_units(work.connection, work.delivery)}
    with work.connection.transaction():
        work.connection.execute(query("publish_units"), [work.delivery])
        for unit in work.report.units:
            if unit.name not in known:
                status = "published" if unit.status == UNCHANGED else "refused"
                loading.keep_unit(work.connection, work.delivery, unit, status)
        refused = work.report.exit_code == 4
        report = json.dumps(work.report.as_json(), ensure_ascii=False)
        status = "refused" if refused else "published"
        work.connection.execute(query("close_delivery"), [status, report, work.delivery])
