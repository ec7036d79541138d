"""`geosocle token …`: the credentials of organisations."""

from typing import Annotated

import typer

from catalog import access
from catalog.database import query
from geosocle.commands.context import administration
from geosocle.commands.output import Json, show, show_json
from geosocle.commands.rows import rows

app = typer.Typer(help="Les jetons : ce qu'une organisation présente pour être reconnue.", no_args_is_help=True)

HEADINGS = {
    "id": "Identifiant",
    "organisation": "Organisation",
    "label": "Libellé",
    "administrator": "Administrateur",
    "state": "État",
    "expires": "Expire",
    "last_use": "Dernier usage",
}


@app.command()
def issue(
    organisation: Annotated[str, typer.Argument(help="Identifiant de l'organisation.")],
    days: Annotated[int, typer.Option(min=1, help="Durée de validité, en jours.")] = 365,
    administrator: Annotated[bool, typer.Option(help="Ouvre les pages d'administration, et aucune donnée.")] = False,
    label: Annotated[str, typer.Option(help="À quoi ou à qui ce jeton sert.")] = "",
    as_json: Json = False,
) -> None:
    """Émettre un jeton. Il n'est montré que cette fois : seule son empreinte est conservée."""
    with administration() as connection:
        token = access.issue_token(connection, organisation, days, administrator, label)
    if as_json:
        show_json({"organisation": organisation, "token": token})
    else:
        typer.echo(token)


@app.command()
def rotate(
    token: Annotated[str, typer.Argument(help="Le jeton à remplacer, ou son identifiant (token list).")],
    grace: Annotated[int, typer.Option(min=0, max=720, help="Heures pendant lesquelles l'ancien vaut encore.")] = 0,
    as_json: Json = False,
) -> None:
    """Remplacer un jeton par un nouveau : mêmes organisation, libellé, pouvoirs et durée. L'ancien meurt."""
    with administration() as connection:
        new = access.rotate_token(connection, token, grace)
    if as_json:
        show_json({"token": new, "grace": grace})
    else:
        typer.echo(new)


@app.command()
def revoke(token: Annotated[str, typer.Argument(help="Le jeton, ou son identifiant (token list).")]) -> None:
    """Révoquer un jeton, aussitôt."""
    with administration() as connection:
        access.revoke_token(connection, token)
    typer.echo("Jeton révoqué.")


@app.command("list")
def list_(
    organisation: Annotated[str | None, typer.Argument(help="N'afficher que les siens.")] = None,
    as_json: Json = False,
) -> None:
    """Lister les jetons, sans les montrer."""
    with administration() as connection:
        if organisation:
            access.check_organisation(connection, organisation)
        found = rows(connection, query("list_tokens"), {"organisation": organisation})
    show(found, HEADINGS, as_json)
