"""Arcs and faces, and what two parts of a parcel share with its neighbours."""

import shapely
from hypothesis import given
from hypothesis import strategies as st

from data_samples.cutting import cut_in_two
from data_samples.topology import OUTSIDE, arcs, rings

SQUARE = shapely.box(0, 0, 2, 2)


def test_a_face_alone_has_one_closed_arc_with_the_face_on_its_left_or_right():
    (arc,) = arcs({1: SQUARE})
    assert arc.points[0] == arc.points[-1]
    assert {arc.left, arc.right} == {1, OUTSIDE}


def test_two_neighbours_share_one_arc_that_has_both():
    lines = arcs({1: SQUARE, 2: shapely.box(2, 0, 4, 2)})
    assert len(lines) == 3
    assert [{arc.left, arc.right} for arc in lines].count({1, 2}) == 1


def test_an_enclave_is_an_arc_between_the_two_faces():
    around = shapely.box(-1, -1, 3, 3).difference(SQUARE)
    assert {frozenset((arc.left, arc.right)) for arc in arcs({1: around, 2: SQUARE})} == {
        frozenset((1, OUTSIDE)),
        frozenset((1, 2)),
    }


def test_faces_that_touch_at_a_corner_only_get_a_node_there():
    lines = arcs({1: SQUARE, 2: shapely.box(2, 2, 4, 4)})
    assert all((2, 2) in (arc.points[0], arc.points[-1]) for arc in lines)


def test_rings_have_the_inside_on_their_left():
    around = shapely.box(-1, -1, 3, 3).difference(SQUARE)
    exterior, hole = (shapely.LinearRing(ring) for ring in rings(around))
    assert exterior.is_ccw
    assert not hole.is_ccw


@given(st.sets(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=1))
def test_arcs_walked_around_a_face_give_the_face_back(cells):
    faces = {number: shapely.box(i, j, i + 1, j + 1) for number, (i, j) in enumerate(sorted(cells), 1)}
    lines = arcs(faces)
    for number, face in faces.items():
        around = [shapely.LineString(arc.points) for arc in lines if (arc.left == number) != (arc.right == number)]
        assert shapely.polygonize(around).geoms[0].equals(face)


@given(st.sets(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=1))
def test_every_edge_is_in_exactly_one_arc(cells):
    faces = {number: shapely.box(i, j, i + 1, j + 1) for number, (i, j) in enumerate(sorted(cells), 1)}
    edges = [frozenset(pair) for arc in arcs(faces) for pair in zip(arc.points, arc.points[1:], strict=False)]
    wanted = {frozenset(pair) for face in faces.values() for ring in rings(face)
              for pair in zip(ring, ring[1:], strict=False)}  # fmt: skip
    assert sorted(map(sorted, edges)) == sorted(map(sorted, wanted))


def test_a_polygon_is_cut_in_two_halves_between_its_own_vertices():
    ring = shapely.Polygon([(0, 0), (2, 0), (4, 0), (4, 2), (2, 2), (0, 2)])
    first, second = cut_in_two(ring)
    assert first.area == second.area == 4
    assert {*first.exterior.coords, *second.exterior.coords} == set(ring.exterior.coords)


def test_what_has_a_hole_or_three_corners_is_not_cut():
    assert cut_in_two(shapely.box(-1, -1, 3, 3).difference(SQUARE)) == ()
    assert cut_in_two(shapely.Polygon([(0, 0), (1, 0), (0, 1)])) == ()
