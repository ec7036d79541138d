"""`geosocle worker`: the process that runs jobs, or reads deliveries that several machines share."""

import logging
from typing import Annotated

import typer

from geosocle.commands.context import current_settings

Loads = Annotated[
    bool,
    typer.Option("--loads", help="Lire et publier ce que « geosocle load --queue » demande, plutôt que les exports."),
]
Jobs = Annotated[int | None, typer.Option(min=1, max=64, help="Avec --loads : lecteurs (un par cœur).")]


def worker(loads: Loads = False, jobs: Jobs = None) -> None:
    """Exécute les traitements demandés (exports), ou les chargements partagés, jusqu'à Ctrl-C."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(levelname)s %(message)s")
    logging.getLogger("procrastinate").setLevel(logging.WARNING)  # each step of its own, in English
    if jobs and not loads:
        raise typer.BadParameter("--jobs demande --loads.")
    if loads:
        from etl.loads import run as read  # GDAL and procrastinate: a second that other commands need not wait for

        read(current_settings(), jobs)
    else:
        from services.worker import run

        run(current_settings())
