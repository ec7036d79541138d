"""The reference partition: the communes held, without overlap, narrow gaps between them given to the nearest."""

from collections.abc import Mapping

import shapely
from shapely import Geometry, STRtree

from catalog import database
from catalog.database import Connection
from etl.geometry import only_polygons

GAP = 20.0  # metres: two communes' own limits of one border are seldom the same line
LEAST_AREA = 1e-6


def refresh(connection: Connection, commune: str) -> None:
    """Rebuild the limits that depend on a commune: its own and its neighbours', from what is held around them."""
    connection.execute(database.query("lock_limits", package="etl"))
    changed = held(connection, [commune])
    for code, geometry in divide(held(connection, list(changed))).items():
        if code in changed:
            connection.execute(database.query("set_limit", package="etl"), [code, shapely.to_wkb(geometry)])


def held(connection: Connection, communes: list[str]) -> dict[str, Geometry]:
    """Return the communes held within reach of some, themselves included."""
    rows = connection.execute(
        database.query("neighbours_of", package="etl"), {"communes": communes, "distance": 2 * GAP}
    )
    return {commune: shapely.from_wkb(bytes(geometry)) for commune, geometry in rows}


def divide(communes: Mapping[str, Geometry]) -> dict[str, Geometry]:
    """Return each commune's part: what two claim goes to the first code, a gap to whom it shares most border with."""
    codes = sorted(communes)
    parts = without_overlaps([communes[code] for code in codes])
    extra: dict[int, list[Geometry]] = {}
    tree = STRtree(parts)
    for gap in gaps(parts):
        near = sorted(tree.query(gap, predicate="dwithin", distance=LEAST_AREA))
        if near:
            extra.setdefault(max(near, key=lambda index: shared_border(parts[index], gap)), []).append(gap)
    whole = [shapely.union_all([part, *extra.get(index, [])]) for index, part in enumerate(parts)]
    found = {code: only_polygons(geometry) for code, geometry in zip(codes, whole, strict=True)}
    return {code: geometry for code, geometry in found.items() if geometry is not None}


def without_overlaps(geometries: list[Geometry]) -> list[Geometry]:
    """Take from each geometry what those before it hold."""
    tree = STRtree(geometries)
    parts = []
    for index, geometry in enumerate(geometries):
        before = [geometries[other] for other in tree.query(geometry, predicate="intersects") if other < index]
        parts.append(shapely.difference(geometry, shapely.union_all(before)) if before else geometry)
    return parts


def gaps(parts: list[Geometry]) -> list[Geometry]:
    """Return the narrow ground between communes that none holds."""
    if len(parts) < 2:
        return []
    whole = shapely.union_all(parts)
    closed = whole.buffer(GAP / 2, join_style="mitre").buffer(-GAP / 2, join_style="mitre")
    pieces = shapely.get_parts(shapely.difference(closed, whole))
    return [piece for piece in pieces if piece.geom_type == "Polygon" and piece.area > LEAST_AREA]


def shared_border(part: Geometry, gap: Geometry) -> float:
    """Return the length of the border that a gap shares with a commune."""
    return float(shapely.intersection(part, gap.boundary.buffer(0.01)).area)
