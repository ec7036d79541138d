"""make_world(): from a seed to an invented territory, in memory. It imports no module of the product."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import count
from random import Random

from shapely import LineString, Point, Polygon, difference, get_parts, intersection, normalize, union_all

from data_samples.buildings import buildings
from data_samples.country import VENDEE, Country
from data_samples.crossed import with_crossed_parcels
from data_samples.cutting import cut_in_two
from data_samples.details import details
from data_samples.lattice import Ground
from data_samples.model import (
    Batiment,
    Commune,
    Feuille,
    LieuDit,
    Parcelle,
    Section,
    SubdivisionFiscale,
    Troncon,
    World,
)
from data_samples.names import RIVER, commune_names, place_name, road_name, street_name
from data_samples.plan import BLOCKS, ROAD, Cell, Plan, components, make_plan, runs, sides_of
from data_samples.plots import fields, lots
from data_samples.water import pipes

EDITION = date(2026, 7, 1)
PREFIX = "000"


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet on paper: its blocks and the shapes that lie in it."""

    id: str
    commune: int
    town: bool
    cells: tuple[Cell, ...]
    parcels: tuple[Polygon, ...]
    places: tuple[tuple[str, Polygon], ...]
    roads: tuple[Polygon, ...]
    rivers: tuple[Polygon, ...]


def make_world(
    seed: int = 85,
    communes: int = 4,
    parcels_per_commune: int = 220,
    edition: date = EDITION,
    country: Country = VENDEE,
) -> World:
    """Invent neighbouring communes, always the same ones for the same arguments."""
    if not 1 <= communes <= country.most:
        raise ValueError(f"communes must be between 1 and {country.most}, not {communes}")
    random = Random(seed)
    plan = make_plan(random, communes, parcels_per_commune)
    codes = [str(country.first_code + owner) for owner in range(communes)]
    sheets = [
        sheet for owner in range(communes) for sheet in _sheets(random, plan, owner, codes[owner], parcels_per_commune)
    ]
    return _Builder(random, seed, edition, country, plan, codes, sheets).world()


def _sheets(random: Random, plan: Plan, owner: int, code: str, parcels: int) -> Iterator[Sheet]:
    """Yield a commune's sheets: the town's section, then the country's west and east, each cut in two."""
    cells = plan.cells_of(owner)
    town = [cell for cell in cells if cell in plan.urban]
    country = [cell for cell in cells if cell not in plan.urban]
    middle = sum(cell[0] for cell in cells) / len(cells)
    west = [cell for cell in country if cell[0] <= middle]
    east = [cell for cell in country if cell[0] > middle]
    density = max(1.0, 0.5 * parcels / len(country))
    for letters, group in ((_letters("A"), town), (_letters("0"), west), (_letters("Z"), east)):
        for section, part in zip(letters, components(group), strict=False):
            halves = [part] if group is town or len(part) < BLOCKS else _north_and_south(part)
            pieces = [piece for half in halves for piece in components(half)]
            for number, piece in enumerate(pieces, 1):
                sheet = f"{code}{PREFIX}{section}{number:02d}"
                yield _sheet(random, plan, sheet, owner, group is town, piece, density)


def _letters(first: str) -> Iterator[str]:
    start = ord("B" if first == "A" else "A")
    return (first + chr(start + step) for step in range(24))


def _north_and_south(cells: list[Cell]) -> list[list[Cell]]:
    middle = sum(cell[1] for cell in cells) / len(cells)
    return [[cell for cell in cells if cell[1] <= middle], [cell for cell in cells if cell[1] > middle]]


def _sheet(random: Random, plan: Plan, sheet: str, owner: int, town: bool, cells: list[Cell], density: float) -> Sheet:
    parcels = tuple(parcel for cell in cells for parcel in _parcels(random, plan.inside(cell), town, density))
    outline, river = plan.outline(cells), plan.river()
    rivers = tuple(_polygons(intersection(outline, river, grid_size=1)))
    left = difference(outline, union_all([*parcels, *rivers], grid_size=1), grid_size=1)
    places = tuple(_places(plan, cells, town, int(sheet[2:5]) + ord(sheet[8])))
    return Sheet(sheet, owner, town, tuple(cells), parcels, places, tuple(_polygons(left)), rivers)


def _parcels(random: Random, inside: Polygon, town: bool, density: float) -> list[Polygon]:
    if town:
        return lots(random, inside)
    whole = int(density) + (random.random() < density % 1)
    return fields(random, inside, max(1, whole + random.choice((-1, 0, 0, 1))))


def _polygons(geometry: Polygon) -> list[Polygon]:
    """Return the polygons of any geometry, in an order that does not depend on how it was made."""
    return [part for part in get_parts(normalize(geometry)) if part.geom_type == "Polygon" and part.area]


def _places(plan: Plan, cells: list[Cell], town: bool, index: int) -> Iterator[tuple[str, Polygon]]:
    """Name the two halves of a sheet as those of its section's other sheets: a place lies in several."""
    if town:
        yield "LE BOURG", plan.outline(cells)
        return
    middle = (min(cell[0] for cell in cells) + max(cell[0] for cell in cells)) / 2
    halves = [[cell for cell in cells if cell[0] <= middle], [cell for cell in cells if cell[0] > middle]]
    for half, part in enumerate(halves):
        for piece in components(part):
            yield place_name(2 * index + half), plan.outline(piece)


class _Builder:
    """Sets the sheets of paper down on the ground, and numbers what they hold."""

    def __init__(
        self,
        random: Random,
        seed: int,
        edition: date,
        country: Country,
        plan: Plan,
        codes: list[str],
        sheets: list[Sheet],
    ) -> None:
        self.random, self.seed, self.edition, self.country = random, seed, edition, country
        self.plan, self.codes, self.sheets = plan, codes, sheets
        self.rids = count(210_001)
        self.numbers: Counter[str] = Counter()
        self.outlines = {id_: plan.outline(cells) for id_, cells in self._groups().items()}
        shapes = [
            shape
            for sheet in sheets
            for shape in (*sheet.parcels, *sheet.roads, *sheet.rivers, *(one for _, one in sheet.places))
        ]
        self.ground = Ground(seed, [*shapes, *self.outlines.values()], country.origin)

    def _groups(self) -> dict[str, list[Cell]]:
        """Return the blocks of every commune, section and sheet by its id."""
        groups: dict[str, list[Cell]] = {}
        for sheet in self.sheets:
            for length in (5, 10, 12):
                groups.setdefault(sheet.id[:length], []).extend(sheet.cells)
        return groups

    def world(self) -> World:
        """Return the whole."""
        bare = with_crossed_parcels(self._bare(), self.rids)
        named = {sheet.id: list(self._axes(sheet)) for sheet in self.sheets}
        return replace(bare, details=tuple(details(bare, named, self.rids)))

    def _bare(self) -> World:
        """Return the world without its details."""
        parcels = [pair for sheet in self.sheets for pair in self._parcelles(sheet)]
        parcelles = tuple(parcelle for parcelle, _ in parcels)
        return World(
            seed=self.seed,
            edition=self.edition,
            communes=tuple(self._communes()),
            sections=tuple(self._sections()),
            feuilles=tuple(self._feuilles()),
            parcelles=parcelles,
            batiments=tuple(one for parcelle, shape in parcels for one in self._batiments(parcelle, shape)),
            lieux_dits=tuple(self._lieux_dits()),
            subdivisions_fiscales=tuple(one for parcelle in parcelles for one in self._subdivisions(parcelle)),
            routes=tuple(self._routes()),
            cours_eau=tuple(self._cours_eau()),
            details=(),
            canalisations=pipes(self.random, self.plan, self.ground),
            triple_points=tuple(Point(self.ground.place(self.plan.node(one))) for one in self.plan.triple_points),
            country=self.country,
        )

    def _geometry(self, id_: str) -> Polygon:
        return self.ground.polygon(self.outlines[id_])

    def _communes(self) -> Iterator[Commune]:
        for code, name in zip(self.codes, commune_names(len(self.codes)), strict=True):
            yield Commune(code, name, next(self.rids), self._geometry(code))

    def _sections(self) -> Iterator[Section]:
        for id_ in dict.fromkeys(sheet.id[:10] for sheet in self.sheets):
            yield Section(id_, id_[:5], id_[5:8], id_[8:], next(self.rids), self._geometry(id_))

    def _feuilles(self) -> Iterator[Feuille]:
        for sheet in self.sheets:
            yield Feuille(
                sheet.id,
                sheet.id[:5],
                sheet.id[5:8],
                sheet.id[8:10],
                sheet.id[10:],
                qualite="01",
                mode_confection="02" if sheet.town else "01",
                echelle=1000 if sheet.town else 2000,
                edition=self.edition,
                rid=next(self.rids),
                geometry=self._geometry(sheet.id),
            )

    def _parcelles(self, sheet: Sheet) -> Iterator[tuple[Parcelle, Polygon]]:
        for shape in sheet.parcels:
            section, geometry = sheet.id[:10], self.ground.polygon(shape)
            self.numbers[section] += 1
            numero = f"{self.numbers[section]:04d}"
            created = date(1986, 1, 6) + timedelta(days=self.random.randrange(13_000))
            updated = created + timedelta(days=self.random.randrange((self.edition - created).days))
            yield (
                Parcelle(
                    section + numero,
                    sheet.id[:5],
                    sheet.id[5:8],
                    sheet.id[8:10],
                    numero,
                    sheet.id,
                    contenance=self._contenance(geometry.area),
                    arpente=self.random.random() < 0.12,
                    creation=created,
                    mise_a_jour=updated,
                    rid=next(self.rids),
                    geometry=geometry,
                ),
                shape,
            )

    def _contenance(self, area: float) -> int | None:
        """Return a declared area: most within 1 %, a few far off, one in two hundred missing, as on real sheets."""
        chance = self.random.random()
        if chance < 0.005:
            return None
        return round(area * (self.random.uniform(0.75, 1.3) if chance < 0.03 else self.random.gauss(1, 0.006)))

    def _batiments(self, parcelle: Parcelle, shape: Polygon) -> Iterator[Batiment]:
        for kind, geometry in buildings(self.random, self.ground, shape, parcelle.geometry):
            nom = "Mairie" if parcelle.section == "AB" and parcelle.numero == "0007" and kind == "01" else None
            yield Batiment(parcelle.commune, parcelle.sheet, kind, nom, next(self.rids), geometry, (parcelle.id,))

    def _lieux_dits(self) -> Iterator[LieuDit]:
        for sheet in self.sheets:
            for nom, shape in sheet.places:
                yield LieuDit(sheet.id[:5], sheet.id, nom, next(self.rids), self.ground.polygon(shape))

    def _subdivisions(self, parcelle: Parcelle) -> Iterator[SubdivisionFiscale]:
        if parcelle.geometry.area > 4_000 and self.random.random() < 0.08:
            for lettre, geometry in zip("ab", cut_in_two(parcelle.geometry), strict=False):
                yield SubdivisionFiscale(
                    parcelle.commune, parcelle.sheet, parcelle.id, lettre, next(self.rids), geometry
                )

    def _routes(self) -> Iterator[Troncon]:
        for sheet in self.sheets:
            for index, shape in enumerate(sheet.roads):
                name = street_name(index) if sheet.town else road_name(index)
                yield Troncon(sheet.id[:5], sheet.id, name, next(self.rids), self.ground.polygon(shape))

    def _cours_eau(self) -> Iterator[Troncon]:
        for sheet in self.sheets:
            for shape in sheet.rivers:
                yield Troncon(sheet.id[:5], sheet.id, RIVER, next(self.rids), self.ground.polygon(shape))

    def _axes(self, sheet: Sheet) -> Iterator[tuple[str, LineString]]:
        """Yield the roads that run along a sheet's blocks, longest first, with their names."""
        sides = {side: self.plan.sides[side] for cell in sheet.cells for side in sides_of(cell)}
        for index, run in enumerate(runs(sides, ROAD)):
            name = street_name(index) if sheet.town else road_name(index)
            yield name, self.ground.line([self.plan.node(corner) for corner in run])
