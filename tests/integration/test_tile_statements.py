"""Tiles asked of PostGIS as principals: two neighbours on one grid of parcels, a pipe with a second attribute group."""

from contextlib import closing
from datetime import timedelta
from itertools import product

import pyogrio
import pytest
import shapely
from psycopg import sql

from catalog.access import Right, add_agreement, add_organisation, authenticate, issue_token
from catalog.database import as_loader, connect, pool
from catalog.loader import datasets
from hunter.members import TODAY
from services.providers.tiles import WHOLE_ZOOM, statement, vector_tile
from services.tile_grid import HALF_WORLD, Tile, transformer

WEST, SOUTH, SIDE, COUNT = 310_000, 6_640_000, 40, 20
HERE, THERE = "85001", "85002"
PARCELLES, PIPES = datasets()["parcelles"], datasets()["canalisations_eau"]
BORDER = WEST + SIDE * COUNT / 2


def parcels():
    """Squares of 40 m: the western half is one commune's, the eastern half the other's."""
    for column in range(COUNT):
        for row in range(COUNT):
            commune = HERE if column < COUNT / 2 else THERE
            box = shapely.box(
                WEST + column * SIDE, SOUTH + row * SIDE, WEST + (column + 1) * SIDE, SOUTH + (row + 1) * SIDE
            )
            yield f"{commune}000A{column:02}{row:02}", commune, f"{column:02}{row:02}", shapely.MultiPolygon([box]).wkt


@pytest.fixture
def tables(database):
    with as_loader(database) as connection, connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO cadastre.parcelles"
            " (id, commune, unite, edition, prefixe, section, numero, contenance, creation, geom, feature)"
            " VALUES (%s, %s, 'u', '2026-01-01', '000', 'A', %s, 1600, '1980-02-03', ST_GeomFromText(%s, 2154), '')",
            list(parcels()),
        )
        for commune, shift in ((HERE, 0), (THERE, 400)):
            line = f"MULTILINESTRING(({WEST + shift} {SOUTH + 50}, {WEST + shift + 400} {SOUTH + 50}))"
            cursor.execute(
                "INSERT INTO reseaux.canalisations_eau (id, commune, unite, edition, objet, geom, feature)"
                " VALUES (%s, %s, 'u', '2026-01-01', 'T1', ST_GeomFromText(%s, 2154), '')",
                [f"T1.{commune}", commune, line],
            )
            cursor.execute(
                "INSERT INTO reseaux.canalisations_eau_technical"
                " (id, commune, unite, edition, materiau, diametre_equivalent, feature)"
                " VALUES (%s, %s, 'u', '2026-01-01', 'PVC <110', 110, '')",
                [f"T1.{commune}", commune],
            )
    return database


@pytest.fixture
def web(tables):
    with closing(pool(tables, "web")) as connections:
        yield connections


@pytest.fixture
def granted(tables, web):
    """A function: rights → the principal of a new organisation that has them."""

    def grant(*rights):
        with connect(tables, "admin") as connection:
            number = connection.execute("SELECT count(*) FROM access.organisations").fetchone()[0]
            name = f"membre-{number}"
            add_organisation(connection, name, name, "commune")
            if rights:
                day = timedelta(days=1)
                add_agreement(connection, name, name, "essai", TODAY - day, TODAY + day, rights)
            return authenticate(web, issue_token(connection, name))

    return grant


def tile_at(z, x=BORDER - 1, y=SOUTH + SIDE * COUNT / 2):
    x, y = transformer(2154, 3857).transform(x, y)
    side = 2 * HALF_WORLD / 2**z
    return Tile(z, int((x + HALF_WORLD) // side), int((HALF_WORLD - y) // side))


def decoded(content, place, tmp_path, layer="parcelles", **more):
    """The attributes and geometries of a layer of a tile, read by GDAL."""
    file = tmp_path / "tile.mvt"
    file.write_bytes(content)
    options = {"X": place.x, "Y": place.y, "Z": place.z} | more
    meta, _, shapes, columns = pyogrio.raw.read(file, layer, **options)
    rows = zip(*columns, strict=True)
    names = list(meta["fields"])
    return [dict(zip(names, row, strict=True)) for row in rows], shapely.from_wkb(shapes)


def seen(granted_principal, web, dataset, place, tmp_path):
    content = vector_tile(web, granted_principal, dataset, place)
    return decoded(content, place, tmp_path, dataset.id)[0] if content else []


def tiles_of(communes, dataset="parcelles", group="base"):
    return Right(dataset, group, ("tile",), tuple(communes))


@pytest.mark.parametrize("zoom", range(WHOLE_ZOOM, 20))
def test_a_tile_on_the_border_holds_the_callers_commune_alone_buffer_included(granted, web, tmp_path, zoom):
    one = granted(tiles_of([HERE]))
    found = seen(one, web, PARCELLES, tile_at(zoom), tmp_path)
    assert found
    assert {row["commune"] for row in found} == {HERE}


def test_both_neighbours_together_see_what_each_sees(granted, web, tmp_path):
    place = tile_at(15)
    here, there, both = (granted(tiles_of(communes)) for communes in ([HERE], [THERE], [HERE, THERE]))
    ids = [{row["id"] for row in seen(one, web, PARCELLES, place, tmp_path)} for one in (here, there, both)]
    assert ids[0] and ids[1]
    assert not ids[0] & ids[1]
    assert ids[0] | ids[1] == ids[2]


def test_a_tile_bears_id_and_typed_attributes(granted, web, tmp_path):
    rows = seen(granted(tiles_of([HERE])), web, PARCELLES, tile_at(18), tmp_path)
    row = rows[0]
    assert row["id"].startswith(HERE)
    assert row["section"] == "A"
    assert row["contenance"] == 1600
    assert row["edition"] == "2026-01-01"
    assert not {"unite", "feature", "geom"} & set(row)


def test_parcels_lie_where_they_are_within_a_step_of_the_tile(granted, web, tmp_path):
    place = tile_at(18)
    rows, shapes = decoded(vector_tile(web, granted(tiles_of([HERE])), PARCELLES, place), place, tmp_path)
    expected = {id: shapely.from_wkt(wkt) for id, _, _, wkt in parcels()}
    step = 3 * place.pixel * 256 / 4096
    for row, shape in zip(rows, shapes, strict=True):
        here = shapely.transform(shape, transformer(3857, 2154).transform, interleaved=False)
        assert shapely.difference(here, expected[row["id"]].buffer(step)).is_empty


def test_each_parcel_has_one_point_for_its_name_in_the_tile_that_holds_it(granted, web, tmp_path):
    one, points = granted(tiles_of([HERE])), {}
    middle = tile_at(18)
    expected = {id: shapely.from_wkt(wkt) for id, commune, _, wkt in parcels() if commune == HERE}
    for column, row in product(range(-2, 3), repeat=2):
        place = Tile(18, middle.x + column, middle.y + row)
        content = vector_tile(web, one, PARCELLES, place)
        named, shapes = (
            decoded(content, place, tmp_path, "parcelles_noms", CLIP="NO") if b"parcelles_noms" in content else ([], [])
        )
        for attributes, shape in zip(named, shapes, strict=True):
            here = shapely.transform(shape, transformer(3857, 2154).transform, interleaved=False)
            assert attributes["id"] not in points, "written twice"
            assert attributes["numero"] == attributes["id"][-4:]
            assert expected[attributes["id"]].contains(here)
            points[attributes["id"]] = place
    drawn = {row["id"] for row in seen(one, web, PARCELLES, middle, tmp_path)}
    assert drawn and drawn <= set(points)
    assert {place == middle for place in points.values()} == {True, False}
    assert b"_noms" not in vector_tile(web, one, PARCELLES, Tile(16, middle.x >> 2, middle.y >> 2))


@pytest.mark.parametrize("usage", ["image", "feature", "file"])
def test_another_usage_gives_no_tile(granted, web, usage):
    one = granted(Right("parcelles", "base", (usage,), (HERE,)))
    assert vector_tile(web, one, PARCELLES, tile_at(15)) == b""


def test_hidden_parcels_and_no_parcels_are_the_same_tile(granted, web):
    one = granted(tiles_of([HERE]))
    assert vector_tile(web, one, PARCELLES, tile_at(18, BORDER + 300)) == b""
    assert vector_tile(web, one, PARCELLES, tile_at(18, BORDER + 30_000)) == b""
    assert vector_tile(web, one, PARCELLES, Tile(4, 0, 15)) == b""
    assert vector_tile(web, granted(), PARCELLES, tile_at(15)) == b""


def test_a_second_group_is_absent_where_it_is_not_given(granted, web, tmp_path):
    one = granted(
        tiles_of([HERE, THERE], "canalisations_eau"),
        tiles_of([THERE], "canalisations_eau", "technical"),
    )
    rows = {row["commune"]: row for row in seen(one, web, PIPES, tile_at(15, y=SOUTH + 50), tmp_path)}
    assert rows[THERE]["materiau"] == "PVC <110"
    assert rows[THERE]["diametre_equivalent"] == 110
    assert rows[HERE]["materiau"] is None


def test_a_second_group_that_is_not_given_leaves_no_trace(granted, web):
    one = granted(tiles_of([HERE], "canalisations_eau"))
    assert b"materiau" not in vector_tile(web, one, PIPES, tile_at(15, y=SOUTH + 50))


def test_a_second_group_without_base_shows_nothing(granted, web):
    one = granted(tiles_of([HERE], "canalisations_eau", "technical"))
    assert vector_tile(web, one, PIPES, tile_at(15, y=SOUTH + 50)) == b""


def test_a_low_zoom_leaves_out_what_is_smaller_than_two_pixels(granted, web, tmp_path):
    one = granted(tiles_of([HERE]), tiles_of([HERE], "canalisations_eau"))
    assert vector_tile(web, one, PARCELLES, tile_at(11)) == b""
    assert seen(one, web, PIPES, tile_at(11, y=SOUTH + 50), tmp_path)
    assert vector_tile(web, one, PIPES, tile_at(6, y=SOUTH + 50)) == b""


@pytest.mark.parametrize("zoom", [12, 15])
def test_the_spatial_index_is_used_under_the_rule(granted, tables, web, zoom):
    one = granted(tiles_of([HERE]))
    place = tile_at(zoom)
    box = dict(zip(("west", "south", "east", "north"), place.box(2154), strict=True))
    arguments = box | place.affinity(2154) | {"z": place.z, "x": place.x, "y": place.y, "smallest": 1}
    explain = sql.SQL("EXPLAIN ") + statement(PARCELLES, ("base",), whole=zoom >= WHOLE_ZOOM)
    with connect(tables, "admin") as connection, connection.transaction():
        connection.execute("SET LOCAL enable_seqscan = off")
        connection.execute(
            "SELECT set_config('app.key', %s, true), set_config('app.usage', 'tile', true),"
            " set_config('role', 'geosocle_reader', true)",
            [one.key],
        )
        plan = "\n".join(line for (line,) in connection.execute(explain, arguments))
    assert "parcelles_geom_idx" in plan
