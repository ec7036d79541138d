"""`make demo` in a terminal: what it prints works, the second time is quick, and nothing outlives it."""

import os
import re
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from geosocle import demo
from geosocle.cluster import Cluster, remove

CHECKOUT = Path(demo.__file__).resolve().parents[1]
READY = "Ctrl-C arrête tout."
FIRST_SECONDS = 180
SECOND_SECONDS = 40


@pytest.fixture(scope="module")
def state() -> Iterator[Path]:
    """A state of this module's own, where an unprivileged account may go too."""
    folder = Path(tempfile.mkdtemp(prefix="geosocle-demo-", dir="/tmp"))
    folder.chmod(0o711)
    yield folder
    if (folder / "lock").exists():
        remove(Cluster(folder))
    shutil.rmtree(folder, ignore_errors=True)


@dataclass
class Terminal:
    """A demonstration in a terminal, and what it printed."""

    process: subprocess.Popen[bytes]
    master: int
    text: str = field(default="")

    def read_until(self, words: str, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while words not in self.text:
            assert time.monotonic() < deadline, self.text
            if select.select([self.master], [], [], 0.5)[0]:
                self.text += self.read()
            assert self.process.poll() is None, self.text + self.read()

    def read(self) -> str:
        try:
            return os.read(self.master, 65536).decode("utf-8", errors="replace")
        except OSError:  # nobody is at the other end any more
            return ""

    @property
    def address(self) -> str:
        return re.search(r"http://127\.0\.0\.1:\d+", self.text)[0]

    @property
    def tokens(self) -> list[str]:
        return list(dict.fromkeys(re.findall(r"geosocle_[\w-]{20,}", self.text)))


@contextmanager
def terminal(state: Path) -> Iterator[Terminal]:
    """Run the demonstration as the leader of a terminal."""
    master, slave = os.openpty()
    environment = {key: value for key, value in os.environ.items() if not key.startswith("GEOSOCLE_")}
    command = ["setsid", "--ctty", sys.executable, "-m", "geosocle.demo"]
    settings = {"GEOSOCLE_STATE": str(state), "COLUMNS": "200", "GEOSOCLE_SHARED_BUFFERS": "64MB"}
    streams = {"stdin": slave, "stdout": slave, "stderr": slave}
    with subprocess.Popen(command, cwd=CHECKOUT, env=environment | settings, **streams) as process:
        os.close(slave)
        try:
            yield Terminal(process, master)
        finally:
            process.kill()


def status(url: str, token: str | None = None) -> int:
    request = urllib.request.Request(url, headers={"Authorization": f"Bearer {token}"} if token else {})
    try:
        with urllib.request.urlopen(request, timeout=30) as response:
            return response.status
    except urllib.error.HTTPError as error:
        with error:
            return error.code


def left_running(state: Path) -> list[str]:
    """Return the command lines of the processes that bear this state in their arguments or environment."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            words = (folder / "cmdline").read_bytes()
            mark = words + (folder / "environ").read_bytes()
        except (PermissionError, FileNotFoundError, ProcessLookupError):
            continue
        if words and bytes(state) in mark:
            found.append(words.replace(b"\0", b" ").decode(errors="replace"))
    return found


def happens(condition: Callable[[], bool], seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.1)
    return condition()


@pytest.fixture(scope="module")
def first_tokens(state: Path) -> list[str]:
    """The tokens that the first demonstration printed, after it was looked at and ended by Ctrl-C."""
    with terminal(state) as shown:
        shown.read_until(READY, FIRST_SECONDS)
        look_at(shown)
        os.write(shown.master, b"\x03")
        assert shown.process.wait(30) == 0
    os.close(shown.master)
    return shown.tokens


def look_at(shown: Terminal) -> None:
    parcels = f"{shown.address}/collections/parcelles/items?limit=1&f=json"
    assert len(shown.tokens) == 4
    assert status(f"{shown.address}/collections/communes/items?limit=1&f=json") == 200
    assert status(parcels) == 404
    assert [status(parcels, token) for token in shown.tokens] == [200, 200, 404, 200]
    assert status(parcels, "geosocle_nobody") == 401


def test_ctrl_c_stops_everything(state, first_tokens):
    assert left_running(state) == []
    assert Cluster(state).status() == "stopped"


def test_the_second_time_is_quick_and_prints_the_same_tokens_and_a_closed_terminal_stops_everything(
    state, first_tokens
):
    with terminal(state) as shown:
        shown.read_until(READY, SECOND_SECONDS)
        assert shown.tokens == first_tokens
        os.close(shown.master)
        shown.process.wait(30)
    assert happens(lambda: left_running(state) == [], 10)


def test_a_killed_demonstration_leaves_nothing_running(state, first_tokens):
    with terminal(state) as shown:
        shown.read_until(READY, SECOND_SECONDS)
        shown.process.send_signal(signal.SIGKILL)
    os.close(shown.master)
    assert happens(lambda: left_running(state) == [], 30)


def test_a_second_demonstration_beside_the_first_is_refused_and_does_not_hinder_it(state, first_tokens):
    with terminal(state) as shown:
        shown.read_until(READY, SECOND_SECONDS)
        with terminal(state) as second:
            second_text = second.process.wait(60), second.read()
        os.close(second.master)
        assert second_text[0] != 0
        assert "tourne déjà" in second_text[1]
        assert status(f"{shown.address}/conformance?f=json") == 200
        os.write(shown.master, b"\x03")
        shown.process.wait(30)
    os.close(shown.master)
