"""The two things that are done side by side: take one source of a delivery, publish one commune."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar, Protocol, Self

from shapely.errors import ShapelyError

from catalog.errors import DeliveryError, Unavailable
from etl import deliveries, kinds, loading, reference, staging
from etl.admission import Fallback, refuse_poor, unchanged
from etl.deliveries import Lot
from etl.publication import Left, Publication
from etl.quality import contract
from etl.report import UNCHANGED, Unit
from etl.rows import one_line
from etl.sources import Source
from etl.tables import of_kind, query
from etl.vector import suffix
from etl.work import Work, refused

KILLED = (
    "sa lecture s'arrête deux fois de suite : fichier démesuré ou hostile, ou mémoire du serveur épuisée ; vérifiez-le"
)
TOO_LONG = "sa lecture dure trop longtemps : fichier démesuré ou hostile ; vérifiez-le"
TOO_HEAVY = "le fichier demande trop de mémoire : GEOSOCLE_READ_MEMORY en donne davantage"


class Task(Protocol):
    """What any process can do for a load, twice if need be."""

    found: tuple[Any, ...]
    tried: bool
    hurried: ClassVar[bool]  # whether silence ends it

    def run(self, work: Work) -> Iterator[Any]:
        """Do it, yielding what it finds as it goes."""

    def again(self, found: list[Any], lot: str | None, late: bool) -> tuple[Self, bool]:
        """Return what is left of it after a process has died over it, with what it had found; True where it is over."""


@dataclass(frozen=True, slots=True)
class Take:
    """Take a source: an archive, a folder or a file; every lot in it but those already found."""

    place: int
    source: Path
    found: tuple[Unit, ...] = ()
    tried: bool = False  # a process has died over the next lot
    hurried: ClassVar[bool] = True

    def run(self, work: Work) -> Iterator[Unit]:
        """Open the source, take its lots and yield what became of each."""
        try:
            with deliveries.opened(self.source, kinds.selector(work.kind)) as lots:
                if not lots:
                    raise DeliveryError(empty(work.kind, self.source), file=self.source.name)
                cut = [part for whole in kinds.settled(work.kind, lots) for part in work.parts(whole)]
                for lot in cut[len(self.found) :]:
                    work.tell(lot.name)
                    yield take_lot(work, lot)
        except DeliveryError as error:
            yield refused(Unit(one_line(self.source.name), within(self.source, error.file)), error)

    def again(self, found: list[Unit], lot: str | None, late: bool) -> tuple[Self, bool]:
        """Try a lot once more, unless it took too long; the second time it is refused and those after it are taken."""
        found = [*self.found, *found]
        if not self.tried and not late:
            return replace(self, found=tuple(found), tried=True), False
        name = one_line(lot or self.source.name)
        lost = refused(Unit(name, name), DeliveryError(TOO_LONG if late else KILLED, file=name))
        return replace(self, found=(*found, lost), tried=False), lot is None


@dataclass(frozen=True, slots=True)
class Publish:
    """Publish a commune of a delivery."""

    publication: Publication
    found: tuple[Left, ...] = ()
    tried: bool = False
    hurried: ClassVar[bool] = False  # it may have to wait for another load

    def run(self, work: Work) -> Iterator[Left]:
        """Publish it whole or not at all, and yield what was left out."""
        yield from loading.publish(work.connection, self.publication)

    def again(self, found: list[Left], lot: str | None, late: bool) -> tuple[Self, bool]:
        """Try once more. Raises Unavailable the second time."""
        if self.tried:
            raise Unavailable
        return replace(self, tried=True), False


def take_lot(work: Work, lot: Lot) -> Unit:
    """Take one sheet or file: check it against what is served, read it, stage it. A refusal is in what it returns."""
    unit = Unit(lot.name, lot.name)
    try:
        source = kinds.source(work.kind, lot, work.options)
        unit = source.unit
        unit.sha256 = work.checksum(unit.sha256)
        if unchanged(work, unit):
            keep_unchanged(work, unit)
        elif not (work.kind not in kinds.CUT and work.staged.get(unit.name) == unit.sha256 and recall(work, unit)):
            read_and_stage(work, source)
    except Fallback as error:
        with suppress(DeliveryError, ShapelyError):
            reference.compare_read(work, unit, source.rows(work.tools))
        return refused(unit, error)
    except DeliveryError as error:
        return refused(unit, error)
    except ShapelyError as error:
        return refused(
            unit,
            DeliveryError(
                f"géométrie que GEOS ne sait pas traiter ({error}) : demandez le fichier de nouveau", file=lot.name
            ),
        )
    except MemoryError:
        return refused(unit, DeliveryError(TOO_HEAVY, file=lot.name))
    return unit


def within(source: Path, file: str | None) -> str:
    """Return the name of a file with that of the source that it came in, where it is another."""
    return source.name if file in (None, source.name) else f"{source.name}/{file}"


def empty(kind: str, source: Path) -> str:
    """Say that there is nothing of a kind in a source; of a workbook renamed, which is an archive too, what it is."""
    if source.is_file() and suffix(source) in kinds.SUFFIXES[kind]:
        return f"c'est une archive ou un classeur (xlsx, ods), quel que soit son nom : exportez-le en {source.suffix}"
    what = " ".join(kinds.SUFFIXES[kind])
    return f"rien à charger : aucun fichier {what}, ni archive qui en ait ; vérifiez le genre et le dossier"


def keep_unchanged(work: Work, unit: Unit) -> None:
    """Say that a sheet or file is served already, and let no older lot of it be published."""
    unit.status = UNCHANGED
    if not work.options.dry_run and work.staged.get(unit.name) != unit.sha256:
        staging.stage(work.connection, work.delivery, unit, [], work.kind, status="published")


def read_and_stage(work: Work, source: Source) -> None:
    """Read a lot and stage its rows, or only read it where this is a trial."""
    rows = source.rows(work.tools)
    if not rows and not (source.unit.part and source.unit.commune is None):  # what a file holds of no commune
        raise DeliveryError(nothing(source.unit), file=source.unit.file)
    whole_commune = source.unit.commune is not None  # the rules look at one commune
    if whole_commune and any(dataset.quality for dataset in of_kind(work.kind)):
        rows += contract.hold(source.unit, rows)
        refuse_poor(work, source.unit)
    if not work.options.dry_run:
        staging.stage(work.connection, work.delivery, source.unit, rows, work.kind)


def nothing(unit: Unit) -> str:
    """Say that a lot gives no object, and why the first was rejected."""
    words = f" : {len(unit.rejects)} rejeté(s), le premier {unit.rejects[0].reason}" if unit.rejects else ""
    return f"aucun objet à charger{words} ; demandez-le de nouveau"


def recall(work: Work, unit: Unit) -> bool:
    """Take back what an interrupted load had read; False where it did not say."""
    row = work.connection.execute(query("unit_report"), [work.delivery, unit.name]).fetchone()
    if row is None or row[0] is None:
        return False
    unit.recall(row[0])
    unit.notices.append("déjà lue par un chargement interrompu")
    return True
