"""Quotas of agreements, over HTTP: what is within is given, what is beyond is 429, and others are served (T59)."""

import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from uuid import UUID

import httpx
import pytest
from typer.testing import CliRunner

from catalog import lifecycle, register
from catalog.access import Right, add_agreement
from catalog.database import Spares, connect, pool
from catalog.model import USAGES
from geosocle.main import app
from hunter.members import DAY, TODAY
from services.running import Running, run
from tests.conftest import clone
from tests.hunting.world import A, B
from tests.services.conftest import Served, granted, link, pages, serving
from tests.services.test_register import DOORS as GIVING

WATER = "canalisations_eau"
PAGE = "/collections/parcelles/items"
PARCEL = "859010000A0001"
ELSEWHERE = "859020000A0001"
HIDDEN = "859030000A0001"
DATASETS = ("parcelles", "orthophotos", WATER)
AGREEMENTS = {
    "public": [Right("communes", "base", USAGES, (A, B))],
    "compte": [Right(dataset, "base", USAGES, (A, B)) for dataset in DATASETS],
    "libre": [Right(dataset, "base", USAGES, (A, B)) for dataset in DATASETS],
    "mixte": [Right("parcelles", "base", USAGES, (A,)), Right(WATER, "base", USAGES, (A, B))],
}
ONE = "/collections/{}/{}/WebMercatorQuad/0/0/0"
ROUTE = "/collections/{dataset}"
EXECUTION = "/processes/{}/execution"
MEASURES = ("features_day", "export_bytes_month", "requests_minute")


@pytest.fixture(scope="module")
def limited(cluster, loaded_template) -> Iterator[Served]:
    """A server over its own copy of the samples. `mixte` has A and the pipes freely, more by a second agreement."""
    with clone(cluster, loaded_template) as own:
        own = replace(own, audit=frozenset({"orthophotos", WATER}))
        with serving(own) as url:
            found = Served(url, own, granted(own, AGREEMENTS))
            more = [Right("parcelles", "base", USAGES, (B,)), Right(WATER, "technical", USAGES, (A,))]
            with connect(own, "admin") as connection:
                add_agreement(connection, "mixte-plus", "mixte", "essai", TODAY, TODAY + DAY, more)
            yield found


@pytest.fixture
def admin(limited):
    """The database, with no quota and no counter before the test and after it."""
    with connect(limited.settings, "admin") as connection:
        wait_out_the_minute()
        yield connection
        for (agreement,) in connection.execute("SELECT id FROM access.agreements").fetchall():
            limit(connection, agreement)
        connection.execute("TRUNCATE registre.counters")


def wait_out_the_minute() -> None:
    """No minute turns within a test, for its count would begin anew."""
    if (left := 60 - time.time() % 60) < 3:
        time.sleep(left)


def limit(admin, agreement: str, **quotas: int) -> None:
    current = lifecycle.signed(admin, agreement)
    lifecycle.set_quotas(admin, replace(current, quotas=quotas))


def used(admin, agreement="essai-compte", measure="features_day") -> int:
    row = admin.execute(
        "SELECT used FROM registre.counters WHERE agreement = %s AND measure = %s", [agreement, measure]
    ).fetchone()
    return row[0] if row else 0


def items(limited, who="compte", path=PAGE, **parameters) -> httpx.Response:
    return limited.get(who, path, **{"limit": 7} | parameters)


def refused(response: httpx.Response, most: int) -> bool:
    """Whether a request is refused for its quota, and says when to ask again, in `most` seconds at the most."""
    return response.status_code == 429 and 0 < int(response.headers["retry-after"]) <= most


def posted(limited, who, process, **inputs) -> httpx.Response:
    with limited.client(who) as client:
        return client.post(EXECUTION.format(process), json={"inputs": inputs})


def export(limited, who="compte", communes=(A,), dataset="parcelles") -> httpx.Response:
    return posted(limited, who, "export", dataset=dataset, communes=list(communes))


def made(limited, asked: httpx.Response) -> str:
    """The job of an export, once a worker has run it."""
    job = asked.json()["jobID"]
    with pool(limited.settings, "worker") as connections, closing(Spares(limited.settings, "audit")) as audit:
        run(Running(limited.settings, connections, register.Desk(audit)), UUID(job), lambda: False)
    return job


def test_a_walk_gives_the_days_features_and_no_more_while_others_are_served(limited, admin):
    limit(admin, "essai-compte", features_day=20)
    first, second, last = (items(limited, offset=offset).json() for offset in (0, 7, 14))
    assert [page["numberReturned"] for page in (first, second, last)] == [7, 7, 6]
    with limited.client("compte") as client:
        assert refused(client.get(link(last["links"], "next")), 25 * 3600)
    assert used(admin) == 20
    assert items(limited, "libre").json()["numberReturned"] == 7


def test_the_page_that_was_cut_goes_on_the_next_day_where_it_ended(limited, admin):
    everything = [each["id"] for each in items(limited, "libre", limit=14).json()["features"]]
    limit(admin, "essai-compte", features_day=4)
    page = items(limited).json()
    assert [each["id"] for each in page["features"]] == everything[:4]
    admin.execute("UPDATE registre.counters SET period = period - interval '1 day'")
    with limited.client("compte") as client:
        following = client.get(link(page["links"], "next")).json()
    assert [each["id"] for each in following["features"]] == everything[4:8]


@pytest.mark.parametrize("form", ["json", "csv", "fgb", "jsonld", "html"])
def test_every_format_is_counted_alike(limited, admin, form):
    limit(admin, "essai-compte", features_day=5)
    assert items(limited, f=form, limit=3).status_code == 200
    assert used(admin) == 3
    assert items(limited, f=form, limit=3).status_code == 200
    assert refused(items(limited, f=form, limit=3), 25 * 3600)


def test_what_a_page_did_not_need_is_given_back(limited, admin):
    limit(admin, "essai-compte", features_day=100_000)
    given = items(limited, section="0A", limit=1000).json()["numberReturned"]
    assert 0 < given < 1000
    assert used(admin) == given
    assert items(limited, section="ZZ").json()["features"] == []
    assert used(admin) == given


def test_a_request_that_is_refused_or_only_counts_is_not_charged(limited, admin):
    limit(admin, "essai-compte", features_day=9)
    assert items(limited, resulttype="hits").json()["numberMatched"] > 9
    assert items(limited, proprietaire="X").status_code == 400
    assert limited.get("compte", f"{PAGE}/inconnu").status_code == 404
    assert used(admin) == 0


def test_one_feature_counts_for_one_and_what_is_hidden_stays_hidden(limited, admin):
    limit(admin, "essai-compte", features_day=1)
    one = f"{PAGE}/{PARCEL}"
    assert limited.get("compte", one).status_code == 200
    assert refused(limited.get("compte", one), 25 * 3600)
    assert limited.get("libre", one).status_code == 200
    hidden, unknown = (limited.get("compte", f"{PAGE}/{id}") for id in (HIDDEN, "inconnu"))
    assert (hidden.status_code, hidden.content) == (404, unknown.content)


def test_an_amendment_holds_at_the_next_request(limited, admin):
    limit(admin, "essai-compte", features_day=3)
    assert items(limited).json()["numberReturned"] == 3
    assert items(limited).status_code == 429
    limit(admin, "essai-compte", features_day=5)
    assert items(limited).json()["numberReturned"] == 2
    limit(admin, "essai-compte")
    assert items(limited).json()["numberReturned"] == 7


def test_the_communes_of_an_agreement_without_quota_cost_nothing_and_lend_nothing_to_others(limited, admin):
    limit(admin, "mixte-plus", features_day=2)
    free = limited.get("mixte", PAGE, limit=1000, filter=f"commune = '{A}'").json()["numberReturned"]
    assert (free > 0, used(admin, "mixte-plus")) == (True, 0)
    found = items(limited, "mixte", limit=1000).json()["features"]
    assert [each["properties"]["commune"] for each in found] == [A] * free + [B] * 2
    assert refused(limited.get("mixte", f"{PAGE}/{ELSEWHERE}"), 25 * 3600)
    assert limited.get("mixte", f"{PAGE}/{PARCEL}").status_code == 200
    assert used(admin, "mixte-plus") == 2


def test_a_group_under_a_quota_is_charged_where_it_is_given_and_looked_at(limited, admin):
    limit(admin, "mixte-plus", features_day=3)
    water = f"/collections/{WATER}/items"
    assert items(limited, "mixte", water, properties="objet", limit=30).json()["numberReturned"] == 30
    assert used(admin, "mixte-plus") == 0
    assert items(limited, "mixte", water, limit=50).json()["numberReturned"] == 3
    assert items(limited, "mixte", water, filter=f"commune = '{B}'").json()["numberReturned"] == 7
    assert items(limited, "mixte", water).status_code == 429


def test_a_public_quota_is_one_for_all_and_spares_whom_has_better(limited, admin):
    limit(admin, "essai-public", features_day=1)
    towns = "/collections/communes/items"
    assert items(limited, None, towns).json()["numberReturned"] == 1
    assert [items(limited, who, towns).status_code for who in (None, "compte")] == [429, 429]
    rights = [Right("communes", "base", ("feature",), (A, B))]
    add_agreement(admin, "mieux", "libre", "essai", TODAY, TODAY + DAY, rights)
    try:
        assert items(limited, "libre", towns).json()["numberReturned"] == 2
    finally:
        admin.execute("DELETE FROM access.agreements WHERE id = 'mieux'")


DOORS = {
    "items": lambda limited, who: items(limited, who),
    "a count": lambda limited, who: items(limited, who, resulttype="hits"),
    "an item": lambda limited, who: limited.get(who, f"{PAGE}/{PARCEL}"),
    "a tile": lambda limited, who: limited.get(who, ONE.format("parcelles", "tiles")),
    "an image": lambda limited, who: limited.get(who, ONE.format("orthophotos", "map/tiles")),
    "a plan": lambda limited, who: limited.get(who, f"{PAGE}/{PARCEL}/plan.pdf"),
    "a search": lambda limited, who: limited.get(who, "/parcelle", parcelle=PARCEL),
    "a plan by its process": lambda limited, who: posted(limited, who, "plan-cadastral", parcelle=PARCEL),
    "an export": export,
}


# The same doors by their routes, and a download, which is tested apart.
ROUTES = {
    f"{ROUTE}/items": {"items", "a count"},
    f"{ROUTE}/items/{{feature:path}}": {"an item"},
    f"{ROUTE}/tiles/{{grid}}/{{z}}/{{row}}/{{column}}": {"a tile"},
    f"{ROUTE}/map/tiles/{{grid}}/{{z}}/{{row}}/{{column}}": {"an image"},
    "/collections/parcelles/items/{parcel}/plan.pdf": {"a plan"},
    "/parcelle": {"a search"},
    "/processes/{process}/execution": {"a plan by its process", "an export"},
    "/jobs/{job}/results": {"a download"},
}


def test_a_new_door_that_gives_features_must_count_requests():
    """`test_register` holds its list against the routes of the application."""
    assert ROUTES.keys() == GIVING.keys()
    assert set().union(*ROUTES.values()) == DOORS.keys() | {"a download"}


@pytest.mark.parametrize("door", DOORS)
def test_every_door_of_data_counts_requests(limited, admin, door):
    limit(admin, "essai-compte", requests_minute=2)
    ask = DOORS[door]
    assert [ask(limited, "compte").is_error for _ in range(2)] == [False, False]  # a search redirects
    assert refused(ask(limited, "compte"), 60)
    assert not ask(limited, "libre").is_error
    admin.execute("UPDATE registre.counters SET period = period - interval '1 minute'")
    assert not ask(limited, "compte").is_error
    admin.execute("UPDATE jobs.jobs SET status = 'dismissed'")


def test_a_download_counts_for_a_request(limited, admin):
    jobs = {who: made(limited, export(limited, who)) for who in ("compte", "libre")}
    limit(admin, "essai-compte", requests_minute=1)
    assert limited.get("compte", f"/jobs/{jobs['compte']}/results").status_code == 200
    assert refused(limited.get("compte", f"/jobs/{jobs['compte']}/results"), 60)
    assert limited.get("libre", f"/jobs/{jobs['libre']}/results").status_code == 200


def test_what_is_not_had_is_not_found_before_any_quota_is_looked_at(limited, admin):
    limit(admin, "essai-compte", requests_minute=1, features_day=1)
    assert [items(limited).status_code for _ in range(2)] == [200, 429]
    for path in ("/collections/sections/items", "/collections/inconnue/items", ONE.format("sections", "tiles")):
        assert limited.get("compte", path).status_code == 404
    assert posted(limited, "compte", "export", dataset="sections").status_code == 404
    for path in ("/collections", "/collections/parcelles", f"{PAGE.removesuffix('/items')}/schema", "/openapi"):
        assert limited.get("compte", path).status_code == 200


def test_requests_are_free_where_one_agreement_gives_the_dataset_without(limited, admin):
    limit(admin, "mixte-plus", requests_minute=1)
    assert [items(limited, "mixte").status_code for _ in range(3)] == [200] * 3
    assert used(admin, "mixte-plus", "requests_minute") == 0


@pytest.mark.parametrize(
    ("organisation", "right", "free"),
    [
        ("compte", Right("parcelles", "base", ("feature",), (B,)), True),
        ("public", Right("parcelles", "base", ("feature",), (B,)), True),
        ("compte", Right("parcelles", "base", ("tile",), (A, B)), False),
        ("compte", Right("sections", "base", ("feature",), (A, B)), False),
        ("libre", Right("parcelles", "base", ("feature",), (A, B)), False),
    ],
    ids=["one commune more", "the public's", "for another usage", "of another dataset", "another member's"],
)
def test_an_agreement_without_limit_frees_the_requests_of_what_it_gives_and_no_others(
    limited, admin, organisation, right, free
):
    limit(admin, "essai-compte", requests_minute=1)
    add_agreement(admin, "sans-borne", organisation, "essai", TODAY, TODAY + DAY, [right])
    try:
        assert [items(limited).status_code for _ in range(2)] == [200, 200 if free else 429]
    finally:
        admin.execute("DELETE FROM access.agreements WHERE id = 'sans-borne'")
    admin.execute("TRUNCATE registre.counters")
    assert [items(limited).status_code for _ in range(2)] == [200, 429]


def test_an_agreement_without_limit_that_gives_no_object_frees_nothing(limited, admin):
    limit(admin, "essai-compte", requests_minute=1)
    add_agreement(admin, "sans-base", "compte", "essai", TODAY, TODAY + DAY, [Right(WATER, "technical", USAGES, (A,))])
    try:
        pipes = f"/collections/{WATER}/items"
        assert [items(limited, path=pipes).status_code for _ in range(2)] == [200, 429]
    finally:
        admin.execute("DELETE FROM access.agreements WHERE id = 'sans-base'")


def test_an_export_is_charged_its_bytes_when_it_is_published(limited, admin):
    limit(admin, "essai-compte", export_bytes_month=50_000_000)
    asked = export(limited)
    assert used(admin, measure="export_bytes_month") == 0
    job = made(limited, asked)
    size = len(limited.get("compte", f"/jobs/{job}/results").content)
    assert used(admin, measure="export_bytes_month") == size > 0
    limit(admin, "essai-compte", export_bytes_month=size)
    assert refused(export(limited), 32 * 86400)
    assert export(limited, "libre").status_code == 201
    admin.execute("UPDATE registre.counters SET period = period - interval '1 month'")
    assert export(limited).status_code == 201


def test_an_export_that_would_exceed_is_not_published_and_not_charged(limited, admin):
    limit(admin, "essai-compte", export_bytes_month=10)
    job = made(limited, export(limited))
    told = limited.get("compte", f"/jobs/{job}").json()
    assert (told["status"], told["message"]) == (
        "failed",
        "Le quota de la convention est atteint. Réessayez plus tard.",
    )
    assert limited.get("compte", f"/jobs/{job}/results").status_code == 404
    assert used(admin, measure="export_bytes_month") == 0


def test_an_export_of_free_communes_is_not_charged(limited, admin):
    limit(admin, "mixte-plus", export_bytes_month=10)
    done, beyond = (made(limited, export(limited, "mixte", [commune])) for commune in (A, B))
    assert [limited.get("mixte", f"/jobs/{job}").json()["status"] for job in (done, beyond)] == ["successful", "failed"]
    assert used(admin, "mixte-plus", "export_bytes_month") == 0


def test_sixteen_readers_get_exactly_what_there_is(limited, admin):
    limit(admin, "essai-compte", features_day=100, requests_minute=1000)
    with ThreadPoolExecutor(16) as readers:
        answers = list(readers.map(lambda _: items(limited), range(40)))
    given = [each.json()["numberReturned"] for each in answers if each.status_code == 200]
    assert sum(given) == used(admin) == 100
    assert [each.status_code for each in answers].count(429) == 40 - len(given) == 25
    assert used(admin, measure="requests_minute") == 40


@pytest.mark.parametrize(
    ("fault", "mend"),
    [
        (
            "ALTER TABLE registre.counters ADD CONSTRAINT plein CHECK (used < 0) NOT VALID",
            "ALTER TABLE registre.counters DROP CONSTRAINT plein",
        ),
        ("ALTER ROLE geosocle_audit NOLOGIN", "ALTER ROLE geosocle_audit LOGIN"),
    ],
    ids=["its disk is full", "its role is locked out"],
)
def test_only_who_is_limited_waits_for_a_counter_that_cannot_be_written(limited, admin, fault, mend):
    limit(admin, "essai-compte", features_day=100)
    admin.execute(fault)
    admin.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'geosocle_audit'")
    try:
        away = [items(limited), limited.get("compte", f"{PAGE}/{PARCEL}")]
        free = [items(limited, "libre"), items(limited, None, "/collections/communes/items")]
    finally:
        admin.execute(mend)
    assert [each.status_code for each in (*away, *free)] == [503, 503, 200, 200]
    assert all(PARCEL not in each.text for each in away)
    assert items(limited).status_code == 200


def test_the_register_names_the_features_of_a_page_that_was_cut(limited, admin):
    limit(admin, "essai-compte", features_day=4)
    page = items(limited, path=f"/collections/{WATER}/items").json()
    features = admin.execute("SELECT features FROM registre.lines ORDER BY number DESC LIMIT 1").fetchone()[0]
    assert {id for ids in features.values() for id in ids} == {each["id"] for each in page["features"]}
    assert page["numberReturned"] == 4


def test_a_whole_walk_is_the_same_with_quotas_and_without(limited, admin):
    with limited.client("libre") as client:
        without = [each["id"] for page in pages(client, PAGE, {"limit": "300"}) for each in page["features"]]
    limit(admin, "essai-compte", **dict.fromkeys(MEASURES, 1_000_000))
    with limited.client("compte") as client:
        within = [each["id"] for page in pages(client, PAGE, {"limit": "300"}) for each in page["features"]]
    assert within == without
    assert used(admin) == len(within)


def test_the_command_shows_what_is_used_beside_the_quotas(limited, admin):
    limit(admin, "essai-compte", features_day=20, requests_minute=9)
    items(limited)
    told = usage(limited, "essai-compte", "--json")
    known = [(each["measure"], each["quota"], each["used"], each["remaining"]) for each in json.loads(told)]
    assert known == [("features_day", 20, 7, 13), ("requests_minute", 9, 1, 8)]
    admin.execute("UPDATE registre.counters SET period = period - interval '1 day'")
    assert [each["used"] for each in json.loads(usage(limited, "--json"))] == [0, 0]
    assert "objets par jour" in usage(limited)
    assert usage(limited, "essai-libre", "--json").strip() == "[]"
    assert usage(limited, "inconnue", code=2) == "Erreur : Convention inconnue : inconnue.\n"


def usage(limited, *words, code=0) -> str:
    env = {"GEOSOCLE_DSN": limited.settings.dsn, "GEOSOCLE_STATE": str(limited.settings.state)}
    result = CliRunner().invoke(app, ["agreement", "usage", *words], env=env)
    assert result.exit_code == code, result.output
    return result.stderr or result.stdout
