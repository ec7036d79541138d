"""Profiles and principals are values: the key of a cache must not depend on how it was built."""

from catalog.model import Principal, Profile

TREE = {"parcelles": {"base": ["feature", "image"]}, "eau": {"base": ["feature"], "technical": ["feature", "tile"]}}


def test_the_same_rights_in_another_order_make_the_same_profile():
    turned = {name: {g: u[::-1] for g, u in reversed(groups.items())} for name, groups in reversed(TREE.items())}
    assert Profile.from_tree(TREE) == Profile.from_tree(turned)
    assert hash(Profile.from_tree(TREE)) == hash(Profile.from_tree(turned))


def test_a_profile_gives_base_first_and_only_the_groups_of_the_usage():
    profile = Profile.from_tree(TREE)
    assert profile.groups("eau", "feature") == ("base", "technical")
    assert profile.groups("parcelles", "feature") == ("base",)


def test_a_group_without_base_gives_nothing():
    profile = Profile.from_tree(TREE)
    assert profile.groups("eau", "tile") == ()
    assert profile.datasets("tile") == ()


def test_an_unknown_dataset_or_usage_gives_nothing():
    profile = Profile.from_tree(TREE)
    assert profile.groups("secret", "feature") == ()
    assert profile.usages("secret") == ()
    assert Profile().datasets() == ()


def test_a_printed_principal_does_not_show_its_key():
    principal = Principal("d34db33f", "brehan", Profile.from_tree(TREE), token="t")
    assert "d34db33f" not in repr(principal)
    assert not principal.anonymous
