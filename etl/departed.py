"""What a new year of legal persons' files no longer has of its département: it ends with the year before."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from etl.absent import Absent
from etl.legal_layouts import Named
from etl.parts import some
from etl.report import CHECKED, REFUSED, UNCHANGED, Unit
from etl.tables import query
from etl.work import Work

MOST = 2  # where more than one commune in so many would leave, that must be said: the file may be cut short


@dataclass(slots=True)
class Brought:
    """What a delivery brings of one dataset in one département."""

    present: list[str] = field(default_factory=list)  # units, refused ones too
    communes: set[str] = field(default_factory=set)  # that are taken, or served already
    editions: set[date] = field(default_factory=set)
    pieces: bool = False
    refused: bool = False  # something of which the communes are not known

    def add(self, unit: Unit, named: Named, newest: int) -> None:
        """Count a unit of it; what is refused of a year that another one replaces matters to nobody."""
        self.present.append(unit.name)
        self.pieces |= named.piece is not None
        self.refused |= unit.status == REFUSED and unit.commune is None and named.year == newest
        if unit.status in (CHECKED, UNCHANGED) and unit.commune and unit.edition:
            self.communes.add(unit.commune)
            self.editions.add(unit.edition)

    def doubt(self, leaving: set[str], served: int, complete: bool) -> str | None:
        """Return why it cannot be said that communes which it lacks are no more; None where it can."""
        if self.refused:
            return "une partie du fichier est refusée"
        if len(self.editions) > 1:
            years = ", ".join(str(day.year) for day in sorted(self.editions))
            return f"plusieurs années dans la livraison ({years}) : chargez-les l'une après l'autre"
        if self.pieces and not complete:
            return "le fichier est en plusieurs morceaux ; --complete s'ils y sont tous"
        if len(leaving) * MOST > served and not complete:
            return "c'est plus de la moitié du département, et peut-être un fichier tronqué ; --complete sinon"
        return None


def leaving(work: Work) -> dict[str, Absent]:
    """Return by commune what leaves with the files of a delivery, and say what becomes of communes that they lack."""
    gone: dict[str, Absent] = {}
    for (dataset, departement), files in brought(work.report.units).items():
        newest = max(files.editions, default=None)
        if newest is not None:
            units = departed(work, files, newest, dataset, departement)
            for commune in {commune for commune, _ in units}:
                mine = tuple(unit for one, unit in units if one == commune)
                before = gone.get(commune, Absent(commune, newest, (), ()))
                gone[commune] = Absent(commune, max(newest, before.newest), before.sheets + mine, ())
    work.report.withdrawn = [unit for one in gone.values() for unit in one.sheets]
    return gone


def brought(units: Iterable[Unit]) -> dict[tuple[str, str], Brought]:
    """Return what a delivery brings, by dataset and département; of a file whose name says neither, nothing leaves."""
    known = [(unit, named) for unit in units if (named := Named.of(unit.file))]
    newest: dict[tuple[str, str], int] = {}
    for _, named in known:
        newest[named.subject] = max(named.year, newest.get(named.subject, named.year))
    found: dict[tuple[str, str], Brought] = {}
    for unit, named in known:
        found.setdefault(named.subject, Brought()).add(unit, named, newest[named.subject])
    return found


def departed(work: Work, files: Brought, newest: date, dataset: str, departement: str) -> list[tuple[str, str]]:
    """Return communes and units that are no more, and say so: whole communes, and older pieces of those that come."""
    asked = {"dataset": dataset, "departement": departement, "present": files.present}
    beside = work.connection.execute(query("rights_beside"), asked).fetchall()
    older = [(commune, unit) for commune, unit, edition in beside if commune in files.communes and edition < newest]
    absent = [
        (commune, unit) for commune, unit, edition in beside if commune not in files.communes and edition <= newest
    ]
    communes = {commune for commune, _ in absent}
    doubt = files.doubt(communes, len(communes | files.communes), work.options.complete)
    if absent:
        what = "à retirer" if work.options.dry_run else "retirée(s)"
        became = (
            f"absente(s) restent servies ({some(communes)}) : {doubt}"
            if doubt
            else (f"{what}, que le fichier n'a plus ou dont le plan n'est plus tenu ({some(communes)})")
        )
        work.report.notices.append(f"{dataset}, département {departement} : {len(communes)} commune(s) {became}")
    return older if doubt else [*older, *absent]
