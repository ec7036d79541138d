"""A hunt that lasts past midnight: rights begin and end then, and nobody leaked anything."""

from datetime import date
from random import Random

import httpx
import pytest

from hunter import hunt as hunting
from hunter import members
from hunter.hunt import Hunt, Leak
from hunter.members import Agreement, Member
from hunter.oracle import Oracle
from hunter.things import Things

EVENING, MORNING = date(2026, 11, 28), date(2026, 11, 29)
MEMBER = Member("somebody", "somebody")


@pytest.fixture
def hunt():
    return Hunt(httpx.Client(), Oracle(Things("rien", {}, frozenset()), {}), [MEMBER], 85)


def wrong(hunt, random, member):
    hunt.expect(False, "wrong")


def test_what_is_wrong_within_a_day_is_a_leak(hunt, monkeypatch):
    monkeypatch.setattr(hunting, "today", lambda: EVENING)
    with pytest.raises(Leak):
        hunt.open("items", wrong, Random(), MEMBER)


def test_what_is_wrong_while_midnight_passes_is_not(hunt, monkeypatch):
    days = iter([EVENING, MORNING])
    monkeypatch.setattr(hunting, "today", lambda: next(days))
    hunt.open("items", wrong, Random(), MEMBER)
    assert "midnight passes" in hunt.changes


def test_an_agreement_ends_with_its_day(monkeypatch):
    one = Agreement("a", "somebody", (), first=EVENING, last=EVENING)
    monkeypatch.setattr(members, "today", lambda: EVENING)
    assert one.running
    monkeypatch.setattr(members, "today", lambda: MORNING)
    assert not one.running
