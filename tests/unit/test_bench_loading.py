"""The bench of loads measures what it says: seconds a sheet, and the memory of each of its programs."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from bench import readers
from bench.loading import memory_of
from bench.readers import Reading


def test_a_reading_is_told_by_the_sheet() -> None:
    assert Reading("x", seconds=6.0, objects=10, sheets=12).each == 0.5


def test_without_node_its_parser_is_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert readers.etalab([], tmp_path / "npm") is None
    assert list(tmp_path.iterdir()) == []


def test_the_memory_of_a_command_and_of_what_it_started_is_told_apart() -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as child:
        programs = memory_of(os.getpid())
        child.communicate(b"\n")
    assert {program for program, _ in programs} >= {"la commande", "un enfant confiné"}
    assert all(peak > 1000 for _, peak in programs)
