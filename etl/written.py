"""What a load asks of another machine, and what that found, as the database keeps it between them."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

from psycopg.types.json import Jsonb

from etl.publication import Left, Publication
from etl.report import Counts, Reject, Score, Unit
from etl.rows import Repair
from etl.sources import Options
from etl.taking import Publish, Take, Task

TAKE, PUBLISH = "take", "publish"


def jsonb(value: object) -> Jsonb:
    """Return a value for a column; days and paths are words there."""
    return Jsonb(value, lambda plain: json.dumps(plain, ensure_ascii=False, default=str))


def plain(found: Sequence[Any]) -> list[dict[str, Any]]:
    """Return what was found as it is written."""
    return [asdict(one) for one in found]


def step(task: Task) -> tuple[str, str, dict[str, Any]]:
    """Return which step a task is, its name in it, and what it is made of."""
    if isinstance(task, Take):
        source = str(task.source.resolve())
        return TAKE, source, {"place": task.place, "source": source}
    assert isinstance(task, Publish)
    return PUBLISH, task.publication.commune, asdict(task.publication)


def task(step: str, parts: dict[str, Any]) -> Task:
    """Return the task that was written."""
    if step == TAKE:
        return Take(parts["place"], Path(parts["source"]))
    changed = {"units": tuple(parts["units"]), "newest": date.fromisoformat(parts["newest"])}
    changed["missing"] = tuple(parts.get("missing", ()))
    return Publish(Publication(**parts | changed))


def found(step: str, parts: Sequence[dict[str, Any]]) -> list[Any]:
    """Return what was found."""
    return [unit(one) for one in parts] if step == TAKE else [Left(**one) for one in parts]


def unit(parts: dict[str, Any]) -> Unit:
    """Return the sheet or file that was written."""
    changed = {
        "edition": parts["edition"] and date.fromisoformat(parts["edition"]),
        "counts": {dataset: Counts(**counts) for dataset, counts in parts["counts"].items()},
        "rejects": [Reject(**reject) for reject in parts["rejects"]],
        "score": parts["score"] and Score(**parts["score"]),
        "anomalies": [tuple(one) for one in parts["anomalies"]],
        "repairs": [Repair(**one | {"original": b"", "repaired": None}) for one in parts["repairs"]],  # kept apart
    }
    return Unit(**parts | changed)


def options(parts: dict[str, Any]) -> Options:
    """Return the options that were written."""
    return Options(**parts | {"edition": parts["edition"] and date.fromisoformat(parts["edition"])})
