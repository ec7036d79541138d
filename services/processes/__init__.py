"""The processes on offer, one module each, and which of them a caller has."""

from catalog.errors import NotFound
from catalog.model import Principal
from services.processes import export, plan_cadastral
from services.processes.process import Process

PROCESSES: tuple[Process, ...] = (export.PROCESS, plan_cadastral.PROCESS)


def offered(principal: Principal) -> list[Process]:
    """Return the processes that the caller may run."""
    return [process for process in PROCESSES if process.offered(principal)]


def process(principal: Principal, id: str) -> Process:
    """Return one process. Raises NotFound for one that the caller may not run."""
    found = next((each for each in offered(principal) if each.id == id), None)
    if found is None:
        raise NotFound
    return found
