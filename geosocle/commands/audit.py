"""`geosocle audit …`: the register of reads, for who answers for it."""

from datetime import datetime
from typing import Annotated

import typer

from catalog import register
from catalog.database import query
from geosocle.commands.context import administration, current_settings
from geosocle.commands.output import Json, show, show_json
from geosocle.commands.rows import rows

app = typer.Typer(help="Le registre des lectures de données suivies.", no_args_is_help=True)

HEADINGS = {
    "number": "Ligne",
    "at": "Instant",
    "organisation": "Organisation",
    "bearer_name": "Jeton ou identité",
    "agreements": "Conventions",
    "purposes": "Objets",
    "kind": "Acte",
    "usage": "Usage",
    "door": "Porte",
    "dataset": "Jeu de données",
    "groups": "Groupes",
}
COUNTED = HEADINGS | {"features": "Objets lus"}


@app.command("who-saw")
def who_saw(
    feature: Annotated[str, typer.Argument(help="Identifiant de l'objet.")],
    dataset: Annotated[str | None, typer.Option(help="Jeu de données, si d'autres ont cet identifiant.")] = None,
    as_json: Json = False,
) -> None:
    """Dire qui a lu un objet, quand, par quelle convention et avec quels attributs."""
    with administration() as connection:
        found = rows(connection, query("audit_who_saw"), {"feature": feature, "dataset": dataset})
    show(found, HEADINGS, as_json)


@app.command("list")
def list_(
    organisation: Annotated[str | None, typer.Option(help="N'afficher que ses lectures.")] = None,
    day: Annotated[
        datetime | None, typer.Option(metavar="AAAA-MM-JJ", formats=["%Y-%m-%d"], help="N'afficher que ce jour.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Lister les lignes du registre, des plus anciennes aux plus récentes."""
    wanted = {"organisation": organisation, "day": day and day.date()}
    with administration() as connection:
        found = rows(connection, query("audit_list"), wanted)
    show(found, COUNTED, as_json)


@app.command()
def verify(
    head: Annotated[
        str | None, typer.Option(metavar="EMPREINTE", help="L'empreinte d'une vérification passée, notée ailleurs.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Vérifier la chaîne du registre, ligne par ligne. Code 1 si l'une est altérée, retirée ou insérée."""
    with administration() as connection:
        state = register.verify(connection, head)
    if as_json:
        faults = [{"line": line, "fault": fault} for line, fault in state.faults]
        show_json(
            {"lines": state.lines, "last": state.last, "hash": state.hash, "noted": state.noted, "faults": faults}
        )
    else:
        for line, fault in state.faults:
            typer.echo(f"Ligne {line} : {fault}.")
        sound = "la chaîne est intacte" if not state.faults else f"{len(state.faults)} anomalie(s)"
        noted = "" if state.noted is None else f", et passe par l'empreinte notée (ligne {state.noted})"
        typer.echo(f"{state.lines} lignes, la dernière n° {state.last} ({state.hash}) : {sound}{noted}.")
    if state.faults:
        raise typer.Exit(1)


@app.command()
def purge() -> None:
    """Retirer les lignes plus anciennes que GEOSOCLE_AUDIT_MONTHS (6 à 12 mois) ; la chaîne reste vérifiable."""
    months = current_settings().audit_months
    with administration() as connection:
        gone = register.purge(connection, months)
    typer.echo(f"{gone} lignes de plus de {months} mois retirées du registre.")
