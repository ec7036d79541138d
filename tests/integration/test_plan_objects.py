"""The other objects of the plan: said what they are in the base, thinned in tiles, linked to one another."""

from contextlib import closing
from datetime import timedelta

import pytest
import shapely

from catalog.access import Right, add_agreement, add_organisation, authenticate, issue_token
from catalog.database import connect, pool
from catalog.loader import datasets
from hunter import decoders, tables
from hunter.members import TODAY
from hunter.things import BASE, CADASTRE
from services.providers.tiles import POINTS_ZOOM, vector_tile
from services.tile_grid import HALF_WORLD, Tile, transformer
from tests.hunting import world as invented

NUMBERS = datasets()["numeros_voirie"]
X, Y = 360_000, 6_640_000


def test_every_table_and_column_of_the_plan_says_in_french_what_it_is(database):
    silent = (
        "SELECT c.relname, a.attname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0"
        " WHERE c.relnamespace = 'cadastre'::regnamespace AND c.relkind IN ('r', 'v') AND NOT a.attisdropped"
        " AND (col_description(c.oid, a.attnum) IS NULL OR obj_description(c.oid, 'pg_class') IS NULL)"
    )
    with connect(database, "admin") as connection:
        assert connection.execute(silent).fetchall() == []


def drawn(web, principal, zoom):
    """How many points the tile around them holds."""
    x, y = transformer(2154, 3857).transform(X, Y)
    side = 2 * HALF_WORLD / 2**zoom
    tile = vector_tile(
        web, principal, NUMBERS, Tile(zoom, int((x + HALF_WORLD) // side), int((HALF_WORLD - y) // side))
    )
    return len(list(decoders.vector_tile(tile)))


def test_points_that_would_be_drawn_on_one_another_are_one_at_a_low_zoom_and_all_at_a_high_one(database):
    day = timedelta(days=1)
    with connect(database, "admin") as connection:
        for commune, first in (("85901", 0), ("85902", 100)):
            connection.execute(
                "INSERT INTO cadastre.numeros_voirie (id, commune, unite, edition, geom, feature)"
                " SELECT 'n' || n, %s, 'u', '2026-01-01', ST_SetSRID(ST_MakePoint(%s + n * 0.01, %s), 2154), ''"
                " FROM generate_series(%s::integer, %s::integer + 99) n",
                [commune, X, Y, first, first],
            )
        connection.execute(
            "INSERT INTO access.statistics (dataset, commune, objects, extent)"
            " SELECT 'numeros_voirie', commune, count(*), ST_SetSRID(ST_Extent(ST_Buffer(geom, 1))::geometry, 2154)"
            " FROM cadastre.numeros_voirie GROUP BY commune"
        )
        add_organisation(connection, "mairie", "mairie", "commune")
        rights = [Right("numeros_voirie", "base", ("tile",), ("85901",))]
        add_agreement(connection, "c", "mairie", "essai", TODAY - day, TODAY + day, rights)
        token = issue_token(connection, "mairie")
    with closing(pool(database, "web")) as web:
        principal = authenticate(web, token)
        assert drawn(web, principal, 18) == 100  # those of the neighbour are not among them
        assert 0 < drawn(web, principal, POINTS_ZOOM) < 3
        assert drawn(web, principal, POINTS_ZOOM - 1) == 0


def test_every_object_of_the_samples_is_loaded_as_it_was_invented(loaded, world):
    known = invented.things(world).now
    with connect(loaded, "admin") as connection:
        held = tables.things(connection, invented.COMMUNES).now
        assert tables.things(connection, invented.COMMUNES, but=held.keys() - {"parcelles"}).now.keys() == {"parcelles"}
    for dataset in CADASTRE:
        assert held[dataset].keys() == known[dataset].keys(), dataset
        for id, thing in known[dataset].items():
            read = held[dataset][id]
            assert {name: read.groups[BASE][name] for name in thing.groups[BASE]} == thing.groups[BASE], id
            assert shapely.hausdorff_distance(read.geometry, thing.geometry) < 0.001, id
            assert read.geometry.area == pytest.approx(thing.geometry.area, abs=0.01), id
