"""The statements of pages keep their indexes, for a village, for a town and for the whole département."""

import json

import pytest
from psycopg import sql

from catalog.access import Right, add_agreement, add_organisation, authenticate, issue_token
from catalog.database import as_loader, as_principal, connect, pool
from catalog.loader import datasets
from hunter.members import DAY, TODAY
from services.columns import columns_of
from services.parameters import Cursor, Page, read_page
from services.statements import item_statement, page_statement, placement_statement, template
from tests.conftest import clone

VILLAGES = [f"01{number:03}" for number in range(1, 51)]
TOWN = "02001"
LAMBERT = "http://www.opengis.net/def/crs/EPSG/0/2154"
PARCELS = datasets()["parcelles"]
MADE = """
INSERT INTO cadastre.parcelles (id, commune, unite, edition, prefixe, section, numero, geom, feature)
SELECT commune || '0000A' || to_char(i, 'FM00000'), commune, 'f', '2026-01-01', '000', '0A', to_char(i, 'FM00000'),
       ST_Multi(ST_Translate(ST_MakeEnvelope(x, y, x + 20, y + 20, 2154), 20 * (i %% w), 20 * (i / w))),
       '{"type":"Feature","id":"x","geometry":null,"properties":{"commune":"x"'
FROM (SELECT commune, 500000 + 6000 * (c %% 8) AS x, 6500000 + 6000 * (c / 8) AS y,
             CASE commune WHEN %(town)s THEN 60000 ELSE 600 END AS n,
             CASE commune WHEN %(town)s THEN 245 ELSE 25 END AS w
      FROM unnest(%(communes)s::text[]) WITH ORDINALITY AS asked (commune, c)) place,
     generate_series(0, n - 1) i
"""
STATISTICS = """
INSERT INTO access.statistics
SELECT 'parcelles', commune, count(*), ST_SetSRID(ST_Extent(geom)::geometry, 2154), max(edition)
FROM cadastre.parcelles GROUP BY commune
"""


@pytest.fixture(scope="module")
def crowded(cluster, template):
    """90,000 parcels in 50 villages and a town; a pool, and a principal for each size of tenant."""
    tenants = {"village": VILLAGES[20:21], "town": [TOWN], "département": [*VILLAGES, TOWN], "union": [*VILLAGES, TOWN]}
    with clone(cluster, template) as own:
        with as_loader(own) as connection:
            connection.execute(MADE, {"communes": [*VILLAGES, TOWN], "town": TOWN})
            connection.execute(STATISTICS)
        with connect(own, "admin") as connection:
            connection.execute("VACUUM ANALYZE cadastre.parcelles")
            tokens = {
                name: tenant(connection, number, held, parts_of(name, held))
                for number, (name, held) in enumerate(tenants.items())
            }
        with pool(own, "web") as web:
            yield web, {name: authenticate(web, token) for name, token in tokens.items()}


def parts_of(name: str, communes: list[str]) -> list[list[str]]:
    """The communes of each agreement: of one or, for the union, of five that overlap."""
    return [communes[9 * part : 9 * part + 15] for part in range(5)] if name == "union" else [communes]


def tenant(connection, number: int, communes: list[str], parts: list[list[str]]) -> str:
    add_organisation(connection, f"o{number}", "x", "epci", communes)
    for part, some in enumerate(parts):
        right = Right("parcelles", "base", ("feature",), tuple(some))
        add_agreement(connection, f"a{number}-{part}", f"o{number}", "x", TODAY, TODAY + DAY, [right])
    return issue_token(connection, f"o{number}")


def asked(**parameters: object) -> Page:
    pairs = tuple((name.replace("_", "-"), str(value)) for name, value in parameters.items())
    return read_page(pairs, b"", columns_of(PARCELS, ("base",)), 2154, 10_000)


def around(commune: str, size: float) -> str:
    number = [*VILLAGES, TOWN].index(commune) + 1
    x, y = 500_000 + 6000 * (number % 8), 6_500_000 + 6000 * (number // 8)
    return f"{x},{y},{x + size},{y + size}"


def explained(web, principal, page: Page) -> tuple[list[dict], int]:
    """Every node of the plan of a page, and how many buffers it touched."""
    return explained_statement(web, principal, *page_statement(PARCELS, ("base",), page))


def explained_statement(web, principal, statement, values) -> tuple[list[dict], int]:
    with as_principal(web, principal, "feature") as connection:
        prefix = sql.SQL("EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) ")
        ((found,),) = connection.execute(prefix + statement, values).fetchall()
    plan = (found if isinstance(found, list) else json.loads(found))[0]["Plan"]
    return list(nodes(plan)), plan["Shared Hit Blocks"] + plan["Shared Read Blocks"]


def nodes(plan: dict):
    yield plan
    for child in plan.get("Plans", ()):
        yield from nodes(child)


@pytest.mark.parametrize("tenant", ["village", "town", "département", "union"])
@pytest.mark.parametrize(
    ("asking", "index", "buffers"),
    [
        ({"limit": 1000}, "parcelles_commune_id_edition_idx", 500),
        ({"limit": 1000, "bbox": "-180,-90,180,90"}, "parcelles_commune_id_edition_idx", 500),
        ({"limit": 1000, "box": 150}, "parcelles_geom_idx", 300),
        ({"limit": 1000, "box": 600}, "parcelles_geom_idx", 500),
    ],
    ids=["whole", "world", "150 m", "600 m"],
)
def test_a_page_is_read_by_its_index(crowded, tenant, asking, index, buffers):
    web, principals = crowded
    place = {"village": VILLAGES[20], "town": TOWN, "département": VILLAGES[30], "union": VILLAGES[30]}[tenant]
    given = dict(asking)
    if "box" in given:
        given |= {"bbox": around(place, given.pop("box")), "bbox_crs": LAMBERT}
    found, touched = explained(web, principals[tenant], asked(**given))
    assert index in {node.get("Index Name") for node in found}
    assert not [node for node in found if node["Node Type"] == "Seq Scan" and node["Relation Name"] == "parcelles"]
    assert touched < buffers


def test_a_deep_page_costs_what_the_first_one_does(crowded):
    web, principals = crowded
    deep = Page(limit=1000, after=Cursor(TOWN, f"{TOWN}0000A50000"))
    _, first = explained(web, principals["département"], Page(limit=1000))
    _, touched = explained(web, principals["département"], deep)
    assert touched < 2 * first


def test_a_box_that_touches_none_of_the_callers_communes_does_not_ask_the_table(crowded):
    web, principals = crowded
    found, _ = explained(web, principals["village"], asked(bbox=around(TOWN, 600), bbox_crs=LAMBERT))
    scans = [node for node in found if node.get("Relation Name") == "parcelles"]
    assert scans
    assert all(node["Actual Loops"] == 0 for node in scans)


@pytest.mark.parametrize(
    "statement",
    [
        item_statement(PARCELS, ("base",), Page(limit=1)),
        item_statement(PARCELS, ("base",), Page(limit=1, days=(TODAY, TODAY))),
        placement_statement(PARCELS),
        template("plan_parcelle"),
    ],
    ids=["today", "as of a day", "for the register", "for a plan"],
)
@pytest.mark.parametrize("tenant", ["village", "town"])
def test_a_hidden_object_costs_the_steps_of_one_that_does_not_exist(crowded, tenant, statement):
    web, principals = crowded
    hidden, missing = f"{VILLAGES[30]}0000A00001", f"{VILLAGES[30]}0000B00001"
    bound = {"first_day": TODAY, "last_day": TODAY}
    steps = [
        explained_statement(web, principals[tenant], statement, bound | {"id": identifier})
        for identifier in (hidden, missing)
    ]
    (found, buffers), (_, others) = steps
    assert [done(nodes) for nodes, _ in steps] == [done(found)] * 2
    assert buffers == others
    assert [each["Actual Loops"] for each in found if each.get("Parent Relationship") == "SubPlan"].count(0) > 0


@pytest.mark.parametrize("tenant", ["village", "département"])
def test_one_object_is_found_by_its_commune_and_its_id(crowded, tenant):
    web, principals = crowded
    statement = item_statement(PARCELS, ("base",), Page(limit=1))
    asked_for = {"id": f"{VILLAGES[20]}0000A00001"}
    found, buffers = explained_statement(web, principals[tenant], statement, asked_for)
    assert found[0]["Actual Rows"] == 1
    assert "parcelles_commune_id_edition_idx" in {node.get("Index Name") for node in found}
    assert buffers < 250


def done(found: list[dict]) -> list[tuple]:
    """What each node of a plan did: how often, and to how many rows."""
    return [
        (each["Node Type"], each["Actual Loops"], each["Actual Rows"], each.get("Rows Removed by Filter"))
        for each in found
    ]
