"""`geosocle commune …`: communes that merge, and what is kept of each."""

from datetime import datetime
from typing import Annotated

import typer

from catalog import fusions
from catalog.database import as_loader, available, query
from geosocle.commands.cadastre import not_held
from geosocle.commands.context import administration, current_settings
from geosocle.commands.output import Json, show
from geosocle.commands.rows import rows

app = typer.Typer(help="Les communes qui fusionnent, et l'histoire de chaque code.", no_args_is_help=True)

HISTORY = {
    "commune": "Commune",
    "nom": "Nom",
    "devient": "Devient",
    "jour": "Le",
    "depuis": "Tenue depuis",
    "jusqu_au": "Jusqu'au",
    "feuilles": "Feuilles servies",
}


@app.command()
def merge(
    new: Annotated[str, typer.Argument(metavar="NOUVELLE", help="Code INSEE qui continue.")],
    olds: Annotated[list[str], typer.Argument(metavar="ANCIENNE…", help="Codes INSEE qui cessent.")],
    day: Annotated[datetime, typer.Option("--date", formats=["%Y-%m-%d"], help="Premier jour de la commune nouvelle.")],
) -> None:
    """Dire que des communes fusionnent. Leurs feuilles sont servies jusqu'à celles qui les remplacent."""
    from etl.fusions import follow, remaining  # shapely: other commands need not wait for it

    with administration() as connection:
        fusions.merge(connection, new, olds, day.date())
    with available(), as_loader(current_settings()) as connection:
        follow(connection, new)
    with administration() as connection:
        for old in olds:
            served = connection.execute(query("published_in_commune", package="etl"), ["cadastre", old]).fetchall()
            left = f" ; {len(served)} feuille(s) encore servie(s) sous son code" if served else ""
            typer.echo(f"{old} a fusionné dans {new} le {day:%d/%m/%Y}{left}.")
            for line in remaining(connection, old, new):
                typer.echo(f"  Reste sous {old}, pour qui a ce code : {line}")
        for one in fusions.to_amend(connection, olds):
            words = f"elle nomme {one.ancienne} et ne donne pas autant de {one.nouvelle}"
            typer.echo(f"Convention à amender : {one.agreement} ({one.organisation}) : {words}.")


@app.command()
def unmerge(
    olds: Annotated[list[str], typer.Argument(metavar="ANCIENNE…", help="Codes INSEE qui n'ont pas cessé.")],
) -> None:
    """Retirer une fusion dite par erreur. Refusé dès que le plan l'a suivie ; les conventions ne changent pas."""
    from etl.fusions import take_back  # shapely: other commands need not wait for it

    with available(), as_loader(current_settings()) as connection:
        gone = [take_back(connection, old) for old in olds]
    with administration() as connection:
        for one in gone:
            typer.echo(f"La fusion de {one.old} dans {one.new} (le {one.day:%d/%m/%Y}) est retirée.")
            for agreement, organisation in fusions.amended_since(connection, one.new, one.told):
                typer.echo(f"Convention amendée depuis, à relire : {agreement} ({organisation}).")


@app.command()
def history(
    commune: Annotated[str, typer.Argument(metavar="CODE", help="Code INSEE, d'aujourd'hui ou d'avant.")],
    as_json: Json = False,
) -> None:
    """Dire ce qu'une commune est devenue, ce qu'elle a absorbé, et ce qui est tenu de chaque code."""
    with administration() as connection:
        found = rows(connection, query("commune_history", package="etl"), {"commune": commune})
        mistaken = rows(connection, query("fusions_taken_back", package="etl"), {"commune": commune})
    if not found:
        raise not_held(commune)
    show(found, HISTORY, as_json)
    for one in () if as_json else mistaken:
        words = f"{one['ancienne']} dans {one['nouvelle']} au {one['jour']:%d/%m/%Y}"
        typer.echo(f"Fusion de {words}, dite le {one['dite']:%d/%m/%Y}, retirée le {one['retiree']:%d/%m/%Y}.")
