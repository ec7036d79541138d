"""Hold a sheet to the rules declared with its datasets: anomalies as rows, and a score. Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import shapely
from shapely import Geometry

from catalog.loader import datasets
from catalog.rules import RULES, WEIGHTS, Rule
from etl.quality import attributes, links, places, shapes
from etl.quality.sheet import Check, Found, Sheet
from etl.report import Score, Unit
from etl.rows import Row, printable

DATASET = "anomalies"
CHECKS: Mapping[str, Check] = {
    "vide": attributes.empty,
    "encodage": attributes.encoding,
    "date_illisible": attributes.unreadable_date,
    "date_future": attributes.future_date,
    "dates_inversees": attributes.inverted_dates,
    "contenance_nulle": attributes.no_area,
    "contenance_ecart": attributes.other_area,
    "numero_nul": attributes.null_number,
    "numero_incoherent": attributes.other_number,
    "objet_absent": links.absent_object,
    "etiquette_discordante": links.other_label,
    "etiquette_eloignee": links.far_label,
    "parcelle_absente": links.no_parcel,
    "hors_parcelle": links.out_of_parcel,
    "section_absente": links.no_section,
    "feuille_absente": links.no_sheet,
    "objet_rejete": shapes.rejected,
    "geometrie_reparee": shapes.repaired,
    "eclat": shapes.tiny,
    "filiforme": shapes.thin,
    "pointe": shapes.spikes,
    "sommets_doubles": shapes.doubled_vertices,
    "trou_minuscule": shapes.tiny_holes,
    "doublon": shapes.doubles,
    "recouvrement": places.overlaps,
    "interstice": places.gaps,
    "hors_feuille": places.out_of_sheet,
    "hors_section": places.out_of_section,
    "hors_commune": places.out_of_commune,
    "deux_communes": places.out_of_commune,
}
WITHOUT_ROWS = ("feuille_absente", "objet_rejete")  # what they look for is not there


@dataclass(frozen=True, slots=True)
class Anomaly:
    """Something that a rule found in a dataset."""

    dataset: str
    rule: Rule
    found: Found

    @property
    def message(self) -> str:
        """What is wrong, and what to do."""
        sense = RULES[self.rule.rule]
        words = " ".join(part for part in (sense.finds, printable(self.found.words)) if part)
        return f"{words[0].upper()}{words[1:]} : {sense.advice}."

    @property
    def order(self) -> tuple[str, ...]:
        """What numbers it among those of its rule, always alike."""
        place = self.found.place.wkb_hex if self.found.place is not None else ""
        return self.rule.rule, self.dataset, self.found.object or "", self.found.words, place


def examined(sheet: Sheet, checks: Mapping[str, Check] = CHECKS) -> list[Anomaly]:
    """Return all that the rules find in a sheet, in a fixed order."""
    return sorted(broken(sheet, checks), key=lambda one: one.order)


def broken(sheet: Sheet, checks: Mapping[str, Check]) -> Iterator[Anomaly]:
    """Yield what each rule finds."""
    for name, layer in sheet.layers.items():
        for rule in datasets()[name].quality:
            if rule.rule in checks and (layer.rows or rule.rule in WITHOUT_ROWS):
                for found in checks[rule.rule](sheet, layer, rule):
                    yield Anomaly(name, rule, found)


def rows(unit: str, commune: str, anomalies: Sequence[Anomaly], centre: Geometry) -> list[Row]:
    """Return anomalies as rows of their own dataset, numbered by rule."""
    numbers: dict[str, int] = {}
    made = []
    for one in anomalies:
        number = numbers[one.rule.rule] = numbers.get(one.rule.rule, 0) + 1
        values = {
            "regle": one.rule.rule,
            "gravite": one.rule.severity,
            "couche": one.dataset,
            "objet": one.found.object,
            "feuille": unit,
            "message": one.message,
        }
        made.append(Row(DATASET, f"{unit}-{one.rule.rule}-{number}", commune, values, point(one.found.place, centre)))
    return made


def point(place: Geometry | None, centre: Geometry) -> Geometry:
    """Return a point of what was found; the centre of the sheet where it has no place."""
    if place is None or place.is_empty:
        return centre
    return place if place.geom_type == "Point" else shapely.point_on_surface(place)


def score(objects: int, anomalies: Iterable[Anomaly]) -> Score:
    """Return the score of some objects with these anomalies."""
    return Score(objects, round(sum(WEIGHTS[one.rule.severity] for one in anomalies), 1))


def hold(unit: Unit, found: list[Row]) -> list[Row]:
    """Hold a sheet's rows to the rules: keep the score and the worst in its unit, and return the anomalies as rows."""
    assert unit.edition is not None
    rejects = [(reject.layer, reject.object, reject.reason) for reject in unit.rejects]
    sheet = Sheet(unit.name, unit.edition, found, rejects)
    anomalies = examined(sheet)
    unit.score = score(len(found) + len(rejects), anomalies)
    unit.anomalies = worst(anomalies)
    return rows(unit.name, found[0].commune, anomalies, sheet.centre) if anomalies else []


def worst(anomalies: Iterable[Anomaly]) -> list[tuple[str, str, int]]:
    """Return rule, severity and number of what was found, the heaviest first."""
    numbers: dict[tuple[str, str], int] = {}
    for one in anomalies:
        key = one.rule.rule, one.rule.severity
        numbers[key] = numbers.get(key, 0) + 1
    ranked = sorted(numbers.items(), key=lambda item: (-WEIGHTS[item[0][1]] * item[1], item[0]))
    return [(rule, severity, number) for (rule, severity), number in ranked]
