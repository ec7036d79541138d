"""`geosocle organisation …`: the members and their territories."""

from enum import StrEnum
from typing import Annotated

import typer

from catalog import access
from catalog.database import query
from catalog.errors import AgreementError
from geosocle.commands.context import administration
from geosocle.commands.output import Json, show, show_json, words
from geosocle.commands.rows import rows

app = typer.Typer(help="Les membres : qui a des droits, et sur quel territoire.", no_args_is_help=True)

Kind = StrEnum("Kind", "commune epci syndicat exploitant etat entreprise association")
HEADINGS = {"id": "Identifiant", "name": "Nom", "kind": "Nature", "communes": "Communes", "agreements": "Conventions"}


@app.command()
def add(
    id: Annotated[str, typer.Argument(help="Identifiant : minuscules, chiffres et tirets.")],
    name: Annotated[str, typer.Option(help="Nom usuel.")],
    kind: Annotated[Kind, typer.Option(help="Nature.")] = Kind.commune,
    communes: Annotated[
        list[str] | None, typer.Option("--commune", help="Code INSEE ; à répéter, ou séparer par des virgules.")
    ] = None,
) -> None:
    """Ajouter une organisation et son territoire."""
    codes = {code for part in communes or () for code in part.split(",")}
    with administration() as connection:
        access.add_organisation(connection, id, name, kind, codes)
    typer.echo(f"Organisation ajoutée : {id}.")


@app.command("list")
def list_(as_json: Json = False) -> None:
    """Lister les organisations."""
    with administration() as connection:
        found = rows(connection, query("list_organisations"), {"id": None})
    show(found, HEADINGS, as_json)


@app.command("show")
def show_one(id: Annotated[str, typer.Argument(help="Identifiant de l'organisation.")], as_json: Json = False) -> None:
    """Montrer une organisation, ses conventions et ses jetons."""
    with administration() as connection:
        found = rows(connection, query("list_organisations"), {"id": id})
        agreements = rows(connection, query("list_agreements"), {"organisation": id, "id": None})
        tokens = rows(connection, query("list_tokens"), {"organisation": id})
    if not found:
        raise AgreementError(f"Organisation inconnue : {id}.")
    if as_json:
        show_json(found[0] | {"agreements": agreements, "tokens": tokens})
        return
    for key in ("id", "name", "kind", "communes"):
        typer.echo(f"{HEADINGS[key]} : {words(found[0][key])}")
    for agreement in agreements:
        typer.echo(
            f"Convention {agreement['id']} : {agreement['first_day']} – {agreement['last_day']} ({agreement['state']})"
        )
    for token in tokens:
        typer.echo(f"Jeton {token['id']} {token['label']} : {token['state']}, jusqu'au {token['expires']:%Y-%m-%d}")
