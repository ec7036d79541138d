"""Where a commune's objects ever were is known: a day is asked of the right communes, though all has moved since."""

import pytest
import shapely

from catalog.access import Right, add_agreement, add_organisation, authenticate, issue_token
from catalog.database import as_loader, as_principal, connect, pool
from catalog.loader import datasets
from catalog.migrate import run
from data_samples.edition import SECOND_EDITION
from etl.pipeline import load
from etl.publication import refresh_statistics
from etl.sources import Options
from etl.tables import tables
from hunter.members import DAY, TODAY
from services.parameters import Page
from services.statements import count_statement, page_statement
from tests.conftest import SAMPLES, clone

COMMUNE = "01001"
DATASET = datasets()["parcelles"]
ADDED = """
INSERT INTO cadastre.parcelles (id, commune, unite, edition, prefixe, section, numero, geom, feature)
VALUES (%(id)s, '01001', 'f', %(day)s, '000', '0A', '0001',
        ST_Multi(ST_MakeEnvelope(%(x)s, 0, %(x)s + 20, 20, 2154)), '{')
"""
PASSED = """
WITH gone AS (DELETE FROM cadastre.parcelles WHERE id = %(id)s RETURNING *)
INSERT INTO cadastre.parcelles_passe
    (id, commune, unite, edition, prefixe, section, numero, contenance, arpente, creation, mise_a_jour, geom, feature,
     valide_au)
SELECT id, commune, unite, edition, prefixe, section, numero, contenance, arpente, creation, mise_a_jour, geom, feature,
       %(day)s
FROM gone
"""
EVER = "SELECT ST_XMin(extent_ever), ST_XMax(extent_ever) FROM access.statistics WHERE dataset = 'parcelles'"
OUTSIDE = """
SELECT count(*) FROM cadastre.parcelles_passe p
JOIN access.statistics s ON s.dataset = 'parcelles' AND s.commune = p.commune
WHERE NOT ST_Covers(s.extent_ever, p.geom)
"""


def published(settings, statement: str, **values: object) -> None:
    """Do as a publication does: write, then count anew."""
    with as_loader(settings) as connection:
        connection.execute(statement, values)
        refresh_statistics(connection, tables(DATASET)[0], COMMUNE)


def moved(settings) -> None:
    """A parcel near 1,000 m, then none, then another near 90,000 m."""
    published(settings, ADDED, id="a", day=TODAY - 9 * DAY, x=1000)
    published(settings, PASSED, id="a", day=TODAY - 3 * DAY)
    published(settings, ADDED, id="b", day=TODAY - 3 * DAY, x=90_000)


def ever(settings) -> tuple[float, float]:
    with connect(settings, "admin") as connection:
        return connection.execute(EVER).fetchone()


def test_it_grows_with_what_comes_and_keeps_what_was(database):
    published(database, ADDED, id="a", day=TODAY, x=1000)
    assert ever(database) == (1000, 1020)
    published(database, "DELETE FROM cadastre.parcelles WHERE id = %(id)s", id="a")
    moved(database)
    assert ever(database) == (1000, 90_020)


def test_where_it_is_not_known_it_stays_so(database):
    moved(database)
    published(database, "DELETE FROM access.statistics")
    assert ever(database) == (None, None)
    published(database, ADDED, id="c", day=TODAY, x=50_000)
    assert ever(database) == (None, None)


@pytest.mark.parametrize("known", [True, False])
@pytest.mark.parametrize("size", [100, 20_000])
def test_what_was_is_found_where_nothing_is_any_more(database, size, known):
    moved(database)
    with connect(database, "admin") as connection:
        if not known:
            connection.execute("UPDATE access.statistics SET extent_ever = NULL")
        add_organisation(connection, "o", "O", "commune", [COMMUNE])
        right = Right("parcelles", "base", ("feature",), (COMMUNE,))
        add_agreement(connection, "c", "o", "x", TODAY, TODAY + DAY, [right])
        token = issue_token(connection, "o")
    page = Page(area=shapely.box(1000 - size, -size, 1000 + size, size), days=(TODAY - 5 * DAY,) * 2)
    with pool(database, "web") as web, as_principal(web, authenticate(web, token), "feature") as connection:
        found = connection.execute(*page_statement(DATASET, ("base",), page)).fetchall()
        counted = connection.execute(*count_statement(DATASET, ("base",), page)).fetchone()
    assert ([row[2] for row in found], counted) == (["a"], (1,))


def test_after_a_real_second_edition_no_past_parcel_lies_outside(cluster, loaded_template):
    with clone(cluster, loaded_template) as own:
        assert load("cadastre", [SAMPLES / "cadastre_edition2"], Options(), own).exit_code == 0
        with connect(own, "admin") as connection:
            held = "SELECT count(*) FROM cadastre.parcelles_passe WHERE valide_au = %s"
            assert connection.execute(held, [SECOND_EDITION]).fetchone()[0] > 0
            assert connection.execute(OUTSIDE).fetchone() == (0,)


def test_the_migration_finds_it_for_what_was_held_before(database):
    moved(database)
    with connect(database, "admin") as connection:
        connection.execute("DROP FUNCTION access.visible_extents_ever(text)")
        connection.execute("ALTER TABLE access.statistics DROP COLUMN extent_ever")
        with connection.transaction():
            run(connection, "0088_etendues.sql")
    assert ever(database) == (1000, 90_020)
