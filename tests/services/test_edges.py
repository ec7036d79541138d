"""What crosses a border, over HTTP: each member has its own part, cut exactly, under the whole object's id."""

import pytest
import shapely

from catalog.access import Right
from catalog.model import USAGES
from tests.conftest import clone
from tests.hunting.world import COMMUNES
from tests.services.conftest import WATER, Served, granted, pages, serving

MILLIMETRE = 0.001
LAMBERT = "http://www.opengis.net/def/crs/EPSG/0/2154"


@pytest.fixture(scope="module")
def parts(cluster, loaded_template):
    """The pipes that each of the four communes is given: commune → its features, in Lambert-93."""
    members = {f"eau-{code}": [Right(WATER, "base", USAGES, (code,))] for code in COMMUNES}
    with clone(cluster, loaded_template) as own, serving(own) as url:
        server = Served(url, own, granted(own, members))
        return {code: walked(server, f"eau-{code}") for code in COMMUNES}


def walked(server, member):
    """Every pipe that a member is given."""
    with server.client(member) as client:
        found = pages(client, f"/collections/{WATER}/items", {"crs": LAMBERT, "limit": "1000"})
        return [feature for page in found for feature in page["features"]]


def pieces(parts, pipe):
    """Commune → the piece of a pipe that its member has."""
    return {
        code: shapely.geometry.shape(feature["geometry"])
        for code, features in parts.items()
        for feature in features
        if feature["properties"]["objet"] == pipe.id
    }


@pytest.fixture
def crossing(world):
    """The pipes of the invented world that cross a border."""
    limits = [one.geometry.boundary for one in world.communes]
    found = [pipe for pipe in world.canalisations if any(pipe.geometry.crosses(limit) for limit in limits)]
    assert len(found) >= 3
    return [pipe for pipe in found if not pipe.along_border]


def test_a_pipe_that_crosses_a_border_is_cut_where_the_border_is(parts, crossing, world):
    for pipe in crossing:
        wanted = {one.code: shapely.intersection(pipe.geometry, one.geometry) for one in world.communes}
        found = pieces(parts, pipe)
        assert found.keys() == {code for code, piece in wanted.items() if piece.length > MILLIMETRE}
        assert len(found) > 1
        for code, piece in found.items():
            assert shapely.hausdorff_distance(piece, wanted[code]) < 2 * MILLIMETRE, (pipe.id, code)


def test_the_members_pieces_add_up_to_every_whole_pipe_within_a_millimetre(parts, world):
    for pipe in world.canalisations:
        found = pieces(parts, pipe).values()
        assert sum(piece.length for piece in found) == pytest.approx(pipe.geometry.length, abs=MILLIMETRE), pipe.id


def test_a_piece_bears_the_whole_pipes_id_and_its_own_commune(parts, world):
    whole = {pipe.id for pipe in world.canalisations}
    assert all(parts.values())
    for code, features in parts.items():
        named = [(one["id"], one["properties"]["objet"], one["properties"]["commune"]) for one in features]
        assert named == [(f"{objet}.{code}", objet, code) for _, objet, _ in named]
        assert {objet for _, objet, _ in named} <= whole
