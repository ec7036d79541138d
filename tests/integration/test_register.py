"""The chain of the register: what is altered, taken out or put in is found and named (T68, T69)."""

import json

import psycopg
import pytest
from psycopg import sql
from typer.testing import CliRunner

from catalog import register
from catalog.access import Right, add_agreement, add_organisation, issue_token
from catalog.database import connect
from catalog.errors import AgreementError, SettingsError
from catalog.settings import settings
from geosocle.main import app
from hunter.members import DAY, TODAY
from tests.conftest import clone
from tests.hunting.world import A, B

APPEND = """
SELECT registre.append(ROW(
    NULL, now() - make_interval(months => %s), 'read', 'ici', NULL, 'feature', '/porte', 'parcelles',
    '[{"agreement": "c-ici", "purpose": "essai", "groups": {"base": ["85901"]}}]',
    jsonb_build_object('85901', %s::text[]), NULL, NULL, NULL, NULL)::registre.lines)
"""
CHANGES = (
    "UPDATE registre.lines SET organisation = 'autre'",
    "DELETE FROM registre.lines",
    "TRUNCATE registre.lines",
    "INSERT INTO registre.lines (number) VALUES (99)",
    "UPDATE registre.head SET number = 99",
    "SELECT registre.purge(6)",
    "SELECT registre.append(NULL)",
)
WRITE = "SELECT registre.write(%s, %s, 'feature', '/porte', 'parcelles', '{base}', %s, NULL)"


@pytest.fixture
def admin(database):
    with connect(database, "admin") as connection:
        yield connection


@pytest.fixture(scope="module")
def kept(cluster, template):
    """A database whose register has six lines, of 14, 13, 8, 7, 1 and 0 months ago: for tests that change nothing."""
    with clone(cluster, template) as own, connect(own, "admin") as connection:
        for number, months in enumerate((14, 13, 8, 7, 1, 0), 1):
            connection.execute(APPEND, [months, [f"p{number}", "commune"]])
        yield own


@pytest.fixture
def chain(kept):
    """The six lines, to be changed for the time of a test."""
    with connect(kept, "admin") as connection, connection.transaction(force_rollback=True):
        assert register.verify(connection).faults == ()
        yield connection


@pytest.fixture
def geosocle(kept):
    """Run a command on the six lines; returns its output."""

    def run(*words, code=0, **more):
        env = {"GEOSOCLE_DSN": kept.dsn, "GEOSOCLE_STATE": str(kept.state)} | more
        result = CliRunner().invoke(app, words, env=env)
        assert result.exit_code == code, result.output
        return result.stderr or result.stdout

    return run


@pytest.fixture
def key(admin):
    """The key of a member with one agreement on A."""
    add_organisation(admin, "ici", "Ici", "commune", [A])
    add_agreement(
        admin, "c-ici", "ici", "essai", TODAY - DAY, TODAY + DAY, [Right("parcelles", "base", ("feature",), (A,))]
    )
    issue_token(admin, "ici")
    return admin.execute("SELECT sha256 FROM access.tokens").fetchone()[0]


@pytest.mark.parametrize(
    ("act", "line", "words"),
    [
        ("UPDATE registre.lines SET organisation = 'autre' WHERE number = 3", 3, "altérée"),
        ("UPDATE registre.lines SET at = at - interval '1 microsecond' WHERE number = 6", 6, "altérée"),
        ("UPDATE registre.lines SET features = '{}' WHERE number = 1", 1, "altérée"),
        ("DELETE FROM registre.lines WHERE number = 4", 5, "la ligne 4 manque"),
        ("DELETE FROM registre.lines WHERE number IN (2, 3)", 4, "les lignes 2 à 3 manquent"),
        ("DELETE FROM registre.lines WHERE number = 1", 2, "la ligne 1 manque"),
        ("DELETE FROM registre.lines WHERE number > 4", 4, "les lignes 5 à 6 manquent"),
        ("INSERT INTO registre.lines SELECT (jsonb_populate_record(l, '{\"number\": 7}')).*"
         " FROM registre.lines l WHERE number = 6", 7, "ne suit pas la ligne 6"),
        ("INSERT INTO registre.lines SELECT (jsonb_populate_record(l, '{\"number\": 0}')).*"
         " FROM registre.lines l WHERE number = 1", 0, "insérée"),
        ("UPDATE registre.lines l SET organisation = 'autre' WHERE number = 3;"
         "UPDATE registre.lines l SET hash = registre.hash(l) WHERE number = 3", 4, "ne suit pas la ligne 3"),
        ("TRUNCATE registre.lines", 0, "les lignes 1 à 6 manquent"),
    ],
)  # fmt: skip
def test_what_a_superuser_did_to_one_line_is_found_and_named(chain, act, line, words):
    chain.execute(act)
    faults = register.verify(chain).faults
    assert [fault for number, fault in faults if number == line and words in fault], faults


def test_the_command_says_that_the_chain_is_sound_or_which_line_is_not(kept, geosocle):
    with connect(kept, "admin") as connection:
        digest = register.verify(connection).hash
        assert geosocle("audit", "verify") == f"6 lignes, la dernière n° 6 ({digest}) : la chaîne est intacte.\n"
        connection.execute("UPDATE registre.lines SET usage = 'image' WHERE number = 3")
        try:
            assert geosocle("audit", "verify", code=1).startswith("Ligne 3 : altérée")
        finally:
            connection.execute("UPDATE registre.lines SET usage = 'feature' WHERE number = 3")


TRUNCATE = """
DELETE FROM registre.lines WHERE number > 4;
UPDATE registre.head SET (number, hash) = (SELECT number, hash FROM registre.lines WHERE number = 4)
"""
REWRITE = """
DO $$
DECLARE
    line registre.lines;
    digest bytea;
BEGIN
    SELECT hash INTO digest FROM registre.lines WHERE number = 2;
    FOR line IN SELECT * FROM registre.lines WHERE number > 2 ORDER BY number LOOP
        line.previous := digest;
        line.organisation := 'autre';
        digest := registre.hash(line);
        UPDATE registre.lines SET organisation = 'autre', previous = line.previous, hash = digest
        WHERE number = line.number;
    END LOOP;
    UPDATE registre.head SET hash = digest;
END
$$
"""


@pytest.mark.parametrize("act", [TRUNCATE, REWRITE], ids=["its end taken off", "written anew from the third line on"])
@pytest.mark.parametrize("more", [0, 2])
def test_a_chain_made_sound_again_is_found_by_the_hash_that_was_noted(chain, act, more):
    noted = register.verify(chain).hash
    chain.execute(act)
    for _ in range(more):
        chain.execute(APPEND, [0, ["p"]])
    assert register.verify(chain).faults == ()
    state = register.verify(chain, noted)
    assert [(line, "empreinte notée n'est plus" in words) for line, words in state.faults] == [(state.last, True)]


def test_a_hash_that_was_noted_stays_good_while_the_chain_grows_and_is_purged_up_to_it(chain):
    hashes = [digest for (digest,) in chain.execute("SELECT encode(hash, 'hex') FROM registre.lines ORDER BY number")]
    assert [register.verify(chain, each).noted for each in hashes] == [1, 2, 3, 4, 5, 6]
    register.purge(chain, 12)
    assert [register.verify(chain, each).noted for each in hashes] == [None, 2, 3, 4, 5, 6]
    assert "ou la purge l'a prise" in register.verify(chain, hashes[0]).faults[0][1]
    with pytest.raises(AgreementError, match="64 chiffres"):
        register.verify(chain, "6")


def test_the_command_takes_the_hash_that_it_gave(geosocle):
    digest = json.loads(geosocle("audit", "verify", "--json"))["hash"]
    assert "l'empreinte notée (ligne 6)" in geosocle("audit", "verify", "--head", digest)
    assert geosocle("audit", "verify", "--head", "0" * 64, code=1).startswith("Ligne 6 : dernière")


def test_the_clock_and_zone_of_who_verifies_change_nothing(chain):
    chain.execute("SET TimeZone = 'Pacific/Auckland'; SET DateStyle = 'German'; SET IntervalStyle = 'iso_8601'")
    assert register.verify(chain).faults == ()


@pytest.mark.parametrize(("months", "left"), [(12, {3, 4, 5, 6, 7}), (6, {5, 6, 7})])
def test_a_purge_takes_off_what_is_too_old_and_leaves_a_chain_that_verifies(chain, months, left):
    assert register.purge(chain, months) == 7 - len(left)
    assert {n for (n,) in chain.execute("SELECT number FROM registre.lines")} == left
    assert register.verify(chain).faults == ()
    assert register.purge(chain, months) == 0
    chain.execute("DELETE FROM registre.lines WHERE number = %s", [min(left)])
    assert [line for line, _ in register.verify(chain).faults] == [min(left) + 1]


def test_a_second_purge_goes_on_from_the_first(chain):
    register.purge(chain, 12)
    register.purge(chain, 6)
    assert {n for (n,) in chain.execute("SELECT number FROM registre.lines")} == {5, 6, 7, 8}
    assert register.verify(chain).faults == ()


def test_the_command_purges_by_the_period_that_is_set(admin, database):
    for months in (13, 8, 0):
        admin.execute(APPEND, [months, ["p"]])
    env = {"GEOSOCLE_DSN": database.dsn, "GEOSOCLE_STATE": str(database.state)}
    for period, words in ((None, "1 lignes de plus de 12 mois"), ("7", "1 lignes de plus de 7 mois")):
        result = CliRunner().invoke(app, ["audit", "purge"], env=env | {"GEOSOCLE_AUDIT_MONTHS": period})
        assert result.stdout.startswith(words), result.output


def test_a_purge_of_all_lines_leaves_its_own(admin):
    admin.execute(APPEND, [13, ["p"]])
    assert register.purge(admin, 12) == 1
    assert (register.verify(admin).lines, register.verify(admin).faults) == (1, ())
    admin.execute(APPEND, [0, ["q"]])
    assert register.verify(admin).faults == ()


@pytest.mark.parametrize("months", [1, 5, 13])
def test_a_period_that_the_law_does_not_know_is_refused_everywhere(chain, months):
    with pytest.raises(SettingsError, match="de 6 à 12 mois"):
        settings({"GEOSOCLE_DSN": "x", "GEOSOCLE_AUDIT_MONTHS": str(months)})
    with pytest.raises(AgreementError):
        register.purge(chain, months)
    with pytest.raises(psycopg.errors.RaiseException), chain.transaction():
        chain.execute("SELECT registre.purge(%s)", [months])
    assert register.verify(chain).lines == 6


def test_an_unknown_dataset_is_not_silently_left_unaudited():
    with pytest.raises(SettingsError, match="parcelle"):
        settings({"GEOSOCLE_DSN": "x", "GEOSOCLE_AUDIT": "communes, parcelle"})
    assert settings({"GEOSOCLE_DSN": "x", "GEOSOCLE_AUDIT": "communes, parcelles"}).audit == {"communes", "parcelles"}


@pytest.mark.parametrize("role", ["web", "worker", "loader", "audit", "backup"])
def test_nobody_who_logs_in_changes_what_is_written(kept, role):
    with connect(kept, role) as connection:
        for act in CHANGES:
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(act)


@pytest.mark.parametrize(
    "table", ["registre.lines", "access.tokens", "access.agreements", "cadastre.parcelles", "jobs.jobs"]
)
def test_its_writer_reads_nothing(kept, table):
    with connect(kept, "audit") as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute(sql.SQL("SELECT FROM {}").format(sql.Identifier(*table.split("."))))


def test_a_line_names_the_organisation_that_the_key_is_and_its_agreements_of_today(database, admin, key):
    with connect(database, "audit") as connection:
        connection.execute(WRITE, [key, "read", json.dumps({A: ["p1"], B: ["p2"]})])
    found = admin.execute("SELECT organisation, bearer IS NOT NULL, agreements FROM registre.lines").fetchone()
    assert found == ("ici", True, [{"agreement": "c-ici", "purpose": "essai", "groups": {"base": [A]}}])


@pytest.mark.parametrize(("key_", "kind"), [("f" * 64, "read"), ("public", "purge")])
def test_a_key_of_nobody_and_a_false_kind_write_nothing(database, admin, key_, kind):
    with connect(database, "audit") as connection, pytest.raises(psycopg.errors.RaiseException):
        connection.execute(WRITE, [key_, kind, "{}"])
    assert register.verify(admin).lines == 0


def test_who_saw_a_feature_is_told_with_agreement_and_groups(geosocle):
    (seen,) = json.loads(geosocle("audit", "who-saw", "p3", "--json"))
    assert (seen["number"], seen["organisation"], seen["agreements"], seen["groups"]) == (3, "ici", ["c-ici"], ["base"])
    assert len(json.loads(geosocle("audit", "who-saw", "commune", "--dataset", "parcelles", "--json"))) == 6
    assert json.loads(geosocle("audit", "who-saw", "commune", "--dataset", "batiments", "--json")) == []
    assert json.loads(geosocle("audit", "who-saw", "85901", "--json")) == []
    assert "c-ici" in geosocle("audit", "who-saw", "p3")


def test_the_register_is_listed_by_organisation_and_by_day(geosocle):
    assert [line["features"] for line in json.loads(geosocle("audit", "list", "--json"))] == [2] * 6
    assert [line["number"] for line in json.loads(geosocle("audit", "list", "--day", str(TODAY), "--json"))] == [6]
    assert json.loads(geosocle("audit", "list", "--organisation", "autre", "--json")) == []
    assert "c-ici" in geosocle("audit", "list", "--organisation", "ici")
