"""The reference partition: the communes held, without overlap, narrow gaps between them given to the nearest.

A commune's limit at any place depends only on the communes held within a few metres of that place: however many are
held, and in whatever order they came, it is the same.
"""

from collections.abc import Mapping
from functools import lru_cache

import shapely
from shapely import Geometry

from catalog import database
from catalog.database import Connection
from etl.geometry import only_polygons

GAP = 20.0  # metres: two communes' own limits of one border are seldom the same line
REACHES = (2.5, 5.0, 10.0, GAP)  # metres: ground within the first is nearer than within the second
GRID = 0.001


def refresh(connection: Connection, commune: str) -> None:
    """Rebuild the limits that depend on a commune: its own and its neighbours'."""
    connection.execute(database.query("lock_limits", package="etl"))
    connection.execute(database.query("drop_limit", package="etl"), {"commune": commune})
    for code in held(connection, commune):
        geometry = limit(code, held(connection, code))
        if geometry is not None:
            connection.execute(database.query("set_limit", package="etl"), [code, shapely.to_wkb(geometry)])


def held(connection: Connection, commune: str) -> dict[str, Geometry]:
    """Return the communes held within reach of one, itself included."""
    parameters = {"commune": commune, "distance": 2 * GAP}
    rows = connection.execute(database.query("neighbours_of", package="etl"), parameters)
    return {code: read(bytes(geometry)) for code, geometry in rows}


@lru_cache(maxsize=512)
def read(wkb: bytes) -> Geometry:
    """Return a geometry; neighbours are asked for again and again while a département is loaded."""
    return shapely.from_wkb(wkb)


def limit(code: str, communes: Mapping[str, Geometry]) -> Geometry | None:
    """Return a commune's part of the ground: what two claim goes to the first code, a gap to the nearest."""
    before = [geometry for other, geometry in communes.items() if other < code]
    own = shapely.difference(communes[code], shapely.union_all(before))
    ground = [own, *nearest(code, communes, gaps(code, communes))]
    return only_polygons(shapely.set_precision(shapely.union_all(ground), GRID))


def gaps(code: str, communes: Mapping[str, Geometry]) -> Geometry:
    """Return the narrow ground around a commune that none holds."""
    near = shapely.buffer(communes[code], GAP, quad_segs=2)
    around = shapely.intersection(shapely.union_all(list(communes.values())), shapely.buffer(near, GAP, quad_segs=2))
    closed = around.buffer(GAP / 2, join_style="mitre").buffer(-GAP / 2, join_style="mitre")
    return shapely.intersection(shapely.difference(closed, around), near)


def nearest(code: str, communes: Mapping[str, Geometry], gap: Geometry) -> list[Geometry]:
    """Return what of the gaps is nearer to a commune than to any other; as near, it goes to the first code."""
    mine = []
    for reach in REACHES:
        if gap.is_empty:
            break
        reached = {other: shapely.buffer(geometry, reach, quad_segs=2) for other, geometry in communes.items()}
        before = [geometry for other, geometry in reached.items() if other < code]
        mine.append(shapely.difference(shapely.intersection(gap, reached[code]), shapely.union_all(before)))
        gap = shapely.difference(gap, shapely.union_all(list(reached.values())))
    return mine
