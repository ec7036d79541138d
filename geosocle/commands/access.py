"""`geosocle access …`: why an organisation may see something or may not, and what a change would make of it."""

from contextlib import nullcontext
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from catalog import simulation
from catalog.access import check_organisation
from catalog.agreements import located, read_agreement
from catalog.database import query
from catalog.errors import AgreementError
from catalog.explain import Question, document, explain, line
from catalog.simulation import simulate
from geosocle.commands.context import administration
from geosocle.commands.output import Json, show, show_json
from geosocle.commands.rows import rows

app = typer.Typer(help="Les règles d'accès, expliquées.", no_args_is_help=True)

HEADINGS = {
    "group": "Groupe",
    "usage": "Usage",
    "served": "Donné",
    "rules": "Par",
    "communes": "Communes",
    "reason": "Sinon, pourquoi",
}

CHANGES = {
    "sign": "",
    "dataset": "Jeu",
    "group": "Groupe",
    "columns": "Attributs",
    "usages": "Usages",
    "objects": "Objets",
    "communes": "Communes (objets)",
}

ON = {"dataset": "Jeu", "group": "Groupe", "usage": "Usage", "agreement": "Convention", "communes": "Communes"}


@app.callback()
def access() -> None:
    """Les règles d'accès, expliquées."""


@app.command("explain")
def explain_(  # noqa: PLR0913 (each narrows the question)
    organisation: Annotated[str, typer.Argument(help="Identifiant ; « public » pour tout le monde.")],
    dataset: Annotated[str, typer.Argument(help="Jeu de données.")],
    feature: Annotated[str | None, typer.Argument(help="Identifiant d'un objet de ce jeu.")] = None,
    attribute: Annotated[str | None, typer.Option(help="Un attribut : seul son groupe compte.")] = None,
    format: Annotated[str | None, typer.Option(help="Un format ou un usage : fgb, csv, mvt, pdf, png, gpkg…")] = None,
    day: Annotated[
        datetime | None, typer.Option("--on", metavar="AAAA-MM-JJ", formats=["%Y-%m-%d"], help="Un autre jour.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Dire quelles conventions donnent quoi, aujourd'hui ou un autre jour, ou pourquoi rien n'est donné."""
    question = Question(organisation, dataset, feature, attribute, format, day and day.date())
    with administration() as connection:
        found = explain(connection, question)
    if as_json:
        show_json(document(found))
        return
    where = f", objet {feature} (commune {found.commune})" if feature else ""
    typer.echo(f"{organisation}, {dataset}{where}, le {found.trace['day']} :")
    show([line(decision) for decision in found.decisions], HEADINGS, as_json=False)
    if found.warning:
        typer.echo(found.warning)


@app.command("on")
def on(
    day: Annotated[datetime, typer.Argument(metavar="AAAA-MM-JJ", formats=["%Y-%m-%d"], help="Le jour, passé ou non.")],
    organisation: Annotated[str, typer.Argument(help="Identifiant ; « public » pour tout le monde.")],
    dataset: Annotated[str | None, typer.Argument(help="N'afficher que ce jeu de données.")] = None,
    as_json: Json = False,
) -> None:
    """Dire ce qu'une organisation pouvait voir un jour donné, à un moment quelconque de ce jour."""
    with administration() as connection:
        check_organisation(connection, organisation)
        parameters = {"day": day.date(), "organisation": organisation, "dataset": dataset}
        found = rows(connection, query("given_on"), parameters)
    show(found, ON, as_json)


@app.command("simulate")
def simulate_(  # noqa: PLR0913 (one option a kind of change)
    file: Annotated[
        Path | None, typer.Argument(exists=True, dir_okay=False, help="La convention, nouvelle ou modifiée (TOML).")
    ] = None,
    end: Annotated[str | None, typer.Option(help="La convention à terminer, avec --on.")] = None,
    renew: Annotated[str | None, typer.Option(help="La convention à reconduire, avec --to.")] = None,
    last: Annotated[
        datetime | None, typer.Option("--on", metavar="AAAA-MM-JJ", formats=["%Y-%m-%d"], help="Son dernier jour.")
    ] = None,
    until: Annotated[
        datetime | None,
        typer.Option("--to", metavar="AAAA-MM-JJ", formats=["%Y-%m-%d"], help="Dernier jour de la période suivante."),
    ] = None,
    day: Annotated[
        datetime | None,
        typer.Option(
            "--day",
            metavar="AAAA-MM-JJ",
            formats=["%Y-%m-%d"],
            help="Le jour comparé ; à défaut, le premier où le changement se voit.",
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Dire ce qu'un changement de convention donnerait et retirerait, sans le faire."""
    change = wanted(file, end, last, renew, until)
    with administration() as connection, located(file.name, file.read_text("utf-8")) if file else nullcontext():
        found = simulate(connection, change, day and day.date())
    if as_json:
        show_json(simulation.document(found))
        return
    typer.echo(f"{found.organisation}, {found.agreement}, le {found.day}, si le changement était fait :")
    lines = [(sign, each) for sign, lot in (("+", found.given), ("−", found.taken)) for each in lot]
    if not lines:
        typer.echo("Rien de plus, rien de moins.")
        return
    show([simulation.line(each) | {"sign": sign, "communes": counted(each)} for sign, each in lines], CHANGES, False)


def wanted(
    file: Path | None, end: str | None, last: datetime | None, renew: str | None, until: datetime | None
) -> simulation.Change:
    """Return the one change that was asked about."""
    match (file, end, last, renew, until):
        case (Path(), None, None, None, None):
            return simulation.Written(read_agreement(file))
        case (None, str(), datetime(), None, None):
            return simulation.End(end, last.date())
        case (None, None, None, str(), datetime()):
            return simulation.Renewal(renew, until.date())
    raise AgreementError("Attendu : un fichier, ou --end ID --on JOUR, ou --renew ID --to JOUR.")


def counted(one: simulation.Difference) -> str:
    """Say the communes of a difference with their objects."""
    return ", ".join(f"{commune} ({objects})" for commune, objects in one.communes.items())
