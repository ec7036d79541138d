"""`geosocle hunt`: does any answer give what it must not?"""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from math import inf
from pathlib import Path
from time import monotonic
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from geosocle.commands.context import current_settings
from geosocle.commands.output import show

Requests = Annotated[int, typer.Option(help="Nombre de requêtes.", min=1)]
Seed = Annotated[int, typer.Option(help="Graine des tirages : la même redonne la même chasse.")]
Minutes = Annotated[float | None, typer.Option(help="S'arrêter après tant de minutes.", min=0)]
Url = Annotated[str | None, typer.Option(help="Services déjà lancés ; sinon, la chasse lance les siens.")]
Communes = Annotated[str, typer.Option("--commune", help="Codes INSEE, séparés par des virgules ; sinon toutes.")]
Deliveries = Annotated[
    list[Path] | None, typer.Option(exists=True, help="Lots EDIGEO livrés, relus par GDAL pour juger les parcelles.")
]
Timing = Annotated[bool, typer.Option("--timing", help="Mesurer aussi si le temps trahit ce qui est caché.")]


def hunt(  # noqa: PLR0913 (a command has these options)
    requests: Requests = 20_000,
    seed: Seed = 85,
    minutes: Minutes = None,
    url: Url = None,
    communes: Communes = "",
    deliveries: Deliveries = None,
    timing: Timing = False,
) -> None:
    """Cherche des fuites : requêtes au sort à toutes les portes, chaque réponse jugée. Code 1 à la première."""
    from geosocle import hunting  # GDAL, shapely, hypothesis: seconds that other commands need not wait for
    from geosocle.children import ended_by_signals
    from hunter.doors import WORKED, opened
    from hunter.hunt import Leak

    warnings.filterwarnings("ignore", "Dataset has no geotransform")  # a tile is a picture: it has no place
    plan = hunting.Plan(seed, url, tuple(filter(None, communes.split(","))), tuple(deliveries or ()))
    deadline = inf if minutes is None else monotonic() + minutes * 60
    with ended_by_signals(), hunting.hunting(current_settings(), plan) as running:
        typer.echo(f"Ce qui existe : {running.oracle.known.source}.")
        doors = opened(running.oracle.things)
        typer.echo(f"Portes laissées : {', '.join(sorted(set(WORKED) - set(doors))) or 'aucune'}.")
        try:
            with shown(requests) as progress:
                running.run(doors, requests, progress, deadline)
        except Leak as leak:
            tell(running)
            typer.echo(f"Fuite, manque ou erreur : {leak}", err=True)
            raise typer.Exit(1) from leak
        tell(running)
        typer.echo(f"{running.requests} requêtes, {running.objects} objets jugés, 0 fuite, 0 manquant (graine {seed}).")
        if timing:
            measure(running)


@contextmanager
def shown(total: int) -> Iterator[Any]:
    """Show on stderr how far the hunt has come; nothing where nobody looks."""
    columns = (TextColumn("Chasse"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=total)
        yield lambda done: bar.update(task, completed=done)


def tell(running: Any) -> None:
    """Print how many requests each door had, by status."""
    statuses = sorted(running.statuses)
    rows = [
        {"door": door, **{str(each): running.tally.get((door, each), "") for each in statuses}}
        for door in sorted({door for door, _ in running.tally})
    ]
    show(rows, {"door": "Porte", **{str(each): str(each) for each in statuses}}, as_json=False)


def measure(running: Any) -> None:
    """Print whether a clock tells what is hidden."""
    from hunter.timing import compare

    for each in compare(running):
        first, second = each.medians
        typer.echo(f"{each.what} : {first:.0f} et {second:.0f} µs (médianes), p = {each.p:.2g}")
