"""The sheet of a plan: the largest scale at which a parcel fits, and where a point of the ground is on paper."""

import math

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from services.plan import AIR, SCALES, Sheet, choose_sheet, read_scale
from services.plan_drawing import beside
from services.plan_signs import hatches
from services.plan_text import area, parcel_number

X, Y = 360000.0, 6630000.0


@pytest.mark.parametrize("scale", SCALES)
@pytest.mark.parametrize("landscape", [False, True])
def test_a_distance_on_the_ground_is_the_scale_times_shorter_on_paper(scale, landscape):
    sheet = Sheet(scale, landscape, (X, Y))
    here, there = sheet.paper(X, Y), sheet.paper(X + 60, Y + 80)
    assert math.dist(here, there) == pytest.approx(100_000 / scale, abs=1e-6)


def test_the_parcel_is_in_the_middle_of_the_frame():
    sheet = choose_sheet((X, Y, X + 20, Y + 30))
    left, bottom, right, top = sheet.frame
    assert sheet.paper(X + 10, Y + 15) == pytest.approx(((left + right) / 2, (bottom + top) / 2))


def test_a_small_parcel_is_drawn_at_the_largest_scale():
    assert choose_sheet((X, Y, X + 5, Y + 5)).scale == SCALES[0]


def test_a_wide_parcel_lies_on_a_sheet_on_its_side():
    assert choose_sheet((X, Y, X + 250, Y + 20)).landscape
    assert not choose_sheet((X, Y, X + 20, Y + 190)).landscape


def test_what_fits_no_sheet_is_drawn_at_the_smallest_scale():
    assert choose_sheet((X, Y, X + 9000, Y + 20)) == Sheet(SCALES[-1], True, (X + 4500, Y + 10))


@given(st.floats(0.5, 1500), st.floats(0.5, 1500))
def test_the_chosen_scale_is_the_largest_that_fits(width, height):
    box = (X, Y, X + width, Y + height)
    sheet = choose_sheet(box)
    if sheet.fits(box):
        larger = [scale for scale in SCALES if scale < sheet.scale]
        assert not any(Sheet(scale, side, sheet.centre).fits(box) for scale in larger for side in (False, True))
    else:
        assert sheet.scale == SCALES[-1]


def test_there_is_air_around_the_parcel_for_its_neighbours():
    box = (X, Y, X + 40, Y + 60)
    sheet = choose_sheet(box)
    left, bottom, right, top = sheet.frame
    west, south = sheet.paper(*box[:2])
    east, north = sheet.paper(*box[2:])
    assert min(west - left, south - bottom, right - east, top - north) >= AIR - 1e-6


@pytest.mark.parametrize(("value", "scale"), [(None, None), (500, 500), ("500", 500), (5000, 5000)])
def test_a_scale_is_given_by_the_number_below_the_line(value, scale):
    assert read_scale(value) == scale


def test_numbers_and_areas_are_written_as_plans_write_them():
    assert (parcel_number("0012"), parcel_number(None)) == ("12", "")
    assert (area(None), area(645), area(1234567)) == ("non renseignée", "645 m²", "1\xa0234\xa0567 m²")


@given(st.floats(0, 200), st.floats(0, 200), st.floats(0.5, 30), st.floats(0.5, 30))
def test_hatches_lie_within_what_they_fill_and_are_so_far_apart(x, y, width, height):
    shape = shapely.box(x, y, x + width, y + height)
    lines = hatches(shape, 1.5)
    assert all(shape.buffer(1e-6).covers(line) for line in lines)
    heights = {round(b - a, 6) for line in lines for a, b in line.coords}
    assert all(round(value / 1.5, 4).is_integer() for value in heights)
    assert abs(len(lines) - (width + height) / 1.5) <= 1


def test_hatches_leave_a_yard_free():
    yard = shapely.box(0, 0, 20, 20).difference(shapely.box(5, 5, 15, 15))
    assert not any(line.intersects(shapely.box(5.01, 5.01, 14.99, 14.99)) for line in hatches(yard, 1))


def test_a_name_is_written_beside_what_is_built_where_there_is_room():
    parcel, small, large = shapely.box(0, 0, 20, 20), shapely.box(0, 0, 10, 10), shapely.box(0, 0, 19, 19)
    assert beside(parcel, [small]).equals(parcel.difference(small))
    assert beside(parcel, [large]).equals(parcel)
    assert beside(parcel, [shapely.box(50, 50, 60, 60)]).equals(parcel)
