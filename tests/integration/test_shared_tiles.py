"""Copies of vector tiles: who is given the same in a tile shares one, who is given anything else never does."""

import gzip
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from random import Random
from uuid import uuid4

import pytest

from catalog.access import Right, add_agreement, add_organisation, authenticate, end_agreement, issue_token
from catalog.database import as_loader, connect, pool
from catalog.loader import datasets
from catalog.model import BASE, USAGES
from etl.publication import refresh_statistics
from etl.tables import tables
from hunter import decoders
from hunter.members import TODAY
from services.providers import tiles
from services.providers.tiles import shared_tile, vector_tile
from services.tile_store import TileStore
from tests.conftest import clone
from tests.hunting.world import COMMUNES, A, B
from tests.services.maps.conftest import tile_at

PARCELS, PIPES = datasets()["parcelles"], datasets()["canalisations_eau"]
DAY = timedelta(days=1)
MIB = 1 << 20


def on(communes, dataset="parcelles", group=BASE, usages=("tile",)):
    return Right(dataset, group, usages, tuple(communes))


@dataclass
class Bank:
    """A database with its store of copies, and how many tiles were made for them."""

    settings: object
    web: object
    store: TileStore
    made: int = 0

    def member(self, *agreements):
        """An organisation with some agreements, each a list of rights; the first one's id is its own."""
        name = f"m{uuid4().hex[:12]}"
        with connect(self.settings, "admin") as connection, connection.transaction():
            add_organisation(connection, name, name, "commune")
            for number, rights in enumerate(agreements):
                add_agreement(connection, f"{name}-{number}", name, "essai", TODAY - DAY, TODAY + DAY, rights)
            return name, issue_token(connection, name)

    def copy(self, member, place, dataset=PARCELS):
        """What a member is given, by the store."""
        return gzip.decompress(shared_tile(self.web, authenticate(self.web, member[1]), dataset, place, self.store))

    def due(self, member, place, dataset=PARCELS):
        """What a member is given where nothing is kept."""
        return seen(vector_tile(self.web, authenticate(self.web, member[1]), dataset, place))

    def executed(self, statement, *values, role="admin"):
        with connect(self.settings, role) as connection:
            connection.execute(statement, values)

    def makes(self, ask):
        """How many tiles a function has made."""
        before = self.made
        ask()
        return self.made - before


def seen(tile):
    """What a tile says, in no order: ids, attributes and places."""
    return sorted((each.id, sorted(each.attributes.items()), each.geometry.wkt) for each in decoders.vector_tile(tile))


@contextmanager
def bank_on(cluster, template, folder):
    with clone(cluster, template) as own, closing(pool(own, "web")) as web:
        yield Bank(own, web, TileStore(folder, 64 * MIB))


@pytest.fixture(scope="module")
def kept(cluster, loaded_template, tmp_path_factory):
    with bank_on(cluster, loaded_template, tmp_path_factory.mktemp("tuiles")) as bank:
        yield bank


@pytest.fixture
def bank(kept, tmp_path, monkeypatch):
    """A bank whose makings are counted, with nothing kept yet."""
    making = tiles.made

    def counted(*arguments):
        kept.made += 1
        return making(*arguments)

    monkeypatch.setattr(tiles, "made", counted)
    kept.store = TileStore(tmp_path / "tuiles", 64 * MIB)
    return kept


@pytest.fixture(scope="module")
def inside(world):
    """A tile within commune A, far from its border."""
    point = world.communes[0].geometry.centroid
    return tile_at(16, point.x, point.y)


@pytest.fixture(scope="module")
def border(world):
    """A tile on the border of communes A and B."""
    line = world.communes[0].geometry.intersection(world.communes[1].geometry)
    point = line.interpolate(0.5, normalized=True)
    return tile_at(16, point.x, point.y)


def communes_in(tile):
    return {each.attributes["commune"] for each in decoders.vector_tile(tile)}


def test_members_of_equal_rights_share_one_copy(bank, border):
    one, other = bank.member([on([A])]), bank.member([on([A])])
    assert bank.makes(lambda: [bank.copy(who, border) for who in (one, other, one)]) == 1
    assert seen(bank.copy(one, border)) == seen(bank.copy(other, border)) == bank.due(one, border)


def test_rights_are_equal_however_many_agreements_give_them(bank, border):
    whole, united = bank.member([on([A, B])]), bank.member([on([B])], [on([A])], [on([A, B], usages=("feature",))])
    assert bank.makes(lambda: [bank.copy(who, border) for who in (whole, united)]) == 1


def test_inside_it_does_not_matter_what_else_one_has(bank, inside):
    members = [bank.member([on(communes)]) for communes in ([A], [A, B], COMMUNES)]
    assert bank.makes(lambda: [bank.copy(who, inside) for who in members]) == 1
    assert communes_in(bank.copy(members[0], inside)) == {A}


def test_on_the_border_a_commune_more_is_another_copy(bank, border):
    a, b, both = (bank.member([on(communes)]) for communes in ([A], [B], [A, B]))
    for _ in range(2):
        found = [communes_in(bank.copy(who, border)) for who in (both, a, b, both)]
        assert found == [{A, B}, {A}, {B}, {A, B}]


def test_outside_nothing_is_made_and_no_table_is_asked(bank, inside):
    stranger = bank.member([on([B])])
    assert bank.makes(lambda: bank.copy(stranger, inside)) == 0
    assert bank.copy(stranger, inside) == b""


def test_an_attribute_group_more_is_another_copy_where_it_is_given_alone(bank, inside, border):
    plain = bank.member([on(COMMUNES, PIPES.id)])
    technical = bank.member([on(COMMUNES, PIPES.id), on([A], PIPES.id, "technical")])
    for _ in range(2):
        texts = [b"materiau" in bank.copy(who, inside, PIPES) for who in (technical, plain)]
        assert texts == [True, False]
    elsewhere = bank.member([on(COMMUNES, PIPES.id), on([B], PIPES.id, "technical")])
    assert bank.makes(lambda: bank.copy(elsewhere, inside, PIPES)) == 0
    assert seen(bank.copy(elsewhere, border, PIPES)) == bank.due(elsewhere, border, PIPES)


@pytest.mark.parametrize("usage", sorted({*USAGES} - {"tile"}))
def test_another_usage_gives_nothing_of_a_copy(bank, border, usage):
    both = bank.member([on([A, B])])
    looks = bank.member([on([A]), on([B], usages=(usage,))])
    bank.copy(both, border)
    assert communes_in(bank.copy(looks, border)) == {A}


def test_what_ends_is_given_no_more_though_its_copy_is_there(bank, border):
    member, other = bank.member([on([A])], [on([B])]), bank.member([on([A, B])])
    assert communes_in(bank.copy(member, border)) == {A, B}
    with connect(bank.settings, "admin") as connection:
        end_agreement(connection, f"{member[0]}-1", TODAY - DAY)
    assert communes_in(bank.copy(member, border)) == {A}
    assert communes_in(bank.copy(other, border)) == {A, B}


def test_the_clock_alone_closes_a_copy(bank, border):
    member = bank.member([on([A])], [on([B])])
    bank.copy(member, border)
    moved = "UPDATE access.agreements SET first_day = first_day - 2, last_day = last_day - 2 WHERE id = %s"
    bank.executed(moved, f"{member[0]}-1")
    assert communes_in(bank.copy(member, border)) == {A}


def reloaded(bank, dataset=PARCELS, commune=A):
    """Write in a table as the loader does: rows, then where they are."""
    with as_loader(bank.settings) as connection:
        connection.execute("UPDATE cadastre.parcelles SET numero = '0' || numero WHERE commune = %s", [commune])
        refresh_statistics(connection, tables(dataset)[0], commune)


LIFTED = {
    "row security off": "ALTER TABLE cadastre.parcelles DISABLE ROW LEVEL SECURITY",
    "another policy": "CREATE POLICY tous ON cadastre.parcelles FOR SELECT TO geosocle_reader USING (true)",
    "the policy changed": "ALTER POLICY lecture ON cadastre.parcelles USING (true)",
}
MENDED = (
    "DROP POLICY IF EXISTS tous ON cadastre.parcelles; CALL access.protect('cadastre.parcelles', 'parcelles', 'base')"
)


@pytest.mark.parametrize("lifted", LIFTED.values(), ids=LIFTED)
def test_what_was_drawn_while_a_rule_was_lifted_is_given_to_nobody_after(bank, border, lifted):
    member = bank.member([on([A])])
    with connect(bank.settings, "admin") as admin:
        try:
            admin.execute(lifted)
            drawn = seen(bank.copy(member, border))
        finally:
            admin.execute(MENDED)
    assert len(drawn) > len(bank.due(member, border))
    assert seen(bank.copy(member, border)) == bank.due(member, border)


def test_a_commune_that_is_loaded_anew_is_made_anew_where_it_is(bank, inside, border):
    a, b, both = (bank.member([on(communes)]) for communes in ([A], [B], [A, B]))
    asked = ((a, inside), (a, border), (b, border), (both, border))
    before = [seen(bank.copy(*one)) for one in asked]
    reloaded(bank)
    assert bank.makes(lambda: [bank.copy(*one) for one in asked]) == 3
    after = [seen(bank.copy(*one)) for one in asked]
    assert [was != is_ for was, is_ in zip(before, after, strict=True)] == [True, True, False, True]
    assert after == [bank.due(*one) for one in asked]


def test_a_row_put_anywhere_by_hand_is_seen_by_whom_it_is_given_to_alone(cluster, loaded_template, tmp_path, inside):
    with bank_on(cluster, loaded_template, tmp_path / "tuiles") as bank:
        a, both = bank.member([on([A])]), bank.member([on([A, B])])
        bank.copy(a, inside)
        # A parcel of B in the middle of A, of which no statistics were told.
        bank.executed(
            "UPDATE cadastre.parcelles"
            " SET geom = (SELECT ST_Multi(ST_Buffer(ST_Centroid(geom), 20)) FROM cadastre.communes WHERE id = %s)"
            " WHERE id = (SELECT min(id) FROM cadastre.parcelles WHERE commune = %s)",
            A,
            B,
        )
        assert communes_in(bank.copy(both, inside)) == {A, B}
        assert communes_in(bank.copy(a, inside)) == {A}


@pytest.mark.parametrize("table", ["cadastre.parcelles", "reseaux.canalisations_eau_technical"])
@pytest.mark.parametrize("change", ["DELETE FROM {}", "TRUNCATE {}", "UPDATE {} SET unite = 'x'"])
def test_every_way_to_write_in_a_table_gives_its_communes_another_stamp(kept, table, change):
    dataset = PARCELS.id if "parcelles" in table else PIPES.id
    stamps = "SELECT array_agg(stamp ORDER BY commune), bool_or(ground IS NULL) FROM access.grounds WHERE dataset = %s"
    with connect(kept.settings, "admin") as connection, connection.transaction(force_rollback=True):
        before, void = connection.execute(stamps, [dataset]).fetchone()
        assert not void
        connection.execute(change.format(table))
        after, void = connection.execute(stamps, [dataset]).fetchone()
        assert void
        assert not {*before} & {*after}


MOVED = "UPDATE cadastre.parcelles SET geom = ST_Translate(geom, 400, 0) WHERE id LIKE %s"


def compared(bank, places, seed=85, rounds=60):
    """Ask as members drawn at random, while agreements end and sheets are loaded; return what is not as it is due."""
    random = Random(seed)
    members = [drawn(bank, random) for _ in range(8)]
    for _ in range(rounds):
        who, place = random.choice(members), random.choice(places)
        for dataset in (PARCELS, PIPES):
            if seen(bank.copy(who, place, dataset)) != bank.due(who, place, dataset):
                return who[0], place, dataset.id
        match random.randrange(8):
            case 0:
                bank.executed(
                    "UPDATE access.agreements SET first_day = %s, last_day = %s WHERE id = %s",
                    *random.choice(((TODAY - DAY, TODAY), (TODAY - DAY, TODAY - DAY), (TODAY + DAY, TODAY + DAY))),
                    f"{who[0]}-{random.randrange(2)}",
                )
            case 1:
                reloaded(bank, commune=random.choice((A, B)))
            case 2:
                bank.executed(MOVED, f"{B}%1")
    return None


def drawn(bank, random):
    """A member with two agreements over some communes, one with the second group of pipes."""
    some = lambda: random.sample(COMMUNES, random.randint(1, 3))  # noqa: E731
    first = [on(some()), on(some(), PIPES.id), on(some(), PIPES.id, "technical")]
    return bank.member(first, [on(some()), on(some(), PIPES.id)])


@pytest.fixture(scope="module")
def places(world, inside, border):
    """Tiles of several zooms, inside and on borders."""
    point = world.communes[0].geometry.intersection(world.communes[1].geometry).interpolate(0.5, normalized=True)
    return [inside, border, *(tile_at(zoom, point.x, point.y) for zoom in (10, 13, 14))]


def test_a_copy_is_always_what_would_be_made(cluster, loaded_template, tmp_path, places):
    with bank_on(cluster, loaded_template, tmp_path / "tuiles") as bank:
        assert compared(bank, places) is None


ORDERED = 'g.commune COLLATE "C")'
TUPLE = "concat_ws(' ', g.name, g.commune, g.stamp)"
ENDED = """DO $plant$ BEGIN EXECUTE replace(replace(
    pg_get_functiondef('access.visible_communes'::regproc), 'visible_communes', 'once_visible'),
    'access.today() BETWEEN a.first_day AND a.last_day', 'true'); END $plant$;
    ALTER FUNCTION access.once_visible(text, text) OWNER TO geosocle_rules"""
FAULTS = {
    "the attribute groups": (ORDERED, f"{ORDERED} FILTER (WHERE g.name = 'base')"),
    "the territory": (TUPLE, "g.name"),
    "the territory but for its size": (TUPLE, "concat_ws(' ', g.name, 'x')"),
    "what was loaded": (TUPLE, "concat_ws(' ', g.name, g.commune)"),
    "the end of agreements": ("access.visible_communes(", "access.once_visible("),
    "the ground of what was put by hand": ("g.ground IS NULL OR", ""),
}


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
def test_a_key_that_forgets_is_found(cluster, loaded_template, tmp_path, places, fault):
    with bank_on(cluster, loaded_template, tmp_path / "tuiles") as bank, connect(bank.settings, "admin") as admin:
        admin.execute(ENDED)
        body = admin.execute("SELECT pg_get_functiondef('access.tile_key'::regproc)").fetchone()[0]
        assert fault[0] in body
        admin.execute(body.replace(*fault))
        assert compared(bank, places)
