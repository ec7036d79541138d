"""Migrations go forward, once; what is set up is closed."""

import stat

import psycopg
import pytest

from catalog import doctor
from catalog.baseline import FIRST_AFTER, REPLACED
from catalog.database import as_loader, connect
from catalog.errors import SettingsError, Unavailable
from catalog.loader import datasets
from catalog.migrate import migrate, migrations
from catalog.settings import settings


def test_a_second_migration_does_nothing(database):
    assert migrate(database) == []


def test_every_migration_is_recorded_once(database):
    assert recorded(database) == migrations()


def recorded(database) -> list[str]:
    """The names of the migrations that a database says it had."""
    with connect(database, "admin") as connection:
        return [name for (name,) in connection.execute("SELECT name FROM migrations.applied ORDER BY name")]


WHAT_WAS_THERE = """
SET ROLE geosocle_owner;
CREATE PROCEDURE access.let_explain(regclass) LANGUAGE sql AS '';
CREATE PROCEDURE etl.index_past(regclass, boolean) LANGUAGE sql AS '';
CREATE OR REPLACE PROCEDURE access.protect(a_table regclass, a_dataset text, a_group text) LANGUAGE sql AS '';
DROP POLICY explication ON cadastre.personnes_morales;
COMMENT ON COLUMN staging.mutations.commune IS NULL;
RESET ROLE;
GRANT CREATE ON SCHEMA registre TO geosocle_register;
SET ROLE geosocle_register;
DROP FUNCTION registre.write(text, text, text, text, text, text[], jsonb, uuid);
DROP FUNCTION registre.write_download(text, text, uuid);
CREATE FUNCTION registre.write(text, uuid, text, text, text, text, text[], jsonb, uuid) RETURNS bigint
    LANGUAGE sql RETURN 0;
CREATE FUNCTION registre.write_download(text, uuid, text, uuid) RETURNS bigint LANGUAGE sql RETURN 0;
RESET ROLE;
REVOKE CREATE ON SCHEMA registre FROM geosocle_register
"""


def make_as_before(database, names) -> None:
    """Make a database say that it had migrations before the baseline, and make it what they made where that differs."""
    with connect(database, "admin") as connection:
        connection.execute(WHAT_WAS_THERE)
        connection.execute("DELETE FROM migrations.applied WHERE name < %s", [FIRST_AFTER])
        connection.execute("INSERT INTO migrations.applied SELECT unnest(%s::text[])", [list(names)])


WHAT_DIFFERED = """
SELECT proname || '(' || pg_get_function_identity_arguments(oid) || ') ' || md5(prosrc) FROM pg_proc
WHERE pronamespace::regnamespace::text IN ('access', 'etl', 'registre')
UNION ALL SELECT polrelid::regclass || ' ' || polname FROM pg_policy
UNION ALL SELECT attrelid::regclass || ' ' || attname || ' ' || coalesce(col_description(attrelid, attnum), '-')
FROM pg_attribute WHERE attrelid = 'staging.mutations'::regclass AND attnum > 0
ORDER BY 1
"""


def test_a_database_of_all_the_migrations_before_the_baseline_becomes_what_it_makes(database):
    with connect(database, "admin") as connection:
        wanted = connection.execute(WHAT_DIFFERED).fetchall()
        make_as_before(database, REPLACED)
        assert connection.execute(WHAT_DIFFERED).fetchall() != wanted
        assert migrate(database) == []
        assert connection.execute(WHAT_DIFFERED).fetchall() == wanted
    assert recorded(database) == migrations()
    assert [finding.check.name for finding in doctor.examine(database) if not finding.sound] == []


@pytest.mark.parametrize(
    "had", [REPLACED[:1], REPLACED[:-2], REPLACED[1:]], ids=["the first", "all but two", "all but the first"]
)
def test_a_database_of_some_of_them_is_left_as_it_is_and_its_keeper_told_what_to_do(database, had):
    make_as_before(database, had)
    first = next(name for name in REPLACED if name not in had)
    with pytest.raises(SettingsError, match=f"à partir de {first}.*geosocle migrate.*{REPLACED[-1]}.*base neuve"):
        migrate(database)
    assert recorded(database) == sorted([*had, *(name for name in migrations() if name >= FIRST_AFTER)])


def test_the_baseline_has_no_name_of_what_it_replaces():
    assert not {*REPLACED} & {*migrations()}


def test_whatever_is_under_the_rule_can_be_explained(database):
    policies = "SELECT polrelid::regclass::text FROM pg_policy WHERE polname = %s ORDER BY 1"
    with connect(database, "admin") as connection:
        ruled, explained = (connection.execute(policies, [name]).fetchall() for name in ("lecture", "explication"))
    assert ruled == explained != []


def test_no_table_that_readers_reach_is_without_the_rule(database):
    with connect(database, "admin") as connection:
        assert connection.execute("SELECT * FROM access.unprotected()").fetchall() == []


def test_a_table_given_to_readers_without_the_rule_is_found(database):
    with connect(database, "admin") as connection:
        connection.execute("CREATE TABLE cadastre.oubli (commune text)")
        connection.execute("GRANT SELECT ON cadastre.oubli TO geosocle_reader")
        assert connection.execute("SELECT object FROM access.unprotected()").fetchall() == [("cadastre.oubli",)]


@pytest.mark.parametrize("dataset", datasets().values(), ids=lambda dataset: dataset.id)
def test_every_dataset_has_its_tables_with_the_columns_of_its_file(database, dataset):
    with connect(database, "admin") as connection:
        for group, columns in dataset.groups.items():
            for suffix in ("", "_passe"):
                schema, name = dataset.group_table(group)
                found = dict(
                    connection.execute(
                        "SELECT column_name, data_type FROM information_schema.columns"
                        " WHERE table_schema = %s AND table_name = %s",
                        [schema, name + suffix],
                    ).fetchall()
                )
                assert found | columns == found


PAST_INDEXES = r"""
SELECT c.oid::regclass::text, array_agg(substring(pg_get_indexdef(i.indexrelid) FROM '\(.*\)$') ORDER BY 1)
FROM pg_class c LEFT JOIN pg_index i ON i.indrelid = c.oid
WHERE c.relkind = 'r' AND c.relname LIKE '%\_passe' GROUP BY c.oid
"""
PAST_KEYS = ["(commune, id, edition, valide_au)", "(commune, valide_au, edition)", "(geom, edition, valide_au)"]
BY_NUMBER = "(commune, section, numero, edition, valide_au)"
PRESENT_INDEXES = r"""
SELECT t.oid::regclass::text, array_agg(substring(pg_get_indexdef(i.indexrelid) FROM '\(.*\)$'))
FROM pg_class c JOIN pg_class t ON t.relnamespace = c.relnamespace AND t.relname || '_passe' = c.relname
JOIN pg_index i ON i.indrelid = t.oid WHERE c.relkind = 'r' GROUP BY t.oid
"""


def test_every_table_of_the_past_has_the_indexes_of_a_day_whenever_it_is_made(database):
    with connect(database, "admin") as connection:
        connection.execute("SET ROLE geosocle_owner")
        columns = "id text, commune text, unite text, edition date, geom geometry, feature text"
        connection.execute(f"CREATE TABLE cadastre.essais ({columns})")
        connection.execute("CALL etl.prepare('cadastre.essais', 'essais', ARRAY['base'])")
        found = {name: sorted(keys) for name, keys in connection.execute(PAST_INDEXES)}
        served = dict(connection.execute(PRESENT_INDEXES).fetchall())
    assert {f"{name}_passe" for name in served} == found.keys()
    assert all("(commune, id, edition)" in keys and "(commune, id)" not in keys for keys in served.values())
    found["cadastre.parcelles_passe"].remove(BY_NUMBER)
    assert {"cadastre.essais_passe", "cadastre.mutations_passe", "cadastre.anomalies_passe"} <= found.keys()
    sides = {name for name, keys in found.items() if keys == PAST_KEYS[:2]}
    assert all(keys == PAST_KEYS for name, keys in found.items() if name not in sides)
    assert sides == {f"{side}_passe" for side in side_tables()}


def side_tables() -> set[str]:
    """The tables of the groups beyond `base`, which have no geometry."""
    sides = [(each, group) for each in datasets().values() for group in each.groups if group != "base"]
    return {".".join(each.group_table(group)) for each, group in sides}


def test_passwords_are_in_files_of_their_owner_alone(database):
    for role in ("geosocle_web", "geosocle_loader", "geosocle_worker"):
        assert stat.S_IMODE(database.passfile(role).stat().st_mode) == 0o600


def test_nobody_enters_with_a_wrong_password(database):
    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(database.dsn_for("web"), password="wrong", passfile="/dev/null")


def test_the_web_login_reads_no_table(database):
    with connect(database, "web") as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute("SELECT * FROM cadastre.parcelles")


def test_the_loader_writes_through_its_own_policy(database):
    with as_loader(database) as connection:
        connection.execute("DELETE FROM cadastre.parcelles")


def test_a_database_that_is_away_is_said_without_its_words(database):
    away = settings({"GEOSOCLE_DSN": "host=/nowhere dbname=x", "GEOSOCLE_STATE": str(database.state)})
    with pytest.raises(Unavailable) as raised:
        connect(away, "web")
    assert "nowhere" not in str(raised.value)
