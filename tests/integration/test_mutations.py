"""The mutations of parcels, from deliveries to the HTTP door: found whole, told to whom they belong, found anew."""

from datetime import date
from pathlib import Path

import pytest

from catalog.access import Right
from catalog.database import connect
from data_samples.edigeo import write_lots
from data_samples.edits import Edit, edited
from etl.pipeline import load
from etl.sources import Options
from tests.conftest import SAMPLES, clone
from tests.hunting.world import A, B
from tests.services.conftest import Served, granted, serving

LATER = date(2026, 10, 1)
ITEMS = "/collections/mutations/items"
AGREEMENTS = {who: [Right("mutations", "base", ("feature",), (home,))] for who, home in (("a", A), ("b", B))}


@pytest.fixture(scope="module")
def renewed(cluster, loaded_template, world, tmp_path_factory):
    """A server where two sheets of each of two communes have a later edition with known edits; and the edits."""
    sheets = {one.id for code in (A, B) for one in [one for one in world.feuilles if one.commune == code][1:3]}
    later, edits = edited(world, sheets, 19, LATER, still=False)
    folder: Path = tmp_path_factory.mktemp("later")
    list(write_lots(later, folder, [one for one in later.feuilles if one.id in sheets]))
    with clone(cluster, loaded_template) as own:
        assert load("cadastre", [folder], Options(), own).exit_code == 0
        with serving(own) as url:
            yield Served(url, own, granted(own, AGREEMENTS)), edits, folder


def found(served: Served, who: str, **asked: object) -> list[tuple]:
    page = served.get(who, ITEMS, limit=1000, **asked).json()
    told = [one["properties"] for one in page["features"]]
    return sorted((one["nature"], *((one[f"parcelles_{side}"] or "") for side in ("avant", "apres"))) for one in told)


def expected(edits: list[Edit], commune: str) -> list[tuple]:
    own = [one for one in edits if (one.before + one.after)[0].startswith(commune)]
    return sorted((one.nature, ",".join(one.before), ",".join(one.after)) for one in own)


@pytest.mark.parametrize(("who", "commune"), [("a", A), ("b", B)])
def test_each_commune_is_told_its_own_mutations_whole_and_no_others(renewed, who, commune):
    served, edits, _ = renewed
    assert len(expected(edits, commune)) > 5
    assert found(served, who) == expected(edits, commune)


def test_who_has_no_right_to_them_does_not_know_of_them(renewed):
    served = renewed[0]
    assert served.get(None, ITEMS).status_code == 404
    assert served.get("a", f"{ITEMS}/{B}-20261001-0001").status_code == 404
    assert served.get("b", f"{ITEMS}/{B}-20261001-0001").status_code == 200


def test_a_mutation_happens_on_the_day_of_its_edition(renewed):
    served, edits, _ = renewed
    assert found(served, "a", datetime="2026-10-01") == found(served, "a", datetime="2026-09-01/..")
    assert found(served, "a", datetime="2026-10-01") == expected(edits, A)
    assert found(served, "a", datetime="2026-10-02") == found(served, "a", datetime="../2026-09-30") == []


def test_what_changed_is_told_with_its_editions_and_its_ground(renewed):
    served = renewed[0]
    (one,) = served.get("a", ITEMS, limit=1, nature="division").json()["features"]
    properties = one["properties"]
    assert (properties["edition_precedente"], properties["edition"]) == ("2026-07-01", "2026-10-01")
    assert properties["surface_avant"] == pytest.approx(properties["surface_apres"], abs=1)
    assert one["geometry"]["type"] == "MultiPolygon"


def test_which_attributes_changed_is_told_with_their_values_and_only_where_nothing_else_did(renewed, world):
    served, edits, _ = renewed
    before = {one.id: (str(one.contenance or ""), str(one.arpente).lower()) for one in world.parcelles}
    asked = {"limit": 1000, "filter": "attributs IS NOT NULL"}
    told = [one["properties"] for one in served.get("a", ITEMS, **asked).json()["features"]]
    assert {one["nature"] for one in told} == {"attributs"}
    assert sorted(one["parcelles_avant"] for one in told) == [
        id for nature, id, _ in expected(edits, A) if nature == "attributs"
    ]
    for one in told:
        known = dict(zip(("contenance", "arpente"), before[one["parcelles_avant"]], strict=True))
        names = one["attributs"].split(",")
        assert one["attributs_avant"].split(",") == [known[name] for name in names]
        assert all(x != y for x, y in zip(one["attributs_apres"].split(","), [known[n] for n in names], strict=True))


def test_the_same_edition_loaded_again_ends_in_the_same_mutations(renewed):
    served, edits, folder = renewed
    assert load("cadastre", [folder], Options(force=True), served.settings).exit_code == 0
    assert found(served, "a") == expected(edits, A)


def test_an_older_edition_imposed_takes_them_back(renewed):
    served, _, folder = renewed
    names = [path.name for path in folder.iterdir() if A in path.name]
    older = [SAMPLES / "cadastre" / name for name in names]
    assert load("cadastre", older, Options(force=True), served.settings).exit_code == 0
    assert found(served, "a") == []
    assert found(served, "b")


def test_a_first_load_has_none(loaded):
    with connect(loaded, "admin") as connection:
        assert connection.execute("SELECT count(*) FROM cadastre.mutations").fetchone() == (0,)


def test_parcels_of_etalab_replaced_by_sheets_are_none(database):
    etalab = [SAMPLES / "etalab" / f"cadastre-{A}-parcelles.json.gz"]
    assert load("cadastre", etalab, Options(edition=date(2026, 1, 1)), database).exit_code == 0
    assert load("cadastre", sorted((SAMPLES / "cadastre").glob(f"*{A}*")), Options(), database).exit_code == 0
    with connect(database, "admin") as connection:
        assert connection.execute("SELECT count(*) FROM cadastre.parcelles_passe").fetchone() != (0,)
        assert connection.execute("SELECT count(*) FROM cadastre.mutations").fetchone() == (0,)
