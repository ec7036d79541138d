"""Images asked of PostGIS as principals: one image over two communes, red in the one and blue in the other."""

from contextlib import closing

import numpy as np
import pytest
import rasterio
import rasterio.features
import shapely
from psycopg import sql

from catalog.access import Right, add_agreement, add_organisation, authenticate, issue_token
from catalog.database import as_loader, as_principal, connect, pool
from catalog.loader import datasets
from hunter.members import DAY, TODAY
from services.providers import imagery
from services.providers.imagery import arguments, by_file, image_tile, nothing, pieces, statement
from services.tile_grid import HALF_WORLD, Tile, transformer
from services.tile_store import TileStore

WEST, SOUTH, SIZE, STEP = 310_000, 6_640_000, 1000, 0.5
HERE, THERE = "85001", "85002"
IMAGES = datasets()["orthophotos"]
HALF = SIZE * STEP / 2
RED = shapely.box(WEST, SOUTH, WEST + HALF, SOUTH + 2 * HALF)
BLUE = shapely.box(WEST + HALF, SOUTH, WEST + 2 * HALF, SOUTH + 2 * HALF)


@pytest.fixture
def tables(database, tmp_path):
    pixels = np.zeros((3, SIZE, SIZE), dtype="uint8")
    pixels[0, :, : SIZE // 2] = pixels[2, :, SIZE // 2 :] = 255
    grid = rasterio.transform.from_origin(WEST, SOUTH + 2 * HALF, STEP, STEP)
    with rasterio.open(
        tmp_path / "une.tif",
        "w",
        driver="GTiff",
        width=SIZE,
        height=SIZE,
        count=3,
        dtype="uint8",
        crs="EPSG:2154",
        transform=grid,
    ) as file:
        file.write(pixels)
    with as_loader(database) as connection:
        for commune, piece in ((HERE, RED), (THERE, BLUE)):
            connection.execute(
                "INSERT INTO imagerie.orthophotos (id, commune, unite, edition, objet, fichier, geom, feature)"
                " VALUES (%s, %s, 'une', '2026-01-01', 'une', 'une.tif', ST_Multi(ST_GeomFromText(%s, 2154)), '')",
                [f"une.{commune}", commune, piece.wkt],
            )
    return database


@pytest.fixture
def web(tables):
    with closing(pool(tables, "web")) as connections:
        yield connections


@pytest.fixture
def granted(tables, web):
    """A function: communes and usage → the principal of a new organisation that has them."""

    def grant(*communes, usage="image"):
        with connect(tables, "admin") as connection:
            number = connection.execute("SELECT count(*) FROM access.organisations").fetchone()[0]
            name = f"membre-{number}"
            add_organisation(connection, name, name, "commune")
            add_agreement(
                connection, name, name, "essai", TODAY, TODAY + DAY, [Right("orthophotos", "base", (usage,), communes)]
            )
            return authenticate(web, issue_token(connection, name))

    return grant


def tile_at(z, x=WEST + HALF, y=SOUTH + HALF):
    x, y = transformer(2154, 3857).transform(x, y)
    side = 2 * HALF_WORLD / 2**z
    return Tile(z, int((x + HALF_WORLD) // side), int((HALF_WORLD - y) // side))


def colours(picture):
    """Red, green, blue and alpha of a picture."""
    with rasterio.MemoryFile(picture.content) as memory, memory.open() as file:
        return file.read()


@pytest.mark.parametrize("zoom", [14, 16, 18])
def test_each_neighbour_sees_its_own_side(granted, web, tmp_path, zoom):
    place = tile_at(zoom)
    red = colours(image_tile(web, granted(HERE), tmp_path, IMAGES, place, "png"))
    blue = colours(image_tile(web, granted(THERE), tmp_path, IMAGES, place, "png"))
    assert red[0].max() == 255 and red[2].max() == 0
    assert blue[2].max() == 255 and blue[0].max() == 0
    assert not (red[3] & blue[3]).any()


@pytest.mark.parametrize("wanted", ["png", "webp", "jpeg"])
def test_a_hidden_image_and_no_image_are_the_same_to_the_byte(granted, web, tmp_path, wanted):
    one = granted(HERE)
    hidden = image_tile(web, one, tmp_path, IMAGES, tile_at(18, WEST + 1.7 * HALF), wanted)
    empty = image_tile(web, one, tmp_path, IMAGES, tile_at(18, WEST + 5000), wanted)
    elsewhere = image_tile(web, one, tmp_path, IMAGES, Tile(4, 0, 15), wanted)
    assert hidden == empty == elsewhere == nothing("png" if wanted == "jpeg" else wanted)


@pytest.mark.parametrize("usage", ["tile", "feature", "file"])
def test_another_usage_shows_no_image(granted, web, tmp_path, usage):
    assert image_tile(web, granted(HERE, usage=usage), tmp_path, IMAGES, tile_at(16), "png") == nothing("png")


def test_a_tile_over_hidden_images_alone_does_not_ask_the_table(granted, web, tables):
    with as_loader(tables) as connection:
        connection.execute(
            "INSERT INTO access.statistics (dataset, commune, objects, extent, edition)"
            " SELECT 'orthophotos', commune, 1, ST_Envelope(geom), edition FROM imagerie.orthophotos"
        )
    box = dict(zip(("west", "south", "east", "north"), tile_at(18, WEST + 1.7 * HALF).box(2154), strict=True))
    plans = {}
    for commune in (HERE, THERE):
        with as_principal(web, granted(commune), "image") as connection:
            explain = sql.SQL("EXPLAIN (ANALYZE, COSTS OFF) ") + statement(IMAGES)
            plans[commune] = [line for (line,) in connection.execute(explain, box | {"smallest": 1})]
    scans = {commune: [line for line in plan if " on orthophotos" in line] for commune, plan in plans.items()}
    assert scans[HERE] and all("never executed" in line for line in scans[HERE])
    assert scans[THERE] and not any("never executed" in line for line in scans[THERE])
    assert any("One-Time Filter" in line for line in plans[HERE])


def test_jpeg_is_for_covered_tiles_only(granted, web, tmp_path):
    one = granted(HERE)
    assert image_tile(web, one, tmp_path, IMAGES, tile_at(20, WEST + HALF / 2), "jpeg").media_type == "image/jpeg"
    assert image_tile(web, one, tmp_path, IMAGES, tile_at(16), "jpeg").media_type == "image/png"


@pytest.fixture
def drawn(monkeypatch):
    """The tiles drawn, one by one."""
    draw, places = imagery.draw, []
    monkeypatch.setattr(imagery, "draw", lambda *arguments: places.append(arguments[1]) or draw(*arguments))
    return places


@pytest.mark.parametrize("wanted", ["png", "webp", "jpeg"])
def test_neighbours_never_share_a_copy_and_equals_do(granted, web, tmp_path, drawn, wanted):
    store, place = TileStore(tmp_path / "tuiles", 1 << 20), tile_at(16)
    members = [granted(HERE), granted(THERE), granted(HERE, THERE), granted(HERE)]
    due = [image_tile(web, who, tmp_path, IMAGES, place, wanted) for who in members]
    drawn.clear()
    for _ in range(2):
        assert [image_tile(web, who, tmp_path, IMAGES, place, wanted, store) for who in members] == due
    assert len(drawn) == 3
    assert len({picture.content for picture in due}) == 3


def test_a_format_is_a_copy_of_its_own(granted, web, tmp_path, drawn):
    store, one, place = TileStore(tmp_path / "tuiles", 1 << 20), granted(HERE), tile_at(20, WEST + HALF / 2)
    for _ in range(2):
        kinds = [image_tile(web, one, tmp_path, IMAGES, place, f, store).media_type for f in ("png", "webp", "jpeg")]
        assert kinds == ["image/png", "image/webp", "image/jpeg"]
    assert len(drawn) == 3


def test_a_copy_does_not_outlive_the_lines_that_drew_it(granted, web, tmp_path, drawn, monkeypatch):
    store, one, place = TileStore(tmp_path / "tuiles", 1 << 20), granted(HERE), tile_at(16)
    for lines in ("before", "before", "after"):
        monkeypatch.setattr(imagery, "DRAWN_BY", lines)
        image_tile(web, one, tmp_path, IMAGES, place, "png", store)
    assert len(drawn) == 2


def test_the_copy_of_an_image_closes_with_its_agreement(granted, tables, web, tmp_path):
    store, one, place = TileStore(tmp_path / "tuiles", 1 << 20), granted(HERE), tile_at(16)
    assert image_tile(web, one, tmp_path, IMAGES, place, "png", store) != nothing("png")
    with connect(tables, "admin") as connection:
        connection.execute("UPDATE access.agreements SET first_day = first_day - 2, last_day = last_day - 2")
    assert image_tile(web, one, tmp_path, IMAGES, place, "png", store) == nothing("png")


def test_what_could_not_be_read_is_tried_again(granted, web, tmp_path):
    store, one, place = TileStore(tmp_path / "tuiles", 1 << 20), granted(HERE), tile_at(16)
    for file in tmp_path.glob("*.tif"):
        file.rename(file.with_suffix(".ailleurs"))
    assert image_tile(web, one, tmp_path, IMAGES, place, "png", store) == nothing("png")
    for file in tmp_path.glob("*.ailleurs"):
        file.rename(file.with_suffix(".tif"))
    assert image_tile(web, one, tmp_path, IMAGES, place, "png", store) != nothing("png")


def test_two_pieces_of_one_image_are_one_piece(granted, web, tmp_path):
    place = tile_at(16)
    with as_principal(web, granted(HERE, THERE), "image") as connection:
        (piece,) = pieces(connection, tmp_path, IMAGES, arguments(place, place.box(2154)))
    assert piece.outline.equals(shapely.union_all([RED, BLUE]))


def test_a_file_outside_the_images_folder_is_never_opened(tmp_path):
    outline = RED.wkb
    for name in ("../secret.tif", "/etc/passwd", "a/../../secret.tif"):
        assert by_file([(name, outline)], tmp_path) == []
    assert [piece.path for piece in by_file([("a/b.tif", outline)], tmp_path)] == [tmp_path.resolve() / "a" / "b.tif"]
