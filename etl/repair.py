"""Repair polygons in a child, each within its own time and memory: `make_valid` of 20,000 vertices took 8 GB."""

import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial
from types import TracebackType
from typing import Self

from catalog.errors import DeliveryError
from etl import confinement
from etl.child import pack
from etl.confinement import CHILD, Frame, Job, Limits

MEMORY = 512 * 2**20
SECONDS = 2
LIFE = 3600  # of a child, which repairs one polygon after the other


class Repairer:
    """A child that repairs polygons, started at the first and again after one that it could not bear."""

    def __init__(self, seconds: float = SECONDS, memory: int = MEMORY) -> None:
        self.seconds, self.memory = seconds, memory
        self.child = ExitStack()
        self.process: subprocess.Popen[bytes] | None = None
        self.answers: Iterator[Frame] = iter(())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self.stop()

    def __call__(self, wkb: bytes) -> bytes | None:
        """Return the repaired polygon, or None where it took too much."""
        try:
            process = self.process or self.start()
            with confinement.within(self.seconds, partial(confinement.end, process)):
                confinement.tell(process, pack({}, wkb))
                return next(self.answers).body
        except (DeliveryError, StopIteration):
            self.stop()
            return None

    def start(self) -> subprocess.Popen[bytes]:
        """Start a child and wait until it has imported what it needs, which is not the polygon's time."""
        job = Job({"task": "repair"}, CHILD.parent, Limits(LIFE, self.memory), imports=("numpy", "shapely"))
        self.process = self.child.enter_context(confinement.started(job, confinement.method()))
        self.answers = confinement.frames(self.process)
        next(self.answers)
        return self.process

    def stop(self) -> None:
        """End the child."""
        self.child.close()
        self.process = None
