"""The rights model, as the database answers it: in pairs, what one sees and what the other must not."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import psycopg
import pytest

from catalog.access import (
    Right,
    add_agreement,
    add_organisation,
    authenticate,
    end_agreement,
    issue_token,
    revoke_token,
    token_key,
)
from catalog.database import as_loader, as_principal, connect, pool
from catalog.errors import UnknownToken
from catalog.explain import Question, explain
from catalog.loader import datasets
from catalog.model import USAGES, Principal, Profile

TODAY = datetime.now(ZoneInfo("Europe/Paris")).date()
DAY = timedelta(days=1)
A, B, C = "85901", "85902", "85903"
ALL = (A, B, C)

PARCEL = """INSERT INTO cadastre.parcelles (id, commune, unite, edition, prefixe, section, numero, geom, feature)
SELECT c || '000AA000' || n, c, c || '000AA01', '2026-07-01', '000', 'AA', '000' || n,
       public.ST_Multi(public.ST_MakeEnvelope(n, 0, n + 1, 1, 2154)), '{'
FROM unnest(%s::text[]) AS c, generate_series(1, 3) AS n"""
PIPE = """INSERT INTO reseaux.canalisations_eau (id, commune, unite, edition, objet, geom, feature)
SELECT 'AEP-1.' || c, c, 'eau', '2026-07-01', 'AEP-1', 'SRID=2154;MULTILINESTRING((0 0,1 1))', '{'
FROM unnest(%s::text[]) AS c"""
TECHNICAL = """INSERT INTO reseaux.canalisations_eau_technical (id, commune, unite, edition, materiau, feature)
SELECT 'AEP-1.' || c, c, 'eau', '2026-07-01', 'pvc', ',' FROM unnest(%s::text[]) AS c"""


class Bank:
    """A small loaded database, its administrator and its web service's pool."""

    def __init__(self, settings, admin, web):
        self.settings, self.admin, self.web, self.count = settings, admin, web, 0

    def member(self, id, communes=()):
        add_organisation(self.admin, id, id, "commune", communes)
        return issue_token(self.admin, id)

    def agree(self, organisation, *rights, first=TODAY - DAY, last=TODAY + DAY):
        self.count += 1
        id = f"c-{self.count}"
        add_agreement(self.admin, id, organisation, "essai", first, last, rights)
        return id

    def communes(self, token, usage="feature", table="cadastre.parcelles"):
        """The communes whose rows a token's holder reads, with how many rows each."""
        with as_principal(self.web, authenticate(self.web, token), usage) as connection:
            rows = connection.execute(f"SELECT commune, count(*) FROM {table} GROUP BY 1").fetchall()
        return dict(rows)


@pytest.fixture
def bank(database) -> Iterator[Bank]:
    with as_loader(database) as connection:
        for statement in (PARCEL, PIPE, TECHNICAL):
            connection.execute(statement, [list(ALL)])
    with connect(database, "admin") as admin, pool(replace(database, pool_size=1), "web") as web:
        yield Bank(database, admin, web)


def parcels(*communes, usages=("feature",)):
    return Right("parcelles", "base", usages, communes)


def test_each_neighbour_reads_its_own_commune_whole_and_nothing_else(bank):
    a, b = bank.member("a"), bank.member("b")
    bank.agree("a", parcels(A))
    bank.agree("b", parcels(B))
    assert bank.communes(a) == {A: 3}
    assert bank.communes(b) == {B: 3}


def test_a_member_without_agreement_reads_nothing(bank):
    bank.agree("public", Right("communes", "base", ("feature",), (A,)))
    assert bank.communes(bank.member("a", [A])) == {}


@pytest.mark.parametrize(
    ("first", "last", "seen"),
    [
        (TODAY, TODAY, True),
        (TODAY - 9 * DAY, TODAY, True),
        (TODAY, TODAY + 9 * DAY, True),
        (TODAY - 9 * DAY, TODAY - DAY, False),
        (TODAY + DAY, TODAY + 9 * DAY, False),
    ],
    ids=["today only", "ends today", "begins today", "ended yesterday", "begins tomorrow"],
)
def test_days_are_inclusive(bank, first, last, seen):
    a = bank.member("a")
    bank.agree("a", parcels(A), first=first, last=last)
    assert bank.communes(a) == ({A: 3} if seen else {})


def test_an_agreement_ends_without_a_restart(bank):
    a = bank.member("a")
    agreement = bank.agree("a", parcels(A))
    principal = authenticate(bank.web, a)
    end_agreement(bank.admin, agreement, TODAY - DAY)
    with as_principal(bank.web, principal, "feature") as connection:
        assert connection.execute("SELECT count(*) FROM cadastre.parcelles").fetchone() == (0,)


def test_when_one_of_two_agreements_ends_the_others_rights_stay(bank):
    a = bank.member("a")
    ending = bank.agree("a", parcels(A, B))
    bank.agree("a", parcels(B, C))
    assert bank.communes(a) == {A: 3, B: 3, C: 3}
    end_agreement(bank.admin, ending, TODAY - DAY)
    assert bank.communes(a) == {B: 3, C: 3}


def test_crossed_agreements_do_not_lend_each_other_their_communes(bank):
    a = bank.member("a")
    bank.agree("a", Right("canalisations_eau", "base", ("feature",), (A, B)))
    bank.agree("a", Right("canalisations_eau", "technical", ("feature",), (C,)))
    assert bank.communes(a, table="reseaux.canalisations_eau") == {A: 1, B: 1}
    assert bank.communes(a, table="reseaux.canalisations_eau_technical") == {C: 1}


def test_crossed_usages_do_not_lend_each_other_their_communes(bank):
    a = bank.member("a")
    bank.agree("a", parcels(A, usages=("image",)))
    bank.agree("a", parcels(B, usages=("feature",)))
    assert bank.communes(a, "image") == {A: 3}
    assert bank.communes(a, "feature") == {B: 3}
    assert bank.communes(a, "tile") == bank.communes(a, "file") == {}


def test_a_right_on_one_dataset_gives_no_other(bank):
    a = bank.member("a")
    bank.agree("a", Right("sections", "base", USAGES, ALL))
    assert bank.communes(a) == {}


@pytest.mark.parametrize(("dataset", "group"), [("'cimetieres'", "'base'"), ("dataset", "'secret'")])
def test_a_right_on_what_has_left_the_catalogue_gives_nothing_and_breaks_nothing(bank, dataset, group):
    a = bank.member("a")
    bank.agree("a", parcels(A))
    bank.admin.execute(
        "INSERT INTO access.rights (agreement, dataset, attribute_group, usage, communes)"
        f" SELECT agreement, {dataset}, {group}, usage, communes FROM access.rights"
    )
    assert authenticate(bank.web, a).profile == Profile.from_tree({"parcelles": {"base": ["feature"]}})
    assert bank.communes(a) == {A: 3}


def test_what_the_public_has_everybody_has_beside_its_own(bank):
    a = bank.member("a")
    bank.agree("public", parcels(A))
    bank.agree("a", parcels(B))
    assert bank.communes(None) == {A: 3}
    assert bank.communes(a) == {A: 3, B: 3}


def test_the_past_is_under_the_same_rule(bank):
    a, b = bank.member("a"), bank.member("b")
    bank.agree("a", parcels(A))
    bank.agree("b", parcels(B))
    with as_loader(bank.settings) as connection:
        connection.execute("INSERT INTO cadastre.parcelles_passe SELECT *, '2026-07-02' FROM cadastre.parcelles")
    assert bank.communes(a, table="cadastre.parcelles_passe") == {A: 3}
    assert bank.communes(b, table="cadastre.parcelles_passe") == {B: 3}


@pytest.mark.parametrize("bad", ["geosocle_", "geosocle_inconnu", "Public", "public", "", "x" * 5000])
def test_a_bad_token_is_refused_and_never_the_public(bank, bad):
    bank.agree("public", parcels(A))
    with pytest.raises(UnknownToken):
        authenticate(bank.web, bad)


def test_a_token_that_is_revoked_or_expired_is_refused_and_its_key_is_dead(bank):
    revoked, expired = bank.member("a"), bank.member("b")
    bank.agree("a", parcels(A))
    bank.agree("b", parcels(B))
    held = [authenticate(bank.web, token) for token in (revoked, expired)]
    revoke_token(bank.admin, revoked)
    bank.admin.execute("UPDATE access.tokens SET expires = now() WHERE sha256 = %s", [token_key(expired)])
    for token, principal in zip((revoked, expired), held, strict=True):
        with pytest.raises(UnknownToken):
            authenticate(bank.web, token)
        with as_principal(bank.web, principal, "feature") as connection:
            assert connection.execute("SELECT count(*) FROM cadastre.parcelles").fetchone() == (0,)


def test_an_administrators_flag_gives_no_data(bank):
    add_organisation(bank.admin, "association", "Association", "association", ALL)
    token = issue_token(bank.admin, "association", administrator=True)
    assert authenticate(bank.web, token).administrator
    assert bank.communes(token) == {}


@pytest.mark.parametrize("key", ["a", "A", "%", "", "public' OR 'a'='a", "0" * 64])
def test_an_unknown_key_sees_nothing(bank, key):
    bank.member("a")
    bank.agree("a", parcels(A))
    with as_principal(bank.web, Principal(key, "a", Profile()), "feature") as connection:
        assert connection.execute("SELECT count(*) FROM cadastre.parcelles").fetchone() == (0,)


@pytest.mark.parametrize("usage", ["", "%", "Feature", "tile,feature", "any"])
def test_an_unknown_usage_sees_nothing(bank, usage):
    a = bank.member("a")
    bank.agree("a", parcels(A, usages=USAGES))
    assert bank.communes(a, usage) == {}


def test_unset_settings_see_nothing_even_of_the_public(bank):
    bank.agree("public", parcels(A))
    with bank.web.connection() as connection, connection.transaction():
        connection.execute("SET LOCAL ROLE geosocle_reader")
        assert connection.execute("SELECT count(*) FROM cadastre.parcelles").fetchone() == (0,)


def test_the_settings_do_not_survive_their_transaction_in_the_pool(bank):
    a = bank.member("a")
    bank.agree("a", parcels(A))
    assert bank.communes(a) == {A: 3}
    with bank.web.connection() as connection:
        left = "SELECT current_setting('app.key', true), current_setting('app.usage', true), current_user"
        assert connection.execute(left).fetchone() == ("", "", "geosocle_web")
        with connection.transaction():
            connection.execute("SET LOCAL ROLE geosocle_reader")
            assert connection.execute("SELECT count(*) FROM cadastre.parcelles").fetchone() == (0,)


def refused(bank, statement, error=psycopg.errors.InsufficientPrivilege):
    with pytest.raises(error), as_principal(bank.web, authenticate(bank.web, None), "feature") as connection:
        connection.execute(statement)
    assert bank.communes(None) == {}


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT set_config('app.key', 'x', true)",
        "SELECT * FROM access.tokens",
        "SELECT * FROM access.rights",
        "SELECT * FROM access.authenticate('public')",
        "SELECT * FROM jobs.jobs",
        "SELECT * FROM etl.deliveries",
        "SELECT * FROM staging.parcelles",
        "SELECT * FROM admin.limites",
        "SELECT public.ST_EstimatedExtent('cadastre', 'parcelles', 'geom')",
        "COPY cadastre.parcelles TO PROGRAM 'true'",
    ],
)
def test_the_reader_is_refused(bank, statement):
    refused(bank, statement)


@pytest.mark.parametrize(
    "statement",
    ["DELETE FROM cadastre.parcelles", "CREATE TEMP TABLE t (x integer)", "CREATE TABLE public.t (x integer)"],
)
def test_a_principals_transaction_only_reads(bank, statement):
    refused(bank, statement, (psycopg.errors.ReadOnlySqlTransaction, psycopg.errors.InsufficientPrivilege))


def test_a_second_statement_does_not_pass_the_extended_protocol(bank):
    a = bank.member("a")
    bank.agree("a", parcels(A))
    principal = authenticate(bank.web, a)
    with pytest.raises(psycopg.errors.SyntaxError), as_principal(bank.web, principal, "feature") as connection:
        connection.execute("SELECT %s; SELECT 1", [1]).fetchone()


def test_the_profile_sums_up_groups_and_usages(bank):
    a = bank.member("a")
    bank.agree("public", Right("communes", "base", ("image",), (A,)))
    bank.agree("a", Right("canalisations_eau", "base", ("feature", "tile"), (A,)))
    bank.agree("a", Right("canalisations_eau", "technical", ("feature",), (B,)))
    bank.agree("a", parcels(A), last=TODAY - DAY)
    profile = authenticate(bank.web, a).profile
    assert profile.datasets() == ("canalisations_eau", "communes")
    assert profile.groups("canalisations_eau", "feature") == ("base", "technical")
    assert profile.groups("canalisations_eau", "tile") == ("base",)
    assert authenticate(bank.web, None).profile.datasets() == ("communes",)


def test_counts_and_extents_are_of_the_callers_communes(bank):
    a = bank.member("a")
    bank.agree("a", parcels(A))
    with as_loader(bank.settings) as connection:
        connection.execute(
            "INSERT INTO access.statistics SELECT 'parcelles', commune, count(*),"
            " public.ST_SetSRID(public.ST_Extent(geom)::public.geometry, 2154), max(edition)"
            " FROM cadastre.parcelles GROUP BY commune"
        )
    for token, count in ((a, 3), (None, 0)):
        with as_principal(bank.web, authenticate(bank.web, token), "feature") as connection:
            found = connection.execute("SELECT objects FROM access.visible_statistics('parcelles', true)").fetchone()
        assert found == (count,)


def crossed_world(bank):
    """Members with every kind of agreement, to compare explanations with answers."""
    tokens = {"public": None, **{id: bank.member(id) for id in ("a", "b", "eaux", "vide")}}
    bank.agree("public", Right("communes", "base", USAGES, ALL))
    bank.agree("a", parcels(A, usages=USAGES), Right("canalisations_eau", "base", ("tile",), (A,)))
    bank.agree("a", parcels(C, usages=("image",)), last=TODAY - DAY)
    bank.agree("b", parcels(B, usages=("tile", "image")))
    bank.agree("b", parcels(B, C), first=TODAY + DAY, last=TODAY + DAY)
    bank.agree("eaux", Right("canalisations_eau", "base", ("feature", "tile"), (A, B)))
    bank.agree("eaux", Right("canalisations_eau", "technical", ("feature",), (B, C)))
    bank.agree("public", Right("canalisations_eau", "technical", ("file",), (A,)))
    return tokens


def test_explanations_equal_what_the_database_answers_under_its_policies(bank):
    compared = 0
    for organisation, token in crossed_world(bank).items():
        for dataset, id in (("parcelles", "{}000AA0001"), ("canalisations_eau", "AEP-1.{}")):
            described = datasets()[dataset]
            for commune in ALL:
                found = explain(bank.admin, Question(organisation, dataset, id.format(commune)))
                assert found.commune == commune
                for decision in found.decisions:
                    table = ".".join(described.group_table(decision.group))
                    assert decision.given == (commune in bank.communes(token, decision.usage, table)), (found, decision)
                    assert decision.served == (not decision.reason)
                    compared += 1
    assert compared == 5 * 3 * 4 * 3


def test_an_explanation_without_an_object_names_the_communes_that_the_database_gives(bank):
    for organisation, token in crossed_world(bank).items():
        for decision in explain(bank.admin, Question(organisation, "canalisations_eau")).decisions:
            table = ".".join(datasets()["canalisations_eau"].group_table(decision.group))
            assert decision.communes == set(bank.communes(token, decision.usage, table))
