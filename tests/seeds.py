"""A sheet without fault, and named ways to spoil it: each says which rule finds it, in which layer, on which object."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date

import shapely
from shapely import Geometry
from shapely.affinity import translate

from etl.geometry import multi
from etl.report import Unit
from etl.rows import Repair, Row

NAME, COMMUNE, SECTION = "85901000AB01", "85901", "85901000AB"
EDITION = date(2026, 7, 1)
WEST, SOUTH, SIDE, ACROSS = 360_000.0, 6_630_000.0, 30.0, 6
DAYS = {"creation": date(2001, 5, 4), "mise_a_jour": date(2020, 3, 2)}

type Key = tuple[str, str]
type Told = tuple[str, str, str | None]  # rule, layer, object


@dataclass
class Spoiled:
    """The rows of a sheet, what was rejected of it, and what is to be found."""

    rows: dict[Key, Row]
    rejects: list[tuple[str, str | None, str]] = field(default_factory=list)
    expected: set[Told] = field(default_factory=set)

    def unit(self) -> Unit:
        """Return the unit that reading gave."""
        unit = Unit(NAME, "lot", COMMUNE, EDITION)
        for reject in self.rejects:
            unit.reject(*reject)
        return unit

    def change(self, rule: str, layer: str, id: str, geometry: Geometry | None = None, **values: object) -> None:
        """Change an object, which a rule finds."""
        row = self.rows[layer, id]
        shape = row.geometry if geometry is None else multi(geometry)
        self.rows[layer, id] = replace(row, geometry=shape, values={**row.values, **values})
        self.expected.add((rule, layer, id))

    def add(self, rule: str, layer: str, id: str, geometry: Geometry | None, like: str, **values: object) -> None:
        """Add an object as another is, elsewhere, which a rule finds."""
        row = self.rows[layer, like]
        shape = row.geometry if geometry is None else multi(geometry)
        self.rows[layer, id] = replace(row, id=id, geometry=shape, values={**row.values, "numero": id[10:14], **values})
        self.expected.add((rule, layer, id))

    def reject(self, layer: str, id: str, reason: str) -> None:
        """Have an object rejected when the sheet is read."""
        self.rejects.append((layer, id, reason))
        self.expected.add(("objet_rejete", layer, id))

    def note(self, rule: str, layer: str, id: str, **raw: object) -> None:
        """Have the source write something of an object, which a rule finds."""
        self.rows[layer, id] = replace(self.rows[layer, id], raw=raw)
        self.expected.add((rule, layer, id))


def box(column: float, line: float, width: float = SIDE, height: float = SIDE) -> Geometry:
    """Return a box in the grid of the sheet."""
    west, south = WEST + SIDE * column, SOUTH + SIDE * line
    return shapely.box(west, south, west + width, south + height)


def parcel(number: int) -> str:
    """Return the id of a parcel."""
    return f"{SECTION}{number:04d}"


def rid(number: int) -> str:
    """Return the id of an object that has none of its own."""
    return f"{NAME}-{number}"


def sound() -> Spoiled:
    """Return a sheet without fault: 30 parcels, each with a building, a part, a label, a mark and a number.

    Its section and its commune are wider, but for the commune's limit in the east.
    """
    ground = box(0, 0, SIDE * ACROSS, SIDE * 5)
    rows = [
        row("communes", COMMUNE, box(-4, -4, 302, 390), nom="Port-aux-Essais"),
        row("sections", SECTION, box(-2, -2, 300, 300), prefixe="000", section="AB"),
        row("feuilles", NAME, ground, prefixe="000", section="AB", feuille="01", echelle=1000),
        row("lieux_dits", rid(1), ground, nom="Les Prés de l'Église"),
    ]
    for place in range(30):
        rows += on_parcel(place)
    return Spoiled({(one.dataset, one.id): one for one in rows})


def on_parcel(place: int) -> list[Row]:
    """Return a parcel and what lies on it."""
    column, line, number, id = place % ACROSS, place // ACROSS, place + 1, parcel(place + 1)
    ground = box(column, line)
    told = {"prefixe": "000", "section": "AB", "numero": id[10:], "contenance": 900, "arpente": True}
    centre = ground.centroid
    return [
        row("parcelles", id, ground, **told, **DAYS),
        row("batiments", rid(100 + number), box(column + 0.2, line + 0.2, 8, 6), type="01", nom=None, parcelles=id),
        row("subdivisions_fiscales", rid(200 + number), box(column, line, 15), parcelle=id, lettre="a"),
        row("etiquettes", rid(300 + number), centre, texte=str(number), classe="PARCELLE_id", objet=id),
        row("bornes", rid(400 + number), shapely.Point(ground.bounds[:2]), type="borne", parcelles=id, **DAYS),
        row("numeros_voirie", rid(500 + number), centre, numero=str(number), parcelles=id, **DAYS),
    ]


def row(dataset: str, id: str, geometry: Geometry, **values: object) -> Row:
    """Return a row of the commune."""
    return Row(dataset, id, COMMUNE, values, multi(geometry))


SEEDS: dict[str, Callable[[Spoiled], object]] = {
    "named place without name": lambda s: s.change("vide", "lieux_dits", rid(1), nom=None),
    "commune without name": lambda s: s.change("vide", "communes", COMMUNE, nom=""),
    "sheet without scale": lambda s: s.change("vide", "feuilles", NAME, echelle=None),
    "building without type": lambda s: s.change("vide", "batiments", rid(101), type=None),
    "tax part without letter": lambda s: s.change("vide", "subdivisions_fiscales", rid(201), lettre=None),
    "label without text": lambda s: s.change("vide", "etiquettes", rid(301), texte=None),
    "number without number": lambda s: s.change("vide", "numeros_voirie", rid(501), numero=None),
    "UTF-8 read as Latin-1": lambda s: s.change("encodage", "lieux_dits", rid(1), nom="PrÃ©s de l'Ãglise"),
    "character replaced": lambda s: s.change("encodage", "lieux_dits", rid(1), nom="Pr\ufffds"),
    "control character": lambda s: s.change("encodage", "batiments", rid(103), nom="Gare\x85"),
    "Absent for a date": lambda s: s.note("date_illisible", "parcelles", parcel(4), CREAT_DATE="Absent"),
    "zero for a date": lambda s: s.note("date_illisible", "bornes", rid(404), UPDATE_DATE=0),
    "created after the edition": lambda s: s.change(
        "date_future", "parcelles", parcel(5), creation=date(2026, 7, 2), mise_a_jour=None
    ),
    "updated after the edition": lambda s: s.change("date_future", "bornes", rid(405), mise_a_jour=date(2091, 1, 1)),
    "created after the update": lambda s: s.change(
        "dates_inversees", "parcelles", parcel(6), creation=date(2021, 1, 1)
    ),
    "area of zero": lambda s: s.change("contenance_nulle", "parcelles", parcel(7), contenance=0),
    "area missing": lambda s: s.change("contenance_nulle", "parcelles", parcel(7), contenance=None),
    "area ten times too large": lambda s: s.change("contenance_ecart", "parcelles", parcel(8), contenance=9000),
    "number 0000": lambda s: s.add("numero_nul", "parcelles", parcel(0), box(0, 5), parcel(1)),
    "number that is not the identifier's": lambda s: s.note("numero_incoherent", "parcelles", parcel(9), TEX="10"),
    "section that is not the identifier's": lambda s: s.change(
        "numero_incoherent", "parcelles", parcel(10), section="AC"
    ),
    "label of nothing": lambda s: s.change("objet_absent", "etiquettes", rid(311), objet=None),
    "label of another number": lambda s: s.change("etiquette_discordante", "etiquettes", rid(312), texte="77"),
    "label far away": lambda s: s.change(
        "etiquette_eloignee", "etiquettes", rid(313), translate(shapely.Point(WEST, SOUTH), 400)
    ),
    "tax part of no parcel": lambda s: s.change("parcelle_absente", "subdivisions_fiscales", rid(214), parcelle=None),
    "number of no parcel": lambda s: s.change("parcelle_absente", "numeros_voirie", rid(514), parcelles=None),
    "tax part out of its parcel": lambda s: s.change(
        "hors_parcelle", "subdivisions_fiscales", rid(215), box(1.5, 2, 15), parcelle=parcel(15)
    ),
    "parcel of another section": lambda s: s.rows.update(moved(s, "85901000ZC0016")),
    "sheet without outline": lambda s: (
        s.rows.pop(("feuilles", NAME)),
        s.expected.add(("feuille_absente", "feuilles", NAME)),
    ),
    "repaired outline": lambda s: s.rows.update(mended(s, parcel(17))),
    "identifier twice": lambda s: s.reject("parcelles", parcel(18), "identifiant en double dans la feuille"),
    "identifier that is none": lambda s: s.reject("parcelles", "??", "identifiant (IDU) absent ou incorrect"),
    "no geometry": lambda s: s.reject("batiments", rid(99), "géométrie absente"),
    "coordinates outside": lambda s: s.reject("parcelles", parcel(91), "coordonnées hors de la métropole"),
    "bow-tie beyond repair": lambda s: s.reject("parcelles", parcel(92), "la réparation changerait la surface"),
    "splinter": lambda s: s.add("eclat", "batiments", rid(199), box(0.7, 0.7, 0.5, 0.5), rid(101)),
    "thread": lambda s: s.add("filiforme", "parcelles", parcel(93), box(0, 5, SIDE, 0.05), parcel(1), contenance=2),
    "spike": lambda s: s.change("pointe", "batiments", rid(119), spiked(s.rows["batiments", rid(119)])),
    "doubled vertex": lambda s: s.change(
        "sommets_doubles", "parcelles", parcel(20), doubled(s.rows["parcelles", parcel(20)])
    ),
    "pinhole": lambda s: s.change("trou_minuscule", "parcelles", parcel(21), pierced(s.rows["parcelles", parcel(21)])),
    "parcel twice under two numbers": lambda s: s.add("doublon", "parcelles", parcel(94), None, parcel(22)),
    "building twice": lambda s: s.add("doublon", "batiments", rid(198), None, rid(122)),
    "mark twice": lambda s: s.add("doublon", "bornes", rid(498), None, rid(422)),
    "parcel over another": lambda s: s.add("recouvrement", "parcelles", parcel(95), box(-0.5, 4), parcel(1)),
    "building over another": lambda s: s.add("recouvrement", "batiments", rid(197), box(1.3, 0.2, 8, 6), rid(102)),
    "crack between parcels": lambda s: (s.rows.update(cracked(s)), s.expected.add(("interstice", "parcelles", None))),
    "parcel far from its sheet": lambda s: s.add("hors_feuille", "parcelles", parcel(96), box(-3, 0), parcel(1)),
    "building far from its sheet": lambda s: s.add("hors_feuille", "batiments", rid(196), box(-3, 0, 8, 6), rid(101)),
    "named place elsewhere": lambda s: s.change("hors_feuille", "lieux_dits", rid(1), box(-3, 0)),
    "sheet out of its section": lambda s: s.change("hors_section", "feuilles", NAME, box(0, -3, 180, 240)),
    "sheet out of its commune": lambda s: s.change("hors_commune", "feuilles", NAME, box(0, 0, 200, 150)),
    "building over the commune's limit": lambda s: s.add(
        "deux_communes", "batiments", rid(195), box(5.9, 0.5, 8, 6), rid(101)
    ),
}


def moved(sheet: Spoiled, id: str) -> dict[Key, Row]:
    """Add a parcel beside the others, of a section that the sheet does not bear."""
    one = row("parcelles", id, box(0, 5), section="ZC", numero=id[10:], contenance=900, **DAYS)
    sheet.expected.add(("section_absente", "parcelles", id))
    return {("parcelles", id): one}


def mended(sheet: Spoiled, id: str) -> dict[Key, Row]:
    """Say of a parcel that its outline was repaired."""
    one = sheet.rows["parcelles", id]
    sheet.expected.add(("geometrie_reparee", "parcelles", id))
    repair = Repair.of("parcelles", id, "le contour se coupe lui-même", one.geometry, one.geometry)
    return {("parcelles", id): replace(one, repair=repair)}


def ring(one: Row) -> list[tuple[float, float]]:
    """Return the outline of an object of one part."""
    return list(one.geometry.geoms[0].exterior.coords)


def spiked(one: Row) -> Geometry:
    """Return an outline with a spike of two metres."""
    first, (x, y), *rest = ring(one)
    return shapely.Polygon([first, (x, y), (x + 2, y + 2), (x + 0.001, y), *rest])


def doubled(one: Row) -> Geometry:
    """Return an outline with a vertex beside another."""
    first, (x, y), *rest = ring(one)
    return shapely.Polygon([first, (x, y - 0.001), (x, y), *rest])


def pierced(one: Row) -> Geometry:
    """Return an outline with a hole of 0.09 m²."""
    x, y = one.geometry.centroid.coords[0]
    return one.geometry.difference(shapely.box(x, y, x + 0.3, y + 0.3))


def cracked(sheet: Spoiled) -> dict[Key, Row]:
    """Leave a crack of five centimetres along a parcel in the middle."""
    one = sheet.rows["parcelles", parcel(21)]
    crack = box(2.2, 3, 10, 0.05)
    return {("parcelles", one.id): replace(one, geometry=multi(one.geometry.difference(crack)))}
