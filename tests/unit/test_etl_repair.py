"""Polygons are repaired by a child that never takes more than it may."""

import math
import time
from collections.abc import Iterator

import numpy as np
import pytest
import shapely

from etl.repair import Repairer

BOW_TIE = shapely.to_wkb(shapely.from_wkt("POLYGON((0 0, 10 10, 10 0, 0 10, 0 0))"))


def star(vertices: int) -> bytes:
    """A ring that crosses itself at each of many vertices."""
    steps = np.arange(vertices) * (math.tau * (vertices // 2 - 1) / vertices)
    return shapely.to_wkb(shapely.Polygon(np.column_stack([np.cos(steps), np.sin(steps)])))


@pytest.fixture
def repair() -> Iterator[Repairer]:
    with Repairer() as own:
        yield own


def test_a_polygon_is_repaired(repair: Repairer) -> None:
    assert shapely.from_wkb(repair(BOW_TIE)).area == pytest.approx(50)


def test_one_child_repairs_many(repair: Repairer) -> None:
    repair(BOW_TIE)
    first = repair.process.pid
    assert all(repair(BOW_TIE) for _ in range(50))
    assert repair.process.pid == first


def test_what_takes_too_long_is_given_up_and_the_next_is_repaired(repair: Repairer) -> None:
    repair(BOW_TIE)
    repair.seconds = 0.2
    begin = time.monotonic()
    assert repair(star(5_001)) is None
    assert time.monotonic() - begin < 5
    repair.seconds = 10
    assert repair(BOW_TIE)


def test_what_takes_too_much_memory_is_given_up() -> None:
    with Repairer(seconds=30, memory=2**20) as narrow:
        assert narrow(star(2_001)) is None


def test_what_is_no_polygon_is_given_up(repair: Repairer) -> None:
    assert repair(b"nonsense") is None
    assert repair(BOW_TIE)


def test_its_child_ends_with_it() -> None:
    with Repairer() as own:
        own(BOW_TIE)
        process = own.process
    assert process.returncode is not None
    assert own.process is None
