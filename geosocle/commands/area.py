"""`geosocle area …`: named areas, defined once and named in agreements."""

from typing import Annotated

import typer

from catalog import lifecycle
from catalog.database import query
from catalog.terms import known_commune
from geosocle.commands.context import administration
from geosocle.commands.output import Json, show
from geosocle.commands.rows import rows

app = typer.Typer(help="Les zones nommées (EPCI, concession), à citer dans les conventions.", no_args_is_help=True)

HEADINGS = {"id": "Identifiant", "name": "Nom", "communes": "Communes", "outdated": "Conventions d'avant ce changement"}


@app.command("set")
def set_(
    id: Annotated[str, typer.Argument(help="Identifiant : minuscules, chiffres et tirets.")],
    name: Annotated[str, typer.Option(help="Nom usuel.")],
    communes: Annotated[
        list[str], typer.Option("--commune", help="Code INSEE ; à répéter, ou séparer par des virgules.")
    ],
) -> None:
    """Définir une zone, ou la changer : les conventions signées ne changent pas."""
    with administration() as connection:
        held = frozenset(code for (code,) in connection.execute(query("held_communes")))
        codes = [known_commune(code, held) for part in communes for code in part.split(",")]
        new = lifecycle.set_area(connection, id, name, codes)
    typer.echo(f"Zone {'définie' if new else 'changée'} : {id}. Les conventions déjà signées restent ce qu'elles sont.")


@app.command("list")
def list_(as_json: Json = False) -> None:
    """Lister les zones, et les conventions signées avant leur dernier changement."""
    with administration() as connection:
        found = rows(connection, query("list_areas"))
    show(found, HEADINGS, as_json)
