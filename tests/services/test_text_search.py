"""`q` at the door of items: words of the caller's own texts, in the rows where it has them."""

import pytest

from hunter.things import CADASTRE
from tests.hunting.world import A, B
from tests.services.conftest import pages

PIPES, PLACES = "/collections/canalisations_eau/items", "/collections/lieux_dits/items"


def ids(response) -> list[str]:
    assert response.status_code == 200, response.text
    return [each["id"] for each in response.json()["features"]]


def names(world, commune: str) -> dict[str, str]:
    """The localities of a commune, by id, as the world was invented."""
    return {one.id: one.nom for one in world.lieux_dits if one.commune == commune}


def test_a_word_finds_the_caller_s_own_objects_that_bear_it_and_no_neighbour_s(served, world):
    for who, commune in (("commune-a", A), ("commune-b", B)):
        known = names(world, commune)
        word = next(iter(sorted(known.values()))).split()[-1]
        expected = {id for id, name in known.items() if word.lower() in name.lower().replace("'", " ").split()}
        assert expected <= set(ids(served.get(who, PLACES, q=word.lower(), limit=1000))) <= set(known)


def test_all_words_are_wanted_and_commas_give_a_choice(served):
    both, first, second = (ids(served.get("eaux", PIPES, q=q, limit=1000)) for q in ("aep,licorne", "aep", "licorne"))
    assert (both, second) == (first, [])
    assert first
    assert ids(served.get("eaux", PIPES, q="aep licorne", limit=1000)) == []


def test_a_text_of_a_group_is_found_where_it_is_given_and_nowhere_else(served, world):
    word = next(pipe.materiau for pipe in world.canalisations if pipe.materiau).split()[0]
    found = served.get("eaux", PIPES, q=word, limit=1000).json()["features"]
    assert found and {each["properties"]["commune"] for each in found} == {A}
    assert all(each["properties"]["materiau"].lower().startswith(word.lower()) for each in found)
    hidden, unknown = (served.get("departement", PIPES, q=q).json() for q in (word, "licorne"))
    assert hidden["features"] == unknown["features"] == []
    assert hidden["numberMatched"] == unknown["numberMatched"] == 0


@pytest.mark.parametrize("more", [{"resulttype": "hits"}, {"properties": "objet", "skipGeometry": "true"}])
def test_the_count_and_the_chosen_properties_look_at_the_same_texts(served, world, more):
    word = next(pipe.materiau for pipe in world.canalisations if pipe.materiau).split()[0]
    whole = served.get("eaux", PIPES, q=word, limit=1000).json()
    page = served.get("eaux", PIPES, q=word, limit=1000, **more).json()
    assert page["numberMatched"] == whole["numberMatched"] > 0


@pytest.mark.parametrize(
    "more", [{"bbox": "-180,-90,180,90"}, {"datetime": "2099-01-01"}, {"filter": f"commune='{A}'"}, {"sortby": "objet"}]
)
def test_a_box_a_day_a_filter_and_an_order_go_together_with_words(served, more):
    found, some = (set(ids(served.get("eaux", PIPES, q="aep", limit=1000, **each))) for each in ({}, more))
    assert some == {id for id in found if id.endswith(A) or "filter" not in more}
    assert some


def test_pages_of_a_search_give_each_object_once(served):
    with served.client("eaux") as client:
        found = [each["id"] for page in pages(client, PIPES, {"q": "aep", "limit": "9"}) for each in page["features"]]
    assert len(found) == len(set(found))
    assert set(found) == set(ids(served.get("eaux", PIPES, q="aep", limit=1000)))


@pytest.mark.parametrize("who", ["regard", None, "vide"])
def test_who_may_not_take_features_searches_none(served, who):
    hidden, missing = (served.get(who, f"/collections/{id}/items", q="a") for id in ("parcelles", "licornes"))
    assert hidden.status_code == missing.status_code == 404
    assert hidden.content == missing.content


@pytest.mark.parametrize("dataset", CADASTRE)
def test_every_dataset_can_be_searched(served, dataset):
    assert served.get("departement", f"/collections/{dataset}/items", q=A, limit=5).json()["features"]


@pytest.mark.parametrize("signs", ["(a", "[a", "a{1,999}", "a\\", "$a^", "a**", "(?#a", "⑴a", "a%_"])
def test_signs_are_no_part_of_a_search_and_no_error(served, signs):
    assert served.get("departement", PLACES, q=signs).status_code == 200
