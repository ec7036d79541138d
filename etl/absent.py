"""Sheets that a commune serves and a delivery does not bring: they stay, or leave where it is said to be whole."""

from dataclasses import dataclass
from datetime import date

from etl.report import CHECKED, REFUSED, UNCHANGED, Unit, shortened
from etl.sheets import parse_sheet
from etl.tables import query
from etl.work import Work

KEPT = "feuille(s) hors de la livraison restent servies ; --complete si elle est la commune entière"


@dataclass(frozen=True, slots=True)
class Absent:
    """The sheets of a commune that a delivery lacks; those of which a newer edition is served are told apart."""

    commune: str
    newest: date  # edition of the delivery
    sheets: tuple[str, ...]
    newer: tuple[str, ...]


def absent(work: Work) -> list[Absent]:
    """Return what a delivery lacks of the communes of which it has a sheet that is taken, or served already."""
    if work.kind != "cadastre":
        return []
    newest: dict[str, date] = {}
    for unit in work.report.units:
        if (
            unit.status in (CHECKED, UNCHANGED)
            and unit.commune
            and unit.edition
            and not unit.name.startswith("etalab-")
        ):
            newest[unit.commune] = max(unit.edition, newest.get(unit.commune, unit.edition))
    served: dict[str, list[tuple[str, date]]] = {}
    present = [sheet_of(unit) for unit in work.report.units]
    for commune, sheet, edition in work.connection.execute(
        query("sheets_beside"), {"communes": list(newest), "present": present}
    ):
        served.setdefault(commune, []).append((sheet, edition))
    return [
        Absent(
            commune,
            newest[commune],
            tuple(sheet for sheet, edition in sheets if edition <= newest[commune]),
            tuple(sheet for sheet, edition in sheets if edition > newest[commune]),
        )
        for commune, sheets in served.items()
    ]


def sheet_of(unit: Unit) -> str | None:
    """Return which sheet a lot is; of one that was refused before it was opened, as far as its name tells."""
    if unit.commune is not None:
        return unit.name
    sheet = parse_sheet(unit.name)
    return str(sheet) if sheet else None


def leaving(work: Work) -> dict[str, Absent]:
    """Return by commune the sheets that leave what is served, and say of each that is absent what becomes of it."""
    found = absent(work)
    unknown = [unit.file for unit in work.report.units if unit.status == REFUSED and sheet_of(unit) is None]
    whole = work.options.complete and not unknown
    if work.options.complete and unknown:
        files = ", ".join(shortened(unknown))
        work.report.notices.append(f"--complete sans effet : quelles feuilles sont les lots refusés ? ({files})")
    for one in found:
        tell(work, one, whole)
    gone = {one.commune: one for one in found if one.sheets} if whole else {}
    work.report.withdrawn = [sheet for one in gone.values() for sheet in one.sheets]
    return gone


def tell(work: Work, one: Absent, whole: bool) -> None:
    """Say what becomes of the sheets that a delivery lacks."""
    gone = "à retirer" if work.options.dry_run else "retirée(s)"
    words = [
        (one.sheets, f"feuille(s) {gone}, que la livraison n'a plus" if whole else KEPT),
        (one.newer, "feuille(s) plus récente(s) que la livraison, qui ne les a pas : elles restent servies"),
    ]
    for sheets, what in words:
        if sheets:
            work.report.notices.append(f"{one.commune} : {len(sheets)} {what} ({', '.join(shortened(list(sheets)))})")
