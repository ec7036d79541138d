"""The bench of isolation asks both levels in turn, as often, in the transaction that every door opens."""

from time import sleep

import pytest
from psycopg import sql

from bench.isolation import COMMITTED, Cost, Door, alternated, compared, through_pool
from catalog import database as connections
from catalog.access import Right, add_agreement, add_organisation, authenticate, issue_token
from catalog.database import as_principal, connect, pool
from hunter.members import DAY, TODAY


@pytest.fixture
def reader(database):
    """A pool, and somebody who may read the parcels of a commune."""
    with connect(database, "admin") as connection:
        add_organisation(connection, "o", "O", "commune", ["85901"])
        right = Right("parcelles", "base", ("feature",), ("85901",))
        add_agreement(connection, "c", "o", "x", TODAY, TODAY + DAY, [right])
        token = issue_token(connection, "o")
    with pool(database, "web") as web:
        yield web, authenticate(web, token)


def test_each_level_is_asked_as_often_and_is_the_first_every_other_time():
    asked = []
    ours, others = alternated((lambda: asked.append("ours"), lambda: asked.append("other")), 0.01)
    assert len(ours) == len(others) >= 2
    assert asked[:4] == ["other", "ours", "ours", "other"]


def test_a_level_twice_as_slow_has_its_ratio_in_each_round():
    cost = compared([(lambda: sleep(0.02), lambda: sleep(0.01))] * 3, rounds=3, seconds=0.1)
    assert len(cost.ratios) == 3
    assert cost.ours == pytest.approx(20, rel=0.5)
    assert sorted(cost.ratios)[1] == pytest.approx(2, rel=0.5)


def test_it_tells_medians_and_how_far_rounds_are_apart():
    assert str(Cost(1.5, 1.25, (1.0, 1.2, 1.3))).endswith("1.500 ms,    1.250 ms, rapport 1.20 (1.00 à 1.30)")


def test_the_two_levels_are_those_of_the_transaction_and_the_product_keeps_its_own(reader):
    levels = sql.SQL("SELECT current_setting('transaction_isolation'), current_setting('transaction_read_only'), %(n)s")
    ours, other = through_pool(*reader, Door("niveau", sql.Composed([levels]), {"n": 1}, "/"))
    assert (ours(), other()) == ([("repeatable read", "on", 1)], [("read committed", "on", 1)])
    assert "REPEATABLE READ" in connections.BEGIN


@pytest.mark.parametrize(("begin", "objects"), [(connections.BEGIN, 0), (COMMITTED, 1)], ids=["ours", "the other"])
def test_a_reader_sees_one_moment_whatever_is_written_meanwhile(database, reader, monkeypatch, begin, objects):
    monkeypatch.setattr(connections, "BEGIN", begin)
    seen = "SELECT objects FROM access.visible_statistics('parcelles', true)"
    with as_principal(*reader, "feature") as connection:
        assert connection.execute(seen).fetchone() == (0,)
        with connect(database, "admin") as admin:
            admin.execute("INSERT INTO access.statistics (dataset, commune, objects) VALUES ('parcelles', '85901', 1)")
        assert connection.execute(seen).fetchone() == (objects,)
