"""What a worker does of the loads in the queue: each of its hands is a crew of one, which a hostile file may kill."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from queue import SimpleQueue
from socket import gethostname
from typing import Any

from procrastinate import Blueprint, JobContext, RetryStrategy

from catalog.database import available, connect
from catalog.errors import DeliveryError, SettingsError, Unavailable
from catalog.queue import Pace, application, live, until_told
from catalog.queue import Work as Labour
from catalog.settings import Settings
from etl import deliveries, written
from etl.crew import Crew, Order
from etl.fleet import QUEUE
from etl.report import Unit
from etl.tables import query
from etl.taking import Take, Task
from etl.work import Stopped, refused

DEFAULT_PACE = Pace()
ALWAYS = 1_000_000  # a load's task can be done again any number of times
NO_SECRET = (
    "cette machine n'a pas le secret du rôle geosocle_loader, sans lequel elle ne peut charger :"
    " copiez-y son fichier de mot de passe (secrets/geosocle_loader.pgpass) ou donnez GEOSOCLE_LOADER_DSN."
)
tasks = Blueprint()


@dataclass(slots=True)
class Hand:
    """One reader of this machine, at one delivery at a time."""

    settings: Settings
    delivery: int | None = None
    crew: Crew | None = None

    def do(
        self, task: Task, delivery: int, kind: str, orders: dict[str, Any], stopped: Callable[[], bool]
    ) -> list[Any]:
        """Do a task of a delivery. Raises Stopped where the worker stops meanwhile."""
        if self.crew is None or self.delivery != delivery:
            self.drop()
            options = written.options(orders["options"])
            order = Order(kind, options, self.settings, delivery, orders["limits"], orders["staged"])
            self.crew, self.delivery = Crew(order, 1), delivery
        self.crew.stopped = stopped
        try:
            ((_, found),) = self.crew.run([task])
        except BaseException:
            self.drop()
            raise
        return found

    def drop(self) -> None:
        """Let the crew go."""
        if self.crew is not None:
            self.crew.end()
        self.crew = self.delivery = None


@dataclass(slots=True)
class Hands:
    """The readers of this machine, those that are free."""

    settings: Settings
    free: SimpleQueue[Hand] = field(default_factory=SimpleQueue)

    @contextmanager
    def one(self) -> Iterator[Hand]:
        """Lend one for a block."""
        hand = self.free.get()
        try:
            yield hand
        finally:
            self.free.put(hand)


@tasks.task(
    name="load",
    queue=QUEUE,
    pass_context=True,
    retry=RetryStrategy(max_attempts=None, wait=1, retry_exceptions={Unavailable, Stopped}),
)
def do_task(context: JobContext, task: int) -> None:
    """Do one task of a load, unless it is done; it comes back when the worker stops or the database goes away."""
    hands: Hands = context.additional_context["hands"]
    with available(), connect(hands.settings, "loader") as connection, hands.one() as hand:
        row = connection.execute(query("find_task"), [task]).fetchone()
        if row is None:
            return
        step, parts, delivery, kind, orders = row
        asked = written.task(step, parts)
        found = unreadable(asked) or hand.do(asked, delivery, kind, orders, context.should_abort)
        connection.execute(query("keep_found"), [written.jsonb(written.plain(found)), task])


def unreadable(task: Task) -> list[Unit]:
    """Refuse, in words, a source that this machine cannot read."""
    if not isinstance(task, Take) or os.access(task.source, os.R_OK):
        return []
    reason = f"la machine {gethostname()} ne peut la lire : posez-la dans un dossier partagé, au même chemin partout"
    return [refused(Unit(task.source.name, task.source.name), DeliveryError(reason, file=task.source.name))]


def run(settings: Settings, jobs: int | None = None, pace: Pace = DEFAULT_PACE) -> None:
    """Do the loads' tasks until SIGTERM or Ctrl-C. Raises SettingsError where this machine cannot load."""
    if not settings.knows("loader"):
        raise SettingsError(NO_SECRET)
    deliveries.sweep()
    number = jobs or len(os.sched_getaffinity(0))
    hands = Hands(settings)
    mine = [Hand(settings) for _ in range(number)]
    for hand in mine:
        hands.free.put(hand)

    def work() -> Labour:
        return Labour(application(settings, "loader", tasks), QUEUE, number, {"hands": hands}, attempts=ALWAYS)

    try:
        until_told(live(work, pace))
    finally:
        for hand in mine:
            hand.drop()
