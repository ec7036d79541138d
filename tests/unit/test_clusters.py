"""Where the tests' PostgreSQL are kept."""

import os
from collections import namedtuple

import pytest

from tests import clusters

Usage = namedtuple("Usage", "total used free")


@pytest.fixture
def memory(tmp_path, monkeypatch):
    """A folder that stands for the memory, with all the room that there may be."""
    monkeypatch.delenv("GEOSOCLE_TEST_FOLDER", raising=False)
    monkeypatch.setattr(clusters, "MEMORY", tmp_path)
    monkeypatch.setattr(clusters, "available", lambda: clusters.ROOM)
    monkeypatch.setattr(clusters.shutil, "disk_usage", lambda _: Usage(0, 0, clusters.ROOM))
    return tmp_path


def test_they_are_in_memory_where_there_is_room(memory):
    assert clusters.folder() == memory


def test_where_that_folder_is_small_as_a_container_s_they_are_on_the_disk(memory, monkeypatch):
    monkeypatch.setattr(clusters.shutil, "disk_usage", lambda _: Usage(0, 0, 64 << 20))
    assert clusters.folder() is None


def test_where_programs_have_the_memory_they_are_on_the_disk(memory, monkeypatch):
    monkeypatch.setattr(clusters, "available", lambda: clusters.ROOM - 1)
    assert clusters.folder() is None


def test_where_there_is_no_such_folder_they_are_on_the_disk(memory, monkeypatch):
    monkeypatch.setattr(clusters, "MEMORY", memory / "nowhere")
    assert clusters.folder() is None


def test_another_folder_may_be_told(memory, monkeypatch):
    monkeypatch.setenv("GEOSOCLE_TEST_FOLDER", "/elsewhere")
    assert str(clusters.folder()) == "/elsewhere"


@pytest.mark.parametrize(("age", "stays"), [(clusters.LEFT_SECONDS + 60, False), (60, True)])
def test_what_a_killed_session_left_is_removed_and_what_begins_is_not(memory, age, stays):
    left = memory / "geosocle-test-left"
    (left / "data").mkdir(parents=True)
    then = left.stat().st_mtime - age
    os.utime(left, (then, then))
    clusters.folder()
    assert left.exists() == stays


def test_it_is_known_how_much_memory_is_left():
    assert 0 < clusters.available() < 1 << 50
