"""Who borders whom among 256 communes: right, and found by the index however many there are."""

import pytest
import shapely

from catalog.database import connect, query
from catalog.lifecycle import borders
from etl.partition import GAP
from tests.conftest import clone

ACROSS, SIDE, STEP = 16, 4000, 20
PLACES = [(column, row) for column in range(ACROSS) for row in range(ACROSS)]
CODES = {(column, row): f"85{1 + column * ACROSS + row:03}" for column, row in PLACES}
AROUND = [(-1, 0), (1, 0), (0, -1), (0, 1)]
CORNERS = [(-1, -1), (-1, 1), (1, -1), (1, 1)]
LIMITS = "INSERT INTO admin.limites SELECT %s, public.ST_GeomFromWKB(%s, 2154)"
COMMUNES = (
    "INSERT INTO cadastre.communes (id, commune, unite, edition, feature, geom)"
    " SELECT commune, commune, 'u', '2026-01-01', '', geom FROM admin.limites"
)


def near(place, steps):
    """The communes that lie some steps from a place."""
    return {CODES[spot] for dx, dy in steps if (spot := (place[0] + dx, place[1] + dy)) in CODES}


@pytest.fixture(scope="module")
def grid(cluster, template):
    """Squares of four kilometres and 800 points, as many as a département has communes."""
    squares = [shapely.box(SIDE * x, SIDE * y, SIDE * (x + 1), SIDE * (y + 1)) for x, y in PLACES]
    placed = shapely.transform(shapely.segmentize(squares, STEP), lambda points: points + (300_000, 6_600_000))
    with clone(cluster, template) as own, connect(own, "admin") as admin:
        lines = zip(CODES.values(), map(shapely.to_wkb, shapely.multipolygons([[one] for one in placed])), strict=True)
        admin.cursor().executemany(LIMITS, list(lines))
        admin.execute(COMMUNES)
        admin.execute("ANALYZE admin.limites, cadastre.communes")
        yield admin


def plan(connection, statement, parameters):
    """Every node of the plan of a statement as it was executed."""
    ((tree,),) = connection.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}", parameters).fetchone()
    waiting = [tree["Plan"]]
    while waiting:
        node = waiting.pop()
        waiting += node.get("Plans", [])
        yield node


def looked_at(connection, statement, parameters):
    """How many rows of the tables were looked at, whether they were kept or not."""
    nodes = [node for node in plan(connection, statement, parameters) if "Relation Name" in node]
    kept = ("Actual Rows", "Rows Removed by Filter", "Rows Removed by Index Recheck")
    return sum(node["Actual Loops"] * sum(node.get(name, 0) for name in kept) for node in nodes)


@pytest.mark.parametrize("some", [1, len(PLACES)])
def test_a_side_in_common_is_a_border_and_a_corner_is_not(grid, some):
    wanted = dict(list(zip(CODES.values(), PLACES, strict=True))[-some:])
    assert borders(grid, wanted) == {code: near(place, AROUND) for code, place in wanted.items()}


@pytest.mark.parametrize("some", [1, len(PLACES)])
def test_each_commune_is_compared_with_those_around_it_alone(grid, some):
    most = some * (1 + len(AROUND + CORNERS) + 1) + 1  # itself, and what its box touches, itself again
    assert looked_at(grid, query("borders"), [list(CODES.values())[:some]]) <= most


def test_who_is_rebuilt_with_a_commune_is_found_among_those_around_it(grid):
    place = (ACROSS // 2, ACROSS // 2)
    values = {"commune": CODES[place], "distance": 2 * GAP}
    statement = query("neighbours_of", package="etl")
    found = {code for code, _ in grid.execute(statement, values)}
    assert found == {CODES[place]} | near(place, AROUND + CORNERS)
    assert looked_at(grid, statement, values) <= 2 * len(found)
