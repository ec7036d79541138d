"""`geosocle hunt`: an administrator's own hunt, on a database as it is, that leaves nothing behind."""

import re
import shutil

import pytest
from typer.testing import CliRunner

from catalog.access import Right, add_agreement
from catalog.database import connect
from geosocle.main import app
from hunter.granting import grant
from hunter.members import DAY, PREFIX, TODAY, agreements
from tests.conftest import SAMPLES, clone, settings_of
from tests.hunting.world import COMMUNES, A, B

LOTS = str(SAMPLES / "cadastre")


@pytest.fixture
def real(cluster, loaded_template):
    """A database with what a real one has: the public's rights, and what a hunt that was killed left."""
    with clone(cluster, loaded_template) as own, connect(own, "admin") as connection:
        shutil.copytree(settings_of(cluster, loaded_template).files, own.files, dirs_exist_ok=True)
        rights = [
            Right("communes", "base", ("feature", "tile"), COMMUNES),
            Right("parcelles", "base", ("image",), (A, B)),
        ]
        with connection.transaction():
            add_agreement(connection, "tous", "public", "essai", TODAY - DAY, TODAY + DAY, rights)
            grant(connection, agreements(COMMUNES, ["parcelles"]), COMMUNES)
        yield own, connection


def hunt(settings, *words):
    environment = {
        "GEOSOCLE_DSN": settings.dsn,
        "GEOSOCLE_STATE": str(settings.state),
        "GEOSOCLE_FILES": str(settings.files),
    }
    return CliRunner().invoke(app, ["hunt", *words], env=environment)


def left(connection):
    """How many organisations, agreements and tokens bear the hunt's prefix."""
    statement = """SELECT (SELECT count(*) FROM access.organisations WHERE id LIKE %(p)s)
                        + (SELECT count(*) FROM access.agreements WHERE id LIKE %(p)s)
                        + (SELECT count(*) FROM access.tokens WHERE organisation LIKE %(p)s)"""
    return connection.execute(statement, {"p": f"{PREFIX}%"}).fetchone()[0]


def test_nothing_leaks_and_nothing_of_the_hunt_stays(real):
    settings, connection = real
    assert left(connection) > 10
    result = hunt(settings, "--requests", "150", "--deliveries", LOTS)
    assert result.exit_code == 0, result.output
    assert "0 fuite, 0 manquant" in result.stdout
    assert "relues par GDAL" in result.stdout
    assert left(connection) == 0


def test_a_leak_ends_it_with_what_is_needed_to_ask_again(real):
    settings, connection = real
    connection.execute("ALTER POLICY lecture ON cadastre.parcelles USING (true)")
    result = hunt(settings, "--requests", "2000")
    assert result.exit_code == 1, result.output
    assert re.search("foreign|not 404 as missing|numberMatched", result.stderr)
    assert "seed 85, draw" in result.stderr
    assert "→ 200" in result.stderr
    assert "lues sans leurs politiques" in result.stdout
    assert left(connection) == 0


def test_a_parcel_that_a_load_lost_is_missed_by_who_reads_the_deliveries(real):
    settings, connection = real
    connection.execute("DELETE FROM cadastre.parcelles WHERE numero < '0020'")
    result = hunt(settings, "--requests", "2000", "--deliveries", LOTS)
    assert result.exit_code == 1
    assert re.search("missing|a permitted (object|plan) is refused|numberMatched", result.stderr)


def test_a_base_without_parcels_says_so(database):
    result = hunt(database, "--requests", "10")
    assert result.exit_code == 2
    assert result.stderr.startswith("Erreur : Rien à chasser")
