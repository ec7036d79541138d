"""Copies on disk: whole or not there, no more than the bound, and never a reason to refuse anybody."""

import os
import time
from hashlib import sha256

import pytest

from services.tile_store import ABANDONED, CHECK, TileStore

MIB = 1 << 20


def name(number):
    return sha256(str(number).encode()).hexdigest()


@pytest.fixture
def store(tmp_path):
    return TileStore(tmp_path / "files" / "tuiles", MIB)


def file_of(store, number):
    return store.folder / name(number)[:2] / name(number)


def size(store):
    return sum(file.stat().st_size for file in store.folder.rglob("*") if file.is_file())


@pytest.mark.parametrize("content", [b"", b"tuile", bytes(100_000)], ids=["empty", "small", "large"])
def test_a_copy_is_found_as_it_was_kept_by_every_process(store, content):
    store.put(name(1), content)
    assert store.get(name(1)) == content
    assert TileStore(store.folder, MIB).get(name(1)) == content
    assert store.get(name(2)) is None


def test_nobody_else_may_look_at_copies(store):
    store.put(name(1), b"tuile")
    file = file_of(store, 1)
    assert [path.stat().st_mode & 0o777 for path in (store.folder, file.parent, file)] == [0o700, 0o700, 0o600]


@pytest.mark.parametrize("kept", [0, 3, CHECK, CHECK + 2])
def test_a_copy_that_was_cut_is_none(store, kept):
    store.put(name(1), b"tuile")
    os.truncate(file_of(store, 1), kept)
    assert store.get(name(1)) is None
    store.put(name(1), b"tuile")
    assert store.get(name(1)) == b"tuile"


def test_copies_take_no_more_than_the_bound_and_the_last_asked_for_stay(store):
    store.put(name("asked for"), bytes(1000))
    for number in range(300):
        store.put(name(number), bytes(10_000))
        os.utime(file_of(store, number), (number, number))
        assert store.get(name("asked for")) is not None
        assert size(store) <= MIB
    assert store.get(name(299)) is not None
    assert store.get(name(0)) is None


def test_two_processes_together_keep_to_the_bound(store):
    stores = [store, TileStore(store.folder, MIB)]
    for number in range(300):
        stores[number % 2].put(name(number), bytes(10_000))
    assert size(store) <= MIB * 1.05


def test_what_was_never_finished_is_taken_away_in_time(store):
    store.put(name(1), b"tuile")
    left, recent = (file_of(store, 1).with_name(f"{word}.part") for word in ("left", "recent"))
    for part in (left, recent):
        part.write_bytes(b"x")
    os.utime(left, (time.time() - ABANDONED - 1,) * 2)
    TileStore(store.folder, MIB).put(name(2), b"tuile")
    assert (left.exists(), recent.exists()) == (False, True)


def test_where_nothing_can_be_written_nothing_is_kept(tmp_path):
    (tmp_path / "tuiles").write_text("no folder")
    store = TileStore(tmp_path / "tuiles", MIB)
    store.put(name(1), b"tuile")
    assert store.get(name(1)) is None
