"""A process that has imported what reads lots, and forks a child for each: confined before it sees a byte of its lot.

The lot comes to the child over a pipe, into its memory: it can open no file of a delivery, not even its own.
"""

import os
import select
import signal
import socket
from collections.abc import Generator, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from functools import cache, partial
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

from catalog.errors import DeliveryError
from catalog.settings import Settings
from etl import confinement
from etl.confinement import CHILD, READER, STOPPED, Frame, Job, Limits, Method, TooHeavy

READY_SECONDS = 20
DEFAULT_LIMITS = Limits()
LOT = "/vsimem/lot/"  # where a child keeps the files of its lot


@dataclass(frozen=True, slots=True)
class Forked:
    """A child: its standard input and output, and the descriptor that stands for the process itself."""

    stdin: IO[bytes]
    stdout: IO[bytes]
    process: int

    def end(self) -> None:
        """Kill it and wait until it is no more."""
        with suppress(ProcessLookupError):
            signal.pidfd_send_signal(self.process, signal.SIGKILL)
        select.select([self.process], [], [])


class Nursery:
    """The process that forks, started at the first lot, and again after a child that has failed."""

    def __init__(
        self,
        how: Method | None = None,
        program: Path = CHILD,
        imports: tuple[str, ...] = READER,
        limits: Limits = DEFAULT_LIMITS,
    ) -> None:
        self.how, self.limits = how, limits
        self.job = Job({"task": "nursery"}, CHILD.parent, imports=imports, program=program)
        self.open = ExitStack()
        self.line: socket.socket | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self.stop()

    def read(
        self, task: dict[str, Any], main: Path, files: Sequence[Path], limits: Limits | None = None
    ) -> Generator[Frame]:
        """Have a new child open a lot, and yield what it hands back. Raises DeliveryError where it fails.

        After a failure the next child comes of another process: it shares no address with one that was attacked.
        """
        limits = limits or self.limits
        try:
            yield from self.read_within(limits, task, main, files)
        except TooHeavy as error:
            mebibytes = limits.memory // 2**20
            words = f"{error.reason} : plus de {mebibytes} Mio à le lire ; GEOSOCLE_READ_MEMORY en donne davantage"
            raise DeliveryError(words) from error

    def read_within(self, limits: Limits, task: dict[str, Any], main: Path, files: Sequence[Path]) -> Generator[Frame]:
        """Have a new child open a lot within limits, and yield what it hands back."""
        if not pidfds():
            yield from confinement.read(Job(task | {"path": str(main)}, main.parent, limits))
            return
        try:
            with self.child() as child, confinement.within(limits.seconds, child.end):
                job = Job(task | {"path": LOT + main.name, "files": sizes(files)}, CHILD.parent, limits)
                confinement.tell(child, confinement.order(job, self.method(), own_folder=False))
                with suppress(DeliveryError):  # one that has failed meanwhile says why in its answer
                    for file in files:
                        confinement.tell(child, file.read_bytes())
                yield from confinement.frames(child)
        except DeliveryError:
            self.stop()
            raise

    def method(self) -> Method:
        """Return how children are confined."""
        return self.how or confinement.method()

    @contextmanager
    def child(self) -> Iterator[Forked]:
        """Fork a child that does not outlive the block."""
        theirs, stdin = os.pipe()
        stdout, out = os.pipe()
        with os.fdopen(stdin, "wb") as told, os.fdopen(stdout, "rb") as heard:
            try:
                child = Forked(told, heard, self.forked([theirs, out]))
            finally:
                os.close(theirs)
                os.close(out)
            try:
                yield child
            finally:
                child.end()
                os.close(child.process)

    def forked(self, pipes: list[int]) -> int:
        """Hand a new child its input and output, and return the descriptor that stands for it."""
        for _ in range(2):  # the process may have been killed since the last lot, which is not the fault of this one
            line = self.line or self.start()
            with suppress(OSError):
                socket.send_fds(line, [b"."], pipes)
                if descriptors := socket.recv_fds(line, 1, 1)[1]:
                    return descriptors[0]
            self.stop()
        raise DeliveryError(STOPPED)

    def start(self) -> socket.socket:
        """Start the process and wait until it has imported what its children need."""
        self.line, theirs = socket.socketpair()
        self.open.enter_context(self.line)
        with theirs:
            process = confinement.launched(self.job, self.method(), theirs.fileno())
        self.open.callback(process.communicate)
        end = partial(confinement.end, process)
        self.open.callback(end)
        with confinement.within(READY_SECONDS, end):
            self.line.sendall(confinement.order(self.job, self.method()))
            assert process.stdout is not None
            if confinement.read_frame(process.stdout) is None:
                raise DeliveryError(STOPPED)
        return self.line

    def stop(self) -> None:
        """End the process, and its children with it."""
        self.open.close()
        self.line = None


def raised(settings: Settings) -> Nursery:
    """Return a nursery whose children have the memory that the settings say."""
    return Nursery(limits=replace(DEFAULT_LIMITS, memory=settings.read_memory * 2**20))


def sizes(files: Sequence[Path]) -> list[tuple[str, int]]:
    """Return the names of files and their sizes, as a child is told them before their content."""
    return [(file.name, file.stat().st_size) for file in files]


@cache
def pidfds() -> bool:
    """True where a descriptor can stand for a process: without one, a child is not killed for certain."""
    try:
        os.close(os.pidfd_open(os.getpid()))
    except OSError:
        return False
    return True
