"""A way across a parcel: the parcel has two parts from then on, and the road one stretch more."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations

from shapely import MultiPolygon, Polygon

from data_samples.model import Parcelle, Troncon, World

NAME = "Chemin rural de la Garenne"
LEAST = 0.15  # of the parcel: each part is larger
INSIDE = 1.0  # metres from the commune's limit


def with_crossed_parcels(world: World, rids: Iterator[int]) -> World:
    """Return the world with a parcel of each commune in two parts, where one can be cut without a new vertex."""
    parcelles = {one.id: one for one in world.parcelles}
    ways = []
    for commune in world.communes:
        limit = commune.geometry.boundary
        own = [one for one in _bare(world, commune.code) if one.geometry.distance(limit) > INSIDE]
        if found := next(((one, cut) for one in reversed(own) if (cut := crossed(one.geometry))), None):
            one, (parts, way) = found
            share = parts.area / one.geometry.area
            area = None if one.contenance is None else round(one.contenance * share)
            parcelles[one.id] = replace(one, geometry=parts, contenance=area)
            ways.append(Troncon(one.commune, one.sheet, NAME, next(rids), way))
    return replace(world, parcelles=tuple(parcelles.values()), routes=(*world.routes, *ways))


def _bare(world: World, commune: str) -> list[Parcelle]:
    """Return the parcels without a building that are taxed as one."""
    taken = {id for one in world.batiments for id in one.parcelles}
    taken |= {one.parcelle for one in world.subdivisions_fiscales}
    return [one for one in world.parcelles if one.commune == commune and one.id not in taken]


def crossed(polygon: Polygon) -> tuple[MultiPolygon, Polygon] | None:
    """Return two parts and the narrowest way between them, all on vertices of the polygon; None where none is."""
    if polygon.interiors:
        return None
    ring = list(polygon.exterior.coords)[:-1]
    ways = (
        (MultiPolygon([Polygon(ring[i + 1 : j + 1]), Polygon([*ring[j + 1 :], *ring[: i + 1]])]),
         Polygon([ring[i], ring[i + 1], ring[j], ring[(j + 1) % len(ring)]]))
        for i, j in combinations(range(len(ring)), 2)
        if j - i > 2 and len(ring) - j + i > 3
    )  # fmt: skip
    clean = [(parts, way) for parts, way in ways if _clean(polygon, parts, way)]
    return min(clean, key=lambda one: one[1].area, default=None)


def _clean(whole: Polygon, parts: MultiPolygon, way: Polygon) -> bool:
    large = all(part.is_valid and part.area > LEAST * whole.area for part in parts.geoms)
    if not large or not way.is_valid or not parts.is_valid:
        return False
    return abs(parts.area + way.area - whole.area) < 0.01 and whole.covers(way) and whole.covers(parts)
