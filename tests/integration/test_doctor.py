"""The doctor finds nothing on a database as it is set up, and each fault that is planted (T07)."""

from dataclasses import dataclass

import pytest

from catalog import doctor
from catalog.database import connect
from catalog.migrate import migrate
from catalog.settings import settings


@dataclass(frozen=True)
class Fault:
    """Something that goes wrong, the check that must see it, and how a role, which all databases share, is mended."""

    check: str
    plant: str
    mend: str = ""


DEFINER = "SECURITY DEFINER {} AS 'SELECT 1'; REVOKE ALL ON FUNCTION access.trou() FROM PUBLIC"
PATH = "SET search_path = pg_catalog, pg_temp"
FAULTS = {
    "a migration is missing": Fault("migrations", "DELETE FROM migrations.applied WHERE name LIKE '0007%'"),
    "a migration is of another version": Fault(
        "migrations", "INSERT INTO migrations.applied VALUES ('9999_futur.sql')"
    ),
    "row security is off": Fault("tables", "ALTER TABLE cadastre.parcelles DISABLE ROW LEVEL SECURITY"),
    "row security is not forced": Fault("tables", "ALTER TABLE cadastre.parcelles NO FORCE ROW LEVEL SECURITY"),
    "explanations find nothing": Fault("tables", "DROP POLICY explication ON cadastre.personnes_morales"),
    "the past has no policy": Fault("tables", "DROP POLICY lecture ON cadastre.parcelles_passe"),
    "a policy opens to nobody's key": Fault(
        "tables",
        "ALTER POLICY lecture ON cadastre.parcelles USING (commune IN"
        " (SELECT unnest(access.visible_communes('parcelles', 'base'))) OR current_setting('app.key', true) = '')",
    ),
    "a policy asks for another dataset": Fault(
        "tables",
        "ALTER POLICY lecture ON cadastre.parcelles USING"
        " (commune IN (SELECT unnest(access.visible_communes('communes', 'base'))))",
    ),
    "a side table asks for the base group": Fault(
        "tables",
        "ALTER POLICY lecture ON reseaux.canalisations_eau_technical USING"
        " (commune IN (SELECT unnest(access.visible_communes('canalisations_eau', 'base'))))",
    ),
    "a second policy opens everything": Fault("tables", "CREATE POLICY porte ON cadastre.parcelles USING (true)"),
    "a table is given without a rule": Fault(
        "tables", "CREATE TABLE cadastre.oubli (commune text); GRANT SELECT ON cadastre.oubli TO geosocle_reader"
    ),
    "one column of the rights is given": Fault("tables", "GRANT SELECT (communes) ON access.rights TO geosocle_reader"),
    "a table is given to everybody": Fault("tables", "GRANT SELECT ON jobs.jobs TO PUBLIC"),
    "a view borrows its owner's rights": Fault(
        "tables",
        "CREATE VIEW cadastre.vue AS TABLE cadastre.parcelles; GRANT SELECT ON cadastre.vue TO geosocle_reader",
    ),
    "a materialised view is given": Fault(
        "tables",
        "CREATE MATERIALIZED VIEW cadastre.copie AS TABLE cadastre.parcelles;"
        "GRANT SELECT ON cadastre.copie TO geosocle_reader",
    ),
    "jobs have no row security": Fault("jobs", "ALTER TABLE jobs.jobs DISABLE ROW LEVEL SECURITY"),
    "jobs are known to everybody": Fault("jobs", "ALTER POLICY demandeur ON jobs.jobs USING (true)"),
    "jobs outlive their rights": Fault(
        "jobs",
        "ALTER POLICY demandeur ON jobs.jobs"
        " USING (organisation = access.organisation_of(current_setting('app.key', true)))",
    ),
    "a second policy opens the jobs": Fault("jobs", "CREATE POLICY porte ON jobs.jobs FOR SELECT USING (true)"),
    "a table is not watched": Fault("stamps", "ALTER TABLE cadastre.parcelles DISABLE TRIGGER restamp_insert"),
    "a table is watched for another dataset": Fault(
        "stamps",
        "DROP TRIGGER restamp_delete ON cadastre.parcelles; CREATE TRIGGER restamp_delete AFTER DELETE ON"
        " cadastre.parcelles REFERENCING OLD TABLE AS changed FOR EACH STATEMENT"
        " EXECUTE FUNCTION access.restamp('sections')",
    ),
    "a commune was loaded while nobody watched": Fault(
        "grounds",
        "INSERT INTO access.statistics (dataset, commune, objects, extent) VALUES"
        " ('parcelles', '85001', 1, ST_MakeEnvelope(360000, 6630000, 360100, 6630100, 2154))",
    ),
    "the ground that is noted is another": Fault(
        "grounds",
        "INSERT INTO access.statistics (dataset, commune, objects, extent) VALUES"
        " ('parcelles', '85001', 1, ST_MakeEnvelope(360000, 6630000, 360100, 6630100, 2154));"
        "INSERT INTO access.grounds (dataset, commune, ground) VALUES"
        " ('parcelles', '85001', ST_MakeEnvelope(350000, 6630000, 360050, 6630100, 2154))",
    ),
    "who writes the register may not come in": Fault(
        "logins", "ALTER ROLE geosocle_audit NOLOGIN", "ALTER ROLE geosocle_audit LOGIN"
    ),
    "readers write": Fault("writes", "GRANT UPDATE (nom) ON cadastre.communes TO geosocle_reader"),
    "the web reads a table": Fault(
        "web", "GRANT USAGE ON SCHEMA access TO geosocle_web; GRANT SELECT ON access.tokens TO geosocle_web"
    ),
    "the web writes in the register": Fault(
        "register", "GRANT USAGE ON SCHEMA registre TO geosocle_web; GRANT INSERT ON registre.lines TO geosocle_web"
    ),
    "who writes the register changes it": Fault(
        "register", "GRANT UPDATE (organisation) ON registre.lines TO geosocle_audit"
    ),
    "who writes the register purges it": Fault(
        "register", "GRANT EXECUTE ON FUNCTION registre.purge(integer) TO geosocle_audit"
    ),
    "who writes the register moves a counter by hand": Fault(
        "register", "GRANT UPDATE (used) ON registre.counters TO geosocle_audit"
    ),
    "who writes the register asks for jobs": Fault(
        "register",
        "GRANT USAGE ON SCHEMA jobs TO geosocle_audit; GRANT EXECUTE ON FUNCTION jobs.pending() TO geosocle_audit",
    ),
    "a trigger swallows lines": Fault(
        "register",
        "CREATE FUNCTION registre.rien() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';"
        "REVOKE ALL ON FUNCTION registre.rien() FROM PUBLIC;"
        "CREATE TRIGGER rien BEFORE INSERT ON registre.lines FOR EACH ROW EXECUTE FUNCTION registre.rien()",
    ),
    "the register's end was cut off": Fault("register", "UPDATE registre.head SET number = 7"),
    "the register has no end": Fault("register", "DELETE FROM registre.head"),
    "set_config is open": Fault(
        "closed_functions", "GRANT EXECUTE ON FUNCTION pg_catalog.set_config(text, text, boolean) TO PUBLIC"
    ),
    "estimated extents are open": Fault(
        "closed_functions", "GRANT EXECUTE ON FUNCTION public.ST_EstimatedExtent(text, text, text) TO geosocle_reader"
    ),
    "the box operator lost its mark": Fault(
        "leakproof", "ALTER FUNCTION public.geometry_overlaps(public.geometry, public.geometry) NOT LEAKPROOF"
    ),
    "a function that prints rows is marked": Fault(
        "leakproof_only", "ALTER FUNCTION public.ST_Intersects(public.geometry, public.geometry) LEAKPROOF"
    ),
    "the reader bypasses the rules": Fault(
        "bypass", "ALTER ROLE geosocle_reader BYPASSRLS", "ALTER ROLE geosocle_reader NOBYPASSRLS"
    ),
    "the loader creates roles": Fault(
        "powers", "ALTER ROLE geosocle_loader CREATEROLE", "ALTER ROLE geosocle_loader NOCREATEROLE"
    ),
    "the web is a superuser": Fault(
        "powers", "ALTER ROLE geosocle_web SUPERUSER", "ALTER ROLE geosocle_web NOSUPERUSER"
    ),
    "the web may become the owner": Fault(
        "powers", "GRANT geosocle_owner TO geosocle_web", "REVOKE geosocle_owner FROM geosocle_web"
    ),
    "the reader is in a role of the server": Fault(
        "powers", "GRANT pg_read_all_data TO geosocle_reader", "REVOKE pg_read_all_data FROM geosocle_reader"
    ),
    "the owner logs in": Fault("powers", "ALTER ROLE geosocle_owner LOGIN", "ALTER ROLE geosocle_owner NOLOGIN"),
    "a login owns a table": Fault("owners", "ALTER TABLE cadastre.parcelles OWNER TO geosocle_loader"),
    "a definer function has no search path": Fault(
        "definers", f"CREATE FUNCTION access.trou() RETURNS integer LANGUAGE sql {DEFINER.format('')}"
    ),
    "a definer function is open to all": Fault(
        "definers", f"CREATE FUNCTION access.trou() RETURNS integer LANGUAGE sql SECURITY DEFINER {PATH} AS 'SELECT 1'"
    ),
    "a definer function is a login's": Fault(
        "definers",
        f"CREATE FUNCTION access.trou() RETURNS integer LANGUAGE sql {DEFINER.format(PATH)};"
        "ALTER FUNCTION access.trou() OWNER TO geosocle_loader",
    ),
    "everybody enters": Fault(
        "database", "DO $$ BEGIN EXECUTE format('GRANT CONNECT ON DATABASE %I TO PUBLIC', current_database()); END $$"
    ),
    "everybody makes temporary tables": Fault(
        "database", "DO $$ BEGIN EXECUTE format('GRANT TEMP ON DATABASE %I TO PUBLIC', current_database()); END $$"
    ),
    "everybody enters a schema": Fault("database", "GRANT USAGE ON SCHEMA access TO PUBLIC"),
    "the web makes functions": Fault("database", "GRANT CREATE ON SCHEMA public TO geosocle_web"),
    "a key is set in advance": Fault(
        "presets",
        "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET app.key = ''public''', current_database()); END $$",
    ),
    "the web is always the reader": Fault(
        "presets", "ALTER ROLE geosocle_web SET role = 'geosocle_reader'", "ALTER ROLE geosocle_web RESET role"
    ),
}


def unsound(own):
    return {finding.check.name: finding.faults for finding in doctor.examine(own) if not finding.sound}


def test_a_database_as_it_is_set_up_is_sound(database):
    assert unsound(database) == {}


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
def test_the_doctor_sees_that(database, fault):
    with connect(database, "admin") as connection:
        try:
            connection.execute(fault.plant)
            assert fault.check in unsound(database)
        finally:
            if fault.mend:
                connection.execute(fault.mend)


def test_a_migration_mends_what_a_restored_database_lost(database):
    with connect(database, "admin") as connection:
        for name in ("set_config is open", "the box operator lost its mark", "everybody enters"):
            connection.execute(FAULTS[name].plant)
    assert set(unsound(database)) == {"closed_functions", "leakproof", "database"}
    migrate(database)
    assert unsound(database) == {}


def test_a_password_file_that_others_read_is_found(database):
    path = database.passfile("geosocle_web")
    path.chmod(0o640)
    try:
        found = unsound(database)
        assert found.pop("secrets") == (f"{path} : lisible par d'autres",)
        assert [fault.partition(" ")[0] for fault in found.pop("logins")] == ["geosocle_web"]  # libpq leaves it unread
        assert found == {}
    finally:
        path.chmod(0o600)


def test_a_full_disk_is_found(database, monkeypatch):
    monkeypatch.setattr(doctor, "FREE_BYTES", 1 << 60)
    assert set(unsound(database)) == {"disk"}


def test_an_empty_database_is_said_to_be_empty(cluster):
    cluster.create_database("vide")
    empty = settings(cluster.environment | {"GEOSOCLE_DSN": cluster.dsn_for(database="vide")})
    try:
        assert unsound(empty) == {"migrations": ("la base est vide",)}
    finally:
        cluster.drop_database("vide")
