"""Terms are resolved into communes: areas, territory, neighbours; never more than they say."""

from dataclasses import replace

import pytest

from catalog.errors import AgreementError
from catalog.terms import Ground, Term, resolve, united

A, B, C, D = "85901", "85902", "85903", "85904"
GROUND = Ground(
    territory=(A,),
    areas={"concession": (B, C)},
    held=frozenset((A, B, C, D)),
    borders={A: frozenset((B, C)), B: frozenset((A,)), C: frozenset((A, D))},
)
PIPES = Term("canalisations_eau", "technical", ("image", "feature"), ("territoire",))


def given(term, ground=GROUND):
    """The communes of each group and usage."""
    return {(group, usage): "".join(sorted(c[-1] for c in codes))
            for (_, group, usage), codes in united(resolve([term], ground)).items()}  # fmt: skip


def test_codes_areas_and_the_territory_are_named_side_by_side():
    term = replace(PIPES, communes=("territoire", "concession", D), usages=("feature",))
    assert given(term) == {("technical", "feature"): "1234"}


def test_neighbours_have_their_group_alone():
    assert given(replace(PIPES, neighbours=("base",))) == {
        ("technical", "image"): "1",
        ("technical", "feature"): "1",
        ("base", "image"): "23",
        ("base", "feature"): "23",
    }


def test_neighbours_may_have_fewer_usages():
    found = given(replace(PIPES, neighbours=("base",), neighbours_usages=("image",)))
    assert found[("base", "image")] == "23"
    assert ("base", "feature") not in found


def test_who_has_all_communes_has_no_neighbours():
    term = replace(PIPES, communes=(A, B, C, D), neighbours=("base",))
    assert {group for group, _ in given(term)} == {"technical"}


@pytest.mark.parametrize(
    ("term", "ground", "named"),
    [
        (replace(PIPES, communes=("85999",), block=3), GROUND, "« 85999 »"),
        (replace(PIPES, communes=("commune",), block=3), GROUND, "« commune »"),
        (replace(PIPES, block=3), replace(GROUND, territory=()), "pas de territoire"),
        (replace(PIPES, neighbours=("base",), block=3), replace(GROUND, held=frozenset((B,))), "limites de 85901"),
    ],
)
def test_what_the_ground_has_not_is_named_with_its_block(term, ground, named):
    with pytest.raises(AgreementError, match=named) as raised:
        resolve([term], ground)
    assert raised.value.block == 3


def test_a_bank_without_any_limits_takes_every_code():
    assert given(replace(PIPES, communes=("85999",)), Ground()) == {
        ("technical", "image"): "9",
        ("technical", "feature"): "9",
    }
