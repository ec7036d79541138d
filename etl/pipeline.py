"""A load, from top to bottom: open → check → repair → conform → load → report."""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext
from pathlib import Path

from catalog.database import available, connect
from catalog.loader import datasets
from catalog.model import BASE
from catalog.settings import Settings
from etl import absent, deliveries, departed, fusions, kinds, loading, reference, staging
from etl.absent import Absent
from etl.admission import settle_doubles
from etl.crew import Doer, team
from etl.fleet import Fleet
from etl.nursery import raised
from etl.publication import Left, Publication
from etl.repair import Repairer
from etl.report import CHECKED, IGNORED, PUBLISHED, REFUSED, UNCHANGED, Report, Unit, shortened
from etl.rows import one_line
from etl.sources import Options
from etl.staging import Staged
from etl.tables import Tables, query
from etl.taking import Publish, Take
from etl.work import Stopped, Work

Progress = Callable[[int, int, str], None]


def load(
    kind: str,
    paths: Sequence[Path],
    options: Options,
    settings: Settings,
    progress: Progress = lambda _done, _total, _what: None,
    jobs: int | None = None,
    *,
    queue: bool = False,
    entered: Callable[[int], object] = bool,
) -> Report:
    """Load deliveries of one kind and return what became of them; the report is also kept in the database.

    With `jobs`, or where it is worth it, several processes share the work, with `queue` the workers of
    several machines: the content is the same.
    A sheet or file that is refused is in the report and never an error: what it served before is still served.
    `entered` is told the number of the delivery.
    Raises DeliveryError where nothing can be opened at all, Unavailable where the database is away, Stopped where that
    was asked meanwhile.
    """
    deliveries.sweep()
    content = deliveries.delivery_checksum(list(paths), kinds.selector(kind))
    sources = deliveries.sources(list(paths))
    with available(), connect(settings, "loader") as connection, raised(settings) as nursery, Repairer() as repair:
        work = Work(kind, options, connection, settings.files, Report(kind, dry_run=options.dry_run), nursery, repair)
        checksum = work.checksum(content, *([options.departement] if options.departement else []))
        if options.dry_run:
            with team(work, settings, jobs, len(sources)) as who:
                take_all(work, who, sources, progress)
            work.report.tell_of_editions()
            leaving(work)
            return work.report
        connection.execute(query("lock_delivery"), [kind, checksum])
        new = open_delivery(work, one_line(" ".join(path.name for path in paths)), checksum)
        entered(work.delivery)
        if not new:
            return work.report
        progress = stoppable(work, progress)
        with nullcontext(Fleet(work)) if queue else team(work, settings, jobs, len(sources)) as who:
            begin(work, "lecture", sources)
            take_all(work, who, sources, progress)
            begin(work, "publication", sources)
            publish_all(work, who, progress)
        close_delivery(work)
    return work.report


def open_delivery(work: Work, name: str, checksum: str) -> bool:
    """Enter the delivery, or go on with the one that was interrupted; False where all of it is served already."""
    found = work.connection.execute(query("find_delivery"), [work.kind, checksum]).fetchone()
    again = found is not None and found[1] == "published" and not (work.options.force or work.options.complete)
    if found is not None and again and (served := served_already(work, found[0])):
        work.report.units = served
        work.report.delivery = found[0]
        return False
    if found is not None and found[1] != "published":
        work.report.delivery = found[0]
        work.staged = {unit: sha for unit, _, _, sha, _ in staging.staged_units(work.connection, found[0])}
        return True
    row = work.connection.execute(query("open_delivery"), [work.kind, name, checksum]).fetchone()
    assert row is not None
    work.report.delivery = row[0]
    return True


def stoppable(work: Work, progress: Progress) -> Progress:
    """Return what tells how far a load is, and leaves off where that was asked."""

    def tell(done: int, total: int, what: str) -> None:
        progress(done, total, what)
        if work.stop_asked():
            raise Stopped

    return tell


def begin(work: Work, step: str, sources: list[Path]) -> None:
    """Say in the database at which step the load is: who asks is told how far."""
    work.connection.execute(query("begin_step"), {"delivery": work.delivery, "step": step, "sources": len(sources)})


def served_already(work: Work, delivery: int) -> list[Unit]:
    """Return the units of a delivery that is served as it came; none where anything has changed since."""
    row = work.connection.execute(query("delivery_served"), [delivery]).fetchone()
    if row is None or any(unit["etat"] == REFUSED for unit in row[0]["unites"]):
        return []
    taken = (unit for unit in row[0]["unites"] if unit["etat"] != IGNORED)
    return [Unit(unit["unite"], unit["fichier"], unit["commune"], status=UNCHANGED) for unit in taken]


def take_all(work: Work, who: Doer, sources: list[Path], progress: Progress) -> None:
    """Have each source opened, and what it holds staged; in whatever order that ends, the report keeps theirs."""
    found: dict[int, list[Unit]] = {}
    progress(0, len(sources), one_line(sources[0].name) if sources else "")
    for task, units in who.run([Take(place, source) for place, source in enumerate(sources)]):
        assert isinstance(task, Take)
        found[task.place] = units
        progress(len(found), len(sources), one_line(task.source.name))
    work.report.units = [unit for place in sorted(found) for unit in found[place]]
    settle_doubles(work.report.units)


def publish_all(work: Work, who: Doer, progress: Progress) -> None:
    """Publish what is staged, commune by commune."""
    staged = staging.staged_units(work.connection, work.delivery)
    communes = loading.communes(work.connection, work.kind, work.delivery, [unit for unit, *_ in staged])
    tasks = [Publish(one) for one in publications(work, staged, communes, leaving(work))]
    named = [task.publication.commune for task in tasks]
    merged = fusions.served(work.connection, named)
    for done, (task, left) in enumerate(who.run(tasks), 1):
        assert isinstance(task, Publish)
        progress(done, len(tasks), f"publication de {task.publication.commune}")
        account(work, left)
        reference.compare_left(work, taken(work), task.publication.commune, left)
    work.report.notices += fusions.succeeded(merged, fusions.served(work.connection, named))
    for unit in work.report.units:
        unit.status = PUBLISHED if unit.status == CHECKED else unit.status
        unit.rejects.sort(key=str)
    work.report.tell_of_editions()
    tell_of_limits(work)
    tell_of_joined(work, communes)
    reference.tell_of_replaced(work, communes if work.kind == "cadastre" else ())
    tell_of_reference(work.report.units)
    tell_of_others(work, communes)


def leaving(work: Work) -> dict[str, Absent]:
    """Return by commune what leaves what is served since the delivery no longer has it."""
    return departed.leaving(work) if work.kind in kinds.JOINED else absent.leaving(work)


def publications(
    work: Work, staged: list[Staged], communes: list[str], gone: dict[str, Absent]
) -> Iterator[Publication]:
    """Yield what is to be published of each commune: the sheets that are its own, the files that are nobody's.

    Those of its sheets that are no more leave with it, be there nothing else to publish.
    """
    homes: dict[str | None, list[Staged]] = {}
    for one in staged:
        homes.setdefault(one[1], []).append(one)
    for commune in sorted({*communes, *gone}):
        mine = sorted([*homes.get(commune, []), *homes.get(None, [])])
        lacking = gone.get(commune)
        days = [edition for _, _, edition, *_ in mine] + ([lacking.newest] if lacking else [])
        if days:
            names, missing = tuple(unit for unit, *_ in mine), lacking.sheets if lacking else ()
            yield Publication(work.kind, work.delivery, commune, names, max(days), work.options.force, missing)


def tell_of_limits(work: Work) -> None:
    """Say which kinds must be loaded again where the communes' limits are no longer those they were cut along."""
    if work.limits_now() != work.limits_seen:
        kinds_served = [
            kind for (kind,) in work.connection.execute(query("cut_kinds"), [sorted({*kinds.CUT} - {*kinds.JOINED})])
        ]
        if kinds_served:
            words = ", ".join(kinds_served)
            work.report.notices.append(f"limites de communes changées : rechargez {words} pour les recouper")


def tell_of_joined(work: Work, communes: list[str]) -> None:
    """Say what was joined to the parcels that have just been replaced: it keeps those of its own day."""
    if work.kind == "cadastre" and communes:
        for kind, number in work.connection.execute(query("joined_kinds"), [list(kinds.JOINED), communes]).fetchall():
            words = f"parcelles de {number} commune(s) remplacées : rechargez {kind} pour les y rattacher de nouveau"
            work.report.notices.append(words)


def tell_of_reference(units: list[Unit]) -> None:
    """Say what of Etalab's files was left to the sheets of EDIGEO."""
    for unit in units:
        if unit.name.startswith("etalab-") and (number := sum(one.seen_again for one in unit.counts.values())):
            unit.notices.append(f"{number} objet(s) laissé(s) à EDIGEO, ou déjà servi(s)")


def tell_of_others(work: Work, communes: list[str]) -> None:
    """Say what of a network other files still serve: one that comes under another name replaces none."""
    if work.kind not in kinds.NETWORKS:
        return
    table = Tables(datasets()[kinds.NETWORKS[work.kind]], BASE).table
    mine = [unit.name for unit in work.report.units if unit.status in (PUBLISHED, UNCHANGED)]
    others = dict(work.connection.execute(query("served_of_others", table=table), [communes, mine]).fetchall())
    if others:
        number, names = sum(others.values()), ", ".join(shortened(list(others)))
        work.report.notices.append(f"{number} objets d'autres fichiers ({names}) restent servis dans ces communes")


def taken(work: Work) -> dict[str, Unit]:
    """Return the sheets and files that were not refused, by name."""
    return {unit.name: unit for unit in work.report.units if unit.status != REFUSED}


def account(work: Work, left: list[Left]) -> None:
    """Count what publishing left out: an object once, in however many pieces."""
    units = taken(work)
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
    known = {unit for unit, *_ in staging.staged_units(work.connection, work.delivery)}
    with work.connection.transaction():
        work.connection.execute(query("publish_units"), [work.delivery])
        work.connection.execute(query("clear_tasks"), [work.delivery])
        for unit in work.report.units:
            if unit.name not in known:
                status = "published" if unit.status == UNCHANGED else "refused"
                staging.keep_unit(work.connection, work.delivery, unit, status)
        refused = work.report.exit_code == 4
        report = json.dumps(work.report.as_json(), ensure_ascii=False)
        status = "refused" if refused else "published"
        work.connection.execute(query("close_delivery"), [status, report, work.delivery])
