"""T17: two communes share an image, red here and blue there; who sees the red one must see no blue at any scale."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import rasterio
import rasterio.features
import shapely
import shapely.affinity
from pyproj import Transformer
from rio_cogeo.cogeo import cog_translate
from rio_cogeo.profiles import cog_profiles

from services.rasters import Piece, mosaic, render
from services.tile_grid import HALF_WORLD, Tile

SRID = 2154
WEST, SOUTH, SIZE, STEP = 310_000.0, 6_640_000.0, 1500, 0.2
EDGE = SIZE * STEP
BORDER = WEST + EDGE / 2 + 0.07  # not on a pixel's edge
IMAGE = shapely.box(WEST, SOUTH, WEST + EDGE, SOUTH + EDGE)
# A slanting border: pixels of every level are cut in every way.
RED = shapely.Polygon([(WEST, SOUTH), (BORDER - 31.3, SOUTH), (BORDER + 28.9, SOUTH + EDGE), (WEST, SOUTH + EDGE)])
BLUE = IMAGE.difference(RED)
CENTRE = (BORDER, SOUTH + EDGE / 2)


def painted(srid=SRID):
    """Red where a pixel's centre is in the one commune, blue elsewhere."""
    pixels = np.zeros((3, SIZE, SIZE), dtype="uint8")
    transform = rasterio.transform.from_origin(WEST, SOUTH + EDGE, STEP, STEP)
    red = rasterio.features.rasterize([RED], out_shape=(SIZE, SIZE), transform=transform).astype(bool)
    pixels[0, red] = 255
    pixels[2, ~red] = 255
    return pixels, transform


@pytest.fixture(scope="module", params=["nearest", "average", "cubic"])
def image(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("images")
    pixels, transform = painted()
    plain = folder / "plain.tif"
    with rasterio.open(
        plain,
        "w",
        driver="GTiff",
        width=SIZE,
        height=SIZE,
        count=3,
        dtype="uint8",
        crs=f"EPSG:{SRID}",
        transform=transform,
    ) as file:
        file.write(pixels)
    target = folder / f"{request.param}.tif"
    profile = cog_profiles.get("deflate") | {"blockxsize": 256, "blockysize": 256}
    cog_translate(plain, target, profile, overview_level=4, overview_resampling=request.param, quiet=True)
    return target


def tile_at(z, point=CENTRE):
    x, y = Transformer.from_crs(SRID, 3857, always_xy=True).transform(*point)
    side = 2 * HALF_WORLD / 2**z
    return Tile(z, int((x + HALF_WORLD) // side), int((HALF_WORLD - y) // side))


def centres(place):
    """The coordinates of a tile's pixels, in the system of the images."""
    west, south, east, north = place.bounds()
    steps = (np.arange(256) + 0.5) / 256
    x, y = np.meshgrid(west + steps * (east - west), north - steps * (north - south))
    return Transformer.from_crs(3857, SRID, always_xy=True).transform(x, y)


@pytest.mark.parametrize("zoom", range(12, 22))
def test_no_pixel_of_the_hidden_neighbour_is_shown_at_any_zoom(image, zoom):
    pixels = mosaic([Piece(image, RED)], tile_at(zoom), SRID)
    assert pixels[2].max() == 0


@pytest.mark.parametrize("zoom", range(12, 22))
def test_the_visible_side_is_shown_and_its_border_loses_a_few_pixels_at_most(image, zoom):
    place = tile_at(zoom)
    pixels = mosaic([Piece(image, RED)], place, SRID)
    x, y = centres(place)
    tolerance = max(5 * place.pixel, STEP)
    surely = shapely.contains_xy(RED.buffer(-tolerance), x, y)
    assert (pixels[3][surely] == 255).all()
    assert (pixels[0][surely] >= 250).all()


@pytest.mark.parametrize("zoom", range(12, 22))
def test_every_pixel_outside_the_visible_piece_is_transparent_black(image, zoom):
    place = tile_at(zoom)
    pixels = mosaic([Piece(image, RED)], place, SRID)
    outside = ~shapely.contains_xy(RED.buffer(0.01), *centres(place))
    assert not pixels[:, outside].any()


def test_two_visible_neighbours_have_no_seam(image):
    place = tile_at(17)
    pixels = mosaic([Piece(image, shapely.union_all([RED, BLUE]))], place, SRID)
    surely = shapely.contains_xy(IMAGE.buffer(-place.pixel), *centres(place))
    assert (pixels[3][surely] == 255).all()


def test_a_first_image_hides_the_second_only_where_it_is(image):
    place = tile_at(19)
    both = mosaic([Piece(image, RED), Piece(image, BLUE)], place, SRID)
    assert both[3].mean() > 250
    assert both[0].max() == both[2].max() == 255


def test_an_image_that_is_missing_or_broken_leaves_its_place_empty(image, tmp_path, caplog):
    broken = tmp_path / "broken.tif"
    broken.write_bytes(image.read_bytes()[:3000])
    pixels = mosaic([Piece(tmp_path / "missing.tif", RED), Piece(broken, RED)], tile_at(17), SRID)
    assert not pixels.any()
    assert "missing.tif" in caplog.text


def test_text_that_other_drivers_would_read_is_no_image(image, tmp_path):
    disguised = tmp_path / "virtual.tif"
    disguised.write_text(
        f'<VRTDataset rasterXSize="{SIZE}" rasterYSize="{SIZE}"><VRTRasterBand dataType="Byte" band="1"><SimpleSource>'
        f"<SourceFilename>{image}</SourceFilename></SimpleSource></VRTRasterBand></VRTDataset>"
    )
    assert not mosaic([Piece(disguised, RED)], tile_at(17), SRID).any()


def test_an_image_in_another_system_is_masked_as_exactly(tmp_path):
    pixels, _ = painted()
    move = Transformer.from_crs(SRID, 3947, always_xy=True)
    west, north = move.transform(WEST, SOUTH + EDGE)
    local = tmp_path / "local.tif"
    with rasterio.open(
        local, "w", driver="GTiff", width=SIZE, height=SIZE, count=3, dtype="uint8", crs="EPSG:3947",
        transform=rasterio.transform.from_origin(west, north, STEP, STEP),
    ) as file:  # fmt: skip
        file.write(pixels)
        grid = file.transform
    # What is red in this image, seen from the datasets' system.
    back = Transformer.from_crs(3947, SRID, always_xy=True)
    offset = (grid.c - WEST, grid.f - (SOUTH + EDGE))
    red = shapely.transform(
        shapely.segmentize(shapely.affinity.translate(RED, *offset), 10), back.transform, interleaved=False
    )
    for zoom in (15, 17, 19):
        seen = mosaic([Piece(local, red)], tile_at(zoom, red.centroid.coords[0]), SRID)
        assert seen[2].max() <= 255 * 0.02
        assert seen[0].max() == 255


def test_pictures_keep_their_transparency_and_jpeg_has_none():
    pixels = np.zeros((4, 256, 256), dtype="uint8")
    pixels[:, :, :100] = 255
    for image_format in ("PNG", "WEBP"):
        with rasterio.MemoryFile(render(pixels, image_format)) as memory, memory.open() as file:
            assert file.count == 4
            assert (file.read(4) == pixels[3]).all()
    with rasterio.MemoryFile(render(pixels, "JPEG")) as memory, memory.open() as file:
        assert file.count == 3


def test_a_grey_image_is_shown_in_grey(tmp_path):
    grey = tmp_path / "grey.tif"
    with rasterio.open(
        grey, "w", driver="GTiff", width=SIZE, height=SIZE, count=1, dtype="uint8", crs=f"EPSG:{SRID}",
        transform=rasterio.transform.from_origin(WEST, SOUTH + EDGE, STEP, STEP),
    ) as file:  # fmt: skip
        file.write(np.full((1, SIZE, SIZE), 77, dtype="uint8"))
    pixels = mosaic([Piece(grey, IMAGE)], tile_at(20), SRID)
    assert (pixels[:3] == 77).all()


def test_an_image_on_sixteen_bits_is_shown_by_its_high_ones(tmp_path):
    wide = tmp_path / "wide.tif"
    with rasterio.open(
        wide, "w", driver="GTiff", width=SIZE, height=SIZE, count=3, dtype="uint16", crs=f"EPSG:{SRID}",
        transform=rasterio.transform.from_origin(WEST, SOUTH + EDGE, STEP, STEP),
    ) as file:  # fmt: skip
        file.write(np.full((3, SIZE, SIZE), 200 * 256 + 255, dtype="uint16"))
    assert (mosaic([Piece(wide, IMAGE)], tile_at(20), SRID)[:3] == 200).all()


def test_an_image_with_a_palette_is_shown_in_its_colours(tmp_path):
    indexed = tmp_path / "indexed.tif"
    with rasterio.open(
        indexed, "w", driver="GTiff", width=SIZE, height=SIZE, count=1, dtype="uint8", crs=f"EPSG:{SRID}",
        photometric="palette", transform=rasterio.transform.from_origin(WEST, SOUTH + EDGE, STEP, STEP),
    ) as file:  # fmt: skip
        file.write(np.full((1, SIZE, SIZE), 3, dtype="uint8"))
        file.write_colormap(1, {0: (0, 0, 0, 255), 3: (10, 200, 30, 255)})
    pixels = mosaic([Piece(indexed, IMAGE)], tile_at(20), SRID)
    assert [int(band.min()) for band in pixels] == [10, 200, 30, 255]


def test_an_image_without_a_coordinate_system_leaves_its_place_empty(tmp_path):
    lost = tmp_path / "lost.tif"
    with rasterio.open(
        lost, "w", driver="GTiff", width=10, height=10, count=1, dtype="uint8",
        transform=rasterio.transform.from_origin(WEST, SOUTH + EDGE, STEP, STEP),
    ) as file:  # fmt: skip
        file.write(np.ones((1, 10, 10), dtype="uint8"))
    assert not mosaic([Piece(lost, IMAGE)], tile_at(17), SRID).any()


def test_tiles_made_by_many_threads_are_the_same(image):
    zooms = [15, 17, 19, 20] * 6
    alone = {zoom: mosaic([Piece(image, RED)], tile_at(zoom), SRID) for zoom in set(zooms)}
    with ThreadPoolExecutor(8) as threads:
        together = list(threads.map(lambda zoom: mosaic([Piece(image, RED)], tile_at(zoom), SRID), zooms))
    assert all(np.array_equal(made, alone[zoom]) for zoom, made in zip(zooms, together, strict=True))
