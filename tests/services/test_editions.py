"""Any day of a commune's editions is answered as that day was: every dataset, row by row, over all pages."""

from datetime import date, timedelta
from itertools import pairwise
from random import Random

import pytest

from hunter.members import DAY
from services.crs import SYSTEMS
from tests.conftest import clone
from tests.editions import LONE, OWNED, SHARED, SHEETS, Commune
from tests.hunting.world import COMMUNES
from tests.services.conftest import AGREEMENTS, Served, granted, pages, serving

METRES = next(uri for uri, crs in SYSTEMS.items() if crs.srid == 2154)
FIRST = date(2024, 1, 10)
QUARTER = timedelta(days=90)


def lived(commune: Commune) -> Commune:
    """Give a commune six editions: partial, some days apart, one corrected, one whole, one imposed though older."""
    random = commune.random
    commune.begin()
    commune.deliver(dict.fromkeys(SHEETS, FIRST))
    for number in range(1, 5):
        edition = FIRST + number * QUARTER
        sheets = tuple(random.sample(SHEETS, random.randint(1, 3)))
        corrected = random.random() < 0.5
        commune.change(sheets)
        commune.deliver({sheet: edition + 3 * DAY * (sheet == LONE and not corrected) for sheet in sheets})
        if corrected:
            commune.change(sheets)
            commune.deliver(dict.fromkeys(sheets, edition))
    others = tuple(sheet for sheet in SHEETS if sheet != LONE)
    commune.change(others)
    commune.deliver(dict.fromkeys(others, FIRST + 5 * QUARTER), missing=(LONE,))
    if commune.code == COMMUNES[0]:
        return commune
    commune.change((LONE,))
    commune.own(LONE)
    commune.deliver({LONE: FIRST + random.randint(80, 300) * DAY}, force=True)
    return commune


@pytest.fixture(scope="module")
def history(cluster, template):
    """A server over communes that have lived, each in its own way."""
    with clone(cluster, template) as own:
        communes = [lived(Commune(code, Random(seed), own)) for seed, code in enumerate(COMMUNES)]
        with serving(own) as url:
            yield Served(url, own, granted(own, AGREEMENTS)), communes


def answered(served: Served, dataset: str, days: str, **more: str) -> list[dict]:
    asked = {"datetime": days, "limit": "13", "crs": METRES, **more}
    with served.client("departement") as client:
        return [each for page in pages(client, f"/collections/{dataset}/items", asked) for each in page["features"]]


def width(feature: dict) -> tuple[float, float]:
    """Where an object begins and ends: what the invented ones differ by."""
    easts = [x for x, _ in feature["geometry"]["coordinates"][0][0]]
    return round(min(easts), 2), round(max(easts), 2)


def shown(served: Served, dataset: str, day: date) -> dict[str, tuple]:
    """What is answered as of a day: where each object is, and its edition where it is its own sheet's."""
    features = answered(served, dataset, str(day))
    assert len({one["id"] for one in features}) == len(features)
    return {one["id"]: (*width(one), dataset in SHARED or one["properties"]["edition"]) for one in features}


def expected(communes: list[Commune], dataset: str, day: date) -> dict[str, tuple]:
    valid = [commune.as_of(day)[dataset] for commune in communes]
    return {
        id: (round(row.geometry.bounds[0], 2), round(row.geometry.bounds[2], 2), dataset in SHARED or str(edition))
        for objects in valid
        for id, (row, edition) in objects.items()
    }


def days_of(communes: list[Commune]) -> list[date]:
    """The days before, at and after each edition."""
    editions = {edition for commune in communes for edition in commune.editions()}
    return sorted({edition + step * DAY for edition in editions for step in (-1, 0, 1)})


@pytest.mark.parametrize("dataset", [*OWNED, *SHARED])
def test_each_day_is_answered_as_it_was(history, dataset):
    served, communes = history
    days = days_of(communes)
    states = [expected(communes, dataset, day) for day in days]
    assert sum(one != other for one, other in pairwise(states)) >= 5 or dataset == "communes"
    for day, state in zip(days, states, strict=True):
        assert shown(served, dataset, day) == state, day


@pytest.mark.parametrize("dataset", ["parcelles", "batiments", "sections"])
def test_an_interval_holds_what_was_valid_on_any_of_its_days_once_each(history, dataset):
    served, communes = history
    days = days_of(communes)
    for first, last in [(days[0], days[-1]), (days[4], days[5]), (days[7], days[-2])]:
        span = [first + number * DAY for number in range((last - first).days + 1)]
        versions = {
            (id, str(edition))
            for commune in communes
            for day in span
            for id, (_, edition) in commune.as_of(day)[dataset].items()
        }
        found = [(one["id"], one["properties"]["edition"]) for one in answered(served, dataset, f"{first}/{last}")]
        assert len(found) == len(set(found))
        assert set(found) == versions


def test_today_is_the_latest_of_all(history):
    served, communes = history
    for dataset in OWNED:
        with served.client("departement") as client:
            page = client.get(f"/collections/{dataset}/items", params={"limit": "1000", "crs": METRES}).json()
        assert {one["id"]: (*width(one), one["properties"]["edition"]) for one in page["features"]} == expected(
            communes, dataset, date(2999, 1, 1)
        )
