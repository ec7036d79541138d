"""What is held of the cadastre, as its commands tell it."""

import gzip
import json
from datetime import date

import pytest
from typer.testing import CliRunner

from catalog.database import connect
from data_samples.edition import second_edition
from data_samples.territory import EDITION
from etl.pipeline import load
from etl.sources import Options
from geosocle.main import app
from tests.conftest import SAMPLES, clone

ETALAB = SAMPLES / "etalab" / "cadastre-85902-parcelles.json.gz"
SHEET = SAMPLES / "cadastre" / "edigeo-85902000AB01.tar.bz2"


def run(own, *words, code=0):
    env = {"GEOSOCLE_DSN": own.dsn, "GEOSOCLE_STATE": str(own.state), "GEOSOCLE_FILES": str(own.files)}
    result = CliRunner().invoke(app, ("cadastre", *words), env=env)
    assert result.exit_code == code, result.output
    return result.stderr or result.stdout


def told(own, *words):
    return json.loads(run(own, *words, "--json"))


def test_each_commune_that_is_held_is_told_with_its_sheets_parcels_and_score(loaded, world):
    found = {one["commune"]: one for one in told(loaded, "status")}
    assert set(found) == {one.code for one in world.communes}
    for commune in world.communes:
        one = found[commune.code]
        assert one["feuilles"] == sum(sheet.commune == commune.code for sheet in world.feuilles)
        assert one["parcelles"] == sum(parcel.commune == commune.code for parcel in world.parcelles)
        assert (one["plus_ancienne"], one["plus_recente"]) == (str(EDITION), str(EDITION))
        assert one["sources"] == ["EDIGEO"]
    with connect(loaded, "admin") as connection:
        kept = dict(connection.execute("SELECT commune, score FROM etl.scores WHERE unit = commune"))
    assert {code: one["note"] for code, one in found.items()} == kept


def test_the_table_is_in_french_and_one_commune_can_be_asked_alone(loaded):
    table = run(loaded, "status", "85902")
    assert "Plus récente" in table
    assert "85902" in table
    assert "85901" not in table
    assert [one["commune"] for one in told(loaded, "status", "85902")] == ["85902"]


@pytest.mark.parametrize("name", ["85999", "nul"])
def test_a_commune_that_is_not_held_is_named_with_what_to_do(loaded, name):
    assert f"Rien n'est tenu de « {name} »" in run(loaded, "status", name, code=2)


def test_nothing_is_held_of_an_empty_bank(database):
    assert told(database, "status") == []


def test_a_commune_of_two_sources_tells_both_and_their_editions(database):
    load("cadastre", [ETALAB], Options(edition=date(2025, 1, 1)), database)
    assert [(one["sources"], one["feuilles"]) for one in told(database, "status")] == [(["Etalab"], 0)]
    load("cadastre", [SHEET], Options(), database)
    (one,) = told(database, "status")
    assert (one["sources"], one["feuilles"]) == (["EDIGEO", "Etalab"], 1)
    assert (one["plus_ancienne"], one["plus_recente"]) == ("2025-01-01", str(EDITION))


SECOND = SAMPLES / "cadastre_edition2"


@pytest.fixture(scope="module")
def twice(cluster, loaded_template):
    """The samples, and the second edition of two of their sheets."""
    with clone(cluster, loaded_template) as own:
        assert load("cadastre", [SECOND], Options(), own).exit_code == 0
        yield own


def by_section(found):
    return {one["section"]: one for one in found}


def changes(world, commune):
    """What the second edition makes of a commune's parcels, as the world has it: created, deleted."""
    before, after = (
        {one.id for one in each.parcelles if one.commune == commune} for each in (world, second_edition(world))
    )
    return sorted(after - before), sorted(before - after)


def test_two_days_differ_by_the_parcels_that_the_second_edition_makes_and_ends(twice, world):
    found = by_section(json.loads(run(twice, "diff", str(EDITION), "tenu", "--commune", "85901", "--json", code=1)))
    created, deleted = changes(world, "85901")
    assert created
    assert (found["85901000AB"]["creees"], found["85901000AB"]["supprimees"]) == (created, deleted)
    assert not any(
        one["creees"] or one["supprimees"] or one["modifiees"] for name, one in found.items() if name != "85901000AB"
    )


def test_the_table_tells_the_sections_that_differ_with_some_of_their_parcels(twice, world):
    created, deleted = changes(world, "85901")
    table = run(twice, "diff", str(EDITION), "tenu", "--commune", "85901", code=1)
    assert "Créées" in table
    assert "000AB" in table
    assert "0000A" not in table
    assert f"+{created[0][10:]}" in table
    assert f"dans A ({EDITION}), " in table
    assert f" dans B (tenu) ; {len(created)} dans B seul, {len(deleted)} dans A seul, " in table


def test_a_day_differs_from_itself_in_nothing(twice):
    assert "rien ne change" in run(twice, "diff", "tenu", "tenu", "--commune", "85902")
    assert "rien ne change" in run(twice, "diff", str(EDITION), str(EDITION), "--commune", "85901")


def test_a_delivery_is_compared_with_the_sheets_that_it_holds_and_nothing_is_loaded(loaded, world):
    sheet = next(path for path in sorted(SECOND.iterdir()) if "85901000AB01" in path.name)
    with connect(loaded, "admin") as connection:
        loads = connection.execute("SELECT count(*) FROM etl.deliveries").fetchall()
    found = by_section(json.loads(run(loaded, "diff", "tenu", str(sheet), "--json", code=1)))
    assert set(found) == {"85901000AB"}
    created, deleted = changes(world, "85901")
    assert (found["85901000AB"]["creees"], found["85901000AB"]["supprimees"]) == (created, deleted)
    with connect(loaded, "admin") as connection:
        assert connection.execute("SELECT count(*) FROM etl.deliveries").fetchall() == loads


def test_etalabs_file_is_compared_with_the_sheets_that_are_held(loaded, tmp_path):
    assert "rien ne change" in run(loaded, "diff", "tenu", str(ETALAB))
    features = json.loads(gzip.decompress(ETALAB.read_bytes()))
    gone, changed, *_ = features["features"]
    features["features"].remove(gone)
    changed["properties"]["contenance"] = 7
    path = tmp_path / "cadastre-85902-parcelles.json"
    path.write_text(json.dumps(features), "utf-8")
    found = by_section(json.loads(run(loaded, "diff", "tenu", str(path), "--json", code=1)))
    (one,) = [one for one in found.values() if one["supprimees"]]
    assert (one["supprimees"], one["creees"]) == ([gone["id"]], [])
    modified = [each for one in found.values() for each in one["modifiees"]]
    assert [(each["id"], each["contour"], each["contenance"][1]) for each in modified] == [(changed["id"], False, 7)]


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (("tenu", "2026-07-01"), 2, "--commune est à donner"),
        (("tenu", "hier", "--commune", "85901"), 2, "« hier » n'est ni un jour"),
        (("tenu", "2026-07-01", "--commune", "85999"), 2, "rien de 85999"),
        (("tenu", __file__), 4, "aucune parcelle"),
    ],
)
def test_a_comparison_of_nothing_is_refused_with_what_to_do(loaded, words, code, told):
    assert told in " ".join(run(loaded, "diff", *words, code=code).split())
