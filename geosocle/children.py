"""Child processes that never outlive us: stopped in order at the end, and by the kernel if we are killed."""

import os
import select
import signal
import stat
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType

from catalog.errors import GeosocleError

STOP_SECONDS = 15
ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)  # Ctrl-C, kill, the terminal closed


class ChildDied(GeosocleError):
    """Un service s'est arrêté de lui-même."""


@contextmanager
def child(
    command: Sequence[str], environment: Mapping[str, str], log: Path, last_signal: str = "TERM"
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a command for the time of a block, its words going to a file.

    It has a process group of its own: the terminal's Ctrl-C reaches us alone, who then stop it in order. If we are
    killed, the kernel sends it `last_signal`: KILL for what would wait for a database that dies at the same moment.
    """
    with log.open("wb") as output:
        process = subprocess.Popen(
            ["setpriv", "--pdeathsig", last_signal, *command],
            env=dict(environment), stdin=subprocess.DEVNULL, stdout=output, stderr=output, process_group=0,
        )  # fmt: skip
    try:
        yield process
    finally:
        _end(process)


def wait_until(ready: Callable[[], bool], process: subprocess.Popen[bytes], log: Path, seconds: float) -> None:
    """Wait until something is true while a child lives. Raises ChildDied with its last words."""
    deadline = time.monotonic() + seconds
    while not ready():
        if process.poll() is not None or time.monotonic() > deadline:
            words = log.read_text("utf-8", errors="replace").splitlines()[-10:]
            raise ChildDied(f"{ChildDied.__doc__} Ses derniers mots ({log}) :\n" + "\n".join(words))
        time.sleep(0.1)


@contextmanager
def ended_by_signals() -> Iterator[None]:
    """Make every polite way to end us raise KeyboardInterrupt, once: what follows is not interrupted again."""
    before = {number: signal.signal(number, _interrupt) for number in ENDING}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def pause(seconds: float) -> None:
    """Wait, and raise KeyboardInterrupt if our terminal goes away meanwhile.

    The kernel tells it to the leader of the session alone, and `make`, where it is that, keeps it to itself.
    """
    terminals = select.poll()
    for stream in (0, 1, 2):
        with suppress(OSError):  # closed from the start
            if stat.S_ISCHR(os.fstat(stream).st_mode):  # one that went away is no longer `isatty`
                terminals.register(stream, 0)  # a hang-up is told unasked
    if terminals.poll(seconds * 1000):
        _interrupt(signal.SIGHUP, None)


def _interrupt(number: int, frame: FrameType | None) -> None:
    for other in ENDING:
        signal.signal(other, signal.SIG_IGN)
    raise KeyboardInterrupt


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
