"""`geosocle cadastre …`: what is held of the cadastral plan."""

from typing import Annotated

import typer

from catalog.database import query
from catalog.errors import AgreementError
from geosocle.commands import cadastre_diff
from geosocle.commands.context import administration
from geosocle.commands.output import Json, show
from geosocle.commands.rows import rows

app = typer.Typer(help="Le plan cadastral tenu : communes, feuilles, éditions.", no_args_is_help=True)
app.command("diff")(cadastre_diff.diff)

HELD = {
    "commune": "Commune",
    "nom": "Nom",
    "feuilles": "Feuilles",
    "plus_ancienne": "Plus ancienne édition",
    "plus_recente": "Plus récente",
    "sources": "Source",
    "parcelles": "Parcelles",
    "note": "Note",
    "anomalies": "Anomalies",
    "sections_nues": "Sections à compléter",
}


@app.command()
def status(
    commune: Annotated[str | None, typer.Argument(help="Code INSEE ; sans lui, toutes les communes tenues.")] = None,
    as_json: Json = False,
) -> None:
    """Dire ce qui est tenu du plan, par commune. Code 2 si la commune nommée n'est pas tenue."""
    with administration() as connection:
        found = rows(connection, query("cadastre_status", package="etl"), {"commune": commune})
    if commune and not found:
        raise not_held(commune)
    show(found, HELD, as_json)


def not_held(name: str) -> AgreementError:
    """Return the refusal of a commune or sheet of which nothing is held, with what to do."""
    words = f"Rien n'est tenu de « {name} » : « geosocle cadastre status » dit les communes tenues."
    return AgreementError(words)
