"""A second edition: in a few sheets a parcel is divided and a building appears, as a surveyor's year does."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from itertools import count

from shapely import Polygon

from data_samples.cutting import cut_in_two
from data_samples.edits import DRAWN
from data_samples.model import Batiment, Feuille, Parcelle, World

SECOND_EDITION = date(2026, 10, 1)
BUILDING = 6.0  # metres a side


def second_edition(world: World, sheets: int = 2, edition: date = SECOND_EDITION) -> World:
    """Return the world with the first sheet of `sheets` communes renewed; other sheets are the same objects."""
    for code in [commune.code for commune in world.communes][:sheets]:
        sheet = next(one for one in world.feuilles if one.commune == code)
        world = _renew(world, sheet, edition)
    return world


def renewed(world: World, since: World) -> list[Feuille]:
    """Return the sheets of an edition that an earlier one does not hold."""
    return [sheet for sheet in world.feuilles if sheet not in since.feuilles]


def _renew(world: World, sheet: Feuille, edition: date) -> World:
    """Divide one parcel without building, and build on another."""
    built = [one.geometry for one in world.batiments if one.sheet == sheet.id]
    free = [
        one
        for one in world.parcelles
        if one.sheet == sheet.id
        and one.geometry.geom_type == "Polygon"
        and not any(one.geometry.intersects(building) for building in built)
        and one.id not in {part.parcelle for part in world.subdivisions_fiscales}
    ]
    divided = next(one for one in free if cut_in_two(one.geometry))
    yard = next(one for one in free if one is not divided and _room(one))
    batiment = Batiment(sheet.commune, sheet.id, "01", None, 0, _room(yard), (yard.id,))
    renewed_world = replace(
        world,
        feuilles=tuple(replace(one, edition=edition) if one is sheet else one for one in world.feuilles),
        parcelles=tuple(part for one in world.parcelles for part in _parts(world, one, divided, edition)),
        batiments=(*world.batiments, batiment),
    )
    return _renumber(renewed_world, sheet.id)


def _room(parcelle: Parcelle) -> Polygon | None:
    """Return a square building in the middle of a parcel, if it holds one."""
    square = parcelle.geometry.representative_point().buffer(BUILDING / 2, cap_style="square")
    corners = [(round(x, 2), round(y, 2)) for x, y in square.exterior.coords]
    building = Polygon(corners)
    return building if parcelle.geometry.contains(building) else None


def _parts(world: World, one: Parcelle, divided: Parcelle, edition: date) -> Iterable[Parcelle]:
    """Return a parcel as it is, or its two parts under the next numbers of its section."""
    if one is not divided:
        return [one]
    section = one.id[:10]
    last = max(int(other.numero) for other in world.parcelles if other.id[:10] == section)
    return [
        replace(
            one,
            id=f"{section}{last + step:04d}",
            numero=f"{last + step:04d}",
            geometry=part,
            arpente=True,
            contenance=round(part.area),
            creation=edition,
            mise_a_jour=edition,
        )
        for step, part in enumerate(cut_in_two(one.geometry), 1)
    ]


def _renumber(world: World, sheet: str) -> World:
    """Give what lies in a sheet new object numbers: they last no longer than an edition."""
    numbers = count(1 + max(one.rid for kind in DRAWN for one in getattr(world, kind)))
    return replace(
        world,
        **{
            kind: tuple(replace(one, rid=next(numbers)) if one.sheet == sheet else one for one in getattr(world, kind))
            for kind in DRAWN
        },
    )
