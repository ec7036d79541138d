"""Where an installation is, and the codes of the lots that it takes."""

import math
from datetime import date

import pyproj
import pytest
import shapely

from catalog.errors import DeliveryError, SettingsError
from catalog.territories import TERRITORIES, installation, localised, territory_of
from data_samples.country import COUNTRIES
from etl import relsa
from etl.deliveries import Lot
from etl.elsewhere import refuse_elsewhere
from etl.etalab import LayerSource
from etl.geometry import accuracy, transformed, usable_crs, with_grids
from etl.legal_persons import check_name
from etl.sources import Options
from services.pygeoapi_config import FRANCE, around
from services.tile_grid import Tile

CODES = [(srid, code, epsg) for srid, codes in relsa.SYSTEMS.items() for code, epsg in codes.items()]
TWINS = {"UTM20W84GUAD": "UTM20W84MART"}  # the register that comes with PROJ lacks the first


@pytest.mark.parametrize(("srid", "code", "epsg"), CODES, ids=[code for _, code, _ in CODES])
def test_a_code_of_the_lots_is_the_same_system_in_the_registers_of_the_ign_and_of_the_epsg(srid, code, epsg):
    west, south, east, north = TERRITORIES[srid].ground
    x, y = (west + east) / 2, (south + north) / 2
    there = pyproj.Transformer.from_crs(srid, epsg, always_xy=True).transform(x, y)
    moved = pyproj.Transformer.from_crs(f"IGNF:{TWINS.get(code, code)}", epsg, always_xy=True).transform(*there)
    assert moved == pytest.approx(there, abs=0.01)


@pytest.mark.parametrize("one", TERRITORIES.values(), ids=lambda one: one.name)
def test_the_ground_of_a_territory_lies_within_its_degrees(one):
    west, south, east, north = one.degrees
    box = pyproj.Transformer.from_crs(one.srid, 4326, always_xy=True).transform_bounds(*one.ground)
    assert west <= box[0] < box[2] <= east
    assert south <= box[1] < box[3] <= north


def test_without_setting_it_is_metropolitan_france():
    assert installation({}).name == "France métropolitaine"
    assert installation({"GEOSOCLE_SRID": "2975"}).name == "La Réunion"


@pytest.mark.parametrize("value", ["3857", "x", "-2154", "2154.0"])
def test_a_system_of_no_territory_is_refused_with_those_there_are(value):
    with pytest.raises(SettingsError, match=r"5490 \(Guadeloupe et Martinique\)"):
        installation({"GEOSOCLE_SRID": value})


def test_a_lot_of_another_territory_is_refused_naming_both(monkeypatch):
    with pytest.raises(DeliveryError, match=r"autre territoire : GUAD48UTM20 \(Guadeloupe et Martinique\).*métropol"):
        relsa.system("GUAD48UTM20", "lot")
    monkeypatch.setenv("GEOSOCLE_SRID", "5490")
    assert relsa.system("GUAD48UTM20", "lot") == "EPSG:2970"
    with pytest.raises(DeliveryError, match="autre territoire : LAMB93"):
        relsa.system("LAMB93", "lot")


def test_statements_speak_of_the_installation_s_own_system(monkeypatch):
    assert localised("geometry(Point, 2154)") == "geometry(Point, 2154)"
    monkeypatch.setenv("GEOSOCLE_SRID", "5490")
    assert localised("geometry(Point, 2154)") == "geometry(Point, 5490)"


def test_how_far_off_an_old_system_is_is_known():
    assert accuracy(usable_crs("EPSG:3947")) < 0.05
    off = accuracy(usable_crs("EPSG:27572"))
    assert off is None or off >= 1
    assert with_grids() == (off is not None)


@pytest.mark.skipif(not with_grids(), reason="la grille de la NTF (paquet proj-data) n'est pas là")
def test_an_old_place_is_brought_by_the_grid_and_not_by_the_mean_passage():
    x, y = transformed(shapely.points([[600_000, 2_200_000]]), usable_crs("EPSG:27572"))[0].coords[0]
    mean = (649_399.42, 6_633_524.57)  # three translations for the whole country: -168, -60, 320 m
    assert 0.3 < math.dist((x, y), mean) < 3


def test_pages_and_plans_name_the_system_of_the_installation():
    assert installation({"GEOSOCLE_SRID": "5490"}).system_name == "RGAF09 / UTM 20 Nord (EPSG:5490)"
    for srid, one in TERRITORIES.items():
        assert pyproj.CRS(srid).name.split(" / ")[0] in one.system_name or srid == 2154


@pytest.mark.parametrize("one", COUNTRIES.values(), ids=lambda one: one.departement)
def test_a_commune_is_of_one_territory_and_its_own_codes_are_of_no_other(one, monkeypatch):
    there = territory_of(str(one.first_code))
    assert there.srid == one.srid == territory_of(one.departement).srid
    assert relsa.SYSTEMS[one.srid][one.relsa] == one.srid
    west, south, east, north = there.ground
    assert west < one.origin[0] < east and south < one.origin[1] < north
    monkeypatch.setenv("GEOSOCLE_SRID", "2975" if one.srid != 2975 else "2154")
    with pytest.raises(DeliveryError, match=rf"autre territoire : {one.first_code} \({there.name}\), cette base est"):
        refuse_elsewhere(str(one.first_code), "lot")
    monkeypatch.setenv("GEOSOCLE_SRID", str(one.srid))
    refuse_elsewhere(str(one.first_code), "lot")


def test_a_file_of_another_departement_overseas_is_refused_by_its_third_figure(tmp_path, monkeypatch):
    monkeypatch.setenv("GEOSOCLE_SRID", "5490")
    path = tmp_path / "cadastre-97101-parcelles.json"
    path.write_text("{}")
    lot = Lot(path.name, path, (path,), date(2026, 1, 1))
    with pytest.raises(DeliveryError, match="97101 n'est pas du département 974"):
        LayerSource(lot, Options(departement="974"))
    assert LayerSource(lot, Options(departement="971")).territory == "97101"
    persons = Lot("PM_26_NB_971.csv", path, (path,), date(2026, 1, 1))
    with pytest.raises(DeliveryError, match="fichier du département 971, et non 974"):
        check_name(persons, None, Options(departement="974"))


@pytest.mark.parametrize("one", TERRITORIES.values(), ids=lambda one: one.name)
def test_what_is_shown_where_nothing_is_seen_and_the_size_of_a_pixel_are_those_of_the_installation(one, monkeypatch):
    monkeypatch.setenv("GEOSOCLE_SRID", str(one.srid))
    west, south, east, north = around()
    assert one.degrees[0] <= west < east <= one.degrees[2]
    assert one.degrees[1] <= south < north <= one.degrees[3]
    assert (around() == FRANCE) == (one.srid == 2154)
    mercator = Tile(16, 0, 0).bounds()
    pixel = math.cos(math.radians((south + north) / 2)) * (mercator[2] - mercator[0]) / 256
    assert Tile(16, 0, 0).pixel == pytest.approx(pixel, rel=0.06)
