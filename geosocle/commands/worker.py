"""`geosocle worker`: the process that runs jobs."""

import logging

from geosocle.commands.context import current_settings


def worker() -> None:
    """Exécute les traitements demandés (exports), jusqu'à Ctrl-C."""
    from services.worker import run  # GDAL and procrastinate: a second that other commands need not wait for

    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(levelname)s %(message)s")
    run(current_settings())
