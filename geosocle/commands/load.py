"""`geosocle load`: a delivery goes in, a report comes out."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, Task, TextColumn, TimeRemainingColumn
from rich.text import Text

from catalog.errors import DeliveryError
from geosocle.children import ended_by_signals
from geosocle.commands.context import current_settings
from geosocle.commands.output import Json
from geosocle.detached import leave

INTERRUPTED = 130  # as shells say of what Ctrl-C ended
STOPPED = "Arrêté. Ce qui était servi l'est encore ; relancez la même commande pour reprendre où elle en était."


class Kind(StrEnum):
    """What a delivery holds."""

    cadastre = "cadastre"
    eau = "eau"
    personnes_morales = "personnes_morales"
    orthophotos = "orthophotos"


GivenKind = Annotated[
    Kind,
    typer.Argument(metavar="GENRE", help="cadastre (EDIGEO, Etalab), eau, personnes_morales, orthophotos."),
]
Deliveries = Annotated[
    list[Path], typer.Argument(metavar="LIVRAISON…", exists=True, help="Archives, dossiers, fichiers.")
]
Edition = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Édition, si la livraison ne la dit pas.")]
Departement = Annotated[str | None, typer.Option(help="Département (85), si le nom du fichier ne le dit pas.")]


def known_crs(value: str | None) -> str | None:
    """Return a system of coordinates as it was given. Raises BadParameter, before anything is opened, for no such."""
    if value is not None:
        from etl.geometry import usable_crs

        try:
            usable_crs(value)
        except DeliveryError as error:
            raise typer.BadParameter(error.reason) from error
    return value


Crs = Annotated[
    str | None,
    typer.Option(callback=known_crs, help="Système de coordonnées (EPSG:3947), si le fichier ne le dit pas."),
]
Encoding = Annotated[str | None, typer.Option("--encodage", help="Encodage d'un Shapefile ou d'un CSV (cp1252).")]
Force = Annotated[bool, typer.Option("--force", help="Accepter une édition plus ancienne que celle qui est servie.")]
Complete = Annotated[
    bool,
    typer.Option(
        "--complete",
        help="La livraison est entière : feuilles (ou communes, des personnes morales) qu'elle n'a plus sont retirées.",
    ),
]
Seuil = Annotated[
    int | None,
    typer.Option(
        "--seuil", min=0, max=100, help="Note sous laquelle une feuille n'en remplace pas une meilleure (60)."
    ),
]
Jobs = Annotated[
    int | None, typer.Option(min=1, max=64, help="Processus de lecture (un par cœur ; un seul pour peu de fichiers).")
]
Queue = Annotated[
    bool,
    typer.Option(
        "--queue",
        help="Faire lire par les « geosocle worker --loads » de plusieurs machines (cadastre, dossier partagé).",
    ),
]
Detach = Annotated[
    bool,
    typer.Option("--detach", help="Rendre la main aussitôt : « geosocle loads N » suit le chargement, ou l'arrête."),
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Lire et vérifier seulement : la base ne change pas.")]


def load(  # noqa: PLR0913 (a command has these options)
    kind: GivenKind,
    deliveries: Deliveries,
    edition: Edition = None,
    departement: Departement = None,
    crs: Crs = None,
    encoding: Encoding = None,
    force: Force = False,
    complete: Complete = False,
    seuil: Seuil = None,
    jobs: Jobs = None,
    queue: Queue = False,
    detach: Detach = False,
    dry_run: DryRun = False,
    as_json: Json = False,
) -> None:
    """Charge des livraisons. Codes de retour : 0 tout, 3 des rejets, 4 livraison refusée, 2 mauvais usage, 130 arrêté.

    Un chargement arrêté, même brutalement, reprend où il en était : relancez la même commande.
    """
    if queue and (kind is not Kind.cadastre or dry_run or jobs):
        raise typer.BadParameter("--queue ne vaut que pour le cadastre, sans --dry-run ni --jobs.")
    if complete and kind not in (Kind.cadastre, Kind.personnes_morales):
        raise typer.BadParameter("--complete ne vaut que pour le cadastre et les personnes morales.")
    if detach and (dry_run or as_json):
        raise typer.BadParameter("--detach ne va ni avec --dry-run ni avec --json : « geosocle loads N --json ».")
    entered = leave(current_settings().state / "loads") if detach else bool
    from etl import pipeline  # GDAL, numpy, shapely: a second that other commands need not wait for
    from etl.sources import Options
    from etl.work import Stopped

    options = Options(day(edition), departement, crs, encoding, force, dry_run, complete, seuil)
    try:
        with ended_by_signals(), shown_progress() as progress:
            report = pipeline.load(
                kind.value, deliveries, options, current_settings(), progress, jobs, queue=queue, entered=entered
            )
    except (KeyboardInterrupt, Stopped):
        typer.echo(STOPPED, err=True)
        raise typer.Exit(INTERRUPTED) from None
    typer.echo(json.dumps(report.as_json(), ensure_ascii=False, indent=2) if as_json else str(report))
    raise typer.Exit(report.exit_code)


def day(moment: datetime | None) -> date | None:
    """Return the day of what typer reads as a moment."""
    return moment.date() if moment else None


@contextmanager
def shown_progress() -> Iterator[Callable[[int, int, str], None]]:
    """Show on stderr how far the load has come; nothing where nobody looks."""
    words = TextColumn("{task.description}", markup=False)
    columns = (words, BarColumn(), MofNCompleteColumn(), Rate(), TextColumn("reste"), TimeRemainingColumn())
    screen = Console(stderr=True)
    with Progress(
        *columns, console=screen, transient=True, speed_estimate_period=120, disable=not screen.is_terminal
    ) as bar:
        task = bar.add_task("", total=None)

        def show(done: int, total: int, what: str) -> None:
            if done < bar.tasks[task].completed or total != bar.tasks[task].total:  # a step has a speed of its own
                bar.reset(task)
            bar.update(task, completed=done, total=total, description=what)

        yield show


class Rate(ProgressColumn):
    """How many are done in a second."""

    def render(self, task: Task) -> Text:
        """Return the rate as it is shown."""
        return Text(f"{task.speed:.1f}/s".replace(".", ",") if task.speed else "")
