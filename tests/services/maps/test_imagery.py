"""Images as they are asked for: masked to the pixel, and nothing told of what is hidden."""

import numpy as np
import pytest
import rasterio
import shapely

from services.tile_grid import SIDE, transformer

GRID = "WebMercatorQuad"
BASE = "/collections/orthophotos/map/tiles"


def address(place, dataset="orthophotos"):
    return f"/collections/{dataset}/map/tiles/{GRID}/{place.z}/{place.y}/{place.x}"


def pixels(content):
    """Red, green, blue and alpha of a picture."""
    with rasterio.MemoryFile(content) as memory, memory.open() as file:
        return file.read()


def centres(place):
    """The coordinates of a tile's pixels in EPSG:2154."""
    west, south, east, north = place.bounds()
    steps = (np.arange(SIDE) + 0.5) / SIDE
    x, y = np.meshgrid(west + steps * (east - west), north - steps * (north - south))
    return transformer(3857, 2154).transform(x, y)


@pytest.fixture(scope="module")
def outlines(site):
    """The outline of what each neighbour has of the images, in EPSG:2154."""
    crs = "http://www.opengis.net/def/crs/EPSG/0/2154"
    pieces = {}
    for who in ("ici", "voisine"):
        features = site.get(f"/collections/orthophotos/items?crs={crs}&limit=1000", who).json()["features"]
        pieces[who] = shapely.union_all([shapely.geometry.shape(feature["geometry"]) for feature in features])
    return pieces


@pytest.fixture(scope="module")
def shared(outlines, tile_of):
    """A function: zoom → the tile that both neighbours have most of."""
    border = outlines["ici"].buffer(0.5).intersection(outlines["voisine"].buffer(0.5))
    points = shapely.get_coordinates(shapely.segmentize(border, 10))

    def common(place):
        x, y = centres(place)
        return min(shapely.contains_xy(outline, x[::16], y[::16]).sum() for outline in outlines.values())

    return lambda zoom: max({tile_of(zoom, *point) for point in points}, key=common)


@pytest.mark.parametrize("zoom", [14, 16, 18, 19, 20])
def test_no_pixel_is_shown_outside_the_callers_communes(site, world, shared, zoom):
    place = shared(zoom)
    x, y = centres(place)
    for who, commune in (("ici", world.communes[0]), ("voisine", world.communes[1])):
        alpha = pixels(site.get(f"{address(place)}?f=png", who).content)[3]
        assert alpha.any()
        assert not alpha[~shapely.contains_xy(commune.geometry.buffer(0.3), x, y)].any()


@pytest.mark.parametrize("zoom", [16, 18, 19])
def test_every_pixel_inside_is_shown_but_for_the_band_of_the_border(site, outlines, shared, zoom):
    place = shared(zoom)
    for who in ("ici", "voisine"):
        alpha = pixels(site.get(f"{address(place)}?f=png", who).content)[3]
        surely = shapely.contains_xy(outlines[who].buffer(-max(5 * place.pixel, 0.5)), *centres(place))
        assert surely.any()
        assert (alpha[surely] == 255).all()


def test_neighbours_pictures_do_not_overlap(site, shared):
    place = shared(18)
    here, there = (pixels(site.get(f"{address(place)}?f=png", who).content)[3] for who in ("ici", "voisine"))
    assert not (here & there).any()


def test_pixels_are_what_the_delivered_image_shows(site, outlines, tile_of, loaded):
    piece = max(shapely.get_parts(outlines["ici"]), key=lambda part: part.area)
    place = tile_of(20, *piece.representative_point().coords[0])
    shown = pixels(site.get(f"{address(place)}?f=png", "ici").content)
    x, y = centres(place)
    inside = shapely.contains_xy(piece.buffer(-1), x, y)
    for file in (loaded.files / "orthophotos").glob("*.tif"):
        with rasterio.open(file) as image:
            if not shapely.box(*image.bounds).contains(shapely.MultiPoint(np.column_stack([x[inside], y[inside]]))):
                continue
            expected = np.array(list(image.sample(zip(x[inside], y[inside], strict=True))))[:, :3]
    assert np.abs(shown[:3, inside].T.astype(int) - expected).mean() < 4


@pytest.mark.parametrize("query", ["", "?f=png", "?f=webp", "?f=jpeg"])
def test_a_hidden_image_and_no_image_are_the_same_to_the_byte(site, outlines, tile_of, query):
    theirs = outlines["voisine"].difference(outlines["ici"].buffer(200)).representative_point()
    hidden = site.get(address(tile_of(19, theirs.x, theirs.y)) + query, "ici")
    nothing = site.get(address(tile_of(19, theirs.x + 100_000, theirs.y)) + query, "ici")
    assert hidden.status_code == nothing.status_code == 200
    assert hidden.content == nothing.content
    assert dict(hidden.headers) == dict(nothing.headers)
    assert not pixels(hidden.content)[3].any()


@pytest.mark.parametrize("who", [None, "eau"])
def test_without_the_right_to_look_there_is_no_such_address(site, shared, who):
    place = shared(16)
    paths = [address(place), address(place, "inconnu"), address(place, "parcelles"), BASE, f"{BASE}/{GRID}"]
    answers = [site.get(path, who) for path in paths]
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.content for answer in answers}) == 1


def test_looking_is_enough_to_see_an_image(site, shared):
    place = shared(16)
    assert site.get(f"{address(place)}?f=png", "regarde").content == site.get(f"{address(place)}?f=png", "ici").content
    assert site.get("/collections/orthophotos/items", "regarde").status_code == 404


@pytest.mark.parametrize(
    ("query", "accept", "media_type"),
    [
        ("", "*/*", "image/png"),
        ("", "image/avif,image/webp,*/*;q=0.8", "image/webp"),
        ("?f=webp", "image/png", "image/webp"),
        ("?f=png", "image/webp", "image/png"),
        ("?f=jpeg", "*/*", "image/png"),
    ],
)
def test_the_format_is_what_is_asked_for_or_else_what_the_browser_reads(site, shared, query, accept, media_type):
    answer = site.get(address(shared(16)) + query, "ici", accept)
    assert answer.headers["content-type"] == media_type
    assert answer.headers["cache-control"].startswith("private")
    assert "Authorization" in answer.headers["vary"]


@pytest.mark.parametrize("query", ["?f=gif", "?f=", "?f=html", "?f=png&f=png", "?limit=1", "?F=png"])
def test_unknown_formats_and_parameters_are_refused(site, shared, query):
    assert site.get(address(shared(16)) + query, "ici").status_code == 400


@pytest.mark.parametrize(
    "path", ["-1/0/0", "0/1/0", "23/0/0", "1.0/0/0", "9999999999999/0/0", "a/b/c", "%00/0/0", "3/8/0"]
)
def test_what_is_no_tile_does_not_exist(site, path):
    assert site.get(f"{BASE}/{GRID}/{path}", "ici").status_code == 404


def test_the_tileset_is_described(site):
    listed = site.get(BASE, "ici").json()
    assert [tileset["dataType"] for tileset in listed["tilesets"]] == ["map"]
    described = site.get(f"{BASE}/{GRID}", "ici").json()
    assert {link["type"] for link in described["links"] if link["rel"] == "item"} == {
        "image/png",
        "image/webp",
        "image/jpeg",
    }
    assert site.get(f"{BASE}/WorldCRS84Quad", "ici").status_code == 404


def test_the_file_of_an_image_is_named_nowhere(site):
    for path in ("/collections/orthophotos/items", "/collections/orthophotos/schema", "/collections/orthophotos"):
        assert ".tif" not in site.get(path, "ici").text
        assert "fichier" not in site.get(path, "ici").text


def test_map_tiles_are_told_to_those_who_may_look(site):
    paths = site.get("/openapi?f=json", "regarde").json()["paths"]
    tile = paths[f"{BASE}/{GRID}/{{tileMatrix}}/{{tileRow}}/{{tileCol}}"]["get"]
    (wanted,) = [each for each in tile["parameters"] if each["name"] == "f"]
    assert set(wanted["schema"]["enum"]) == {"png", "webp", "jpeg"}
    assert not [path for path in site.get("/openapi?f=json").json()["paths"] if "/map/" in path]
