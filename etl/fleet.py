"""A load that the workers of several machines share: its tasks go into the queue, what they found comes back."""

import sys
import time
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace

from etl import written
from etl.crew import Done
from etl.tables import query
from etl.taking import Task
from etl.work import Stopped, Work

QUEUE = "loads"
POLLING = 0.5  # seconds
PATIENCE = 4.0  # seconds without anybody at work
NOBODY = (
    "Aucun lecteur ne prend de tâche : lancez « geosocle worker --loads » sur chaque machine qui doit lire ;"
    " le chargement commence dès qu'il y en a un. Ctrl-C l'arrête ; sans --queue, cette machine lit seule."
)
LOST = 3  # times that a task may be lost with its worker before it is given up


@dataclass(slots=True)
class Fleet:
    """The workers started by `geosocle worker --loads`, wherever they are."""

    work: Work
    idle_since: float | None = None

    def run(self, tasks: Iterable[Task]) -> Done:
        """Have the tasks done in whatever order, yielding each with what was found, be it earlier. Raises Stopped."""
        waiting = self.enter(list(tasks))
        while waiting:
            self.defer()
            for id, step, found in self.answers(list(waiting)):
                yield waiting.pop(id), written.found(step, found)
            for id in self.lost(list(waiting)):
                given_up, _ = replace(waiting.pop(id), tried=True).again([], None, False)  # type: ignore[type-var]
                yield given_up, list(given_up.found)
            self.heed()
            self.tell_of_idleness()
            time.sleep(POLLING if waiting else 0)

    def heed(self) -> None:
        """Leave off where that was asked, and let nobody begin what is in the queue. Raises Stopped."""
        if self.work.stop_asked():
            with self.work.connection.transaction():
                self.work.connection.execute(query("queue_first"))
                self.work.connection.execute(query("withdraw_tasks"), [self.work.delivery])
            raise Stopped

    def tell_of_idleness(self) -> None:
        """Say, once for each time that it lasts, that nobody takes the tasks, and what to do."""
        row = self.work.connection.execute(query("queue_idle")).fetchone()
        if row == (False,):
            self.idle_since = None
        elif self.idle_since is None:
            self.idle_since = time.monotonic()
        elif time.monotonic() - self.idle_since > PATIENCE:
            print(NOBODY, file=sys.stderr, flush=True)
            self.idle_since = float("inf")

    def enter(self, tasks: list[Task]) -> dict[int, Task]:
        """Write the tasks down, and return them by their numbers."""
        orders = {"options": asdict(self.work.options), "limits": self.work.limits_seen, "staged": self.work.staged}
        with self.work.connection.transaction():
            self.work.connection.execute(query("keep_orders"), [written.jsonb(orders), self.work.delivery])
            return {self.entered(task): task for task in tasks}

    def entered(self, task: Task) -> int:
        """Write a task down unless it is, and return its number."""
        step, name, parts = written.step(task)
        row = self.work.connection.execute(
            query("enter_task"), [self.work.delivery, step, name, written.jsonb(parts)]
        ).fetchone()
        assert row is not None
        return int(row[0])

    def defer(self) -> None:
        """Put into the queue what is not done and not there."""
        with self.work.connection.transaction():
            self.work.connection.execute(query("queue_first"))
            self.work.connection.execute(query("defer_tasks"), {"delivery": self.work.delivery, "lost": LOST})

    def answers(self, numbers: list[int]) -> list[tuple[int, str, list[dict[str, object]]]]:
        """Return what is done of some tasks."""
        return self.work.connection.execute(query("tasks_done"), [numbers]).fetchall()  # type: ignore[return-value]

    def lost(self, numbers: list[int]) -> list[int]:
        """Return those that were lost too often."""
        return [id for (id,) in self.work.connection.execute(query("tasks_lost"), {"tasks": numbers, "lost": LOST})]
