"""Which agreements a feature is charged to, and where a page ends."""

from catalog.quotas import Meter, Share


def share(agreement: str, granted: int | None, **rights: list[str]) -> Share:
    return Share(agreement, granted, granted, rights, None, None if granted is None else 60)


def test_a_page_ends_where_the_only_agreement_does():
    meter = Meter([share("one", 2, base=["A"])], ["base"])
    assert meter.first("AAA") == 2
    assert meter.used == {"one": 2}


def test_what_an_agreement_without_quota_gives_costs_nothing():
    meter = Meter([share("free", None, base=["A"]), share("one", 1, base=["A", "B"])], ["base"])
    assert meter.first("AAABB") == 4
    assert meter.used == {"one": 1}


def test_a_group_of_an_exhausted_agreement_is_not_lent_by_another():
    shares = [share("free", None, base=["A", "B"]), share("one", 1, technical=["A"])]
    assert Meter(shares, ["base", "technical"]).first("BAA") == 2
    assert Meter(shares, ["base"]).first("BAA") == 3


def test_two_agreements_on_the_same_end_with_the_larger_one():
    meter = Meter([share("one", 1, base=["A"]), share("two", 3, base=["A"])], ["base"])
    assert meter.first("AAAAA") == 3
    assert meter.used == {"one": 1, "two": 3}


def test_a_larger_quota_does_not_serve_another_commune():
    meter = Meter([share("one", 1, base=["A"]), share("two", 9, base=["B"])], ["base"])
    assert meter.first("BAAB") == 2
    assert meter.exceeded.seconds == 60


def test_a_caller_whom_nothing_limits_is_not_counted():
    meter = Meter([], ["base"])
    assert meter.first("AB") == 2
    assert not meter.used
