"""The squared paper and the bent ground: blocks, what runs between them, fields and lots."""

from random import Random

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from data_samples.lattice import STEP, Ground
from data_samples.names import commune_names
from data_samples.plan import RIVER, ROAD, components, make_plan, runs, sides_of
from data_samples.plots import fields, lots

SEEDS = st.integers(0, 10_000)
SIDES = st.integers(40, 66)


@given(SEEDS, st.integers(1, 12))
def test_every_commune_hangs_together(seed, communes):
    plan = make_plan(Random(seed), communes, 200)
    for owner in range(communes):
        assert len(components(plan.cells_of(owner))) == 1


@given(SEEDS, st.integers(3, 12))
def test_no_road_runs_to_a_point_where_three_communes_meet(seed, communes):
    plan = make_plan(Random(seed), communes, 200)
    assert plan.triple_points
    for corner in plan.triple_points:
        assert all(width != ROAD for side, width in plan.sides.items() if corner in side)


@given(SEEDS)
def test_a_town_has_roads_or_the_river_all_around_but_at_points_of_three(seed):
    plan = make_plan(Random(seed), 4, 300)
    for cell in plan.urban:
        for side in sides_of(cell):
            bare = set(side) & set(plan.triple_points) or _on_the_edge(plan, side)
            assert plan.sides[side] or bare


def test_the_river_runs_from_one_edge_of_the_paper_to_the_other():
    plan = make_plan(Random(1), 4, 200)
    assert len(runs(plan.sides, RIVER)[0]) == len(plan.rows)
    assert plan.river().bounds[1::2] == (0, plan.rows[-1])


def test_runs_are_straight_and_longest_first():
    found = runs(make_plan(Random(1), 4, 200).sides, ROAD)
    assert [len(run) for run in found] == sorted((len(run) for run in found), reverse=True)
    assert all(len({i for i, _ in run}) == 1 or len({j for _, j in run}) == 1 for run in found)


@given(st.sets(st.tuples(st.integers(0, 5), st.integers(0, 5))))
def test_components_are_a_partition_of_the_blocks(cells):
    parts = components(cells)
    assert sorted(cell for part in parts for cell in part) == sorted(cells)
    assert all(
        abs(a[0] - b[0]) + abs(a[1] - b[1]) > 1 for p in parts for q in parts if p is not q for a in p for b in q
    )


@given(SEEDS, SIDES, SIDES, st.integers(1, 12))
def test_fields_fill_their_block(seed, width, height, count):
    block = shapely.box(10, 20, 10 + width, 20 + height)
    parts = fields(Random(seed), block, count)
    assert all(part.is_valid and part.geom_type == "Polygon" for part in parts)
    assert sum(part.area for part in parts) == shapely.union_all(parts).area == block.area


@given(SEEDS, SIDES, SIDES)
def test_lots_lie_in_their_block_apart_and_leave_the_streets(seed, width, height):
    block = shapely.box(10, 20, 10 + width, 20 + height)
    parts = lots(Random(seed), block)
    union = shapely.union_all(parts)
    assert sum(part.area for part in parts) == union.area < block.area
    assert block.covers(union)
    assert min(min(u1 - u0, v1 - v0) for u0, v0, u1, v1 in (part.bounds for part in parts)) >= 3


@given(SEEDS)
def test_neighbours_on_paper_are_neighbours_on_the_ground(seed):
    west, north, south = shapely.box(0, 0, 20, 30), shapely.box(20, 13, 50, 30), shapely.box(20, 0, 50, 13)
    ground = Ground(seed, [west, north, south])
    shapes = [ground.polygon(shape) for shape in (west, north, south)]
    assert all(shape.is_valid for shape in shapes)
    assert shapely.union_all(shapes).area == pytest.approx(sum(shape.area for shape in shapes), abs=1e-6)
    assert ground.place((20, 13)) in [*shapes[0].exterior.coords]


def test_long_sides_bend_and_a_line_follows_the_sides_beneath_it():
    shape = shapely.box(0, 0, 4 * STEP, 10)
    ground = Ground(1, [shape])
    line = ground.line([(0, 0), (4 * STEP, 0)])
    assert len(line.coords) == 5
    assert ground.polygon(shape).boundary.covers(line)


def test_names_of_communes_are_all_different():
    names = commune_names(50)
    assert len(set(names)) == 50


def _on_the_edge(plan, side) -> bool:
    last = len(plan.columns) - 1, len(plan.rows) - 1
    return any({corner[axis] for corner in side} in ({0}, {last[axis]}) for axis in (0, 1))
