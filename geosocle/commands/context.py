"""What every command stands on: the settings of this moment, the administrator's connection, our errors in one line."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import typer
from psycopg import errors
from typer.core import TyperGroup

from catalog.database import Connection, available, connect
from catalog.errors import GeosocleError, SettingsError, Unavailable
from catalog.settings import Settings, settings
from geosocle.cluster import Cluster, state_directory
from geosocle.french import UsageError, refusal, speak_french

NO_DATABASE = (
    "Aucune base : lancez « geosocle database start » pour la base privée de ce dossier,"
    " ou donnez l'adresse d'une base dans GEOSOCLE_DSN."
)
NOT_MIGRATED = "La base n'a pas ce que cette version attend. Lancez « geosocle migrate »."
ABSENT = (errors.InvalidSchemaName, errors.UndefinedTable, errors.UndefinedFunction, errors.UndefinedColumn)


class Commands(TyperGroup):
    """A group of commands in which an error of ours is one line on stderr and an exit code, not a traceback.

    What the framework itself says is in French too.
    """

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes)
        speak_french(self)

    def main(self, *words: Any, **named: Any) -> Any:
        """Run the command line and exit by its code; a wrong usage is said in French."""
        try:
            code = super().main(*words, **named | {"standalone_mode": False})
        except UsageError as error:
            typer.echo(refusal(error), err=True, nl=False)
            code = error.exit_code
        sys.exit(code or 0)

    def invoke(self, ctx: Any) -> Any:
        """Run the command that was asked for."""
        try:
            return super().invoke(ctx)
        except ABSENT as error:
            typer.echo(f"Erreur : {NOT_MIGRATED}\n{error.diag.message_primary}", err=True)
            raise typer.Exit(SettingsError.exit_code) from error
        except GeosocleError as error:
            typer.echo(f"Erreur : {error}", err=True)
            if isinstance(error, Unavailable) and without_roles():
                typer.echo("Si elle vient d'être créée, lancez d'abord « geosocle migrate ».", err=True)
            raise typer.Exit(error.exit_code) from error


def current_settings() -> Settings:
    """Return the settings of the environment or, where no database is named, of this checkout's running cluster."""
    if os.environ.get("GEOSOCLE_DSN"):
        return settings()
    cluster = Cluster(state_directory().resolve())
    if cluster.status() != "running":
        raise SettingsError(NO_DATABASE)
    return settings(os.environ | cluster.environment)


def without_roles() -> bool:
    """True where the database answers its administrator, and has no roles for the others yet."""
    own = current_settings()
    if own.knows("web"):
        return False
    try:
        connect(own, "admin").close()
    except errors.OperationalError:
        return False
    return True


@contextmanager
def administration() -> Iterator[Connection]:
    """Open the connection with which rights are managed; what the command does is done whole or not at all."""
    with available(), connect(current_settings(), "admin") as connection, connection.transaction():
        yield connection
