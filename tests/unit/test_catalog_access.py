"""Rights unite tuple by tuple; a wrong right is refused before the database is asked."""

import pytest

from catalog.access import Right, token_key, united
from catalog.errors import AgreementError


def test_rights_unite_within_one_dataset_group_and_usage_and_never_across():
    rights = [
        Right("canalisations_eau", "base", ("feature", "tile"), ("85901", "85902")),
        Right("canalisations_eau", "technical", ("feature",), ("85903",)),
        Right("canalisations_eau", "base", ("feature",), ("85903",)),
    ]
    assert united(rights) == {
        ("canalisations_eau", "base", "feature"): {"85901", "85902", "85903"},
        ("canalisations_eau", "base", "tile"): {"85901", "85902"},
        ("canalisations_eau", "technical", "feature"): {"85903"},
    }


@pytest.mark.parametrize(
    ("right", "named"),
    [
        (("unknown", "base", ("feature",), ("85901",)), "unknown"),
        (("parcelles", "personal", ("feature",), ("85901",)), "personal"),
        (("parcelles", "base", ("features",), ("85901",)), "usages"),
        (("parcelles", "base", (), ("85901",)), "usages"),
        (("parcelles", "base", ("feature",), ()), "commune"),
    ],
)
def test_a_wrong_right_is_refused_by_name(right, named):
    with pytest.raises(AgreementError, match=named):
        Right(*right)


def test_the_key_of_a_token_is_its_sha256():
    assert token_key("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
