"""Two floors: statements sent straight to PostgreSQL by the superuser, without rules and without HTTP.

One is our own statement on the ready text, the other what anybody writes, which makes the GeoJSON on the way.
"""

import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from typing import Any

import psycopg

from bench.client import Run
from bench.questions import Question
from catalog.database import query

EDGES = ("west", "south", "east", "north")


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement as text, and the values of each place that is asked; `decoded` where its answer is binary."""

    text: str
    values: tuple[Mapping[str, Any], ...]
    decoded: bool = False


def plain(question: Question) -> Statement:
    """Return what anybody would write for a page or a box of the peers' table."""
    places = [dict(zip(EDGES, place or (), strict=False), limit=question.size) for place in question.places]
    return Statement(query(f"plain_{question.kind}", "bench"), tuple(places))


def load(dsn: str, statement: Statement, seconds: float, connections: int) -> Run:
    """Ask the same things over and over, on as many connections as a server would have requests at once."""
    with ProcessPoolExecutor(connections) as processes:
        tasks = [processes.submit(_ask, dsn, statement, seconds, start) for start in range(connections)]
        times = sorted(time for task in tasks for time in task.result())
    return Run(len(times), seconds, 0, sum(times) / len(times) * 1000, times[len(times) * 95 // 100] * 1000)


def fetched(dsn: str, statement: Statement) -> list[list[bytes]]:
    """Return the values that each place's answer holds."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        return [_one(connection, statement, number) for number in range(len(statement.values))]


def _ask(dsn: str, statement: Statement, seconds: float, start: int) -> Sequence[float]:
    with psycopg.connect(dsn, autocommit=True) as connection:
        times = []
        _one(connection, statement, start)
        end = time.monotonic() + seconds
        while (begun := time.monotonic()) < end:
            _one(connection, statement, start + len(times))
            times.append(time.monotonic() - begun)
    return times


def _one(connection: psycopg.Connection[Any], statement: Statement, number: int) -> list[bytes]:
    """Ask once and return the first column as our server takes it: texts as they came, a tile's bytes decoded."""
    values = statement.values[number % len(statement.values)]
    cursor = connection.execute(statement.text, values or None, prepare=True)
    if statement.decoded:
        return [bytes(row[0]) for row in cursor.fetchall()]
    found = cursor.pgresult
    return [found.get_value(row, 0) or b"" for row in range(found.ntuples)] if found else []
