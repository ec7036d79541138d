"""A report counts, and says in French what became of a delivery."""

import json
from datetime import date

from etl.report import CHECKED, IGNORED, PUBLISHED, REFUSED, UNCHANGED, Counts, Report, Unit, sentence


def unit(status: str, **counts: int) -> Unit:
    one = Unit("85901000AB01", "edigeo-85901000AB01.tar.bz2", "85901", date(2026, 7, 1), "ab", status)
    if counts:
        one.counts["parcelles"] = Counts(**counts)
    return one


def report(*units: Unit) -> Report:
    return Report("cadastre", list(units))


def test_all_loaded_is_0() -> None:
    assert report(unit(PUBLISHED, read=2, loaded=2)).exit_code == 0
    assert report(unit(UNCHANGED)).exit_code == 0
    assert report(unit(CHECKED)).exit_code == 0


def test_a_rejected_object_or_a_refused_sheet_among_others_is_3() -> None:
    one = unit(PUBLISHED, read=2, loaded=1)
    one.reject("parcelles", "x", "invalide")
    assert report(one).exit_code == 3
    assert report(unit(PUBLISHED), unit(REFUSED)).exit_code == 3


def test_nothing_taken_is_4() -> None:
    assert report(unit(REFUSED)).exit_code == 4
    assert report(unit(REFUSED), unit(IGNORED)).exit_code == 4
    assert report().exit_code == 4


def test_a_file_of_another_sort_beside_a_good_one_is_no_fault() -> None:
    assert report(unit(PUBLISHED), unit(IGNORED)).exit_code == 0


def test_unchanged_is_said_only_where_everything_is() -> None:
    assert report(unit(UNCHANGED), unit(IGNORED)).unchanged
    assert not report(unit(UNCHANGED), unit(PUBLISHED)).unchanged
    assert not report().unchanged


def test_each_edition_guessed_is_said_once_and_only_of_what_is_taken() -> None:
    taken, again, left = unit(PUBLISHED), unit(PUBLISHED), unit(UNCHANGED)
    taken.guessed = again.guessed = left.guessed = True
    left.edition = date(2025, 1, 1)
    told = report(taken, again, left, unit(PUBLISHED))
    told.tell_of_editions()
    assert told.notices == ["édition du 01/07/2026 (date du fichier ; --edition pour la donner)"]


def test_totals_add_up_over_units() -> None:
    totals = report(unit(PUBLISHED, read=2, loaded=2), unit(PUBLISHED, read=3, loaded=1, rejected=2)).totals()
    assert totals["parcelles"] == Counts(read=5, loaded=3, rejected=2)


def test_a_sentence_leaves_out_what_did_not_happen() -> None:
    assert sentence(Counts(read=3, loaded=3)) == "3 lus, 3 chargés, 0 rejetés"
    full = Counts(read=9, loaded=5, repaired=1, rejected=2, seen_again=2, pieces=7)
    assert sentence(full) == "9 lus, 5 chargés, en 7 morceaux, 1 réparés, 2 vus de nouveau, 2 rejetés"


def test_a_refusal_names_the_file_and_the_reason() -> None:
    one = unit(REFUSED)
    one.reason = "archive tronquée"
    assert "REFUSÉE edigeo-85901000AB01.tar.bz2 : archive tronquée" in str(report(one))


def test_a_reject_names_unit_layer_object_and_reason() -> None:
    one = unit(PUBLISHED)
    one.reject("parcelles", "85901000AB0001", "surface nulle")
    one.reject("parcelles", None, "géométrie absente")
    text = str(report(one))
    assert "REJETÉ 85901000AB01 parcelles 85901000AB0001 : surface nulle" in text
    assert "(sans identifiant) : géométrie absente" in text


def test_many_rejects_are_cut_short_for_a_reader_and_whole_in_json() -> None:
    one = unit(PUBLISHED)
    for number in range(50):
        one.reject("parcelles", str(number), "invalide")
    assert "… et 30 autres (voir --json)" in str(report(one))
    assert len(report(one).as_json()["unites"][0]["rejets"]) == 50


def test_an_object_without_end_or_that_is_no_text_can_be_written() -> None:
    one = unit(PUBLISHED)
    one.reject("parcelles", "a\x00\ud800" + "b" * 5000, "invalide")
    assert len(one.rejects[0].object) == 200
    assert json.dumps(report(one).as_json(), ensure_ascii=False).encode("utf-8")


def test_json_says_everything() -> None:
    value = report(unit(PUBLISHED, read=1, loaded=1)).as_json()
    assert (value["genre"], value["code"], value["essai"]) == ("cadastre", 0, False)
    assert value["objets"]["parcelles"]["charges"] == 1
    assert value["unites"][0]["edition"] == "2026-07-01"
    assert value["unites"][0]["etat"] == "publiée"


def test_a_name_from_outside_stays_on_its_line_and_turns_nothing():
    unit = Unit("a", "b")
    unit.reject("parcelles", "0001\nREFUSÉE tout\x1b[2J\u202e\u2028\x9b", "raison")
    line = str(unit.rejects[0])
    assert len(line.splitlines()) == 1
    assert line == "REJETÉ a parcelles 0001 REFUSÉE tout[2J    : raison"
