"""What became of parcels: on invented territories whose edits are known, each is found, and nothing else."""

from dataclasses import replace

import pytest
import shapely

from data_samples.edits import EDITS, edited
from etl.lineage import MAX_SHIFT, TOLERANCE, Parcel, mutations

type Found = list[tuple[str, tuple[str, ...], tuple[str, ...]]]
A, B, C, D = "85901000AB0001", "85901000AB0002", "85901000AB0003", "85901000AB0004"


def parcel(id: str, *box: float) -> Parcel:
    return Parcel(id, id, shapely.box(*box))


def found(before: list[Parcel], after: list[Parcel]) -> Found:
    return [(one.nature, *map(tuple, one.ids)) for one in mutations(before, after)]


def parcels(world) -> list[Parcel]:
    return [
        Parcel(one.id, one.id, one.geometry, None, (str(one.contenance), str(one.arpente))) for one in world.parcelles
    ]


@pytest.mark.parametrize("seed", range(40))
def test_known_edits_are_all_found_and_nothing_else(world, seed):
    sheets = {one.id for one in world.feuilles if one.commune == world.communes[seed % 4].code}
    later, edits = edited(world, sheets, seed)
    assert len({one.nature for one in edits}) == 8
    assert len(edits) > len(EDITS)
    expected = sorted((one.nature, one.before, one.after) for one in edits)
    assert sorted(found(parcels(world), parcels(later))) == expected


def test_edits_one_upon_another_leave_every_parcel_told_of(world):
    """The ids that went and came are exactly those of the mutations, whatever the families are called."""
    sheets = {one.id for one in world.feuilles}
    later = world
    for seed in range(3):
        later, _ = edited(later, sheets, seed, rounds=6)
    told = mutations(parcels(world), parcels(later))
    before, after = ({one.id for one in side} for side in (world.parcelles, later.parcelles))
    assert before - after <= {id for one in told for id in one.ids[0]}
    assert after - before <= {id for one in told for id in one.ids[1]}
    assert sum(len(one.before) for one in told) == len({id for one in told for id in one.ids[0]})


def test_areas_and_ground_are_those_of_what_changed(world):
    sheets = {world.feuilles[0].id}
    later, _ = edited(world, sheets, 1)
    for one in mutations(parcels(world), parcels(later)):
        assert one.areas[0] == pytest.approx(sum(each.geometry.area for each in one.before), abs=0.01)
        assert one.ground is not None
        assert all(one.ground.buffer(0.01).covers(each.geometry) for each in (*one.before, *one.after))


def test_an_outline_moved_within_the_tolerance_is_the_same_and_beyond_it_is_not():
    before = [parcel(A, 0, 0, 30, 40), parcel(B, 30, 0, 60, 40)]

    def moved(by: float) -> list[Parcel]:
        return [parcel(A, 0, 0, 30 + by, 40), parcel(B, 30 + by, 0, 60, 40)]

    assert found(before, moved(TOLERANCE - 0.1)) == []
    assert found(before, moved(TOLERANCE + 0.1)) == [("modification", (A, B), (A, B))]


def test_a_whole_parcel_fitted_anew_is_the_same_but_not_one_that_is_elsewhere():
    def shifted(by: float) -> Found:
        return found([parcel(A, 0, 0, 30, 40)], [parcel(A, by, 0, 30 + by, 40)])

    assert shifted(MAX_SHIFT - 0.1) == []
    assert shifted(MAX_SHIFT + 0.1) == [("modification", (A,), (A,))]
    assert shifted(500) == [("modification", (A,), (A,))]


def test_a_strip_narrower_than_the_tolerance_is_no_lineage():
    before = [parcel(A, 0, 0, 30, 40), parcel(B, 30, 0, 60, 40)]
    after = [parcel(C, 0, 0, 30.4, 20), parcel(D, 0, 20, 30, 40), parcel(B, 30, 0, 60, 40)]
    assert found(before, after) == [("division", (A,), (C, D))]


def test_a_path_narrower_than_the_tolerance_is_followed_all_the_same():
    assert found([parcel(A, 0, 0, 0.4, 80)], [parcel(B, 0, 0, 0.4, 40), parcel(C, 0, 40, 0.4, 80)]) == [
        ("division", (A,), (B, C))
    ]


def test_another_area_on_the_same_ground_is_told_alone_and_with_another_form_is_not():
    old = [replace(parcel(A, 0, 0, 30, 40), attributes=("1200", "false"))]
    assert found(old, [replace(old[0], attributes=("1210", "false"))]) == [("attributs", (A,), (A,))]
    assert found(old, [replace(parcel(A, 0, 0, 30.2, 40), attributes=("1210", "true"))]) == [("attributs", (A,), (A,))]
    assert found(old, [replace(parcel(A, 0, 0, 30, 30), attributes=("900", "true"))]) == [("modification", (A,), (A,))]
    assert found(old, [replace(old[0], id=B, key=B, attributes=("1210", "true"))]) == [("renumérotation", (A,), (B,))]


def test_another_number_on_another_form_of_the_same_ground_is_a_rework():
    assert found([parcel(A, 0, 0, 30, 40)], [parcel(B, 0, 0, 30, 30)]) == [("remaniement", (A,), (B,))]


def test_two_parcels_made_of_three_are_one_rework():
    before = [parcel(A, 0, 0, 20, 40), parcel(B, 20, 0, 40, 40), parcel(C, 40, 0, 60, 40)]
    after = [parcel(D, 0, 0, 30, 40), parcel("85901000AB0005", 30, 0, 60, 40)]
    assert found(before, after) == [("remaniement", (A, B, C), (D, "85901000AB0005"))]


def test_nothing_before_or_nothing_after_is_told_parcel_by_parcel():
    two = [parcel(A, 0, 0, 30, 40), parcel(B, 30, 0, 60, 40)]
    assert found([], two) == [("création", (), (A,)), ("création", (), (B,))]
    assert found(two, []) == [("suppression", (A,), ()), ("suppression", (B,), ())]
    assert found([], []) == found(two, two) == []


def test_a_merger_of_communes_is_told_section_by_section_and_real_changes_apart():
    """The later edition says the old ids otherwise: the lineage goes by what they have become."""
    old = [parcel(f"85902000AB000{n}", 40 * n, 0, 40 * n + 40, 40) for n in (1, 2, 3)]
    old = [replace(one, key=one.id.replace("85902000", "85901902")) for one in old]
    new = [replace(one, id=one.key) for one in old[:2]]
    new += [parcel("85901902AB0004", 120, 0, 140, 40), parcel("85901902AB0005", 140, 0, 160, 40)]
    assert found(old, new) == [
        ("fusion de communes", ("85902000AB0001", "85902000AB0002"), ("85901902AB0001", "85901902AB0002")),
        ("division", ("85902000AB0003",), ("85901902AB0004", "85901902AB0005")),
    ]
