"""`geosocle load`: its exit codes, its words, its JSON."""

import json
import os
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from catalog.settings import Settings
from geosocle.main import app

OUTPUT = Path(__file__).parents[2] / "data_samples" / "output"
SHEET = OUTPUT / "cadastre" / "edigeo-85901000AB01.tar.bz2"


@pytest.fixture
def run(database: Settings, monkeypatch: pytest.MonkeyPatch):
    """Run the command with this test's database."""
    monkeypatch.setenv("GEOSOCLE_DSN", database.dsn)
    monkeypatch.setenv("GEOSOCLE_STATE", str(database.state))
    monkeypatch.setenv("GEOSOCLE_FILES", str(database.files))

    def invoke(*arguments: object) -> Result:
        return CliRunner().invoke(app, ["load", *map(str, arguments)])

    return invoke


def test_all_loaded_is_0_and_again_says_so(run) -> None:
    first = run("cadastre", SHEET)
    assert first.exit_code == 0
    assert "1 publiée" in first.stdout
    second = run("cadastre", SHEET)
    assert second.exit_code == 0
    assert "déjà chargé, rien n'a changé" in second.stdout


def test_json_holds_the_counts_and_nothing_else_is_written(run) -> None:
    report = json.loads(run("cadastre", SHEET, "--json").stdout)
    assert report["code"] == 0
    assert report["objets"]["parcelles"]["lus"] == report["objets"]["parcelles"]["charges"] > 0
    assert report["unites"][0]["edition"] == "2026-07-01"


def test_some_rejected_is_3(run, tmp_path: Path) -> None:
    (tmp_path / SHEET.name).write_bytes(SHEET.read_bytes())
    (tmp_path / "edigeo-85901000ZA01.tar.bz2").write_bytes(SHEET.read_bytes()[:5000])
    result = run("cadastre", tmp_path)
    assert result.exit_code == 3
    assert "REFUSÉE edigeo-85901000ZA01.tar.bz2 : archive tronquée" in result.stdout


def test_a_refused_delivery_is_4(run, tmp_path: Path) -> None:
    (tmp_path / "a.tif").write_text("<VRTDataset/>")
    result = run("orthophotos", tmp_path / "a.tif")
    assert result.exit_code == 4
    assert "a.tif" in result.stdout


@pytest.mark.parametrize(
    "arguments",
    [
        ("cadastre",),
        ("lune", SHEET),
        ("cadastre", "/nowhere.zip"),
        ("cadastre", SHEET, "--edition", "hier"),
        ("cadastre", SHEET, "--crs", "toto"),
        ("cadastre", SHEET, "--crs", ""),
    ],
)
def test_wrong_use_is_2(run, arguments: tuple[object, ...]) -> None:
    assert run(*arguments).exit_code == 2


@pytest.mark.parametrize("given", ["toto", "EPSG:5720"])
def test_a_wrong_system_of_coordinates_is_named(given: str, run) -> None:
    result = run("eau", OUTPUT / "eau" / "eau.gpkg", "--crs", given)
    assert result.exit_code == 2
    assert given in result.output or "NGF" in result.output


def test_a_trial_writes_nothing(run) -> None:
    assert "essai à blanc" in run("cadastre", SHEET, "--dry-run").stdout
    assert "1 publiée" in run("cadastre", SHEET).stdout


def test_the_edition_may_be_told(run) -> None:
    run("cadastre", OUTPUT / "cadastre")
    report = json.loads(run("eau", OUTPUT / "eau" / "eau.gpkg", "--edition", "2025-03-01", "--json").stdout)
    assert report["unites"][0]["edition"] == "2025-03-01"
    assert report["objets"]["canalisations_eau"]["morceaux"] > report["objets"]["canalisations_eau"]["charges"]


def test_where_limits_change_it_says_what_to_load_again(run) -> None:
    run("cadastre", SHEET)
    run("eau", OUTPUT / "eau" / "eau.gpkg")
    neighbour = OUTPUT / "cadastre" / "edigeo-85902000AB01.tar.bz2"
    assert "rechargez eau pour les recouper" in run("cadastre", neighbour).stdout
    assert "rechargez" not in run("cadastre", OUTPUT / "cadastre_edition2" / SHEET.name).stdout


def test_the_help_is_french(run) -> None:
    text = run("--help").stdout
    assert "Charge des livraisons" in text
    assert "Codes de retour" in text
    assert os.linesep
