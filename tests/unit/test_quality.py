"""The rules of quality: each seeded fault is found by its rule, on its object, and nothing else is."""

import pytest

from catalog.loader import datasets
from catalog.rules import RULES, WEIGHTS
from etl.quality import contract, whole
from etl.report import Score
from tests.seeds import NAME, SEEDS, Spoiled, sound


def found(sheet: Spoiled) -> set[tuple]:
    rows = contract.hold(sheet.unit(), list(sheet.rows.values()))
    return {(row.values["regle"], row.values["couche"], row.values["objet"]) for row in rows}


def test_a_sound_sheet_has_no_anomaly_and_scores_100():
    sheet = sound()
    unit = sheet.unit()
    assert contract.hold(unit, list(sheet.rows.values())) == []
    assert unit.score.value == 100


@pytest.mark.parametrize("seed", SEEDS)
def test_each_way_to_spoil_a_sheet_is_found_by_its_rule_on_its_object_alone(seed):
    sheet = sound()
    SEEDS[seed](sheet)
    assert found(sheet) == sheet.expected


def test_every_rule_that_looks_at_a_sheet_has_a_seed():
    spoiled = [sound() for _ in SEEDS]
    for sheet, seed in zip(spoiled, SEEDS.values(), strict=True):
        seed(sheet)
    seeded = {rule for sheet in spoiled for rule, _, _ in sheet.expected}
    assert set(contract.CHECKS) - seeded == set()


def test_what_is_declared_can_be_checked_and_what_can_be_checked_is_declared():
    declared = {rule.rule for dataset in datasets().values() for rule in dataset.quality}
    assert declared == set(RULES) == {*contract.CHECKS, *whole.CHECKS, whole.DOUBLE}


def test_an_anomaly_says_in_plain_words_what_is_wrong_and_what_to_do():
    sheet = sound()
    SEEDS["area ten times too large"](sheet)
    (row,) = contract.hold(sheet.unit(), list(sheet.rows.values()))
    assert row.id == f"{NAME}-contenance_ecart-1"
    assert row.values["message"] == (
        "Contenance éloignée de la surface (9000 m² écrits, 900 tracés) : "
        "rapprochez-la de l'acte ; n'en corrigez aucune."
    )


def test_ids_and_order_are_the_same_whatever_the_order_of_the_rows():
    sheet = sound()
    for seed in ("area of zero", "building twice", "label of nothing", "mark twice"):
        SEEDS[seed](sheet)
    rows = list(sheet.rows.values())
    told = [[(one.id, one.values) for one in contract.hold(sheet.unit(), some)] for some in (rows, rows[::-1])]
    assert len(told[0]) == 4
    assert [id for id, _ in told[0]] == [id for id, _ in told[1]]


def test_a_score_is_100_without_anomaly_and_50_where_they_weigh_as_much_as_the_objects():
    assert [Score(40, penalty).value for penalty in (0, 0.2, 40, 4000)] == [100, 99, 50, 0]
    assert Score(0, 0).value == 0
    assert (Score(10, 10) + Score(30, 30)).value == 50
    assert WEIGHTS["bloquante"] > WEIGHTS["majeure"] > WEIGHTS["mineure"] > 0
