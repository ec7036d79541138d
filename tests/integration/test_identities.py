"""Identities and their sessions, as the database answers them: who is let in, and when it ends."""

import hashlib
import secrets
from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from catalog.access import add_organisation, authenticate, issue_token, principal, revoke_token, rotate_token, token_key
from catalog.database import as_principal
from catalog.errors import AgreementError, UnknownToken
from catalog.identities import add_identity, close_session, open_session, remove_identity
from tests.integration.test_access import A, B, bank, parcels  # noqa: F401

ISSUER = "https://comptes.exemple.fr"
ALICE = {"sub": "alice"}


@pytest.fixture
def town(bank):  # noqa: F811
    """Two communes with an agreement each, and an account of the first."""
    for name, commune in (("a", A), ("b", B)):
        add_organisation(bank.admin, name, name, "commune", [commune])
        bank.agree(name, parcels(commune))
    bank.alice = add_identity(bank.admin, "a", ISSUER, ALICE)
    return bank


def opened(town, claims, issuer=ISSUER, hours=1.0):
    """The key of a session opened for claims, or None."""
    key = hashlib.sha256(secrets.token_bytes()).hexdigest()
    end = datetime.now(UTC) + timedelta(hours=hours)
    return key if open_session(town.web, key, issuer, claims, end) else None


def seen(town, key):
    """The communes whose parcels a key reads."""
    with as_principal(town.web, principal(town.web, key), "feature") as connection:
        return {commune for (commune,) in connection.execute("SELECT commune FROM cadastre.parcelles")}


def test_an_account_sees_what_its_organisation_sees_and_nothing_of_the_neighbour(town):
    key = opened(town, ALICE | {"name": "Alice"})
    caller = principal(town.web, key)
    assert (caller.organisation, caller.anonymous, caller.administrator) == ("a", False, False)
    assert seen(town, key) == {A}


@pytest.mark.parametrize(
    ("claims", "issuer"),
    [
        ({"sub": "bob"}, ISSUER), ({"sub": "Alice"}, ISSUER), ({"sub": ["bob"]}, ISSUER), ({}, ISSUER),
        ({"name": "alice"}, ISSUER), ({"sub": None}, ISSUER), ({"sub": {"sub": "alice"}}, ISSUER),
        (ALICE, ISSUER + "/"), (ALICE, "https://ailleurs.exemple.fr"), (ALICE, ""),
    ],
)  # fmt: skip
def test_an_account_that_is_not_on_the_list_opens_nothing(town, claims, issuer):
    assert opened(town, claims, issuer) is None


def test_a_claim_that_is_a_list_holds_what_it_lists(town):
    add_identity(town.admin, "b", ISSUER, {"groups": "mairie-b", "acr": "2"})
    assert seen(town, opened(town, {"groups": ["x", "mairie-b"], "acr": "2"})) == {B}
    assert opened(town, {"groups": ["x", "mairie-b"], "acr": "1"}) is None
    assert opened(town, {"groups": ["mairie"], "acr": "2"}) is None


def test_an_account_of_two_organisations_is_refused_rather_than_guessed(town):
    add_identity(town.admin, "b", ISSUER, {"groups": "mairie-b"})
    assert opened(town, ALICE | {"groups": ["mairie-b"]}) is None


def test_a_flag_of_one_identity_is_had_by_whom_has_another_of_the_same_organisation(town):
    add_identity(town.admin, "a", ISSUER, {"groups": "sig"}, administrator=True)
    key = opened(town, ALICE | {"groups": ["sig"]})
    assert principal(town.web, key).administrator
    assert seen(town, key) == {A}


def test_an_address_counts_only_where_the_provider_has_verified_it(town):
    add_identity(town.admin, "b", ISSUER, {"email": "bob@b.fr"})
    assert opened(town, {"sub": "x", "email": "bob@b.fr"}) is None
    assert opened(town, {"sub": "x", "email": "bob@b.fr", "email_verified": "true"}) is None
    assert seen(town, opened(town, {"sub": "x", "email": "bob@b.fr", "email_verified": True})) == {B}


def test_removing_an_identity_closes_its_sessions_at_once(town):
    key = opened(town, ALICE)
    held = principal(town.web, key)
    remove_identity(town.admin, town.alice)
    with pytest.raises(UnknownToken):
        principal(town.web, key)
    with as_principal(town.web, held, "feature") as connection:
        assert connection.execute("SELECT count(*) FROM cadastre.parcelles").fetchone() == (0,)


def test_a_session_ends_with_its_agreements_its_time_and_its_logout(town):
    short, long, out = opened(town, ALICE, hours=0.5), opened(town, ALICE, hours=1000), opened(town, ALICE)
    ends = "SELECT max(expires) < now() + interval '12 hours 1 minute' FROM access.sessions"
    assert town.admin.execute(ends).fetchone() == (True,)
    town.admin.execute("UPDATE access.sessions SET expires = now() WHERE sha256 = %s", [short])
    close_session(town.web, out)
    for key in (short, out):
        with pytest.raises(UnknownToken):
            principal(town.web, key)
    town.admin.execute("UPDATE access.agreements SET last_day = first_day - 1")
    assert seen(town, long) == set()
    assert opened(town, ALICE, hours=-1) is None
    opened(town, ALICE)
    assert town.admin.execute("SELECT count(*) FROM access.sessions WHERE expires <= now()").fetchone() == (0,)


def test_only_the_web_opens_sessions_and_nobody_reads_the_list(town):
    with town.web.connection() as connection:
        for statement in ("SELECT * FROM access.identities", "SELECT * FROM access.sessions"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(statement)
    owners = """SELECT rolname FROM pg_roles WHERE NOT rolsuper AND rolname LIKE 'geosocle%'
                AND has_function_privilege(rolname, 'access.open_session(text, text, jsonb, timestamptz)', 'EXECUTE')"""
    assert {role for (role,) in town.admin.execute(owners)} == {"geosocle_web", "geosocle_rules"}


@pytest.mark.parametrize(
    ("organisation", "claims"), [("a", {}), ("a", {"sub": ""}), ("nulle-part", ALICE), ("public", ALICE), ("a", ALICE)]
)
def test_an_identity_that_is_wrongly_described_is_refused(town, organisation, claims):
    with pytest.raises(AgreementError):
        add_identity(town.admin, organisation, ISSUER, claims)


def test_an_identity_that_is_not_there_cannot_be_removed(town):
    for id in ("x", "00000000-0000-0000-0000-000000000000"):
        with pytest.raises(AgreementError, match=id):
            remove_identity(town.admin, id)


def test_a_rotated_token_is_as_the_old_one_which_dies(town):
    old = issue_token(town.admin, "a", days=10, administrator=True, label="QGIS")
    new = rotate_token(town.admin, old)
    assert authenticate(town.web, new).administrator
    assert town.communes(new) == {A: 3}
    with pytest.raises(UnknownToken):
        authenticate(town.web, old)
    same = "SELECT count(DISTINCT (label, expires - issued)), count(*) FROM access.tokens WHERE organisation = 'a'"
    assert town.admin.execute(same).fetchone() == (1, 2)


def test_a_rotated_token_may_live_some_hours_more_but_no_longer_than_it_would_have(town):
    old, short = issue_token(town.admin, "a"), issue_token(town.admin, "a")
    town.admin.execute(
        "UPDATE access.tokens SET expires = now() + interval '1 hour' WHERE sha256 = %s", [token_key(short)]
    )
    for token in (old, short):
        rotate_token(town.admin, token, grace=2)
        assert town.communes(token) == {A: 3}
    left = "SELECT expires < now() + interval '121 minutes', expires < now() + interval '61 minutes' FROM access.tokens"
    by_key = f"{left} WHERE sha256 = %s"
    assert town.admin.execute(by_key, [token_key(old)]).fetchone() == (True, False)
    assert town.admin.execute(by_key, [token_key(short)]).fetchone() == (True, True)


def test_a_token_that_is_dead_is_not_rotated_and_not_repeated(town):
    dead = issue_token(town.admin, "a")
    revoke_token(town.admin, dead)
    for token in (dead, "geosocle_inconnu"):
        with pytest.raises(AgreementError) as error:
            rotate_token(town.admin, token)
        assert token not in str(error.value)
