"""Deliveries spoiled at random, from a seed: each is loaded, rejected in part or refused in words; never half.

`GEOSOCLE_FUZZ_MUTATIONS` and `GEOSOCLE_FUZZ_SEED` make it longer, or another: docs/qualite.md.
"""

import gzip
import json
import tempfile
from contextlib import suppress
from pathlib import Path

import pytest

from data_samples.edigeo import write_lots
from data_samples.etalab import write_layers
from data_samples.personnes_morales import write_rights
from data_samples.territory import make_world
from etl.pipeline import load
from etl.sources import Options
from tests.fuzzing import judging, layers, persons, rounds
from tests.fuzzing.rounds import LONG_RUN, MUTATIONS, Figures

PERSONS = "PM_26_NB_850.csv"


@pytest.fixture(scope="module")
def small():
    """A small territory: reading a sheet of it takes a tenth of a second."""
    return make_world(85, 2, 20)


@pytest.fixture
def figures():
    """What became of the mutations; nothing stays in the temporary folder."""
    found = Figures()
    yield found
    print(found, *found.reasons.most_common(), *found.faults, sep="\n")
    assert found.faults == []
    assert judging.left_behind(Path(tempfile.gettempdir())) == []


def test_lots_spoiled_at_random_are_loaded_or_refused_and_nothing_is_half(database, small, figures, tmp_path):
    whole = list(write_lots(small, tmp_path / "whole"))
    assert load("cadastre", whole, Options(), database).exit_code == 0
    for one_round in rounds.rounds(rounds.lots(whole), tmp_path, MUTATIONS):
        rounds.played(one_round, database, figures)


@pytest.mark.skipif(not LONG_RUN, reason="les lots réels : GEOSOCLE_FUZZ_MUTATIONS")
def test_real_lots_spoiled_at_random(database, shared_data, figures, tmp_path):
    whole = sorted((shared_data / "edigeo").rglob("*.tar.bz2"))
    assert load("cadastre", whole, Options(), database).exit_code in (0, 3)
    for one_round in rounds.rounds(rounds.lots(whole), tmp_path, MUTATIONS // 2):
        rounds.played(one_round, database, figures)


def features(content: bytes) -> int | None:
    """How many features a text has, where it can be said."""
    with suppress(ValueError, RecursionError, TypeError, KeyError):
        told = [one for one in json.loads(content)["features"] if isinstance(one, dict)]
        return None if {} in told else len(told)  # GDAL 3.6 counts an empty object, 3.10 does not
    return None


def test_layers_spoiled_at_random_are_loaded_or_refused_and_nothing_is_half(database, small, figures, tmp_path):
    written = list(write_layers(small, tmp_path / "whole"))
    assert load("cadastre", written, Options(), database).exit_code == 0
    whole = {path.name.removesuffix(".gz"): gzip.decompress(path.read_bytes()) for path in written}
    ways = layers.MUTATORS | (layers.LONG if LONG_RUN else {})
    for one_round in rounds.of_files(whole, ways, features, tmp_path, MUTATIONS // 2):
        rounds.played(one_round, database, figures)


def below_the_heading(content: bytes) -> int | None:
    """How many lines there are below the first, where that can be said."""
    found = content.split(b"\n")
    return None if any(len(one) > 60_000 for one in found) else sum(bool(one.strip()) for one in found[1:])


def test_legal_persons_spoiled_at_random_are_loaded_or_refused_and_nothing_is_half(database, small, figures, tmp_path):
    assert load("cadastre", list(write_lots(small, tmp_path / "whole")), Options(), database).exit_code == 0
    path = write_rights(small, tmp_path / "whole" / PERSONS)
    assert load("personnes_morales", [path], Options(), database).exit_code == 0
    whole = {PERSONS: path.read_bytes()}
    for one_round in rounds.of_files(whole, persons.MUTATORS, below_the_heading, tmp_path, MUTATIONS // 2):
        rounds.played(one_round, database, figures, "personnes_morales")
