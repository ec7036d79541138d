"""Every door of an installation overseas speaks of its own ground and system."""

import csv
import io
import math
import sqlite3
import time
from contextlib import closing

import httpx
import numpy as np
import pyogrio
import pypdf
import pytest
import shapely
from PIL import Image
from pyproj import Transformer

from hunter import decoders
from services.tile_grid import Tile
from tests.acceptance.overseas.conftest import HERE, LAYERS, OWN
from tests.paper import lines_of

EPSG = "http://www.opengis.net/def/crs/EPSG/0"
CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
ITEMS = "/collections/parcelles/items"
POINTS_A_METRE = 72 / 0.0254
DEGREES = {CRS84: (4326, False), f"{EPSG}/4326": (4326, True), f"{EPSG}/3857": (3857, False), OWN: (HERE.srid, False)}


@pytest.fixture(scope="module")
def parcels(island):
    """The first commune's parcels in the invented world."""
    return {one.id: one.geometry for one in island.world.parcelles if one.commune == island.code}


@pytest.fixture(scope="module")
def town(island):
    """A point in the middle of the first commune's town, longitude and latitude."""
    sheet = next(one for one in island.world.feuilles if one.section == "AB" and one.commune == island.code)
    x, y = sheet.geometry.representative_point().coords[0]
    return Transformer.from_crs(HERE.srid, 4326, always_xy=True).transform(x, y)


def tile_at(point, zoom):
    """The tile under a point."""
    x = (point[0] + 180) / 360
    y = (1 - math.asinh(math.tan(math.radians(point[1]))) / math.pi) / 2
    return Tile(zoom, int(x * 2**zoom), int(y * 2**zoom))


@pytest.mark.parametrize("layer", LAYERS)
def test_each_layer_holds_what_the_world_has(island, layer):
    of = [
        one
        for one in getattr(island.world, layer)
        if island.code in (getattr(one, "commune", ""), getattr(one, "code", ""))
    ]
    page = island.get(f"/collections/{layer}/items", limit=1, f="json").json()
    assert page["numberMatched"] == len(of) > 0


@pytest.mark.parametrize(("uri", "system"), DEGREES.items(), ids=[uri.rpartition("/")[2] for uri in DEGREES])
def test_every_system_that_is_announced_is_honoured(island, parcels, uri, system):
    assert set(island.get("/collections/parcelles", f="json").json()["crs"]) == set(DEGREES)
    answer = island.get(ITEMS, limit=50, crs=uri)
    assert answer.headers["content-crs"] == f"<{uri}>"
    srid, flipped = system
    move = Transformer.from_crs(HERE.srid, srid, always_xy=True).transform
    for each in answer.json()["features"]:
        found = shapely.geometry.shape(each["geometry"])
        wanted = shapely.transform(
            parcels[each["id"]], lambda p: np.column_stack(move(p[:, 0], p[:, 1])[:: -1 if flipped else 1])
        )
        assert shapely.hausdorff_distance(found, wanted) < (1e-7 if srid == 4326 else 0.006)


@pytest.mark.parametrize("uri", [f"{EPSG}/2154", f"{EPSG}/3947", f"{EPSG}/5490"])
def test_a_system_of_elsewhere_is_refused_in_french(island, uri):
    for name in ("crs", "bbox-crs"):
        answer = island.get(ITEMS, **{name: uri, "bbox": "338000,7675000,338400,7675400"})
        assert answer.status_code == 400
        assert "système de coordonnées" in answer.text


@pytest.mark.parametrize("uri", [OWN, CRS84, f"{EPSG}/3857"])
def test_a_box_holds_the_parcels_that_meet_it(island, parcels, uri):
    middle = shapely.union_all(list(parcels.values())).centroid
    own = shapely.box(middle.x - 150, middle.y - 150, middle.x + 150, middle.y + 150)
    srid, _ = DEGREES[uri]
    move = Transformer.from_crs(HERE.srid, srid, always_xy=True)
    box = move.transform_bounds(*own.bounds)
    asked = {"bbox": ",".join(map(str, box)), "bbox-crs": uri, "limit": 1000}
    found = {each["id"] for each in island.get(ITEMS, **asked).json()["features"]}
    back = Transformer.from_crs(srid, HERE.srid, always_xy=True).transform
    dense = shapely.segmentize(shapely.box(*box), (box[2] - box[0]) / 50)
    area = shapely.transform(dense, lambda p: np.column_stack(back(p[:, 0], p[:, 1])))
    sure = {id for id, shape in parcels.items() if shape.intersection(area).area > 1}
    assert sure <= found <= {id for id, shape in parcels.items() if shape.distance(area) < 0.1}
    assert 10 < len(found) < len(parcels)


def test_the_tables_of_other_formats_are_in_its_system(island, parcels):
    meta, _, shapes, columns = pyogrio.raw.read(io.BytesIO(island.get(ITEMS, f="fgb", crs=OWN, limit=1000).content))
    assert meta["crs"] == f"EPSG:{HERE.srid}"
    ids = columns[list(meta["fields"]).index("id")]
    rows = csv.DictReader(io.StringIO(island.get(ITEMS, f="csv", crs=OWN, limit=1000).text))
    texts = {row["id"]: shapely.from_wkt(row["geom"]) for row in rows}
    assert set(ids) == set(texts) == set(parcels)
    for id, shape in zip(ids, shapely.from_wkb(shapes), strict=True):
        assert shapely.hausdorff_distance(shape, parcels[id]) < 0.006
        assert shapely.hausdorff_distance(texts[id], parcels[id]) < 0.006


@pytest.mark.parametrize("zoom", [14, 16, 18])
def test_vector_tiles_hold_the_parcels_where_they_are(island, parcels, town, zoom):
    place = tile_at(town, zoom)
    content = island.get(f"/collections/parcelles/tiles/WebMercatorQuad/{zoom}/{place.y}/{place.x}", f="mvt").content
    west, south, east, north = place.bounds()
    step = (east - west) / 4096
    move = Transformer.from_crs(3857, HERE.srid, always_xy=True).transform
    seen = list(decoders.vector_tile(content))
    assert seen
    for each in seen:
        own = shapely.transform(
            each.geometry, lambda p: np.column_stack(move(west + p[:, 0] * step, north - p[:, 1] * step))
        )
        assert parcels[each.id].buffer(2.5 * step).contains(own)


def test_the_tile_set_leads_to_its_tiles(island, town):
    sets = island.get("/collections/parcelles/tiles", f="json").json()["tilesets"]
    assert [one["tileMatrixSetURI"].rpartition("/")[2] for one in sets] == ["WebMercatorQuad"]
    told = island.get("/collections/parcelles/tiles/WebMercatorQuad/metadata", f="tilejson").json()
    place = tile_at(town, 16)
    address = told["tiles"][0].format(z=16, x=place.x, y=place.y).removeprefix(island.url)
    assert len(list(decoders.vector_tile(island.get(address).content))) > 5


def test_images_are_drawn_where_the_ground_is(island):
    rings = island.get("/collections/orthophotos/items").json()["features"][0]["geometry"]["coordinates"]
    place = tile_at(
        shapely.MultiPolygon([shapely.Polygon(part[0]) for part in rings]).representative_point().coords[0], 17
    )
    answer = island.get(f"/collections/orthophotos/map/tiles/WebMercatorQuad/17/{place.y}/{place.x}", f="png")
    assert answer.headers["content-type"] == "image/png"
    alpha = np.asarray(Image.open(io.BytesIO(answer.content)).convert("RGBA"))[:, :, 3]
    assert (alpha == 255).mean() > 0.2


def test_a_plan_is_exact_on_paper_and_names_its_system(island, parcels):
    id = next(
        id
        for id, shape in parcels.items()
        if shape.geom_type == "Polygon" and shape.area < 1500 and not shape.interiors
    )
    answer = island.get(f"{ITEMS}/{id}/plan.pdf", echelle=500)
    assert answer.headers["content-type"] == "application/pdf"
    page = pypdf.PdfReader(io.BytesIO(answer.content)).pages[0]
    text = page.extract_text()
    assert "RGR92 / UTM 40 Sud (EPSG:2975)" in text and "Lambert" not in text
    lengths = [math.dist(*one) for one in lines_of(page)]
    ring = parcels[id].exterior.coords
    for a, b in zip(ring, ring[1:], strict=False):
        wanted = math.dist(a, b) / 500 * POINTS_A_METRE
        assert min(abs(one - wanted) for one in lengths) < 0.0001 * POINTS_A_METRE


def test_an_export_is_a_geopackage_of_the_island_s_system(island, parcels, tmp_path):
    headers = {"Authorization": f"Bearer {island.tokens['commune']}"}
    asked = {"inputs": {"dataset": "parcelles"}}
    job = httpx.post(f"{island.url}/processes/export/execution", json=asked, headers=headers).headers["location"]
    deadline = time.monotonic() + 60
    while (status := httpx.get(job, headers=headers).json()["status"]) in ("accepted", "running"):
        assert time.monotonic() < deadline
        time.sleep(0.2)
    assert status == "successful"
    path = tmp_path / "parcelles.gpkg"
    path.write_bytes(httpx.get(f"{job}/results", headers=headers).content)
    meta, _, shapes, columns = pyogrio.raw.read(path)
    assert meta["crs"] == f"EPSG:{HERE.srid}"
    held = dict(zip(columns[list(meta["fields"]).index("id")], shapely.from_wkb(shapes), strict=True))
    assert set(held) == set(parcels)
    assert max(shapely.hausdorff_distance(held[id], shape) for id, shape in parcels.items()) < 0.001
    with closing(sqlite3.connect(path)) as file:
        assert file.execute("SELECT srs_id FROM gpkg_contents").fetchall() == [(HERE.srid,)]
        (definition,) = file.execute("SELECT definition FROM gpkg_spatial_ref_sys WHERE srs_id = 2975").fetchone()
        assert "RGR92" in definition


def test_what_another_commune_holds_does_not_exist(island):
    other = next(one.id for one in island.world.parcelles if one.commune != island.code)
    hidden, missing = island.get(f"{ITEMS}/{other}"), island.get(f"{ITEMS}/{other[:10]}9999")
    assert hidden.status_code == missing.status_code == 404
    assert hidden.content == missing.content
