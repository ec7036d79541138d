"""Processes that work side by side at one load, each with its own connection, memory and time.

One that dies takes a lot with it, never the others: what it was at is tried once more in a new one. They hear nothing
of the terminal's Ctrl-C, and the kernel ends them with the process that started them.
"""

import os
import signal
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from multiprocessing.connection import Pipe, wait
from pathlib import Path
from typing import Any, Protocol

from catalog.errors import Unavailable
from catalog.settings import Settings
from etl.sources import Options
from etl.taking import Task
from etl.work import Stopped, Work

FEW = 16  # sources: starting processes takes longer than reading these
SILENCE = {"cadastre": 300.0}  # seconds over one lot: a sheet takes less than one
LONG_SILENCE = 7200.0  # an image of a whole territory
LOT, FOUND, DONE, AWAY = "lot", "found", "done", "away"  # what a member says


Done = Iterator[tuple[Task, list[Any]]]


@dataclass(frozen=True, slots=True)
class Order:
    """What every member of a crew is told at its start."""

    kind: str
    options: Options
    settings: Settings
    delivery: int | None
    limits_seen: str
    staged: Mapping[str, str]


class Doer(Protocol):
    """Who does the tasks of a load."""

    def run(self, tasks: Iterable[Task]) -> Done:
        """Do the tasks in whatever order, yielding each with what it found."""


@dataclass(slots=True)
class Alone:
    """No crew: everything is done here, one thing after the other."""

    work: Work

    def run(self, tasks: Iterable[Task]) -> Done:
        """Do the tasks, yielding each with what it found."""
        for task in tasks:
            yield task, list(task.run(self.work))


class Member:
    """One process of a crew."""

    def __init__(self, order: Order) -> None:
        self.channel, theirs = Pipe()
        with theirs:
            self.process = subprocess.Popen(
                [sys.executable, "-P", "-m", "etl.member", str(theirs.fileno())],
                pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL, start_new_session=True,
                env=os.environ | {"PYTHONPATH": os.pathsep.join(path or str(Path.cwd()) for path in sys.path)},
            )  # fmt: skip
        self.patience = SILENCE.get(order.kind, LONG_SILENCE)
        self.task: Task | None = None
        self.reset()
        self.say(order)

    def reset(self) -> None:
        """Forget the last task."""
        self.found: list[Any] = []
        self.lot: str | None = None
        self.late = self.away = False
        self.heard = time.monotonic()

    def start(self, task: Task) -> None:
        """Hand it a task."""
        self.task = task
        self.reset()
        self.say(task)

    def say(self, what: object) -> None:
        """Send it something; one that has died says so by its silence."""
        with suppress(BrokenPipeError):
            self.channel.send(what)

    def hear(self) -> bool:
        """Take in one message; True where the task is done. Raises EOFError from a process that has died."""
        self.heard = time.monotonic()
        word, value = self.channel.recv()
        if word == LOT:
            self.lot = value
        elif word == FOUND:
            self.found.append(value)
            self.lot = None
        elif word == AWAY:
            self.away = True
        return bool(word == DONE)

    def end(self) -> None:
        """Kill the process and wait for it; what it had opened dies with it."""
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.channel.close()


@dataclass(slots=True)
class Crew:
    """Several members that share out tasks."""

    order: Order
    size: int
    members: list[Member] = field(default_factory=list)
    waiting: deque[Task] = field(default_factory=deque)
    stopped: Callable[[], bool] = bool  # whether to leave off

    def run(self, tasks: Iterable[Task]) -> Done:
        """Do the tasks in whatever order they end, yielding each with what it found. Raises Stopped."""
        self.waiting.extend(tasks)
        while self.waiting or any(member.task for member in self.members):
            if self.stopped():
                raise Stopped
            self.share_out()
            for channel in wait([member.channel for member in self.members], timeout=1):
                member = next(one for one in self.members if one.channel is channel)
                yield from self.heard(member)
            self.end_the_late()

    def share_out(self) -> None:
        """Give a task to everybody who has none."""
        while self.waiting and len(self.members) < min(self.size, len(self.waiting) + self.busy()):
            self.members.append(Member(self.order))
        for member in self.members:
            if self.waiting and member.task is None:
                member.start(self.waiting.popleft())

    def busy(self) -> int:
        """How many are at work."""
        return sum(member.task is not None for member in self.members)

    def heard(self, member: Member) -> Done:
        """Take in what a member says, or that it has died; yield its task where that is over."""
        try:
            if member.hear():
                assert member.task is not None
                yield member.task, [*member.task.found, *member.found]
                member.task = None
        except (EOFError, ConnectionError):
            self.members.remove(member)
            member.end()
            yield from self.take_up(member)

    def take_up(self, dead: Member) -> Done:
        """Go on with what a member died over, or yield it where it is over. Raises Unavailable for a database away."""
        if dead.task is None:
            return
        if dead.away and dead.task.tried:
            raise Unavailable
        rest, over = dead.task.again(dead.found, dead.lot, dead.late)
        if over:
            yield rest, list(rest.found)
        else:
            self.waiting.appendleft(rest)

    def end_the_late(self) -> None:
        """Kill who has been silent over one lot for too long."""
        for member in self.members:
            hurried = member.task is not None and member.task.hurried
            if hurried and time.monotonic() - member.heard > member.patience:
                member.late = True
                member.process.kill()

    def end(self) -> None:
        """Kill everybody: what is not committed never was."""
        for member in self.members:
            member.end()


@contextmanager
def team(work: Work, settings: Settings, jobs: int | None, sources: int) -> Iterator[Doer]:
    """Give who will do a load's tasks, for the time of a block: where it is worth it, a process a core."""
    if jobs is None and sources < FEW:
        yield Alone(work)
        return
    order = Order(work.kind, work.options, settings, work.report.delivery, work.limits_seen, work.staged)
    crew = Crew(order, jobs or len(os.sched_getaffinity(0)))
    try:
        yield crew
    finally:
        crew.end()
