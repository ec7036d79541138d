"""Periods out of their order are refused by the database itself, whoever writes them."""

import psycopg
import pytest
from psycopg.types.json import Jsonb

from catalog.access import add_organisation
from catalog.database import connect
from tests.conftest import clone

ADD = (
    "INSERT INTO access.agreements (id, organisation, purpose, first_day, last_day, renews)"
    " VALUES (%s, 'ici', 'essai', %s, %s, %s)"
)


@pytest.fixture(scope="module")
def periods(cluster, template):
    """A year, and the next one that renews it."""
    with clone(cluster, template) as own, connect(own, "admin") as admin:
        add_organisation(admin, "ici", "Ici", "commune", [])
        admin.execute(ADD, ["an-1", "2026-01-01", "2026-12-31", None])
        admin.execute(ADD, ["an-2", "2027-01-01", "2027-12-31", "an-1"])
        yield own


@pytest.fixture
def admin(periods):
    """A connection on which what is kept is undone after the test."""
    with connect(periods, "admin") as connection, connection.transaction(force_rollback=True):
        connection.execute("SET CONSTRAINTS ALL IMMEDIATE")
        yield connection


@pytest.mark.parametrize(
    ("act", "values"),
    [
        (ADD, ["an-3", "2027-12-31", "2028-12-31", "an-2"]),
        (ADD, ["an-3", "2026-01-01", "2026-06-30", "an-2"]),
        ("UPDATE access.agreements SET last_day = '2027-01-01' WHERE id = 'an-1'", None),
        ("UPDATE access.agreements SET first_day = '2026-12-31' WHERE id = 'an-2'", None),
        ("UPDATE access.agreements SET renews = NULL WHERE id = 'an-2'; "
         "UPDATE access.agreements SET renews = 'an-2' WHERE id = 'an-1'", None),
    ],
    ids=["begins on the last day", "before what it renews", "prolonged into the next", "moved forward", "turned round"],
)  # fmt: skip
def test_a_period_that_renews_begins_after_the_other_has_ended(admin, act, values):
    with pytest.raises(psycopg.errors.ExclusionViolation):
        admin.execute(act, values)


@pytest.mark.parametrize(
    ("act", "values"),
    [
        (ADD, ["an-3", "2028-01-01", "2028-12-31", "an-2"]),
        (ADD, ["an-3", "2026-03-01", "2026-04-30", None]),
        ("UPDATE access.agreements SET last_day = '2026-11-30' WHERE id = 'an-1'", None),
        ("UPDATE access.agreements SET last_day = '2026-12-31' WHERE id = 'an-2'", None),
    ],
    ids=["the next year", "side by side", "ended earlier", "the next one void"],
)
def test_what_the_model_allows_is_taken(admin, act, values):
    admin.execute(act, values)


def test_two_periods_are_moved_in_one_transaction(periods):
    with connect(periods, "admin") as connection, connection.transaction(force_rollback=True):
        connection.execute("UPDATE access.agreements SET last_day = '2027-03-31' WHERE id = 'an-1'")
        connection.execute("UPDATE access.agreements SET first_day = '2027-04-01' WHERE id = 'an-2'")
        connection.execute("SET CONSTRAINTS ALL IMMEDIATE")


def test_who_prolongs_a_period_waits_for_who_renews_it(periods):
    with connect(periods, "admin") as one, connect(periods, "admin") as other:
        other.execute("SET lock_timeout = '200ms'")
        with one.transaction(force_rollback=True):
            one.execute(ADD, ["an-3", "2028-01-01", "2028-12-31", "an-2"])
            one.execute("SET CONSTRAINTS ALL IMMEDIATE")
            with pytest.raises(psycopg.errors.LockNotAvailable):
                other.execute("UPDATE access.agreements SET last_day = '2028-06-30' WHERE id = 'an-2'")


@pytest.mark.parametrize("days", [("2026-12-31", "2026-01-01"), ("2026-01-01", None), (None, "2026-12-31")])
def test_days_out_of_order_or_missing_are_refused_in_agreements_and_drafts(admin, days):
    with pytest.raises(psycopg.errors.IntegrityError), admin.transaction():
        admin.execute(ADD, ["an-3", *days, None])
    content = {key: day for key, day in zip(("first_day", "last_day"), days, strict=True) if day}
    with pytest.raises(psycopg.errors.CheckViolation), admin.transaction():
        admin.execute("INSERT INTO access.drafts VALUES ('an-3', 'ici', %s)", [Jsonb(content)])
