"""The invented world: neighbours share their limits, nothing overlaps, and the awkward cases are there."""

import re
from collections import Counter

import pytest
import shapely

from data_samples.model import World
from data_samples.territory import make_world

STAR_EAU_CODE = re.compile(r"^([013-9]\d|2[AB1-9])\d{3}$")
SQUARE_MILLIMETRE = 1e-6


def test_the_same_seed_gives_the_same_world_and_another_seed_another(world):
    assert make_world() == world
    assert make_world(seed=1).parcelles[0] != world.parcelles[0]


@pytest.mark.parametrize("communes", [1, 2, 3, 5, 9])
def test_any_number_of_communes_can_be_made(communes):
    world = make_world(seed=communes, communes=communes, parcels_per_commune=150)
    assert len({one.code for one in world.communes}) == len({one.name for one in world.communes}) == communes
    assert all(one.geometry.is_valid for one in [*world.communes, *world.sections, *world.feuilles])


def test_a_number_of_communes_without_codes_is_refused():
    with pytest.raises(ValueError, match="between 1 and 99"):
        make_world(communes=100)


def test_the_number_of_parcels_follows_what_is_asked():
    few, many = (make_world(parcels_per_commune=number).parcelles for number in (150, 400))
    assert 450 < len(few) < 900 < 1_200 < len(many) < 2_000


def test_codes_and_ids_have_the_published_lengths(world):
    assert all(STAR_EAU_CODE.match(one.code) for one in world.communes)
    for objects, length in ((world.sections, 10), (world.feuilles, 12), (world.parcelles, 14)):
        assert {len(one.id) for one in objects} == {length}
        assert len({one.id for one in objects}) == len(objects)


def test_a_parcel_s_id_is_made_of_its_parts(world):
    for one in world.parcelles:
        assert one.id == one.commune + one.prefixe + one.section + one.numero
        assert one.sheet.startswith(one.id[:10])


def test_object_numbers_are_never_given_twice(world):
    kinds = (
        world.communes, world.sections, world.feuilles, world.parcelles, world.batiments, world.lieux_dits,
        world.subdivisions_fiscales, world.routes, world.cours_eau, world.details,
    )  # fmt: skip
    numbers = Counter(one.rid for kind in kinds for one in kind)
    assert max(numbers.values()) == 1


def test_every_geometry_is_valid_and_on_whole_centimetres(world):
    surfaces = (*world.communes, *world.batiments, *world.routes, *world.subdivisions_fiscales)
    assert {one.geometry.geom_type for one in surfaces} == {"Polygon"}
    for one in (*surfaces, *world.parcelles, *world.details):
        points = shapely.get_coordinates(one.geometry)
        assert one.geometry.is_valid
        assert (points.round(2) == points).all()


def test_parcels_roads_and_river_fill_each_sheet_without_overlapping(world):
    for sheet in world.feuilles:
        parts = [one.geometry for kind in (world.parcelles, world.routes, world.cours_eau)
                 for one in world.of_sheet(sheet.id, kind)]  # fmt: skip
        assert _fill(sheet.geometry, parts)


def test_sheets_fill_their_section_and_sections_their_commune(world):
    for section in world.sections:
        assert _fill(section.geometry, [one.geometry for one in world.feuilles if one.id[:10] == section.id])
    for commune in world.communes:
        assert _fill(commune.geometry, [one.geometry for one in world.sections if one.commune == commune.code])


def test_neighbouring_parcels_share_their_vertices(world):
    """A vertex that lies on a neighbour's side is a vertex of the neighbour: else rounding opens gaps."""
    parcelles = [one.geometry for one in world.parcelles]
    tree = shapely.STRtree(parcelles)
    left, right = tree.query(parcelles, predicate="intersects")
    for a, b in zip(left[left < right], right[left < right], strict=True):
        assert shapely.area(shapely.intersection(parcelles[a], parcelles[b])) == 0
        touching = [point for point in shapely.points(shapely.get_coordinates(parcelles[a]))
                    if parcelles[b].distance(point) < 0.005]  # fmt: skip
        vertices = {tuple(point) for point in shapely.get_coordinates(parcelles[b])}
        assert all((point.x, point.y) in vertices for point in touching)


def test_communes_share_irregular_limits_and_leave_no_gap(world):
    geometries = [one.geometry for one in world.communes]
    whole = shapely.union_all(geometries)
    assert whole.geom_type == "Polygon"
    assert not whole.interiors
    assert whole.area == pytest.approx(sum(one.area for one in geometries), abs=SQUARE_MILLIMETRE)
    limit = geometries[0].intersection(geometries[1])
    assert shapely.get_num_coordinates(limit) > 20


def test_a_parcel_touches_three_communes_and_belongs_to_one(world):
    for point in world.triple_points:
        at_point = [one for one in world.parcelles if one.geometry.distance(point) == 0]
        assert len({one.commune for one in at_point}) == 3
        assert any(
            sum(one.geometry.boundary.intersection(other.geometry).length > 1 for other in world.communes
                if other.code != one.commune) == 2
            for one in at_point
        )  # fmt: skip


def test_some_parcels_have_a_hole_that_another_parcel_fills(world):
    parts = [part for one in world.parcelles for part in shapely.get_parts(one.geometry)]
    holes = [shapely.Polygon(ring) for part in parts for ring in part.interiors]
    assert holes
    for hole in holes:
        assert any(other.geometry.equals(hole) for other in world.parcelles)


def test_buildings_stand_inside_one_parcel_of_their_sheet(world):
    for one in world.batiments:
        homes = [parcel.id for parcel in world.of_sheet(one.sheet, world.parcelles)
                 if parcel.geometry.contains(one.geometry)]  # fmt: skip
        assert one.parcelles == tuple(homes)
        assert len(homes) == 1
        assert one.id == f"{one.sheet}-{one.rid}"


def test_tax_subdivisions_fill_their_parcel(world):
    parcelles = {one.id: one for one in world.parcelles}
    by_parcel = Counter(one.parcelle for one in world.subdivisions_fiscales)
    assert set(by_parcel.values()) == {2}
    for parcelle in by_parcel:
        parts = [one.geometry for one in world.subdivisions_fiscales if one.parcelle == parcelle]
        assert _fill(parcelles[parcelle].geometry, parts)


def test_named_places_fill_each_sheet_and_some_lie_in_several(world):
    for sheet in world.feuilles:
        assert _fill(sheet.geometry, [one.geometry for one in world.of_sheet(sheet.id, world.lieux_dits)])
    sheets = Counter((one.commune, one.nom) for one in world.lieux_dits)
    assert max(sheets.values()) > 1


def test_declared_areas_are_near_the_real_ones_but_for_a_few(world):
    known = [one for one in world.parcelles if one.contenance is not None]
    far = [one for one in known if abs(one.contenance / one.geometry.area - 1) > 0.1]
    assert 0 < len(world.parcelles) - len(known) < 0.02 * len(world.parcelles)
    assert 0 < len(far) < 0.05 * len(world.parcelles)


def test_pipes_cross_limits_run_along_one_and_stay_in_the_territory(world):
    whole = shapely.union_all([one.geometry for one in world.communes]).buffer(0.01)
    crossing = [one for one in world.canalisations if _communes_of(world, one.geometry) > 1]
    along = [one for one in world.canalisations if one.along_border]
    assert len(crossing) > 10
    assert along
    assert all(whole.covers(one.geometry) for one in world.canalisations)
    limits = shapely.union_all([one.geometry.boundary for one in world.communes])
    assert all(limits.covers(one.geometry) for one in along)


def test_a_pipe_passes_through_each_point_where_three_communes_meet(world):
    for point in world.triple_points:
        assert any(point.coords[0] in one.geometry.coords for one in world.canalisations)


def test_names_have_the_accents_that_break_encodings(world):
    assert any("é" in one.name for one in world.communes)
    assert any("É" in one.nom for one in world.lieux_dits)


def _fill(whole: shapely.Polygon, parts: list[shapely.Polygon]) -> bool:
    """Say whether parts make the whole and nowhere overlap."""
    union = shapely.union_all(parts)
    total = sum(part.area for part in parts)
    return abs(total - union.area) + shapely.symmetric_difference(union, whole).area < SQUARE_MILLIMETRE


def _communes_of(world: World, line: shapely.LineString) -> int:
    return sum(one.geometry.intersection(line).length > 1 for one in world.communes)
