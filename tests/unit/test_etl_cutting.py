"""What has no commune is cut along the communes, and nothing is lost on the way."""

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from etl.cutting import Partition
from etl.partition import limit

WEST, EAST, SOUTH = shapely.box(0, 0, 100, 100), shapely.box(100, 0, 200, 100), shapely.box(0, -100, 200, 0)
LIMITS = {"85901": WEST, "85902": EAST, "85903": SOUTH}


@pytest.fixture
def partition() -> Partition:
    return Partition(LIMITS)


def line(*points: tuple[float, float]) -> shapely.Geometry:
    return shapely.MultiLineString([points])


def test_an_object_in_one_commune_stays_whole(partition: Partition) -> None:
    whole = line((10, 10), (20, 20))
    assert partition.cut(whole).pieces == {"85901": whole}


def test_a_pipe_that_crosses_a_border_has_a_piece_on_each_side(partition: Partition) -> None:
    pieces = partition.cut(line((50, 50), (150, 50))).pieces
    assert {code: piece.length for code, piece in pieces.items()} == {"85901": 50, "85902": 50}


def test_a_pipe_along_a_border_is_in_one_commune_only(partition: Partition) -> None:
    cut = partition.cut(line((100, 10), (100, 60)))
    assert {code: piece.length for code, piece in cut.pieces.items()} == {"85901": 50}
    assert cut.outside == 0


def test_a_pipe_that_ends_on_a_border_has_no_piece_behind_it(partition: Partition) -> None:
    assert set(partition.cut(line((50, 50), (100, 50))).pieces) == {"85901"}


def test_hairs_between_two_limits_are_not_lost() -> None:
    apart = Partition({"1": shapely.box(0, 0, 99.9995, 100), "2": shapely.box(100.0005, 0, 200, 100)})
    cut = apart.cut(line((50, 50), (150, 50), (150, 60), (50, 60)))
    assert cut.outside == 0
    assert sum(piece.length for piece in cut.pieces.values()) == pytest.approx(210, abs=1e-9)


def test_what_lies_outside_is_measured(partition: Partition) -> None:
    cut = partition.cut(line((50, 50), (50, 130)))
    assert cut.outside == pytest.approx(30)
    assert partition.cut(line((500, 500), (510, 500))).pieces == {}


coordinate = st.floats(0, 200).map(lambda value: round(value, 2))
points = st.lists(st.tuples(coordinate, coordinate.map(lambda y: y - 100)), min_size=2, max_size=12)


@given(points)
def test_the_lengths_of_the_pieces_add_up_to_the_whole_within_a_millimetre(path: list[tuple[float, float]]) -> None:
    whole = line(*path)
    cut = Partition(LIMITS).cut(whole)
    assert sum(piece.length for piece in cut.pieces.values()) + cut.outside == pytest.approx(whole.length, abs=0.001)


def test_a_footprint_is_cut_by_its_area(partition: Partition) -> None:
    cut = partition.cut(shapely.MultiPolygon([shapely.box(90, -10, 110, 10)]))
    assert {code: piece.area for code, piece in cut.pieces.items()} == {"85901": 100, "85902": 100, "85903": 200}


def divide(communes: dict[str, shapely.Geometry]) -> dict[str, shapely.Geometry]:
    return {code: limit(code, communes) for code in communes}


def test_communes_that_overlap_are_divided_without_overlap() -> None:
    parts = divide({"1": shapely.box(0, 0, 110, 100), "2": shapely.box(100, 0, 200, 100)})
    assert parts["1"].intersection(parts["2"]).area == 0
    assert parts["1"].area == 110 * 100


def test_a_narrow_gap_is_divided_among_its_neighbours_and_nothing_of_it_is_left() -> None:
    parts = divide({"1": shapely.box(0, 0, 100, 100), "2": shapely.box(106, 0, 200, 100)})
    assert parts["1"].union(parts["2"]).area == pytest.approx(200 * 100, abs=1)
    assert parts["1"].intersection(parts["2"]).area == pytest.approx(0, abs=0.1)


def test_ground_goes_to_the_nearest() -> None:
    parts = divide({"1": shapely.box(0, 0, 100, 100), "2": shapely.box(112, 0, 200, 100)})
    assert parts["1"].contains(shapely.Point(102, 50))
    assert parts["2"].contains(shapely.Point(110, 50))


def test_wide_ground_between_communes_stays_nobodys() -> None:
    parts = divide({"1": shapely.box(0, 0, 100, 100), "2": shapely.box(150, 0, 200, 100)})
    assert sum(part.area for part in parts.values()) == pytest.approx(15_000)


def test_a_commune_alone_is_itself() -> None:
    assert divide({"1": shapely.MultiPolygon([WEST])})["1"].equals(WEST)


def test_a_commune_that_another_covers_has_no_ground() -> None:
    assert limit("2", {"1": WEST, "2": shapely.box(10, 10, 20, 20)}) is None


def test_a_limit_does_not_depend_on_communes_further_away() -> None:
    row = {str(number): shapely.box(number * 1000, 0, number * 1000 + 994, 900) for number in range(6)}
    near = {code: row[code] for code in ("1", "2", "3")}
    assert limit("2", near).equals_exact(limit("2", row), 1e-9)


def test_however_uneven_the_borders_the_parts_hold_all_ground_once() -> None:
    chance = np.random.default_rng(5)
    cells = [shapely.box(x, y, x + 500, y + 500) for x in range(0, 1500, 500) for y in range(0, 1500, 500)]
    uneven = {str(number): cell.buffer(chance.uniform(-5, 5)) for number, cell in enumerate(cells)}
    parts = list(divide(uneven).values())
    whole = shapely.union_all(parts)
    assert sum(part.area for part in parts) == pytest.approx(whole.area, abs=0.5)
    assert shapely.difference(shapely.box(10, 10, 1490, 1490), whole).area == pytest.approx(0, abs=0.5)
    assert all(part.is_valid for part in parts)
