"""The codes of systems that lots bear: GDAL's own reading of them, the register's names, IGN's published points."""

import math
import tarfile
from collections import Counter
from datetime import date

import pyogrio
import pyproj
import pytest
import shapely
from pyogrio.errors import CRSError
from pyproj.database import get_codes

from catalog.territories import TERRITORIES
from etl import edigeo, relsa
from etl.deliveries import Lot
from etl.geometry import accuracy, transformed, transformer, usable_crs, with_grids
from etl.nursery import Nursery
from tests.conftest import SAMPLES, let_others_in

CODES = [(srid, code, epsg) for srid, codes in relsa.SYSTEMS.items() for code, epsg in codes.items()]
UNKNOWN_TO_PROJ = {"UTM20W84GUAD"}  # the register that comes with PROJ has that of Martinique only, the same system
LOT = SAMPLES / "cadastre" / "edigeo-85901000AB01.tar.bz2"
# Names of the register that no plan is drawn in: for small scales, for the web, of neighbours, of other surveys.
NO_PLAN = (
    "GEOPORTAL",
    "MILLER",
    "LNGLNG",
    "SYSLN",
    "EQGP",
    "ETRS89",
    "ED50",
    "W72",
    "WGS72",
    "W84",
    "WGS84",
    "LUX",
    "LURES",
    "ATIG",
    "TAAF",
)
NOT_TAKEN = {
    "LAMBGC", "NTFLAMBGC",  # 1 : 500 000 and smaller
    "RGF93UTM30", "RGF93UTM31", "RGF93UTM32", "UTM30RGF93", "UTM31RGF93", "UTM32RGF93", "UTM30", "UTM31", "UTM32",
    "PDN92GAUSSL", "PDN08GAUSSL",  # later adjustments, of which PROJ has no passage to RGR92: 1.5 km off
}  # fmt: skip


def dms(degrees: int, minutes: int, seconds: float) -> float:
    return degrees + minutes / 60 + seconds / 3600


@pytest.fixture(scope="module")
def lot(tmp_path_factory):
    """A sheet of the samples, whose code can be changed."""
    folder = tmp_path_factory.mktemp("lot")
    with tarfile.open(LOT) as archive:
        archive.extractall(folder, filter="data")
    return folder


def say(lot, code):
    """Have a lot name another system."""
    geodesy = next(lot.glob("*.GEO"))
    lines = geodesy.read_bytes().split(b"\r\n")
    said = [b"RELSA%02d:%s" % (len(code), code.encode()) if line.startswith(b"RELSA") else line for line in lines]
    geodesy.write_bytes(b"\r\n".join(said))


@pytest.mark.parametrize(("srid", "code", "epsg"), CODES, ids=[code for _, code, _ in CODES])
def test_gdal_s_driver_takes_a_code_for_the_same_system(lot, srid, code, epsg):
    entry = next(lot.glob("*.THF"))
    say(lot, code)
    if code in UNKNOWN_TO_PROJ:
        with pytest.raises(CRSError, match=f"crs not found: IGNF:{code}"):
            pyogrio.read_info(entry, layer="PARCELLE_id")
        return
    system = pyogrio.read_info(entry, layer="PARCELLE_id")["crs"]
    west, south, east, north = TERRITORIES[srid].ground
    middle = (west + east) / 2, (south + north) / 2
    there = pyproj.Transformer.from_crs(srid, epsg, always_xy=True).transform(*middle)
    moved = pyproj.Transformer.from_crs(system, epsg, always_xy=True).transform(*there)
    assert moved == pytest.approx(there, abs=0.01)


@pytest.mark.parametrize("code", ["RGAF09UTM20", *UNKNOWN_TO_PROJ])
def test_a_lot_is_read_whole_whether_gdal_knows_its_system_or_not(lot, code, monkeypatch):
    monkeypatch.setenv("GEOSOCLE_SRID", "5490")
    say(lot, code)
    let_others_in(lot)
    one = Lot(lot.name, next(lot.glob("*.THF")), tuple(sorted(lot.iterdir())), date(2026, 7, 1))
    known = edigeo.lead(one)
    with Nursery() as nursery:
        found = Counter(thing.layer for thing in edigeo.things(one, known, nursery))
    assert found["PARCELLE_id"] == len(known.objects["PARCELLE_id"]) > 50
    assert known.crs == f"EPSG:{relsa.SYSTEMS[5490][code]}"


@pytest.mark.parametrize("one", TERRITORIES.values(), ids=lambda one: one.name)
def test_every_system_of_a_territory_s_ground_in_the_register_is_known_or_left_out_for_a_reason(one):
    known = {code for codes in relsa.SYSTEMS.values() for code in codes}
    left = {code for code in planar(one) if not any(word in code for word in NO_PLAN)}
    assert left - known <= NOT_TAKEN
    assert known & left


def planar(one):
    """The names of the register's planar systems that are made for a territory's ground."""
    to_degrees = pyproj.Transformer.from_crs(one.srid, 4326, always_xy=True)
    west, south, east, north = to_degrees.transform_bounds(*one.ground)
    for code in get_codes("IGNF", "PROJECTED_CRS"):
        use = pyproj.CRS(f"IGNF:{code}").area_of_use
        if use and use.west < east and use.east > west and use.south < north and use.north > south:
            yield code


# NTG_71, "Projection cartographique conique conforme de Lambert", example of Alg0003; the note's constants are rounded.
def test_lambert_i_is_that_of_the_ign_s_note():
    project = pyproj.Transformer.from_crs(4275, relsa.SYSTEMS[2154]["LAMB1"], always_xy=True)
    x, y = project.transform(math.degrees(0.1455120990), math.degrees(0.8726646260))
    assert (x, y) == pytest.approx((1_029_705.0818, 272_723.8510), abs=0.005)


# NTG_88, "Grille de paramètres de transformation de coordonnées GR3DF97A", example.
NTF_POINT = dms(2, 25, 32.4187), dms(48, 50, 40.2441)
RGF93_POINT = dms(2, 25, 29.89599), dms(48, 50, 40.00502)


@pytest.mark.skipif(not with_grids(), reason="la grille de la NTF (paquet proj-data) n'est pas là")
@pytest.mark.parametrize("code", ["LAMB1", "LAMB1C", "LAMB2", "LAMB2C", "LAMBE", "NTFLAMB1", "NTFLAMB2E"])
def test_a_lot_of_an_old_zone_comes_where_the_ign_s_grid_puts_it(code):
    epsg = relsa.SYSTEMS[2154][code]
    old = pyproj.Transformer.from_crs(4275, epsg, always_xy=True).transform(*NTF_POINT)
    wanted = pyproj.Transformer.from_crs(4171, 2154, always_xy=True).transform(*RGF93_POINT)
    found = transformed(shapely.points([old]), usable_crs(f"EPSG:{epsg}"))[0].coords[0]
    assert math.dist(found, wanted) < 0.001


def test_without_the_grid_the_mean_passage_is_more_than_a_metre_off():
    mean = pyproj.Transformer.from_pipeline(
        "+proj=pipeline +step +proj=unitconvert +xy_in=deg +xy_out=rad +step +proj=cart +a=6378249.2 +b=6356515"
        " +step +proj=helmert +x=-168 +y=-60 +z=320 +step +inv +proj=cart +ellps=GRS80"
        " +step +proj=unitconvert +xy_in=rad +xy_out=deg"
    )  # NTG_88: the second step of the same example, 2°25'29.8273" 48°50'39.9967"
    found = mean.transform(*NTF_POINT)
    assert found == pytest.approx((dms(2, 25, 29.8273), dms(48, 50, 39.9967)), abs=1e-7)
    project = pyproj.Transformer.from_crs(4171, 2154, always_xy=True)
    assert 1 < math.dist(project.transform(*found), project.transform(*RGF93_POINT)) < 2


@pytest.mark.parametrize(("srid", "code", "epsg"), CODES, ids=[code for _, code, _ in CODES])
def test_how_far_off_a_system_may_be_is_told_or_nothing_is_off(srid, code, epsg, monkeypatch):
    monkeypatch.setenv("GEOSOCLE_SRID", str(srid))
    off = accuracy(usable_crs(f"EPSG:{epsg}"))
    if "NTF" in code or code in relsa.NTF:
        assert off == (1.0 if with_grids() else None) or off >= 1
    else:
        assert off is not None and off <= 10
    assert transformer(usable_crs(f"EPSG:{epsg}"), srid)
