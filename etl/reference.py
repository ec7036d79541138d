"""Where EDIGEO and Etalab both hold a commune: EDIGEO is served, and it is said what one has and the other lacks."""

from collections.abc import Iterable

from catalog.loader import datasets
from catalog.model import BASE
from etl import parts
from etl.etalab_layouts import identified
from etl.publication import Left
from etl.report import Unit
from etl.rows import Row
from etl.tables import Tables, query
from etl.work import Work

ETALAB = "etalab-"


def compare_read(work: Work, unit: Unit, rows: Iterable[Row]) -> None:
    """Say of a file that is refused what it has beside what is served."""
    found: dict[str, set[str]] = {}
    for row in rows:
        found.setdefault(row.dataset, set()).add(row.id)
    assert unit.commune is not None
    for dataset, ids in found.items():
        compare(work, unit, unit.commune, dataset, ids)


def compare_left(work: Work, units: dict[str, Unit], commune: str, left: Iterable[Left]) -> None:
    """Say of what was left to the sheets of a commune what it has beside them."""
    found: dict[tuple[str, str], set[str]] = {}
    for one in left:
        if one.unit.startswith(ETALAB) and one.reason is None:
            found.setdefault((one.unit, one.dataset), set()).add(one.id)
    for (unit, dataset), ids in sorted(found.items()):
        compare(work, units[unit], commune, dataset, ids, same=False)


def compare(work: Work, unit: Unit, commune: str, dataset: str, ids: set[str], same: bool = True) -> None:
    """Say in the report of a file which objects only it has, and which it lacks: those that bear the plan's own ids.

    That they are the same is said of a file that is refused, not of each commune of a département.
    """
    if not identified(dataset):
        return
    table = Tables(datasets()[dataset], BASE).table
    served = {id for (id,) in work.connection.execute(query("served_by_sheets", table=table), [commune])}
    if same or ids != served:
        unit.notices.append(f"{dataset} de {commune} : {difference(ids, served)}")


def difference(etalab: set[str], edigeo: set[str]) -> str:
    """Say what each of two sources has that the other lacks."""
    if etalab == edigeo:
        return f"les {len(edigeo)} mêmes chez EDIGEO et Etalab"
    sides = (("Etalab", etalab - edigeo), ("EDIGEO", edigeo - etalab))
    words = [f"{len(only)} chez {who} seul ({parts.some(only)})" for who, only in sides if only]
    return f"{len(etalab & edigeo)} en commun, {', '.join(words)}"


def tell_of_replaced(work: Work, communes: Iterable[str]) -> None:
    """Say which of Etalab's parcels ended with the sheets that come, and are in none of them."""
    for commune in communes:
        rows = work.connection.execute(query("etalab_ended"), {"commune": commune, "delivery": work.delivery})
        if ended := {id for (id,) in rows}:
            words = f"parcelles de {commune} : {len(ended)} qu'Etalab donnait ne sont dans aucune feuille"
            work.report.notices.append(f"{words} ({parts.some(ended)})")
