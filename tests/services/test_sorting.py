"""Sorted pages go through all the caller's communes at once, whatever else narrows them."""

import pytest

ITEMS = "/collections/parcelles/items"
NARROWED = [{}, {"bbox": "-180,-90,180,90"}, {"datetime": "2026-11-01"}, {"section": "0A"}]


def features(served, **parameters: object) -> list[dict]:
    return served.get("departement", ITEMS, **parameters).json()["features"]


def place(feature: dict) -> tuple[str, str]:
    return feature["properties"]["commune"], feature["id"]


def by_size(feature: dict) -> tuple:
    size = feature["properties"]["contenance"]
    return (size is None, -(size or 0), *place(feature))


@pytest.mark.parametrize("narrowed", NARROWED, ids=str)
def test_the_order_holds_across_communes_and_pages(served, narrowed):
    expected = sorted(features(served, limit=10_000, **narrowed), key=by_size)
    assert len({place(each)[0] for each in expected}) > 1
    found = [
        each
        for offset in range(0, len(expected), 97)
        for each in features(served, limit=97, offset=offset, sortby="-contenance", **narrowed)
    ]
    assert [each["id"] for each in found] == [each["id"] for each in expected]


@pytest.mark.parametrize("narrowed", NARROWED, ids=str)
def test_a_count_is_of_all_communes(served, narrowed):
    everything = features(served, limit=10_000, **narrowed)
    hits = served.get("departement", ITEMS, resulttype="hits", **narrowed).json()
    assert hits["numberMatched"] == len(everything) > 97


def test_two_keys_are_each_sorted_their_way(served):
    found = [each["properties"] for each in features(served, limit=10_000, sortby="section,-numero")]
    assert found == sorted(sorted(found, key=lambda p: p["numero"], reverse=True), key=lambda p: p["section"])
