"""Processes as OGC API – Processes writes them."""

from collections.abc import Sequence
from typing import Any

from services.context import Context
from services.job_documents import RELATIONS, link
from services.processes.process import Process


def process_list(here: Context, processes: Sequence[Process]) -> dict[str, Any]:
    """Return the processes that the caller may run."""
    address = f"{here.settings.public_url}/processes"
    summaries = [
        process.summary | {"links": [link(f"{address}/{process.id}", "self", "application/json", process.title)]}
        for process in processes
    ]
    return {"processes": summaries, "links": [link(address, "self", "application/json", "Les processus")]}


def process_description(here: Context, process: Process) -> dict[str, Any]:
    """Return one process with its inputs and outputs."""
    address = f"{here.settings.public_url}/processes/{process.id}"
    links = [
        link(address, "self", "application/json", process.title),
        link(f"{address}/execution", f"{RELATIONS}/execute", "application/json", "Lancer"),
    ]
    return process.summary | process.describe(here.principal) | {"links": links}
