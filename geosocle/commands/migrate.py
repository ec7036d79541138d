"""`geosocle migrate`: bring the database up to date."""

import typer

from catalog import migrate as migrations
from geosocle.commands.context import current_settings
from geosocle.commands.output import Json, show_json


def migrate(as_json: Json = False) -> None:
    """Mettre la base à jour : rôles, tables et règles d'accès. Peut être répété."""
    done = migrations.migrate(current_settings())
    if as_json:
        show_json(done)
    else:
        typer.echo("\n".join(done) or "La base est à jour.")
