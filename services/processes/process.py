"""What a process is: its words, who may run it, and what it answers."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from starlette.responses import Response

from catalog.errors import BadRequest
from catalog.model import Principal
from services.context import Context


@dataclass(frozen=True, slots=True)
class Execution:
    """What is asked of a process: its inputs, and whether the result comes bare or inside a document."""

    inputs: Mapping[str, Any]
    document: bool = False


@dataclass(frozen=True, slots=True)
class Process:
    """One process. `describe` names only what the caller may have; `execute` answers at once, or with a job."""

    id: str
    title: str
    description: str
    options: tuple[str, ...]
    offered: Callable[[Principal], bool]
    describe: Callable[[Principal], dict[str, Any]]
    execute: Callable[[Context, Execution], Response]

    @property
    def summary(self) -> dict[str, Any]:
        """The process as the list shows it."""
        return {
            "id": self.id,
            "title": self.title,
            "description": self.description,
            "version": "1.0.0",
            "jobControlOptions": list(self.options),
            "outputTransmission": ["value"],
        }


def read_execution(content_type: str, body: bytes) -> Execution:
    """Read the body of an execution, strictly. Raises BadRequest. There are no subscribers: nobody is called back."""
    if content_type.partition(";")[0].strip().lower() != "application/json":
        raise BadRequest("Un corps JSON est attendu, avec l'en-tête Content-Type: application/json.")
    try:
        asked = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise BadRequest("Le corps n'est pas du JSON.") from error
    if not isinstance(asked, dict) or not asked.keys() <= {"inputs", "outputs", "response"}:
        raise BadRequest
    inputs, outputs, response = asked.get("inputs", {}), asked.get("outputs", {}), asked.get("response", "raw")
    if not isinstance(inputs, dict) or not isinstance(outputs, dict) or response not in ("raw", "document"):
        raise BadRequest
    return Execution(inputs, document=response == "document")
