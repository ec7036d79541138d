"""GDAL's own client of OGC API – Features takes a commune's parcels home: each once, and none of the neighbour's."""

import shutil
import subprocess
from pathlib import Path

import pytest
from osgeo import gdal, ogr, osr

gdal.UseExceptions()

pytestmark = pytest.mark.skipif(shutil.which("ogr2ogr") is None, reason="ogr2ogr (paquet gdal-bin) n'est pas là")

PAGE_SIZE = 50  # several pages for the smallest commune
SAMPLE = 20
MILLIMETRES = 0.002  # degrees have eight decimals


def basic(token: str) -> list[str]:
    return ["--config", "GDAL_HTTP_USERPWD", f"qui-vous-voulez:{token}", "--config", "GDAL_HTTP_AUTH", "BASIC"]


def bearer(token: str) -> list[str]:
    if int(gdal.VersionInfo()) < 3_09_00_00:
        return ["--config", "GDAL_HTTP_HEADERS", f"Authorization: Bearer {token}"]
    return ["--config", "GDAL_HTTP_AUTH", "BEARER", "--config", "GDAL_HTTP_BEARER", token]


def exported(served, folder: Path, credential: list[str], *options: str) -> Path:
    """Export the parcels that a credential gives to a GeoPackage, as a user would."""
    target = folder / "parcelles.gpkg"
    command = [
        "ogr2ogr",
        "-f",
        "GPKG",
        str(target),
        f"OAPIF:{served.url}",
        "parcelles",
        "-oo",
        f"PAGE_SIZE={PAGE_SIZE}",
    ]
    result = subprocess.run([*command, *credential, *options], capture_output=True, text=True, timeout=120)
    assert result.returncode == 0, result.stderr
    assert "Warning" not in result.stderr, result.stderr
    return target


def ids(path: Path) -> list[str]:
    """The ids of a GeoPackage, in the order in which they came."""
    source = ogr.Open(str(path))
    return [feature["id"] for feature in source.GetLayer(0)]


def layers(served, credential: list[str]) -> set[str]:
    result = subprocess.run(
        ["ogrinfo", "-ro", "-q", f"OAPIF:{served.url}", *credential], capture_output=True, text=True, timeout=60
    )
    return {line.split(" ")[1] for line in result.stdout.splitlines() if ": " in line}


@pytest.mark.parametrize("credential", [basic, bearer])
def test_each_commune_exports_its_own_parcels_each_once(served, neighbours, held, tmp_path, credential):
    for commune in neighbours:
        folder = tmp_path / commune
        folder.mkdir()
        found = ids(exported(served, folder, credential(served.tokens[commune])))
        assert len(found) == len(set(found))
        assert set(found) == held[commune]


def test_the_exported_shapes_are_those_of_the_world(served, neighbours, world, tmp_path):
    path = exported(served, tmp_path, basic(served.tokens[neighbours[0]]), "-t_srs", "EPSG:2154")
    true = {one.id: one.geometry for one in world.parcelles}
    source = ogr.Open(str(path))
    layer = source.GetLayer(0)
    assert layer.GetSpatialRef().IsSame(reference(2154))
    for feature in list(layer)[:SAMPLE]:
        shape = feature.GetGeometryRef()
        wanted = true[feature["id"]]
        assert shape.Area() == pytest.approx(wanted.area, abs=MILLIMETRES * wanted.length)


def test_attributes_arrive_with_their_types(served, neighbours, world, tmp_path):
    source = ogr.Open(str(exported(served, tmp_path, basic(served.tokens[neighbours[0]]))))
    layer = source.GetLayer(0)
    definition = layer.GetLayerDefn()
    types = {
        definition.GetFieldDefn(n).GetName(): definition.GetFieldDefn(n).GetTypeName()
        for n in range(definition.GetFieldCount())
    }
    assert types["contenance"] == "Integer"
    assert types["commune"] == "String"
    true = {one.id: one for one in world.parcelles}
    for feature in list(layer)[:SAMPLE]:
        assert feature["contenance"] == true[feature["id"]].contenance
        assert feature["commune"] == neighbours[0]


def test_a_box_is_asked_of_the_server(served, neighbours, held, tmp_path, world):
    one = next(parcel for parcel in world.parcelles if parcel.commune == neighbours[0])
    to_degrees = osr.CoordinateTransformation(reference(2154), reference(4326))
    point = one.geometry.representative_point()
    longitude, latitude, _ = to_degrees.TransformPoint(point.x, point.y)
    around = [str(value) for value in (longitude - 1e-5, latitude - 1e-5, longitude + 1e-5, latitude + 1e-5)]
    found = ids(exported(served, tmp_path, basic(served.tokens[neighbours[0]]), "-spat", *around))
    assert one.id in found
    assert len(found) < 6


def test_nobody_sees_a_layer_that_only_communes_have(served, neighbours):
    assert "parcelles" in layers(served, basic(served.tokens[neighbours[0]]))
    assert "parcelles" not in layers(served, [])


def test_a_bad_token_opens_nothing(served):
    result = subprocess.run(
        ["ogrinfo", "-ro", f"OAPIF:{served.url}", *basic("geosocle_faux")], capture_output=True, text=True, timeout=60
    )
    assert result.returncode != 0


def test_gdal_knows_the_count_without_reading_the_features(served, neighbours, held):
    command = ["ogrinfo", "-ro", "-so", f"OAPIF:{served.url}", "parcelles", *basic(served.tokens[neighbours[1]])]
    result = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert f"Feature Count: {len(held[neighbours[1]])}\n" in result.stdout


def reference(srid: int) -> osr.SpatialReference:
    """A reference system with x before y."""
    made = osr.SpatialReference()
    made.ImportFromEPSG(srid)
    made.SetAxisMappingStrategy(osr.OAMS_TRADITIONAL_GIS_ORDER)
    return made
