"""What is held of the cadastre, as its commands tell it."""

import json
from datetime import date

import pytest
from typer.testing import CliRunner

from catalog.database import connect
from data_samples.territory import EDITION
from etl.pipeline import load
from etl.sources import Options
from geosocle.main import app
from tests.conftest import SAMPLES

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
