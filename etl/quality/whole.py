"""What only the whole commune shows, found again at each publication: sheets not held or over one another, doubles."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date

import shapely

from catalog import database
from catalog.database import Connection
from catalog.loader import datasets
from catalog.rules import WEIGHTS, Rule
from etl.quality import contract, places
from etl.quality.contract import Anomaly
from etl.quality.sheet import Check, Found, Layer, Sheet, metres
from etl.report import Score, Unit
from etl.rows import Row

DOUBLE = "identifiant_double"

type Double = tuple[str, str, str]  # dataset, sheet, object


def missing(sheet: Sheet, layer: Layer, rule: Rule) -> Iterator[Found]:
    """Find the sections of which more than a share lies under no sheet that is held."""
    for section in sheet.layers["sections"].rows:
        own = [n for n, row in enumerate(layer.rows) if row.id[:10] == section.id]
        bare = shapely.difference(section.geometry, shapely.union_all(layer.shapes[own]))
        if bare.area > (rule.threshold or 0) * section.geometry.area:
            held = ", ".join(layer.rows[n].id[10:] for n in own) or "aucune"
            yield Found(section.id, bare, f"(section {section.id[8:]} : {metres(bare.area)} m² nus, tenues : {held})")


CHECKS: Mapping[str, Check] = {"feuille_manquante": missing, "feuilles_recouvertes": places.overlaps}


def renewed(connection: Connection, commune: str, newest: date, left: Iterable[Double]) -> list[tuple[Unit, list[Row]]]:
    """Forget what was found of a commune as a whole, and return it found again, by sheet or for all of it."""
    connection.execute(query("quality_clear"), {"commune": commune})
    found = connection.execute(query("quality_grounds"), {"commune": commune}).fetchall()
    rows = [Row(name, id, commune, {}, shapely.from_wkb(bytes(shape))) for name, id, _, shape in found]
    if not rows:
        return []
    sheet = Sheet(commune, max([newest, *(edition for _, _, edition, _ in found)]), rows)
    anomalies = contract.examined(sheet, CHECKS)
    made = [(Unit(commune, "", commune, sheet.edition), contract.rows(commune, commune, anomalies, sheet.centre))]
    editions = {id: edition for name, id, edition, _ in found if name == "feuilles"}
    centres = {row.id: shapely.point_on_surface(row.geometry) for row in rows}
    for unit, own in doubles(left).items():
        if unit in editions:
            made.append((Unit(unit, "", commune, editions[unit]), contract.rows(unit, commune, own, centres[unit])))
    return [(unit, rows) for unit, rows in made if rows]


def doubles(left: Iterable[Double]) -> dict[str, list[Anomaly]]:
    """Return, by sheet, the objects that another sheet bears too, of the datasets that have this rule."""
    found: dict[str, list[Anomaly]] = {}
    for dataset, unit, obj in sorted(left):
        for rule in datasets()[dataset].quality:
            if rule.rule == DOUBLE:
                found.setdefault(unit, []).append(Anomaly(dataset, rule, Found(obj, None)))
    return found


def keep_score(connection: Connection, commune: str) -> None:
    """Keep the score of a commune: all its sheets, and what is found of it as a whole."""
    row = connection.execute(query("quality_weights"), {"commune": commune}).fetchone()
    if row is None or not row[0]:
        return
    objects, edition, numbers = row
    score = Score(objects, round(sum(WEIGHTS[one] * number for one, number in (numbers or {}).items()), 1))
    told = {"edition": edition, "score": score.value, "objects": score.objects, "penalty": score.penalty}
    connection.execute(query("set_commune_score"), told | {"commune": commune})


def query(name: str) -> bytes:
    """Return a statement of this package."""
    return database.query(name, package="etl")
