"""Nothing is lost: whatever changes an agreement leaves what it gave before, and from when to when."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import psycopg
import pytest

from catalog.access import Right, add_agreement, add_organisation, end_agreement
from catalog.database import connect

TODAY = datetime.now(ZoneInfo("Europe/Paris")).date()
DAY = timedelta(days=1)
A, B = "85901", "85902"
LONG = TODAY - 400 * DAY, TODAY + 400 * DAY


@pytest.fixture
def admin(database):
    with connect(database, "admin") as connection:
        add_organisation(connection, "a", "A", "commune", [A])
        add_organisation(connection, "b", "B", "commune", [B])
        yield connection


def agree(admin, id="c-1", organisation="a", days=LONG, communes=(A,)):
    add_agreement(admin, id, organisation, "essai", *days, [Right("parcelles", "base", ("feature", "tile"), communes)])


def versions(admin, id="c-1"):
    """Each version of an agreement: its number, its last day, and whether it still stands."""
    statement = "SELECT version, last_day, until IS NULL FROM access.versions WHERE agreement = %s ORDER BY version"
    return admin.execute(statement, [id]).fetchall()


def moved(admin, days):
    """Pretend that every version was written that many days before: tests move the dates, not the clock."""
    with admin.transaction():
        admin.execute("ALTER TABLE access.versions DISABLE TRIGGER USER")
        shift = "UPDATE access.versions SET since = since - %(by)s, until = until - %(by)s"
        admin.execute(shift, {"by": timedelta(days=days)})
        admin.execute("ALTER TABLE access.versions ENABLE TRIGGER USER")


def given(admin, day, organisation="a"):
    """What an organisation could see on a day."""
    found = admin.execute("SELECT communes, usage, agreement FROM access.given_on(%s, %s)", [day, organisation])
    return sorted((commune, usage, agreement) for communes, usage, agreement in found for commune in communes)


def both(*communes, agreement="c-1"):
    return [(commune, usage, agreement) for commune in communes for usage in ("feature", "tile")]


def test_an_agreement_written_in_one_transaction_is_one_version(admin):
    agree(admin)
    assert versions(admin) == [(1, LONG[1], True)]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE access.rights SET communes = '{85902}' WHERE usage = 'tile'",
        "DELETE FROM access.rights WHERE usage = 'tile'",
        "INSERT INTO access.rights SELECT agreement, 'sections', attribute_group, usage, communes FROM access.rights",
        "UPDATE access.agreements SET purpose = 'autre'",
        "UPDATE access.agreements SET quota_features_day = 1000",
    ],
)
def test_a_change_by_hand_is_a_version_too(admin, statement):
    agree(admin)
    admin.execute(statement)
    assert versions(admin) == [(1, LONG[1], False), (2, LONG[1], True)]


def test_a_change_that_changes_nothing_is_none(admin):
    agree(admin)
    admin.execute("UPDATE access.agreements SET last_day = last_day")
    assert versions(admin) == [(1, LONG[1], True)]


def test_a_day_before_the_signature_gave_nothing_whatever_the_first_day_says(admin):
    agree(admin)
    moved(admin, 10)
    assert given(admin, TODAY - 11 * DAY) == []
    assert given(admin, TODAY - 10 * DAY) == given(admin, TODAY) == both(A)


def test_the_days_of_the_agreement_are_inclusive_in_the_past_as_at_the_door(admin):
    agree(admin, days=(TODAY - 5 * DAY, TODAY - 2 * DAY))
    moved(admin, 10)
    assert [bool(given(admin, TODAY - n * DAY)) for n in (6, 5, 2, 1)] == [False, True, True, False]


def test_on_the_day_of_a_change_both_what_was_and_what_is_are_told(admin):
    agree(admin, communes=(A,))
    admin.execute("UPDATE access.rights SET communes = '{85902}'")
    moved(admin, 3)
    assert given(admin, TODAY - 3 * DAY) == both(A, B)
    assert given(admin, TODAY - 2 * DAY) == both(B)


def test_an_end_in_the_past_does_not_rewrite_the_days_that_were_open(admin):
    agree(admin)
    moved(admin, 10)
    end_agreement(admin, "c-1", TODAY - 5 * DAY)
    assert given(admin, TODAY - 2 * DAY) == both(A)
    assert given(admin, TODAY + DAY) == []


def test_what_the_public_had_everybody_had_and_a_neighbours_agreement_is_never_told(admin):
    agree(admin, "c-1", "a")
    agree(admin, "c-2", "b", communes=(B,))
    agree(admin, "c-3", "public", communes=(B,))
    assert given(admin, TODAY, "a") == sorted(both(A) + both(B, agreement="c-3"))


def test_an_agreement_that_is_taken_away_by_hand_stays_in_the_history(admin):
    agree(admin)
    admin.execute("DELETE FROM access.agreements")
    assert versions(admin) == [(1, LONG[1], False)]
    assert given(admin, TODAY) == both(A)


@pytest.mark.parametrize(
    "statement",
    ["DELETE FROM access.versions", "TRUNCATE access.versions", "UPDATE access.versions SET rights = '[]'"],
)
def test_history_is_only_added_to(admin, statement):
    agree(admin)
    with pytest.raises(psycopg.errors.RaiseException):
        admin.execute(statement)
    assert given(admin, TODAY) == both(A)
