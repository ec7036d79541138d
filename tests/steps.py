"""What the database did while something ran: every statement, and the steps of its plan, as its own log tells them.

Nothing between a request and the server is replaced: `auto_explain` writes down each plan, those inside functions too.
Milliseconds are left out; how often a step ran, on how many rows and over how many buffers is not.
"""

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from catalog.database import connect
from catalog.settings import Settings
from geosocle.cluster import Cluster

# Plans are those of the values asked for, so that they do not depend on how often a statement was asked before.
TOLD = {
    "session_preload_libraries": "auto_explain",
    "auto_explain.log_min_duration": "0",
    "auto_explain.log_analyze": "on",
    "auto_explain.log_buffers": "on",
    "auto_explain.log_timing": "off",
    "auto_explain.log_nested_statements": "on",
    "auto_explain.log_format": "json",
    "auto_explain.log_level": "log",
    "log_statement": "all",
    "log_parameter_max_length": "0",
    "plan_cache_mode": "force_custom_plan",
}
NOTED = ("Node Type", "Relation Name", "Index Name", "Actual Loops", "Actual Rows", "Rows Removed by Filter")
ENTRY = re.compile(r"^\d{4}-\d\d-\d\d \S+ \S+ \[\d+\] \S*@(\S+) ", re.MULTILINE)
STATEMENT = re.compile(r"LOG:  (?:statement|execute [^:]*): (.*)", re.DOTALL)
PLAN = re.compile(r"LOG:  duration: \S+ ms  plan:\s*(\{.*\})", re.DOTALL)

Step = tuple[object, ...]


@dataclass(frozen=True)
class Recorder:
    """What tells what was done in one database."""

    cluster: Cluster
    database: str

    def of[T](self, ask: Callable[[], T]) -> tuple[T, list[Step]]:
        """Return what `ask` gives, and what the database did meanwhile; asked once before, so that all is warm."""
        ask()
        start = self.cluster.log.stat().st_size
        given = ask()
        return given, list(steps(self.said(start)))

    def said(self, start: int) -> Iterator[str]:
        """Yield what the log says of the database from a place in it."""
        with self.cluster.log.open("rb") as log:
            log.seek(start)
            text = log.read().decode()
        ends = [*ENTRY.finditer(text)]
        for one, following in zip(ends, [*ends[1:], None], strict=True):
            if one[1] == self.database:
                yield text[one.end() : following.start() if following else None].replace("\n\t", "\n")


def steps(entries: Iterator[str]) -> Iterator[Step]:
    """Yield the statements, and the steps of each plan from the last one down."""
    for entry in entries:
        if found := STATEMENT.match(entry):
            yield ("statement", found[1].strip())
        elif found := PLAN.match(entry):
            plan = json.loads(found[1])
            yield ("plan", plan["Query Text"])
            yield from walked(plan["Plan"])


def walked(node: dict) -> Iterator[Step]:
    """Yield what each node of a plan did; one that was never run did nothing."""
    if not node["Actual Loops"]:
        return
    yield (*(node.get(name) for name in NOTED), node["Shared Hit Blocks"] + node["Shared Read Blocks"])
    for child in node.get("Plans", ()):
        yield from walked(child)


@contextmanager
def recorded(cluster: Cluster, own: Settings) -> Iterator[tuple[Settings, Recorder]]:
    """Have a database tell what it does, and give its settings for a server of one connection that prepares nothing."""
    name = str(conninfo_to_dict(own.dsn_for("admin"))["dbname"])
    with connect(own, "admin") as connection:
        for setting, value in TOLD.items():
            words = sql.SQL("ALTER DATABASE {} SET {} = {}")
            connection.execute(words.format(sql.Identifier(name), sql.Identifier(setting), sql.Literal(value)))
    yield replace(own, pool_size=1, pooled=True), Recorder(cluster, name)
