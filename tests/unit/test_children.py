"""Child processes stop with us, whatever ends us."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from geosocle import children
from geosocle.children import ChildDied, child, ended_by_signals, wait_until

CHECKOUT = Path(children.__file__).resolve().parents[1]
SLEEPER = [sys.executable, "-c", "import time; print('up', flush=True); time.sleep(60)"]
STUBBORN = [
    sys.executable,
    "-c",
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); time.sleep(60)",
]


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def gone_within(pid: int, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while alive(pid) and time.monotonic() < deadline:
        time.sleep(0.02)
    return not alive(pid)


def test_a_child_ends_with_its_block(tmp_path):
    with child(SLEEPER, os.environ, tmp_path / "log") as process:
        assert alive(process.pid)
    assert not alive(process.pid)


def test_a_child_ends_when_the_block_fails(tmp_path):
    with pytest.raises(RuntimeError), child(SLEEPER, os.environ, tmp_path / "log") as process:
        raise RuntimeError
    assert not alive(process.pid)


def test_a_child_that_does_not_listen_is_killed(tmp_path, monkeypatch):
    monkeypatch.setattr(children, "STOP_SECONDS", 0.2)
    log = tmp_path / "log"
    with child(STUBBORN, os.environ, log) as process:
        wait_until(lambda: "deaf" in log.read_text(), process, log, 10)
    assert process.returncode == -signal.SIGKILL


def test_a_child_dies_when_we_are_killed(tmp_path):
    code = (
        "import os, sys, time; from pathlib import Path; from geosocle.children import child, wait_until\n"
        "log = Path(sys.argv[1])\n"
        f"with child({SLEEPER!r}, os.environ, log) as process:\n"
        "    wait_until(log.read_text, process, log, 10); print(process.pid, flush=True); time.sleep(60)"
    )
    command = [sys.executable, "-c", code, str(tmp_path / "log")]
    with subprocess.Popen(command, cwd=CHECKOUT, stdout=subprocess.PIPE, text=True) as parent:
        pid = int(parent.stdout.readline())
        parent.kill()
    assert gone_within(pid, 5)


def test_the_death_of_a_child_is_told_with_its_last_words(tmp_path):
    log = tmp_path / "log"
    failing = [sys.executable, "-c", "raise SystemExit('plus de place')"]
    with child(failing, os.environ, log) as process, pytest.raises(ChildDied, match="plus de place"):
        wait_until(lambda: False, process, log, 10)


def test_waiting_has_an_end(tmp_path):
    with child(SLEEPER, os.environ, tmp_path / "log") as process, pytest.raises(ChildDied):
        wait_until(lambda: False, process, tmp_path / "log", 0.2)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_every_polite_end_interrupts(number):
    with pytest.raises(KeyboardInterrupt), ended_by_signals():
        os.kill(os.getpid(), number)
        time.sleep(5)


def test_the_end_itself_is_not_interrupted():
    steps = []
    with pytest.raises(KeyboardInterrupt), ended_by_signals():
        try:
            os.kill(os.getpid(), signal.SIGTERM)
            time.sleep(5)
        finally:
            os.kill(os.getpid(), signal.SIGINT)
            steps.append("cleaned")
    assert steps == ["cleaned"]


def test_signals_have_their_old_meaning_afterwards():
    before = signal.getsignal(signal.SIGTERM)
    with ended_by_signals():
        pass
    assert signal.getsignal(signal.SIGTERM) is before


def test_a_terminal_that_goes_away_interrupts_even_without_a_signal():
    code = (
        "import signal, time\n"
        "from geosocle.children import ended_by_signals, pause\n"
        "with ended_by_signals():\n"
        "    signal.signal(signal.SIGHUP, signal.SIG_IGN); print('up', flush=True)\n"
        "    time.sleep(0.5)\n"
        "    while True: pause(0.1)"
    )
    master, slave = os.openpty()
    streams = {"stdin": slave, "stdout": slave, "stderr": subprocess.DEVNULL}
    with subprocess.Popen([sys.executable, "-c", code], cwd=CHECKOUT, start_new_session=True, **streams) as process:
        os.close(slave)
        assert os.read(master, 2) == b"up"
        assert process.poll() is None
        os.close(master)
        assert process.wait(10) in (1, 130, -signal.SIGINT)


def test_a_pause_without_a_terminal_is_only_a_pause():
    code = "from geosocle.children import pause; pause(0.1); print('on')"
    streams = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
    assert subprocess.run([sys.executable, "-c", code], cwd=CHECKOUT, **streams).stdout == b"on\n"
