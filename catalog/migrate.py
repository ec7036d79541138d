"""Set the database up: roles first, then `sql/migrations/NNNN_topic.sql` in order, once each, only forward."""

import os
import secrets
from importlib.resources import files

from psycopg import sql

from catalog.baseline import FIRST_AFTER, REPLACED, RUN_AGAIN, had_all
from catalog.database import Connection, connect, query
from catalog.errors import SettingsError
from catalog.settings import ROLES, Settings
from catalog.territories import installation, localised

NOLOGIN_ROLES = ("geosocle_owner", "geosocle_rules", "geosocle_jobs", "geosocle_register", "geosocle_reader")


def migrate(settings: Settings) -> list[str]:
    """Bring the database up to date as its superuser, and return the names of the migrations just applied."""
    with connect(settings, "admin") as connection:
        connection.execute(query("lock_migrations"))
        create_roles(connection, settings)
        connection.execute(query("close_database"))
        connection.execute(query("create_migrations"))
        refuse_another_territory(connection)
        done = applied(connection)
        if had_all(done):
            done |= adopt(connection)
        pending = [name for name in migrations() if name not in done]
        for name in pending:
            apply(connection, name)
        install_queue(connection)
        with connection.transaction():
            connection.execute(query("secure_database"))
        return pending


def refuse_another_territory(connection: Connection) -> None:
    """Raise SettingsError where the database was set up in another system than GEOSOCLE_SRID says."""
    if (fault := another_territory(connection)) is not None:
        raise SettingsError(fault)


def another_territory(connection: Connection) -> str | None:
    """Say that the database was set up in another system of coordinates, if it was."""
    if connection.execute("SELECT to_regclass('admin.limites')").fetchone() == (None,):
        return None
    row = connection.execute(query("kept_srid")).fetchone()
    here = installation().srid
    if row is None or row[0] == here:
        return None
    return f"GEOSOCLE_SRID vaut {here}, et cette base conserve tout en EPSG:{row[0]} : cela ne se change pas."


def migrations() -> list[str]:
    """Return the names of all migrations, in order."""
    folder = files("catalog").joinpath("sql", "migrations")
    return sorted(path.name for path in folder.iterdir() if path.name.endswith(".sql"))


def applied(connection: Connection) -> set[str]:
    """Return the names of the migrations that this database has had."""
    return {name for (name,) in connection.execute(query("list_migrations"))}


def adopt(connection: Connection) -> set[str]:
    """Bring a database that had what the baseline replaces to what the baseline makes; return what it then has had."""
    names = [name for name in migrations() if name < FIRST_AFTER]
    with connection.transaction():
        for name in RUN_AGAIN:
            run(connection, name)
        connection.execute(query("adopt_baseline"))
        connection.execute(query("forget_migrations"), [list(REPLACED)])
        for name in names:
            connection.execute(query("record_migration"), [name])
    return set(names)


def apply(connection: Connection, name: str) -> None:
    """Apply one migration, whole or not at all."""
    with connection.transaction():
        run(connection, name)
        connection.execute(query("record_migration"), [name])


def run(connection: Connection, name: str) -> None:
    """Execute the script of one migration."""
    script = files("catalog").joinpath("sql", "migrations", name).read_text("utf-8")
    connection.execute(localised(script).encode())
    connection.execute("RESET ROLE")


def install_queue(connection: Connection) -> None:
    """Install procrastinate's tables in the schema `queue`, once."""
    if connection.execute(query("find_queue")).fetchone() == (True,):
        return
    from procrastinate.schema import SchemaManager  # 0.2 s that other commands need not wait for

    with connection.transaction():
        connection.execute(query("open_queue"))
        connection.execute(SchemaManager.get_schema())
        connection.execute(query("close_queue"))


def create_roles(connection: Connection, settings: Settings) -> None:
    """Create the roles that are missing; a login role's password is drawn here and kept in its own 0600 file."""
    existing = {name for (name,) in connection.execute(query("list_roles"))}
    for role in NOLOGIN_ROLES:
        if role not in existing:
            connection.execute(sql.SQL("CREATE ROLE {} NOLOGIN").format(sql.Identifier(role)))
    for role in ROLES.values():
        if role not in existing:
            connection.execute(sql.SQL("CREATE ROLE {} LOGIN NOINHERIT").format(sql.Identifier(role)))
        if role not in existing or not settings.passfile(role).exists():
            set_password(connection, settings, role)


def set_password(connection: Connection, settings: Settings, role: str) -> None:
    """Draw a new password for a login role, and write it to its file before the database learns it."""
    password = secrets.token_urlsafe(32)
    path = settings.passfile(role)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(f"*:*:*:{role}:{password}\n")
    hashed = connection.pgconn.encrypt_password(password.encode(), role.encode(), b"scram-sha-256")
    statement = sql.SQL("ALTER ROLE {} PASSWORD {}").format(sql.Identifier(role), sql.Literal(hashed.decode()))
    connection.execute(statement)
