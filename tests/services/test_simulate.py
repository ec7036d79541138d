"""What a simulation foresees is what happens, as doors show it; and it writes nothing."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

import pytest

from catalog import access, lifecycle
from catalog.access import Right, add_organisation, issue_token
from catalog.agreements import Agreement
from catalog.database import connect
from catalog.errors import AgreementError
from catalog.simulation import End, Renewal, Written, simulate
from catalog.terms import Term
from hunter.members import TODAY
from tests.conftest import clone
from tests.hunting.world import COMMUNES, A, B, C
from tests.services.conftest import WATER, Served, granted, pages, serving

DAY = timedelta(days=1)
YESTERDAY = TODAY - DAY
PUBLIC = [Right("sections", "base", ("feature",), (A,))]
LISTED = ("parcelles", "sections", WATER)
KEPT = """SELECT md5(string_agg(t::text, '' ORDER BY t::text)) FROM (
    SELECT a::text FROM access.agreements a UNION ALL SELECT r::text FROM access.rights r
    UNION ALL SELECT v::text FROM access.versions v UNION ALL SELECT d::text FROM access.drafts d) t (t)"""


class Member:
    """One organisation of a running server, the connection that changes its agreements, and what doors show it."""

    def __init__(self, served: Served, admin, id: str):
        self.served, self.admin, self.id = served, admin, id
        add_organisation(admin, id, id, "commune", COMMUNES)
        served.tokens[id] = issue_token(admin, id)

    def agreement(self, number=1, first=YESTERDAY, last=TODAY + DAY, terms=()) -> Agreement:
        return Agreement(f"{self.id}-{number}", self.id, "essai", first, last, tuple(terms))

    def signed(self, *terms, **others) -> Agreement:
        wanted = self.agreement(terms=terms, **others)
        lifecycle.sign(self.admin, wanted)
        return wanted

    def shown(self) -> dict[tuple[str, str], dict[str, set[str]]]:
        """What items show: (dataset, group) → commune → ids."""
        found: dict[tuple[str, str], dict[str, set[str]]] = {}
        with self.served.client(self.id) as client:
            for dataset in LISTED:
                path = f"/collections/{dataset}/items"
                if client.get(path, params={"limit": "1"}).status_code == 404:
                    continue
                for page in pages(client, path, {"limit": "1000"}):
                    for feature in page["features"]:
                        commune = feature["properties"]["commune"]
                        groups = ("base", "technical") if "materiau" in feature["properties"] else ("base",)
                        for group in groups:
                            found.setdefault((dataset, group), {}).setdefault(commune, set()).add(feature["id"])
        return found


@pytest.fixture(scope="module")
def bank(cluster, loaded_template) -> Iterator[Served]:
    """A server whose agreements change under it."""
    with clone(cluster, loaded_template) as own, serving(own) as url:
        yield Served(url, own, granted(own, {"public": PUBLIC}))


@pytest.fixture
def member(bank, request) -> Iterator[Member]:
    with connect(bank.settings, "admin") as admin:
        yield Member(bank, admin, f"m{len(bank.tokens)}")


def foreseen(lots) -> dict[tuple[str, str], dict[str, int]]:
    """What a simulation says of items, to be compared with what they show."""
    found: dict[tuple[str, str], dict[str, int]] = {}
    for lot in lots:
        if "feature" in lot.usages and lot.dataset in LISTED:
            counts = {commune: objects for commune, objects in lot.communes.items() if objects}
            found.setdefault((lot.dataset, lot.group), {}).update(counts)
    return {key: counts for key, counts in found.items() if counts}


def gained(before, after) -> dict[tuple[str, str], dict[str, int]]:
    """How many ids of each commune are shown after, and were not before."""
    new = {
        key: {
            commune: len(ids - before.get(key, {}).get(commune, set()))
            for commune, ids in communes.items()
            if ids - before.get(key, {}).get(commune, set())
        }
        for key, communes in after.items()
    }
    return {key: communes for key, communes in new.items() if communes}


@contextmanager
def foretold(member, change) -> Iterator[object]:
    """Simulate a change, let the block look, make it, and compare what doors show with what was said."""
    (kept,) = member.admin.execute(KEPT).fetchone()
    before = member.shown()
    said = simulate(member.admin, change)
    assert member.admin.execute(KEPT).fetchone() == (kept,)
    assert member.shown() == before
    yield said
    change.make(member.admin)
    assert member.admin.execute(KEPT).fetchone() != (kept,)
    after = member.shown()
    assert foreseen(said.given) == gained(before, after)
    assert foreseen(said.taken) == gained(after, before)


def pipes(*communes, group="base"):
    return Term(WATER, group, ("feature", "tile"), communes)


def test_a_new_agreement_gives_what_was_said_but_not_what_the_public_has(member):
    terms = pipes(A, B), pipes(B, group="technical"), Term("sections", "base", ("feature",), (A, C))
    with foretold(member, Written(member.agreement(terms=terms))) as said:
        assert [(each.dataset, each.group, [*each.communes]) for each in said.given] == [
            (WATER, "base", [A, B]),
            (WATER, "technical", [B]),
            ("sections", "base", [C]),
        ]
        assert "materiau" in said.given[1].columns
        assert said.given[0].usages == ("tile", "feature")
        assert said.taken == ()


def test_an_amendment_takes_and_gives_what_was_said(member):
    signed = member.signed(pipes(A, B), pipes(A, B, group="technical"))
    amended = replace(signed, rights=(pipes(B, C), pipes(C, group="technical")))
    with foretold(member, Written(amended)) as said:
        assert foreseen(said.given).keys() == foreseen(said.taken).keys() == {(WATER, "base"), (WATER, "technical")}


def test_an_end_takes_nothing_that_another_agreement_gives(member):
    ending = member.signed(pipes(A, B), pipes(A, B, group="technical"))
    member.signed(pipes(B), number=2)
    with foretold(member, End(ending.id, YESTERDAY)) as said:
        assert said.given == ()
        assert {(each.group, *each.communes) for each in said.taken} == {("base", A), ("technical", A, B)}


def test_an_attribute_goes_with_the_object_that_it_is_of(member):
    ending = member.signed(pipes(A))
    member.signed(pipes(A, group="technical"), number=2)
    with foretold(member, End(ending.id, YESTERDAY)) as said:
        assert {each.group for each in said.taken} == {"base", "technical"}


def test_a_renewal_gives_again_what_has_ended(member):
    ended = member.signed(
        pipes(A), Term("parcelles", "base", ("feature",), ("territoire",)), first=YESTERDAY, last=YESTERDAY
    )
    with foretold(member, Renewal(ended.id, TODAY + DAY)) as said:
        assert said.day == TODAY
        assert set(next(each for each in said.given if each.dataset == "parcelles").communes) == set(COMMUNES)


def test_what_ends_later_is_compared_on_the_day_after(member):
    signed = member.signed(pipes(A), last=TODAY + 9 * DAY)
    assert simulate(member.admin, End(signed.id, TODAY)).day == TODAY + DAY
    assert simulate(member.admin, End(signed.id, TODAY), day=TODAY).taken == ()


@pytest.mark.parametrize("change", [End("nulle", TODAY), Renewal("nulle", TODAY)])
def test_a_change_of_what_does_not_exist_is_refused(member, change):
    with pytest.raises(AgreementError, match="nulle"):
        simulate(member.admin, change)


def test_what_would_be_refused_is_refused(member):
    with pytest.raises(AgreementError, match="99999"):
        simulate(member.admin, Written(member.agreement(terms=[pipes("99999")])))


def test_who_is_granted_sees_it_at_the_next_request_and_no_more_once_it_ends(member):
    """No restart, no delay: profiles are asked for at each request, and API objects made when they are needed."""
    path = "/collections/parcelles/items"
    asked = lambda: member.served.get(member.id, path, limit=1).status_code  # noqa: E731
    assert asked() == 404
    signed = member.signed(Term("parcelles", "base", ("feature",), (A,)))
    assert asked() == 200
    access.end_agreement(member.admin, signed.id, YESTERDAY)
    assert asked() == 404
