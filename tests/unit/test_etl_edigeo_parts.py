"""What GDAL gives of an object is compared with its faces, arcs and nodes in the text."""

import pytest
import shapely

from etl.edigeo_parts import compare
from etl.edigeo_text import Shapes

FIRST, SECOND = shapely.box(0, 0, 10, 10), shapely.box(20, 0, 30, 10)
HOLE = shapely.box(2, 2, 4, 4)
BOTH = shapely.MultiPolygon([FIRST, SECOND])


def ring(polygon: shapely.Polygon) -> list[tuple[float, float]]:
    return [(x, y) for x, y in polygon.exterior.coords]


@pytest.fixture
def shapes() -> Shapes:
    """An object of two faces, one with a hole; a line of two arcs; a point."""
    return Shapes(
        arcs={"A": ring(FIRST), "B": ring(SECOND), "H": ring(HOLE), "L": [(0, 0), (5, 0)], "M": [(9, 0), (9, 7)]},
        sides={"F": ["A", "H"], "G": ["B"]},
        made_of={
            "two": [("PFE", "F"), ("PFE", "G")],
            "line": [("PAR", "L"), ("PAR", "M")],
            "point": [("PNO", "N")],
        },
    )


def test_an_object_that_is_whole_is_left_as_it_is(shapes: Shapes) -> None:
    whole = shapely.MultiPolygon([FIRST.difference(HOLE), SECOND])
    assert compare("two", whole, shapes).geometry is whole
    assert compare("two", whole, shapes).fault is None


@pytest.mark.parametrize("short", [FIRST, FIRST.difference(HOLE), SECOND, BOTH])
def test_a_face_or_a_hole_that_gdal_lost_is_found_again_in_the_text(short: shapely.Geometry, shapes: Shapes) -> None:
    compared = compare("two", short, shapes)
    assert compared.completed
    assert compared.geometry.equals(BOTH.difference(HOLE))
    assert "complété d'après le texte : 88.00 m" in compared.fault


def test_an_arc_that_gdal_lost_of_a_line_is_found_again(shapes: Shapes) -> None:
    compared = compare("line", shapely.LineString([(0, 0), (5, 0)]), shapes)
    assert (compared.geometry.length, compared.completed) == (12, True)


def test_what_the_text_cannot_complete_is_rejected_with_both_lengths(shapes: Shapes) -> None:
    shapes.arcs["B"] = [(20, 0), (30, 0), (30, 10)]  # it no longer closes
    compared = compare("two", FIRST.difference(HOLE), shapes)
    assert compared.geometry is None
    assert "68.00 m de contour dans le texte, 48.00 rendus" in compared.fault


def test_an_arc_without_numbers_is_rejected(shapes: Shapes) -> None:
    shapes.arcs["B"] = [(20, 0), (float("nan"), 0), (20, 0)]
    assert "illisibles" in str(compare("two", FIRST, shapes).fault)


def test_a_limit_between_two_faces_of_one_object_is_no_outline(shapes: Shapes) -> None:
    shapes.sides = {"F": ["A", "X"], "G": ["B", "X"]}
    shapes.arcs["X"] = [(10, 0), (20, 0)]
    assert compare("two", BOTH, shapes).fault is None


def test_points_are_counted(shapes: Shapes) -> None:
    assert compare("point", shapely.Point(1, 1), shapes).fault is None
    shapes.made_of["point"].append(("PNO", "O"))
    assert compare("point", shapely.Point(1, 1), shapes).fault == "2 points dans le texte, 1 lus"
