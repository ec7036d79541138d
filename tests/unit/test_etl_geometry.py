"""Geometries are checked, repaired or rejected with the reason, and nothing else happens."""

import math

import numpy as np
import pytest
import shapely

from catalog.errors import DeliveryError
from etl.geometry import (
    MAX_INVALID_VERTICES,
    check_line,
    check_polygon,
    from_wkb,
    only_polygons,
    transformed,
    usable_crs,
    within,
)

X, Y = 360_000, 6_630_000


def at_home(wkt: str) -> shapely.Geometry:
    """A geometry near the origin, moved into France."""
    return shapely.transform(shapely.from_wkt(wkt), lambda points: points + (X, Y))


def repair(wkb: bytes) -> bytes:
    """The repair itself, without its limits."""
    return shapely.to_wkb(shapely.make_valid(shapely.from_wkb(wkb), method="structure", keep_collapsed=False))


def forbidden(_wkb: bytes) -> bytes:
    """A repair that must not be asked for."""
    raise AssertionError("no repair was expected")


SPIKE = "POLYGON((0 0, 10 0, 10 10, 15 10, 10 10, 0 10, 0 0))"
BOW_TIE = "POLYGON((0 0, 10 10, 10 0, 0 10, 0 0))"


def test_a_valid_polygon_passes_as_several_parts() -> None:
    checked = check_polygon(at_home("POLYGON((0 0, 10 0, 10 10, 0 10, 0 0))"), forbidden)
    assert checked.geometry.geom_type == "MultiPolygon"
    assert checked.geometry.area == 100
    assert not checked.repaired


def test_a_spike_is_repaired_and_the_fault_is_told() -> None:
    checked = check_polygon(at_home(SPIKE), repair)
    assert checked.repaired
    assert checked.geometry.is_valid
    assert checked.geometry.area == pytest.approx(100)
    assert "anneau" in checked.fault or "contour" in checked.fault


def test_a_bow_tie_is_rejected_because_its_repair_would_change_the_area() -> None:
    checked = check_polygon(at_home(BOW_TIE), repair)
    assert checked.geometry is None
    assert "changerait la surface" in checked.fault
    assert f"{X + 5}" in checked.fault


def test_a_repair_that_takes_too_much_rejects_the_object() -> None:
    checked = check_polygon(at_home(SPIKE), lambda _wkb: None)
    assert checked.geometry is None
    assert "trop longue ou trop lourde" in checked.fault


def star(vertices: int) -> shapely.Geometry:
    """A ring that crosses itself at each of many vertices."""
    steps = np.arange(vertices)
    angle = steps * (2 * math.pi * (vertices // 2 - 1) / vertices)
    ring = np.column_stack([X + 100 * np.cos(angle), Y + 100 * np.sin(angle)])
    return shapely.Polygon(ring)


def test_an_invalid_ring_of_too_many_vertices_is_rejected_unrepaired() -> None:
    checked = check_polygon(star(MAX_INVALID_VERTICES + 1), forbidden)
    assert checked.geometry is None
    assert "non réparé" in checked.fault


def test_the_vertices_of_each_part_are_counted() -> None:
    several = shapely.MultiPolygon([shapely.box(X + 900, Y, X + 910, Y + 10), star(MAX_INVALID_VERTICES + 1)])
    assert "non réparé" in check_polygon(several, forbidden).fault
    spikes = shapely.MultiPolygon([at_home(SPIKE), shapely.box(X + 900, Y, X + 910, Y + 10)])
    assert check_polygon(spikes, repair).geometry.area == pytest.approx(200)


def test_a_valid_ring_of_many_vertices_passes() -> None:
    round_one = shapely.Point(X, Y).buffer(100, quad_segs=5_000)
    assert check_polygon(round_one, forbidden).geometry is not None


@pytest.mark.parametrize("wrong", [float("nan"), float("inf")])
def test_coordinates_that_are_no_numbers_are_rejected(wrong: float) -> None:
    with np.errstate(invalid="ignore"):
        geometry = shapely.Polygon([(X, Y), (X + 1, wrong), (X + 1, Y + 1), (X, Y)])
        checked = check_polygon(geometry, forbidden)
    assert checked.geometry is None
    assert "non numériques" in checked.fault


def test_coordinates_outside_france_are_rejected() -> None:
    checked = check_polygon(shapely.box(2, 48, 3, 49), forbidden)
    assert checked.geometry is None
    assert "hors de France" in checked.fault


@pytest.mark.parametrize("geometry", [None, shapely.from_wkt("POLYGON EMPTY")])
def test_an_absent_geometry_is_rejected(geometry: shapely.Geometry | None) -> None:
    assert check_polygon(geometry, forbidden).fault == "géométrie absente"


def test_a_line_is_not_taken_for_a_polygon_nor_the_reverse() -> None:
    line, polygon = at_home("LINESTRING(0 0, 1 1)"), at_home("POLYGON((0 0, 1 0, 1 1, 0 0))")
    assert "polygone est attendu" in check_polygon(line, forbidden).fault
    assert "ligne est attendue" in check_line(polygon).fault


def test_a_line_without_length_is_rejected() -> None:
    assert check_line(at_home("LINESTRING(0 0, 0 0)")).fault == "longueur nulle"


def test_a_line_passes_as_several_parts() -> None:
    assert check_line(at_home("LINESTRING(0 0, 3 4)")).geometry.geom_type == "MultiLineString"


def test_height_is_left_out_and_what_is_no_geometry_is_none() -> None:
    flat, broken, absent = from_wkb([shapely.to_wkb(shapely.Point(1, 2, 3)), b"\x01\x07nonsense", b""])
    assert not flat.has_z
    assert broken is None
    assert absent is None


def test_degrees_become_metres_and_the_same_system_moves_nothing() -> None:
    points = np.array([shapely.Point(3.0, 46.5)], dtype=object)
    (moved,) = transformed(points, usable_crs("EPSG:4326"))
    assert (moved.x, moved.y) == pytest.approx((700_000, 6_600_000), abs=0.01)
    assert transformed(points, usable_crs("EPSG:2154")) is points


@pytest.mark.parametrize("crs", [None, "EPSG:9999999", "nonsense", 'LOCAL_CS["Undefined Cartesian SRS",UNIT["m",1]]'])
def test_what_is_no_system_of_coordinates_is_refused(crs: str | None) -> None:
    with pytest.raises(DeliveryError, match="système de coordonnées"):
        usable_crs(crs)


def test_only_the_polygons_of_a_repair_are_kept() -> None:
    mixed = shapely.from_wkt(
        "GEOMETRYCOLLECTION(POINT(0 0), MULTIPOLYGON(((0 0, 1 0, 1 1, 0 0))), LINESTRING(0 0, 1 1))"
    )
    assert only_polygons(mixed).geom_type == "MultiPolygon"
    assert only_polygons(shapely.from_wkt("LINESTRING(0 0, 1 1)")) is None


def test_within_counts_every_coordinate() -> None:
    assert within(shapely.box(0, 0, 1, 1), (0, 0, 1, 1))
    assert not within(shapely.box(0, 0, 1, 1.5), (0, 0, 1, 1))
