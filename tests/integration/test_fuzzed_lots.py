"""Lots spoiled at random, from a seed: each is loaded, rejected in part or refused in words; never half, never a crash.

`GEOSOCLE_FUZZ_MUTATIONS` and `GEOSOCLE_FUZZ_SEED` make it longer, or another: docs/qualite.md.
"""

import tempfile
from pathlib import Path

from data_samples.edigeo import write_lots
from data_samples.territory import make_world
from etl.pipeline import load
from etl.sources import Options
from tests.fuzzing import judging, rounds
from tests.fuzzing.rounds import MUTATIONS, Figures


def test_lots_spoiled_at_random_are_loaded_or_refused_and_nothing_is_half(database, tmp_path):
    whole = list(write_lots(make_world(85, 2, 20), tmp_path / "whole"))
    assert load("cadastre", whole, Options(), database).exit_code == 0
    figures = Figures()
    for one_round in rounds.rounds(rounds.lots(whole), tmp_path, MUTATIONS):
        rounds.played(one_round, database, figures)
    print(figures, *figures.reasons.most_common(), *figures.faults, sep="\n")
    assert figures.faults == []
    assert judging.left_behind(Path(tempfile.gettempdir())) == []
