"""`geosocle access explain`: why an organisation may see something, or may not."""

from datetime import datetime
from typing import Annotated

import typer

from catalog.access import check_organisation
from catalog.database import query
from catalog.explain import Question, document, explain, line
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

ON = {"dataset": "Jeu", "group": "Groupe", "usage": "Usage", "agreement": "Convention", "communes": "Communes"}


@app.callback()
def access() -> None:
    """Les règles d'accès, expliquées."""


@app.command("explain")
def explain_(  # noqa: PLR0913: each narrows the question
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
