"""What was valid on a day is found by its index, for a village and for its town, however many editions are held."""

import pytest

from catalog.access import Right, add_agreement, add_organisation, authenticate, issue_token
from catalog.database import as_loader, as_principal, connect, pool
from catalog.loader import datasets
from hunter.members import DAY, TODAY
from services.columns import columns_of
from services.parameters import Page, read_page
from services.statements import page_statement
from tests.conftest import clone
from tests.departments import explained

EDITIONS = 24
PARCELS = datasets()["parcelles"]
MAIRIE = {"village": "01001", "ville": "02001"}  # 300 and 3,000 parcels
LAMBERT = "http://www.opengis.net/def/crs/EPSG/0/2154"
MADE = """
INSERT INTO cadastre.parcelles_passe (id, commune, unite, edition, valide_au, prefixe, section, numero, geom, feature)
SELECT commune || '0000A' || to_char(i, 'FM0000'), commune, 'f', day, day + 91, '000', '0A', to_char(i, 'FM0000'),
       ST_Multi(ST_Translate(ST_MakeEnvelope(x, 6500000, x + 20, 6500020, 2154), 20 * (i %% 25), 20 * (i / 25))),
       '{"type":"Feature","id":"x","geometry":null,"properties":{"commune":"x"'
FROM (VALUES ('01001', 500000, 300), ('02001', 600000, 3000)) place (commune, x, n),
     generate_series(0, %s - 1) e, LATERAL (SELECT date '2020-01-01' + 91 * e) edition (day),
     generate_series(0, n - 1) i
"""
DAYS = ["2020-01-01", "2022-12-31", "2025-12-01"]  # of the first edition, of one in the middle, of the last


@pytest.fixture(scope="module")
def crowded(cluster, template):
    """A village and a town, each with many editions held; a pool, and who reads each."""
    with clone(cluster, template) as own:
        with as_loader(own) as connection:
            connection.execute(MADE, [EDITIONS])
        with connect(own, "admin") as connection:
            connection.execute("VACUUM ANALYZE cadastre.parcelles_passe")
            tokens = {}
            for name, commune in MAIRIE.items():
                add_organisation(connection, name, name, "commune", [commune])
                right = Right("parcelles", "base", ("feature",), (commune,))
                add_agreement(connection, name, name, "x", TODAY, TODAY + DAY, [right])
                tokens[name] = issue_token(connection, name)
        with pool(own, "web") as web:
            yield web, {name: authenticate(web, token) for name, token in tokens.items()}


def asked(**parameters: object) -> Page:
    pairs = tuple((name.replace("_", "-"), str(value)) for name, value in parameters.items())
    return read_page(pairs, b"", columns_of(PARCELS, ("base",)), 2154, 10_000)


def explained_page(crowded, who: str, page: Page) -> tuple[int, int, set[str]]:
    """How many rows a page has, how many buffers its plan touched, and the tables that it read whole."""
    web, principals = crowded
    with as_principal(web, principals[who], "feature") as connection:
        found = explained(connection, *page_statement(PARCELS, ("base",), page))
    return found.tree["Actual Rows"], found.buffers, found.tables_read_whole


@pytest.mark.parametrize("day", DAYS)
@pytest.mark.parametrize(("who", "rows", "buffers"), [("village", 300, 150), ("ville", 1001, 400)])
def test_a_page_of_a_day_does_not_read_the_other_editions(crowded, who, rows, buffers, day):
    found, touched, whole = explained_page(crowded, who, asked(limit=1000, datetime=day))
    assert found == rows
    assert not whole & {"parcelles_passe"}
    assert touched < buffers


@pytest.mark.parametrize("day", DAYS)
@pytest.mark.parametrize(("who", "x"), [("village", 500_000), ("ville", 600_000)])
def test_a_box_of_a_day_costs_about_its_own_parcels(crowded, who, x, day):
    around = {"bbox": f"{x},6500000,{x + 150},6500150", "bbox_crs": LAMBERT}
    found, touched, whole = explained_page(crowded, who, asked(limit=1000, datetime=day, **around))
    assert 49 <= found <= 81
    assert not whole & {"parcelles_passe"}
    assert touched < 2 * found
