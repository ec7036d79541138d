"""What is explained is what doors do; the page is for administrators, and is nowhere for anybody else."""

import json
from dataclasses import dataclass
from datetime import timedelta
from random import Random

import psycopg
import pytest
import shapely

from catalog.access import issue_token, revoke_token, token_key
from catalog.database import as_principal, connect, pool
from catalog.explain import Question, explain, replay
from catalog.loader import datasets
from catalog.model import USAGES, Principal, Profile
from hunter import decoders
from hunter.members import TODAY
from hunter.things import CADASTRE
from hunter.tiles import address
from tests.hunting.world import A, B
from tests.services.conftest import AGREEMENTS, WATER

PAGE = "/access/explain"
SAMPLE = 2  # objects a dataset and commune


@dataclass(frozen=True)
class Thing:
    """What a tile is looked for around."""

    geometry: shapely.Geometry


@pytest.fixture(scope="module")
def administrator(served) -> str:
    """The token of an administrator, who has no right to data."""
    with connect(served.settings, "admin") as connection:
        return issue_token(connection, "vide", administrator=True)


@pytest.fixture(scope="module")
def web(served):
    """A pool of the services' own role."""
    with pool(served.settings, "web") as connections:
        yield connections


def keys(served) -> dict[str, str]:
    """The key of each organisation, as the database knows it."""
    return {"public": "public"} | {organisation: token_key(token) for organisation, token in served.tokens.items()}


@pytest.fixture(scope="module")
def sample(served) -> dict[str, list[tuple[str, str]]]:
    """Some objects of each dataset and commune, as the superuser reads them: (id, commune)."""
    with connect(served.settings, "admin") as connection:
        return {
            dataset: connection.execute(
                f"SELECT id, commune FROM (SELECT id, commune, row_number() OVER (PARTITION BY commune ORDER BY id) n"
                f" FROM {datasets()[dataset].table}) t WHERE n <= %s AND commune IN (%s, %s)",
                [SAMPLE, A, B],
            ).fetchall()
            for dataset in (*CADASTRE, WATER)
        }


def asked(served, token, **parameters):
    with served.client() as client:
        return client.get(PAGE, params=parameters, headers={"Authorization": f"Bearer {token}"})


def groups_of(served, organisation, dataset, id) -> set[str]:
    """The groups whose columns the door of items gives of an object; none for one that it does not know."""
    response = served.get(organisation, f"/collections/{dataset}/items/{id}")
    assert response.status_code in (200, 404)
    names = response.json()["properties"].keys() if response.status_code == 200 else set()
    return {group for group, columns in datasets()[dataset].groups.items() if names & columns.keys()}


@pytest.mark.parametrize("organisation", AGREEMENTS)
def test_what_is_explained_is_what_the_door_of_items_gives(served, sample, organisation):
    given = hidden = 0
    who = None if organisation == "public" else organisation
    with connect(served.settings, "admin") as connection:
        for dataset, objects in sample.items():
            assert objects
            for id, commune in objects:
                found = explain(connection, Question(organisation, dataset, id, format="json"))
                assert found.commune == commune
                served_groups = {decision.group for decision in found.decisions if decision.served}
                assert served_groups == groups_of(served, who, dataset, id), (organisation, dataset, id)
                given, hidden = (
                    given + bool(served_groups),
                    hidden + (served_groups != datasets()[dataset].groups.keys()),
                )
    assert given
    assert hidden


@pytest.mark.parametrize("organisation", AGREEMENTS)
def test_what_is_explained_is_what_the_policies_give_for_every_usage(served, organisation, web):
    key = keys(served)[organisation]
    with connect(served.settings, "admin") as connection:
        for dataset in datasets().values():
            found = explain(connection, Question(organisation, dataset.id))
            assert len(found.decisions) == len(dataset.groups) * len(USAGES)
            for decision in found.decisions:
                with as_principal(web, Principal(key, organisation, Profile()), decision.usage) as reading:
                    row = reading.execute("SELECT access.visible_communes(%s, %s)", [dataset.id, decision.group])
                    assert decision.communes == set(row.fetchone()[0])


@pytest.mark.parametrize("organisation", ["public", "eaux", "regard"])
def test_a_trace_is_enough_to_decide_again_without_the_database(served, organisation):
    with connect(served.settings, "admin") as connection:
        found = explain(connection, Question(organisation, WATER, attribute="materiau"))
    assert replay(json.loads(json.dumps(found.trace))) == found.decisions
    assert {decision.group for decision in found.decisions} == {"technical"}


def test_a_tile_holds_what_is_explained_of_its_format(served, sample):
    for id, commune in sample["parcelles"]:
        with connect(served.settings, "admin") as connection:
            ((wkb,),) = connection.execute("SELECT ST_AsBinary(geom) FROM cadastre.parcelles WHERE id = %s", [id])
            column, row = address(Thing(shapely.from_wkb(wkb)), Random(1), 17)
            for organisation in ("regard", "commune-b", "eaux"):
                explained = explain(connection, Question(organisation, "parcelles", id, format="mvt")).given
                body = served.get(organisation, f"/collections/parcelles/tiles/WebMercatorQuad/17/{row}/{column}")
                seen = body.status_code == 200 and id in {each.id for each in decoders.vector_tile(body.content)}
                assert explained == seen, (organisation, id, commune)


def test_an_administrator_is_told_the_agreement_and_the_rule(served, administrator, sample):
    pipe = next(id for id, commune in sample[WATER] if commune == A)
    body = asked(served, administrator, organisation="eaux", dataset=WATER, feature=pipe, attribute="materiau").json()
    assert body["given"]
    assert body["commune"] == A
    assert {decision["usage"]: decision["agreements"] for decision in body["decisions"]} == dict.fromkeys(
        USAGES, ["essai-eaux"]
    )
    last = TODAY + timedelta(days=1)
    assert body["decisions"][0]["rules"] == [
        f"convention essai-eaux, version 1, du {TODAY - timedelta(days=1)} au {last}"
    ]
    other = asked(served, administrator, organisation="eaux", dataset=WATER, attribute="materiau", day="2999-01-01")
    assert other.json()["decisions"][0]["reason"] == f"essai-eaux s'est terminée le {last}"


def test_the_page_says_the_same_in_french(served, administrator, sample):
    parcel = next(id for id, commune in sample["parcelles"] if commune == B)
    page = asked(served, administrator, organisation="commune-a", dataset="parcelles", feature=parcel, f="html").text
    assert "Rien n'est donné" in page.replace("&#39;", "'")
    assert "essai-commune-a donne d&#39;autres communes" in page
    assert '<label for="organisation">Organisation</label>' in page
    assert 'href="/access/explain?f=html"' in page


@pytest.mark.parametrize("f", ["json", "html"])
@pytest.mark.parametrize(
    "wrong",
    [
        {"organisation": "nulle"}, {"dataset": "nul"}, {"feature": "nul"}, {"attribute": "nul"}, {"format": "nul"},
        {"day": "hier"}, {"organisation": ""},
    ],
)  # fmt: skip
def test_what_does_not_exist_is_refused(served, administrator, wrong, f):
    response = asked(served, administrator, **{"organisation": "eaux", "dataset": WATER, "f": f} | wrong)
    assert response.status_code == 400


@pytest.mark.parametrize("organisation", [None, "departement", "vide"])
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "DELETE", "OPTIONS"])
@pytest.mark.parametrize("query", ["", "?f=html", "?organisation=eaux&dataset=parcelles", "?nul=1"])
def test_the_page_is_nowhere_for_anybody_else(served, organisation, method, query):
    with served.client(organisation) as client:
        here, nowhere = (client.request(method, f"{path}{query}") for path in (PAGE, "/access/explainn"))
    alike = [(each.status_code, each.content, dict(each.headers) | {"date": ""}) for each in (here, nowhere)]
    assert alike[0] == alike[1]


def test_the_database_tells_an_administrators_key_alone(served, administrator, web, sample):
    (parcel, commune), *_ = sample["parcelles"]
    others = [*keys(served).values(), "0" * 64, None]
    with web.connection() as connection:
        for key in others:
            assert connection.execute("SELECT access.explained(%s, 'eaux', 'parcelles')", [key]).fetchone() == (None,)
            told = connection.execute("SELECT access.explained_commune(%s, 'cadastre.parcelles', %s)", [key, parcel])
            assert told.fetchone() == (None,)
            assert connection.execute("SELECT * FROM access.explained_organisations(%s)", [key]).fetchall() == []
        key = token_key(administrator)
        told = connection.execute("SELECT access.explained_commune(%s, 'cadastre.parcelles', %s)", [key, parcel])
        assert told.fetchone() == (commune,)
        for table in ("access.tokens", "cadastre.nulle", "pg_catalog.pg_authid", "nul'"):
            told = connection.execute("SELECT access.explained_commune(%s, %s, 'x')", [key, table])
            assert told.fetchone() == (None,)
        for unasked in ("facts('eaux', 'parcelles')", "commune_of('cadastre.parcelles', 'x')", "administers('x')"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(f"SELECT access.{unasked}")


def test_an_administrator_whose_token_is_revoked_is_refused(served):
    with connect(served.settings, "admin") as connection:
        token = issue_token(connection, "vide", administrator=True)
        assert asked(served, token, organisation="eaux", dataset=WATER).status_code == 200
        revoke_token(connection, token)
    assert asked(served, token, organisation="eaux", dataset=WATER).status_code == 401
