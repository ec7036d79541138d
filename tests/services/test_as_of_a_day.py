"""As of a day: what was valid then, by the same rules as what is valid now."""

import pytest

from data_samples.edition import SECOND_EDITION, second_edition
from etl.pipeline import load
from etl.sources import Options
from hunter.members import DAY
from tests.conftest import SAMPLES, clone
from tests.hunting.world import A, B
from tests.services.conftest import AGREEMENTS, Served, granted, pages, serving

ITEMS = "/collections/parcelles/items"
BEFORE = SECOND_EDITION - DAY


@pytest.fixture(scope="module")
def renewed(cluster, loaded_template):
    """A server where two sheets have a second edition."""
    with clone(cluster, loaded_template) as own:
        assert load("cadastre", [SAMPLES / "cadastre_edition2"], Options(), own).exit_code == 0
        with serving(own) as url:
            yield Served(url, own, granted(own, AGREEMENTS))


def ids(served: Served, who: str, **parameters: object) -> set[str]:
    page = served.get(who, ITEMS, limit=10_000, **parameters).json()
    found = [feature["id"] for feature in page["features"]]
    assert len(found) == len(set(found)) == page["numberMatched"]
    return set(found)


def parcels(world, commune: str) -> set[str]:
    return {parcel.id for parcel in world.parcelles if parcel.commune == commune}


@pytest.mark.parametrize(("who", "commune"), [("commune-a", A), ("commune-b", B)])
def test_each_day_has_its_own_parcels_and_each_commune_no_others(renewed, world, who, commune):
    assert ids(renewed, who, datetime=BEFORE) == parcels(world, commune)
    after = second_edition(world)
    assert parcels(after, commune) != parcels(world, commune)
    assert ids(renewed, who) == ids(renewed, who, datetime=SECOND_EDITION) == parcels(after, commune)


def test_before_the_first_edition_there_is_nothing(renewed):
    assert ids(renewed, "departement", datetime="1990-01-01") == set()


def test_an_interval_gives_every_version_that_was_valid_in_it_page_by_page(renewed):
    def versions(limit: int) -> list[tuple[str, str]]:
        asked = {"datetime": f"{BEFORE}/{SECOND_EDITION}", "limit": str(limit)}
        with renewed.client("commune-a") as client:
            return [
                (feature["id"], feature["properties"]["edition"])
                for page in pages(client, ITEMS, asked)
                for feature in page["features"]
            ]

    found = versions(37)
    assert found == versions(10_000)
    assert len(found) == len(set(found)) > len({id for id, _ in found})
    assert {id for id, _ in found} == ids(renewed, "commune-a") | ids(renewed, "commune-a", datetime=BEFORE)


def test_a_box_and_a_filter_hold_for_the_past_too(renewed):
    everything = renewed.get("commune-a", ITEMS, limit=10_000, datetime=BEFORE).json()["features"]
    expected = {f["id"] for f in everything if f["properties"]["section"] == "AB"}
    assert ids(renewed, "commune-a", datetime=BEFORE, filter="section = 'AB'") == expected
    assert ids(renewed, "commune-a", datetime=BEFORE, bbox="-180,-90,180,90") == {f["id"] for f in everything}
    hits = renewed.get("commune-a", ITEMS, datetime=BEFORE, resulttype="hits").json()
    assert hits["numberMatched"] == len(everything)


def test_what_is_valid_now_is_all_that_is_given_without_a_day(renewed):
    features = renewed.get("commune-a", ITEMS, limit=10_000).json()["features"]
    assert {feature["properties"]["edition"] for feature in features} == {"2026-07-01", "2026-10-01"}
