"""The smaller objects of the invented sheets: every class, in its place, tied to what it touches."""

from collections import Counter

import pytest
import shapely

from data_samples.edigeo_classes import CLASSES, MEANINGS
from data_samples.labels import labels
from data_samples.territory import make_world

EVERYWHERE = {"BORNE_id", "SYMBLIM_id", "NUMVOIE_id", "TLINE_id", "ZONCOMMUNI_id", "PTCANV_id", "CROIX_id", "BOULON_id"}


def test_every_sheet_has_some_of_each_class_and_no_crowd(world):
    for sheet in world.feuilles:
        found = Counter(one.class_ for one in world.of_sheet(sheet.id, world.details))
        assert found.keys() >= EVERYWHERE
        assert max(found.values()) <= 20
    drawn = {one.class_ for one in world.details} | {"TRONROUTE_id", "TRONFLUV_id"}
    assert CLASSES.keys() - drawn == {
        "BATIMENT_id", "COMMUNE_id", "LIEUDIT_id", "PARCELLE_id", "SECTION_id", "SUBDFISC_id", "SUBDSECT_id",
    }  # fmt: skip


@pytest.mark.parametrize("seed", [1, 2])
def test_another_world_has_them_too(seed):
    world = make_world(seed, communes=2, parcels_per_commune=60)
    assert len({one.class_ for one in world.details}) >= 10
    assert all(one.geometry.is_valid for one in world.details)


def test_details_lie_in_their_sheet_but_for_what_runs_along_its_limit(world):
    grounds = {sheet.id: sheet.geometry.buffer(5) for sheet in world.feuilles}
    for one in world.details:
        assert grounds[one.sheet].covers(one.geometry), one


def test_what_is_tied_to_parcels_touches_them(world):
    parcelles = {one.id: one.geometry for one in world.parcelles}
    tied = [one for one in world.details if one.parcelles]
    assert len(tied) > 500
    assert all(parcelles[id].distance(one.geometry) < 0.02 for one in tied for id in one.parcelles)


def test_signs_of_limits_lie_on_one_and_are_turned_as_it_or_square_to_it(world):
    parcelles = {one.id: one.geometry for one in world.parcelles}
    for one in (one for one in world.details if one.class_ == "SYMBLIM_id"):
        assert len(one.parcelles) == (2 if int(one.attributes["SYM"]) % 2 else 1)
        assert parcelles[one.parcelles[0]].boundary.distance(one.geometry) < 0.02


def test_pools_and_ponds_keep_off_buildings(world):
    built = shapely.STRtree([one.geometry for one in world.batiments])
    waters = [one.geometry for one in world.details if one.class_ == "TSURF_id"]
    assert built.query(waters, predicate="intersects").size == 0


def test_codes_are_in_the_dictionary(world):
    for one in world.details:
        for name, code in one.attributes.items():
            assert name not in MEANINGS or code in MEANINGS[name]


def test_some_objects_have_several_parts(world):
    parts = Counter(one.class_ for one in world.details if shapely.get_num_geometries(one.geometry) > 1)
    assert parts.keys() >= {"TSURF_id", "TLINE_id"}


def test_a_parcel_of_each_commune_is_crossed_by_a_way(world):
    crossed = [one for one in world.parcelles if one.geometry.geom_type == "MultiPolygon"]
    assert {one.commune for one in crossed} == {one.code for one in world.communes}
    for one in crossed:
        assert any(way.geometry.intersection(one.geometry).length > 2 for way in world.routes)
        assert one.contenance is None or abs(one.contenance / one.geometry.area - 1) < 0.3


def test_words_along_a_road_follow_one_another_on_its_bearing(world):
    from data_samples.edigeo import Lot

    sheet = world.feuilles[0]
    road = next(thing for thing in Lot(world, sheet).things if thing.class_ == "ZONCOMMUNI_id")
    first, second = labels(road, sheet.echelle)[:2]
    assert (first.attribute, second.attribute) == ("TEX", "TEX2")
    assert first.angle == second.angle
    assert not 90 < first.angle < 270
    assert shapely.Point(first.place).distance(road.geometry) < 3
