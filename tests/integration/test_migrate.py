"""Migrations go forward, once; what is set up is closed."""

import stat

import psycopg
import pytest

from catalog.database import as_loader, connect
from catalog.errors import Unavailable
from catalog.loader import datasets
from catalog.migrate import migrate, migrations
from catalog.settings import settings


def test_a_second_migration_does_nothing(database):
    assert migrate(database) == []


def test_every_migration_is_recorded_once(database):
    with connect(database, "admin") as connection:
        recorded = [name for (name,) in connection.execute("SELECT name FROM migrations.applied ORDER BY name")]
    assert recorded == migrations()


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
PAST_KEYS = ["(commune, id, edition, valide_au)", "(commune, valide_au)", "(geom, edition, valide_au)"]


def test_every_table_of_the_past_has_the_indexes_of_a_day_whenever_it_is_made(database):
    with connect(database, "admin") as connection:
        connection.execute("SET ROLE geosocle_owner")
        columns = "id text, commune text, unite text, edition date, geom geometry, feature text"
        connection.execute(f"CREATE TABLE cadastre.essais ({columns})")
        connection.execute("CALL etl.prepare('cadastre.essais', 'essais', ARRAY['base'])")
        found = {name: sorted(keys) for name, keys in connection.execute(PAST_INDEXES)}
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
