"""Each read of an audited dataset leaves exactly one line, whatever the door; nothing leaves without it."""

import json
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from random import Random
from uuid import UUID

import httpx
import pytest
import shapely
from starlette.routing import Route
from starlette.testclient import TestClient
from typer.testing import CliRunner

from catalog import access, register
from catalog.access import Right, add_agreement
from catalog.database import Spares, connect, pool
from catalog.errors import RegisterUnavailable
from catalog.identities import add_identity, open_session, remove_identity
from catalog.loader import datasets
from catalog.model import USAGES
from geosocle.main import app as commands
from hunter import decoders, tiles
from hunter.members import DAY, TODAY
from services import encodings, export_files
from services.app import create_app
from services.providers import imagery
from services.providers.tiles import vector_tile
from services.running import Running, run
from services.sessions import SESSION
from services.tile_grid import Tile
from tests.conftest import clone
from tests.hunting.world import A, B
from tests.services.conftest import Served, granted, pages, serving

WATER = "canalisations_eau"
AUDITED = frozenset({"parcelles", WATER, "orthophotos"})
AGREEMENTS = {
    "public": [Right("communes", "base", USAGES, (A, B))],
    "suivi": [Right(dataset, "base", USAGES, (A, B)) for dataset in ("parcelles", WATER, "orthophotos", "sections")],
    "technique": [Right(WATER, "base", USAGES, (A, B)), Right(WATER, "technical", USAGES, (A,))],
}
LAMBERT = "http://www.opengis.net/def/crs/EPSG/0/2154"
CUT = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'geosocle_audit'"
PARCEL = "859010000A0001"
HIDDEN = "859030000A0001"
PAGE = "/collections/parcelles/items"


@pytest.fixture(scope="module")
def watched(cluster, loaded_template) -> Iterator[Served]:
    """A server that audits parcels, pipes and images, over its own copy of the samples."""
    with clone(cluster, loaded_template) as own:
        own = replace(own, audit=AUDITED)
        with serving(own) as url:
            yield Served(url, own, granted(own, AGREEMENTS))


@pytest.fixture
def written(watched):
    """What was written since the test began, or since it was last asked for."""
    seen = last(watched)

    def lines():
        nonlocal seen
        with connect(watched.settings, "admin") as connection:
            found = connection.execute(
                "SELECT number, organisation, kind, usage, door, dataset, agreements, features FROM registre.lines"
                " WHERE number > %s ORDER BY number",
                [seen],
            ).fetchall()
        seen += len(found)
        return [Line(*each[1:]) for each in found]

    return lines


@dataclass(frozen=True)
class Line:
    """One line of the register, as far as tests look at it."""

    organisation: str
    kind: str
    usage: str
    door: str
    dataset: str
    agreements: list
    features: dict

    @property
    def ids(self) -> set[str]:
        return {id for ids in self.features.values() for id in ids}


def last(watched) -> int:
    with connect(watched.settings, "admin") as connection:
        return connection.execute("SELECT number FROM registre.head").fetchone()[0]


def items(watched, **parameters) -> httpx.Response:
    return watched.get("suivi", PAGE, **{"limit": 7} | parameters)


def tile(watched, dataset, kind, zoom=16, form=None) -> httpx.Response:
    """The tile around one thing of a dataset."""
    place = watched.get("suivi", f"/collections/{dataset}/items", limit=1, crs=LAMBERT).json()["features"][0]
    column, row = tiles.address(Thing(shapely.from_geojson(json.dumps(place["geometry"]))), Random(1), zoom)
    wanted = {"f": form} if form else {}
    return watched.get("suivi", f"/collections/{dataset}/{kind}/WebMercatorQuad/{zoom}/{row}/{column}", **wanted)


@dataclass(frozen=True)
class Thing:
    """What a tile is looked for around."""

    geometry: shapely.Geometry


def executed(watched, process, **inputs) -> httpx.Response:
    with watched.client("suivi") as client:
        return client.post(f"/processes/{process}/execution", json={"inputs": inputs})


def exported(watched, form="gpkg") -> UUID:
    """An export of the parcels of A, asked for and made."""
    return run_job(watched, executed(watched, "export", dataset="parcelles", communes=[A], format=form))


def run_job(watched, asked: httpx.Response) -> UUID:
    """A job that was asked for, once a worker has run it."""
    job = UUID(asked.json()["jobID"])
    with pool(watched.settings, "worker") as connections, closing(Spares(watched.settings, "audit")) as audit:
        run(Running(watched.settings, connections, register.Desk(audit, AUDITED)), job, lambda: False)
    return job


def downloaded(watched) -> httpx.Response:
    return watched.get("suivi", f"/jobs/{exported(watched)}/results")


# What each door that gives features is asked, and the datasets of the lines that it leaves.
ONE = "/collections/{dataset}"
DOORS = {
    f"{ONE}/items": items,
    f"{ONE}/items/{{feature:path}}": lambda watched: watched.get("suivi", f"{PAGE}/{PARCEL}"),
    f"{ONE}/tiles/{{grid}}/{{z}}/{{row}}/{{column}}": lambda watched: tile(watched, "parcelles", "tiles"),
    f"{ONE}/map/tiles/{{grid}}/{{z}}/{{row}}/{{column}}": lambda watched: tile(watched, "orthophotos", "map/tiles"),
    "/collections/parcelles/items/{parcel}/plan.pdf": lambda watched: watched.get("suivi", f"{PAGE}/{PARCEL}/plan.pdf"),
    "/parcelle": lambda watched: watched.get("suivi", "/parcelle", parcelle="A 1", commune=A),
    "/processes/{process}/execution": lambda watched: executed(watched, "plan-cadastral", parcelle=PARCEL),
    "/jobs/{job}/results": downloaded,
}


def asked(path, **parameters):
    """What asks the member's own thing of a path in a format."""
    return lambda watched: watched.get("suivi", path, **parameters)


def shown(form):
    """What asks for the piece of an image in a format."""
    return lambda watched: tile(watched, "orthophotos", "map/tiles", form=form)


def made(form):
    """What asks for an export in a format, and has it made."""
    return lambda watched: exported(watched, form)


# Every format of every door that gives features, and the usage of its one line.
FORMATS = {
    **{("items", form): ("feature", asked(PAGE, limit=7, f=form)) for form in encodings.ITEMS},
    **{("item", form): ("feature", asked(f"{PAGE}/{PARCEL}", f=form)) for form in encodings.ITEM},
    ("count", "json"): ("feature", asked(PAGE, resulttype="hits")),
    ("tile", "mvt"): ("tile", lambda watched: tile(watched, "parcelles", "tiles")),
    ("plan", "pdf"): ("image", asked(f"{PAGE}/{PARCEL}/plan.pdf")),
    **{("map tile", form): ("image", shown(form)) for form in imagery.FORMATS},
    **{("export", form): ("file", made(form)) for form in export_files.FORMATS},
}

# Doors that give no feature, not even whether there is one.
WITHOUT_FEATURES = {
    "/", "/conformance", "/openapi", "/processes", "/processes/{process}", "/jobs", "/jobs/{job}", "/collections", ONE,
    f"{ONE}/schema", f"{ONE}/queryables", "/TileMatrixSets", "/TileMatrixSets/{grid}", f"{ONE}/tiles",
    f"{ONE}/tiles/{{grid}}", f"{ONE}/tiles/{{grid}}/metadata", f"{ONE}/map/tiles", f"{ONE}/map/tiles/{{grid}}",
    "/access/explain", "/{path:path}",
}  # fmt: skip
# Those by which people come in and go out lead elsewhere; they give nothing.
WAYS_IN = {"/connexion", "/connexion-par-jeton", "/connexion/compte", "/connexion/retour", "/deconnexion"}


def test_a_new_door_must_say_here_whether_it_gives_features(watched):
    app = create_app(watched.settings)
    with TestClient(app):
        known = {route.path for route in app.routes if isinstance(route, Route)}
    assert known == DOORS.keys() | WITHOUT_FEATURES | WAYS_IN


@pytest.mark.parametrize("door", DOORS)
def test_this_door_leaves_exactly_one_line_that_names_it(watched, written, door):
    response = DOORS[door](watched)
    assert response.status_code == (303 if door == "/parcelle" else 200)
    mine = [line for line in written() if line.door == door and line.kind != "purge"]
    assert [line.organisation for line in mine] == ["suivi"]
    assert {each["purpose"] for each in mine[0].agreements} == {"essai"}


@pytest.mark.parametrize("door", sorted(WITHOUT_FEATURES))
def test_this_door_gives_no_feature_and_leaves_no_line(watched, written, door):
    places = {"dataset": "parcelles", "grid": "WebMercatorQuad", "process": "export", "job": "x"}
    response = watched.get("suivi", door.replace("{path:path}", "nulle/part").format(**places))
    assert response.status_code in (200, 404)
    assert PARCEL not in response.text
    assert written() == []


@pytest.mark.parametrize("act", FORMATS, ids="-".join)
def test_each_format_of_each_door_leaves_one_line(watched, written, act):
    usage, ask = FORMATS[act]
    answer = ask(watched)
    assert isinstance(answer, UUID) or answer.status_code == 200
    lines = [line for line in written() if line.usage == usage]  # the tile's place is asked of the items
    assert [line.organisation for line in lines] == ["suivi"]
    assert bool(lines[0].ids) is (act[0] != "count")


def test_a_page_is_written_down_with_the_ids_that_it_gives(watched, written):
    page = items(watched, section="0A").json()
    (line,) = written()
    assert line.ids == {feature["id"] for feature in page["features"]}
    assert (len(line.ids), line.kind, line.usage, line.dataset) == (7, "read", "feature", "parcelles")
    assert line.agreements == [{"agreement": "essai-suivi", "purpose": "essai", "groups": {"base": [*line.features]}}]


@pytest.mark.parametrize("relation", ["self", "alternate"])
def test_every_format_of_a_page_leaves_the_same_line(watched, written, relation):
    page = items(watched).json()
    (plain,) = written()
    others = [each["href"] for each in page["links"] if each["rel"] == relation]
    assert others
    with watched.client("suivi") as client:
        for address in others:
            assert client.get(address).status_code == 200
            assert written() == [plain]


def test_the_pages_of_a_walk_name_each_feature_once(watched, written):
    with watched.client("suivi") as client:
        walked = list(pages(client, PAGE, {"limit": "100"}))
    lines = written()
    assert len(lines) == len(walked) > 2
    given = Counter(feature["id"] for page in walked for feature in page["features"])
    assert Counter(id for line in lines for id in line.ids) == given
    assert set(given.values()) == {1}


def test_a_sorted_page_at_an_offset_names_what_it_gives(watched, written):
    page = items(watched, sortby="-contenance", offset=5).json()
    (line,) = written()
    assert line.ids == {feature["id"] for feature in page["features"]}


def test_a_day_of_the_past_is_written_down_too(watched, written):
    page = items(watched, datetime="2026-08-01/..").json()
    (line,) = written()
    assert line.ids == {feature["id"] for feature in page["features"]}


def test_a_count_is_written_down_without_features(watched, written):
    assert items(watched, resulttype="hits", section="0A").json()["numberMatched"] > 0
    (line,) = written()
    assert (line.kind, line.features) == ("count", {})
    assert [each["agreement"] for each in line.agreements] == ["essai-suivi"]


def test_an_empty_page_is_a_read(watched, written):
    assert items(watched, section="ZZ").json()["features"] == []
    (line,) = written()
    assert (line.kind, line.features) == ("read", {})


@pytest.mark.parametrize("id", [HIDDEN, "inconnu"])
def test_what_is_not_found_leaves_no_line(watched, written, id):
    assert watched.get("suivi", f"{PAGE}/{id}").status_code == 404
    assert written() == []


def test_a_filter_that_is_refused_leaves_no_line(watched, written):
    assert items(watched, proprietaire="X").status_code == 400
    assert written() == []


def test_an_item_names_the_groups_of_its_own_commune(watched, written):
    pipes = watched.get("technique", f"/collections/{WATER}/items", limit=1000).json()["features"]
    written()
    for commune, groups in ((A, {"base", "technical"}), (B, {"base"})):
        id = next(pipe["id"] for pipe in pipes if pipe["properties"]["commune"] == commune)
        assert watched.get("technique", f"/collections/{WATER}/items/{id}").status_code == 200
        (line,) = written()
        assert line.features == {commune: [id]}
        assert [each["groups"].keys() for each in line.agreements] == [groups]


@pytest.mark.parametrize(
    ("parameters", "looked_at"),
    [
        ({"properties": "objet"}, False),
        ({"properties": "materiau"}, True),
        ({"properties": "objet", "sortby": "an_pose"}, True),
        ({"properties": "objet", "filter": "an_pose > 1900"}, True),
    ],
)
def test_a_group_is_named_where_it_is_looked_at(watched, written, parameters, looked_at):
    response = watched.get("technique", f"/collections/{WATER}/items", limit=50, **parameters)
    assert response.json()["numberReturned"] > 0
    (line,) = written()
    assert any("technical" in each["groups"] for each in line.agreements) is looked_at


def test_all_agreements_that_cover_a_row_are_named(watched, written):
    rights = [Right("parcelles", "base", ("feature",), (A,))]
    with connect(watched.settings, "admin") as connection:
        add_agreement(connection, "seconde", "suivi", "autre objet", TODAY, TODAY + DAY, rights)
        try:
            assert items(watched).status_code == 200
        finally:
            connection.execute("DELETE FROM access.agreements WHERE id = 'seconde'")
    (line,) = written()
    assert {each["agreement"]: each["purpose"] for each in line.agreements} == {
        "essai-suivi": "essai",
        "seconde": "autre objet",
    }


def test_what_the_register_names_stays_nowhere_and_is_named_each_time(watched, written):
    folder = watched.settings.files / "tuiles"
    for ask in (partial(tile, watched, "parcelles", "tiles", 14), partial(tile, watched, "orthophotos", "map/tiles")):
        ask()
        written()
        kept = {*folder.rglob("*")}
        answers = [ask(), ask()]
        assert len([line for line in written() if line.usage != "feature"]) == 2
        assert {*folder.rglob("*")} == kept
        assert {answer.headers["cache-control"] for answer in answers} == {"private, no-store"}
        assert not any("etag" in answer.headers for answer in answers)
    assert items(watched).headers["cache-control"] == "private, no-store"
    assert watched.get("suivi", "/collections/sections/items").headers["cache-control"] == "private, no-cache"
    assert tile_of_sections(watched).headers["cache-control"] == "private, no-cache"
    assert [file for file in folder.rglob("*") if file.is_file()]


def tile_of_sections(watched) -> httpx.Response:
    """A tile of what nobody audits."""
    return watched.get("suivi", "/collections/sections/tiles/WebMercatorQuad/14/5783/8125")


def test_a_vector_tile_names_the_features_that_it_holds(watched, written):
    for zoom in (16, 12):
        response = tile(watched, "parcelles", "tiles", zoom)
        line = next(line for line in written() if line.usage == "tile")
        assert line.ids == {each.id for each in decoders.vector_tile(response.content)}
        assert line.ids


def test_an_image_names_the_pieces_that_it_is_made_of(watched, written):
    tile(watched, "orthophotos", "map/tiles")
    (line,) = [line for line in written() if line.usage == "image"]
    assert line.dataset == "orthophotos"
    assert line.ids


def test_a_plan_names_the_parcels_that_are_drawn(watched, written):
    response = watched.get("suivi", f"{PAGE}/{PARCEL}/plan.pdf")
    (line,) = written()
    assert (line.usage, line.dataset) == ("image", "parcelles")
    assert PARCEL in line.ids
    assert len(line.ids) > 3
    assert response.headers["content-type"] == "application/pdf"


def test_an_export_names_every_feature_once_and_each_download_refers_to_it(watched, written):
    job = exported(watched)
    (line,) = written()
    assert (line.usage, line.kind, line.door) == ("file", "read", "/processes/{process}/execution")
    content = watched.get("suivi", f"/jobs/{job}/results").content
    assert {each.id for each in decoders.geopackage(content)} == line.ids
    (download,) = written()
    assert (download.kind, download.features, download.agreements) == ("download", {}, line.agreements)


def test_what_is_not_audited_leaves_no_line(watched, written):
    assert watched.get("suivi", "/collections/sections/items").json()["numberReturned"] > 0
    assert watched.get(None, "/collections/communes/items").json()["numberReturned"] > 0
    assert written() == []


def test_who_asks_is_told_without_the_credential(watched):
    items(watched)
    with connect(watched.settings, "admin") as connection:
        card = connection.execute("SELECT id::text FROM access.tokens WHERE organisation = 'suivi'").fetchone()[0]
        texts = [text for (text,) in connection.execute("SELECT registre.canonical(l) FROM registre.lines l")]
    secret = watched.tokens["suivi"]
    assert card in texts[-1]
    assert not [text for text in texts if secret in text or access.token_key(secret) in text]


@pytest.fixture
def alice(watched):
    """An identity of a member, its id, and a browser in which she has signed in."""
    cookie, issuer = "a" * 43, "https://comptes.exemple.fr"
    with connect(watched.settings, "admin") as connection, pool(watched.settings, "web") as connections:
        id = add_identity(connection, "suivi", issuer, {"sub": "alice"}, label="Alice")
        tomorrow = datetime.now(UTC) + timedelta(hours=1)
        assert open_session(connections, access.token_key(cookie), issuer, {"sub": "alice"}, tomorrow)
        headers = {"Sec-Fetch-Site": "same-origin"}
        with httpx.Client(base_url=watched.url, cookies={SESSION: cookie}, headers=headers, timeout=30) as browser:
            yield id, browser
        remove_identity(connection, id)


def who_read(watched, since) -> list[tuple[str, str, str]]:
    """Organisation, bearer and kind of each line after one."""
    with connect(watched.settings, "admin") as connection:
        found = connection.execute(
            "SELECT organisation, bearer::text, kind FROM registre.lines WHERE number > %s ORDER BY number", [since]
        ).fetchall()
    return [tuple(each) for each in found]


def test_whoever_signed_in_is_named_in_pages_in_her_job_and_in_its_download(watched, alice):
    id, browser = alice
    since = last(watched)
    assert browser.get(PAGE, params={"f": "json", "limit": 7}).status_code == 200
    inputs = {"inputs": {"dataset": "parcelles", "communes": [A]}}
    job = run_job(watched, browser.post("/processes/export/execution", json=inputs))
    assert browser.get(f"/jobs/{job}/results").status_code == 200
    assert who_read(watched, since) == [("suivi", id, kind) for kind in ("read", "read", "download")]


def test_who_reads_the_register_is_told_the_identitys_name_and_the_tokens(watched, alice):
    id, browser = alice
    since = last(watched)
    browser.get(PAGE, params={"f": "json", "limit": 1})
    items(watched, limit=1)
    env = {"GEOSOCLE_DSN": watched.settings.dsn, "GEOSOCLE_STATE": str(watched.settings.state)}
    told = json.loads(CliRunner().invoke(commands, ["audit", "list", "--json"], env=env).stdout)
    ours = [(line["bearer"], line["bearer_name"]) for line in told if line["number"] > since]
    assert ours[0] == (id, "identité Alice")
    assert ours[1][1] == f"jeton {ours[1][0]}"


def test_the_register_finds_out_by_itself_who_bears_a_key(watched, alice):
    """The service says no more than the key."""
    id, _ = alice
    since = last(watched)
    with connect(watched.settings, "audit") as connection:
        connection.execute(
            "SELECT registre.write(%s, 'read', 'feature', '/', 'parcelles', '{base}', '{}', NULL)",
            [access.token_key("a" * 43)],
        )
    assert who_read(watched, since) == [("suivi", id, "read")]


@pytest.mark.parametrize(
    ("fault", "mend"),
    [
        ("ALTER SCHEMA registre RENAME TO ailleurs", "ALTER SCHEMA ailleurs RENAME TO registre"),
        (
            "ALTER TABLE registre.lines ADD CONSTRAINT plein CHECK (number < 0) NOT VALID",
            "ALTER TABLE registre.lines DROP CONSTRAINT plein",
        ),
        ("ALTER ROLE geosocle_audit NOLOGIN", "ALTER ROLE geosocle_audit LOGIN"),
    ],
    ids=["its schema is away", "its disk is full", "its role is locked out"],
)
def test_nothing_audited_is_given_where_the_register_is_not_to_be_had_because(watched, written, fault, mend):
    job = exported(watched)
    written()
    with connect(watched.settings, "admin") as connection:
        connection.execute(fault)
        connection.execute(CUT)
        try:
            refused = [
                items(watched),
                watched.get("suivi", f"{PAGE}/{PARCEL}"),
                watched.get("suivi", f"/jobs/{job}/results"),
                watched.get("suivi", f"{PAGE}/{PARCEL}/plan.pdf"),
            ]
            served = [
                watched.get("suivi", "/collections/sections/items"),
                watched.get(None, "/collections/communes/items"),
                watched.get("suivi", "/collections"),
            ]
        finally:
            connection.execute(mend)
    assert [each.status_code for each in refused] == [503] * len(refused)
    assert all(PARCEL not in each.text and "Retry-After" in each.headers for each in refused)
    assert [each.status_code for each in served] == [200] * len(served)
    assert written() == []
    assert items(watched).status_code == 200


def test_sixteen_readers_leave_as_many_lines_as_reads_in_one_sound_chain(watched, written):
    with ThreadPoolExecutor(16) as readers:
        answers = list(readers.map(lambda n: items(watched, limit=1 + n % 5, offset=n), range(96)))
    assert {answer.status_code for answer in answers} == {200}
    given = Counter(frozenset(feature["id"] for feature in answer.json()["features"]) for answer in answers)
    assert Counter(frozenset(line.ids) for line in written()) == given
    with connect(watched.settings, "admin") as connection:
        assert register.verify(connection).faults == ()


def test_a_door_without_a_desk_gives_nothing_audited(watched):
    """What would read an audited dataset beside the gate, as a future program might, is refused."""
    with pool(watched.settings, "web") as connections:
        asker = access.authenticate(connections, watched.tokens["suivi"])
        audited = replace(datasets()["parcelles"], audit=True)
        with pytest.raises(RegisterUnavailable):
            vector_tile(connections, asker, audited, Tile(16, 32500, 23000))
