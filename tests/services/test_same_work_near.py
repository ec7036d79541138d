"""Beside one's own: a place where a neighbour has a town and one where nobody has anything cost the database the same.

The caller's commune lies around its neighbour's as an L does: both places are within the extent of what it has. Squares
of 256 m that hold something of its own are looked at, as they must; what others have there is then met.
"""

from contextlib import ExitStack

import pytest

from bench.questions import tile_at
from catalog.access import Right
from catalog.database import as_loader, connect
from catalog.loader import datasets
from etl.publication import refresh_statistics
from etl.tables import tables
from tests.conftest import clone
from tests.hunting.world import A, B
from tests.services.conftest import Served, granted, serving
from tests.steps import recorded

WEST, SOUTH = 700_000, 6_600_000
TOWN, NOTHING, OWN = (WEST + 600, SOUTH + 800), (WEST + 2800, SOUTH + 800), (WEST + 20, SOUTH + 800)
LAMBERT = "http://www.opengis.net/def/crs/EPSG/0/2154"
ITEMS = "/collections/parcelles/items"
# A strip to the west and one to the south, and 8,000 parcels of the neighbour's between them: first, across, along.
PARCELS = """
INSERT INTO cadastre.parcelles (id, commune, unite, edition, prefixe, section, numero, geom, feature)
SELECT commune || '000' || section || to_char(first + i, 'FM0000'), commune, 'f', '2026-01-01', '000', section,
       to_char(first + i, 'FM0000'), ST_Multi(ST_Translate(ST_MakeEnvelope(x, y, x + 20, y + 20, 2154),
                                                           20 * (i %% across), 20 * (i / across))),
       '{"type":"Feature","id":"x","geometry":null,"properties":{"commune":"x"'
FROM (VALUES (%(a)s::text, '0A', 0, 700000, 6600000, 4, 600), (%(a)s, '0A', 1000, 700080, 6600000, 180, 360),
             (%(b)s, 'ZZ', 0, 700400, 6600400, 80, 8000)) part (commune, section, first, x, y, across, along),
     generate_series(0, along - 1) i
"""
IMAGES = """
INSERT INTO imagerie.orthophotos (id, commune, unite, edition, objet, fichier, geom, feature)
SELECT min(id), commune, 'f', '2026-01-01', min(id), 'i.tif', ST_Multi(ST_Union(geom)), ''
FROM cadastre.parcelles GROUP BY commune, section = '0A' AND numero < '1000'
"""
RIGHTS = {
    name: [Right("parcelles", "base", ("feature", "tile"), held), Right("orthophotos", "base", ("image",), held)]
    for name, held in {"ici": (A,), "voisine": (B,)}.items()
}


def around(place, side=300):
    """A square, as a parameter of a page."""
    (x, y), half = place, side / 2
    return f"bbox={x - half},{y - half},{x + half},{y + half}&bbox-crs={LAMBERT}"


def within(place):
    """The same as a filter."""
    (x, y), side = place, 150
    corners = [
        (x - side, y - side),
        (x + side, y - side),
        (x + side, y + side),
        (x - side, y + side),
        (x - side, y - side),
    ]
    return f"S_INTERSECTS(geometry, POLYGON(({', '.join(f'{x} {y}' for x, y in corners)})))"


def tiled(place, zoom, what="tiles", form="mvt"):
    """The address of a tile of parcels, or of images."""
    z, x, y = tile_at(*place, zoom)
    dataset = "orthophotos" if form == "png" else "parcelles"
    return f"/collections/{dataset}/{what}/WebMercatorQuad/{z}/{y}/{x}?f={form}"


PLACES = {  # what is asked of a place
    "a box": lambda place: f"{ITEMS}?{around(place)}",
    "a small box": lambda place: f"{ITEMS}?{around(place, 40)}",
    "a box's count": lambda place: f"{ITEMS}?{around(place)}&resulttype=hits",
    "a box in order": lambda place: f"{ITEMS}?{around(place)}&sortby=-numero",
    "a box and a filter": lambda place: f"{ITEMS}?{around(place)}&filter=section='ZZ'",
    "a box and a word": lambda place: f"{ITEMS}?{around(place)}&q=zz",
    "a box as a table": lambda place: f"{ITEMS}?{around(place)}&f=csv",
    "a box as a page": lambda place: f"{ITEMS}?{around(place)}&f=html",
    "a shape": lambda place: f"{ITEMS}?filter={within(place)}&filter-crs={LAMBERT}",
    "a shape's count": lambda place: f"{ITEMS}?filter={within(place)}&filter-crs={LAMBERT}&resulttype=hits",
    "a tile that is shared": lambda place: tiled(place, 16),
    "a tile of one's own": lambda place: tiled(place, 18),
    "an image": lambda place: tiled(place, 17, "map/tiles", "png"),
}
WORDS = {  # what is asked of a section: the neighbour's, then one that nobody has
    "a property": "section={}",
    "a filter": "filter=section='{}'",
    "a pattern": "filter=section LIKE '{}%'",
    "words": "q={}",
    "a count": "filter=section='{}'&resulttype=hits",
    "a count of words": "q={}&resulttype=hits",
    "an order": "filter=section='{}'&sortby=numero",
    "a later page": "filter=section='{}'&offset=10",
}


@pytest.fixture(scope="module")
def site(cluster, template):
    """A server of two neighbours that tells what its database does, and what asks as each."""
    with clone(cluster, template) as copy, ExitStack() as stack:
        fill(copy)
        tokens = granted(copy, RIGHTS)
        own, recorder = stack.enter_context(recorded(cluster, copy))
        served = Served(stack.enter_context(serving(own)), own, tokens)
        yield recorder, {who: stack.enter_context(served.client(who)) for who in RIGHTS}


def fill(settings):
    """Put parcels and images there, with what loading tells of them."""
    with as_loader(settings) as connection:
        connection.execute(PARCELS, {"a": A, "b": B})
        connection.execute(IMAGES)
        for dataset in ("parcelles", "orthophotos"):
            for commune in (A, B):
                refresh_statistics(connection, tables(datasets()[dataset])[0], commune)
    with connect(settings, "admin") as connection:
        connection.execute("VACUUM ANALYZE cadastre.parcelles, imagerie.orthophotos, access.statistics, access.grounds")


def told(answer):
    """An answer but for its words: those that it repeats of the question are as long for both."""
    headers = sorted(name for name in answer.headers if name != "date")
    return answer.status_code, len(answer.content) if answer.status_code == 200 else answer.content, headers


@pytest.mark.parametrize("asked", PLACES)
def test_a_neighbours_town_takes_the_steps_of_a_place_where_nothing_is(site, asked):
    recorder, clients = site
    (town, steps), (nothing, others) = (
        recorder.of(lambda place=place: clients["ici"].get(PLACES[asked](place))) for place in (TOWN, NOTHING)
    )
    assert town.status_code == nothing.status_code == 200
    assert "features" not in town.text or '"numberReturned":0' in town.text.replace(" ", "") or "html" in asked
    assert steps == others


@pytest.mark.parametrize("asked", PLACES)
def test_where_something_is_ones_own_more_is_done(site, asked):
    recorder, clients = site
    steps = [recorder.of(lambda place=place: clients["ici"].get(PLACES[asked](place)))[1] for place in (OWN, NOTHING)]
    assert steps[0] != steps[1]


@pytest.mark.parametrize("asked", WORDS)
def test_what_only_a_neighbours_rows_say_takes_the_steps_of_what_none_says(site, asked):
    recorder, clients = site
    (hidden, steps), (missing, others) = (
        recorder.of(lambda word=word: clients["ici"].get(f"{ITEMS}?{WORDS[asked].format(word)}"))
        for word in ("ZZ", "YY")
    )
    assert hidden.json()["features"] == missing.json()["features"] == []
    assert hidden.json().get("numberMatched") == missing.json().get("numberMatched")
    assert steps == others
    assert clients["voisine"].get(f"{ITEMS}?{WORDS[asked].format('ZZ')}").json().get("numberMatched") != 0
