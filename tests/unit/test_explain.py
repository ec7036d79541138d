"""The decision of the rules, without a database."""

from dataclasses import replace
from datetime import date, timedelta

from catalog.explain import Grant, at_doors, decide

TODAY = date(2026, 11, 23)
DAY = timedelta(days=1)


def grant(agreement="a", first=TODAY - DAY, last=TODAY + DAY, group="base", usage="feature", communes=("85901",)):
    return Grant(agreement, "commune", first, last, group, usage, frozenset(communes))


def test_nothing_is_given_without_an_agreement():
    decision = decide([], "base", "feature", TODAY)
    assert not decision.given
    assert decision.reason == "aucune convention"


def test_the_first_and_the_last_day_are_included():
    assert decide([grant(first=TODAY, last=TODAY)], "base", "feature", TODAY).given


def test_an_agreement_that_ended_yesterday_gives_nothing_and_says_when():
    decision = decide([grant(last=TODAY - DAY)], "base", "feature", TODAY, "85901")
    assert decision.reason == "a s'est terminée le 2026-11-22"


def test_an_agreement_of_tomorrow_gives_nothing_yet():
    decision = decide([grant(first=TODAY + DAY)], "base", "feature", TODAY)
    assert decision.reason == "a ne commence que le 2026-11-24"


def test_communes_unite_only_within_a_group_and_usage():
    crossed = [grant("dix", communes=("85901", "85902")), grant("une", group="technical", communes=("85903",))]
    assert decide(crossed, "base", "feature", TODAY).communes == {"85901", "85902"}
    assert decide(crossed, "technical", "feature", TODAY).communes == {"85903"}
    assert not decide(crossed, "technical", "feature", TODAY, "85901").given
    assert not decide(crossed, "base", "feature", TODAY, "85903").given


def test_each_agreement_says_what_it_lacks_where_it_comes_nearest():
    grants = [
        grant("image", usage="image"),
        grant("voisine", communes=("85902",)),
        grant("passee", usage="tile"),
        grant("passee", last=TODAY - DAY),
    ]
    assert decide(grants, "base", "feature", TODAY, "85901").reason == (
        "image ne donne pas l'usage « feature » ; voisine donne d'autres communes ; passee s'est terminée le 2026-11-22"
    )


def test_every_agreement_that_gives_is_named_once():
    grants = [grant("a"), grant("a", communes=("85902",)), grant("b")]
    assert decide(grants, "base", "feature", TODAY, "85901").agreements == ("a", "b")


def test_a_draft_gives_nothing_and_is_named():
    decision = decide([replace(grant(), draft=True)], "base", "feature", TODAY, "85901")
    assert decision.reason == "a n'est qu'un brouillon"


def test_a_version_that_was_replaced_gave_on_its_days_and_gives_no_more():
    old = grant(first=TODAY - 9 * DAY, last=TODAY + DAY, communes=("85901", "85902"))
    old = replace(old, version=1, since=TODAY - 9 * DAY, until=TODAY - 2 * DAY)
    new = replace(grant(first=TODAY - 9 * DAY), version=2, since=TODAY - 2 * DAY)
    days = {ago: decide([old, new], "base", "feature", TODAY - ago * DAY, "85902", TODAY) for ago in (0, 1, 2, 8)}
    assert {ago: found.given for ago, found in days.items()} == {0: False, 1: False, 2: True, 8: True}
    assert days[8].grants == (old,)
    assert days[0].reason == "a ne le donne plus depuis son changement du 2026-11-21"


def test_a_version_gives_nothing_on_days_before_it_was_signed():
    late = replace(grant(first=TODAY - 9 * DAY), version=1, since=TODAY - 2 * DAY)
    assert not decide([late], "base", "feature", TODAY - 3 * DAY, "85901", TODAY).given
    assert decide([late], "base", "feature", TODAY - 2 * DAY, "85901", TODAY).given


def test_no_door_gives_an_attribute_where_it_does_not_give_the_object():
    grants = [grant("a"), grant("b", group="technical", communes=("85902",))]
    found = at_doors(grants, "technical", "feature", "85902", TODAY, TODAY)
    assert (found.given, found.served) == (True, False)
    assert found.reason == "le groupe « base » n'y est pas donné pour cet usage"
    assert not at_doors(grants, "technical", "feature", None, TODAY, TODAY).served
