"""A water network goes in, cut along the communes, its technical attributes apart."""

import json
import os
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio.raw
import pytest
import shapely

from catalog.database import connect
from catalog.settings import Settings
from etl.cutting import OUTSIDE
from etl.pipeline import load
from etl.report import Report
from etl.sources import Options

OUTPUT = Path(__file__).parents[2] / "data_samples" / "output"
WATER = OUTPUT / "eau" / "eau.gpkg"
WEST, EAST = (360_000, 6_630_000, 360_100, 6_630_100), (360_100, 6_630_000, 360_200, 6_630_100)
Loader = Callable[..., Report]
Ask = Callable[..., list[tuple[Any, ...]]]


@pytest.fixture
def two_communes(database: Settings) -> Settings:
    """A database with the limits of two square neighbours."""
    with connect(database, "admin") as connection:
        for code, box in (("85901", WEST), ("85902", EAST)):
            connection.execute(
                "INSERT INTO admin.limites SELECT %s, ST_Multi(ST_MakeEnvelope(%s, %s, %s, %s, 2154))", [code, *box]
            )
    return database


@pytest.fixture
def eau(two_communes: Settings) -> Loader:
    """Load networks into this test's database."""
    return lambda *paths, **options: load("eau", list(paths), Options(**options), two_communes)


@pytest.fixture
def ask(two_communes: Settings) -> Ask:
    """Ask this test's database."""

    def rows(statement: str, *values: object) -> list[tuple[Any, ...]]:
        with connect(two_communes, "admin") as connection:
            return connection.execute(statement, values).fetchall()

    return rows


Pipe = tuple[str | None, list[tuple[float, float]]]


def write(path: Path, pipes: list[Pipe], crs: str | None = "EPSG:2154", **columns: list[object]) -> Path:
    """Write pipes, each an identifier and its points (metres from the corner of the western commune)."""
    lines = [shapely.LineString([(360_000 + x, 6_630_000 + y) for x, y in points]) for _, points in pipes]
    values = [np.array([name for name, _ in pipes], dtype=object)]
    values += [np.array(column, dtype=object if isinstance(column[0], str) else None) for column in columns.values()]
    driver = "GPKG" if path.suffix == ".gpkg" else "ESRI Shapefile"
    more = {"layer": "canalisation"} if driver == "GPKG" else {"encoding": "UTF-8"}
    fields = ["id_canalisation" if driver == "GPKG" else "idcana", *columns]
    shapes = np.array(shapely.to_wkb(lines), dtype=object)
    pyogrio.raw.write(path, shapes, values, fields, geometry_type="LineString", crs=crs, driver=driver, **more)
    return path


CROSSING: Pipe = ("A", [(50, 50), (150, 50)])
INSIDE: Pipe = ("B", [(10, 10), (20, 10)])
AWAY: Pipe = ("C", [(500, 500), (600, 500)])
OVER: Pipe = ("D", [(50, 90), (50, 130)])


def test_a_pipe_that_crosses_is_one_row_a_commune(eau: Loader, ask: Ask, tmp_path: Path) -> None:
    report = eau(write(tmp_path / "eau.gpkg", [CROSSING, INSIDE]))
    assert report.exit_code == 0
    assert ask("SELECT id, commune, objet, ST_Length(geom) FROM reseaux.canalisations_eau ORDER BY id") == [
        ("A.85901", "85901", "A", 50.0),
        ("A.85902", "85902", "A", 50.0),
        ("B.85901", "85901", "B", 10.0),
    ]
    counts = report.totals()["canalisations_eau"]
    assert (counts.read, counts.loaded, counts.pieces, counts.rejected) == (2, 2, 3, 0)
    assert "2 lus, 2 chargés, en 3 morceaux" in str(report)


def test_technical_attributes_stand_apart_with_their_part_of_the_feature(eau: Loader, ask: Ask, tmp_path: Path) -> None:
    columns = {"materiau": ["fonte"], "diametre_equivalent": [125], "an_pose_sup": [1987], "exploitant": ["Régie"]}
    eau(write(tmp_path / "eau.gpkg", [CROSSING], **columns))
    rows = ask(
        "SELECT id, commune, materiau, diametre_equivalent, an_pose, feature FROM reseaux.canalisations_eau_technical"
    )
    part = ',"materiau":"fonte","diametre_equivalent":125,"an_pose":1987'
    assert sorted(rows) == [(f"A.{code}", code, "fonte", 125, 1987, part) for code in ("85901", "85902")]
    ((base,),) = ask("SELECT feature FROM reseaux.canalisations_eau WHERE commune = '85901'")
    assert "fonte" not in base
    whole = json.loads(base + part + "}}")["properties"]
    assert (whole["objet"], whole["exploitant"], whole["an_pose"]) == ("A", "Régie", 1987)


def test_years_that_say_nothing_are_empty(eau: Loader, ask: Ask, tmp_path: Path) -> None:
    eau(write(tmp_path / "eau.gpkg", [INSIDE], an_pose_sup=[-9999], an_pose_inf=[1970]))
    assert ask("SELECT an_pose FROM reseaux.canalisations_eau_technical") == [(1970,)]


def test_what_lies_outside_the_communes_held_is_rejected_or_told(eau: Loader, ask: Ask, tmp_path: Path) -> None:
    report = eau(write(tmp_path / "eau.gpkg", [INSIDE, AWAY, OVER]))
    assert report.exit_code == 3
    assert [(reject.object, reject.reason) for reject in report.units[0].rejects] == [("C", OUTSIDE)]
    assert report.units[0].notices == ["D : 30.00 m hors des communes tenues, non repris"]
    assert ask("SELECT ST_Length(geom) FROM reseaux.canalisations_eau WHERE objet = 'D'") == [(10.0,)]
    assert ask("SELECT object, reason FROM etl.rejects") == [("C", OUTSIDE)]


def test_identifiers_absent_or_double_are_rejected(eau: Loader, tmp_path: Path) -> None:
    report = eau(write(tmp_path / "eau.gpkg", [INSIDE, INSIDE, (None, INSIDE[1])]))
    assert [reject.reason for reject in report.units[0].rejects] == [
        "identifiant en double dans le fichier",
        "identifiant absent",
    ]


@pytest.mark.parametrize("suffix", [".shp", ".dbf"])
def test_a_shapefile_that_is_cut_is_refused(suffix: str, eau: Loader, tmp_path: Path) -> None:
    pipes: list[Pipe] = [(str(number), [(10, number), (20, number)]) for number in range(50)]
    path = write(tmp_path / "reseau.shp", pipes, mouvrage=["SIAEP"] * 50)
    part = path.with_suffix(suffix)
    part.write_bytes(part.read_bytes()[: part.stat().st_size * 6 // 10])
    report = eau(path)
    assert report.exit_code == 4, str(report)


def test_an_empty_layer_is_no_object(eau: Loader, tmp_path: Path) -> None:
    path = write(tmp_path / "eau.gpkg", [INSIDE])
    with sqlite3.connect(path) as content:
        content.execute("DROP TRIGGER IF EXISTS rtree_canalisation_geom_delete")
        content.execute("DELETE FROM canalisation")
    content.close()
    assert "la couche canalisation est vide" in str(eau(path))


def test_a_new_edition_replaces_in_every_commune_even_where_nothing_is_left(
    eau: Loader, ask: Ask, tmp_path: Path
) -> None:
    path = write(tmp_path / "eau.gpkg", [CROSSING, INSIDE], materiau=["fonte", "pvc"])
    eau(path, edition=day("2026-01-01"))
    path.unlink()
    eau(write(path, [INSIDE], materiau=["pehd"]), edition=day("2026-07-01"))
    assert ask("SELECT id FROM reseaux.canalisations_eau") == [("B.85901",)]
    assert ask("SELECT materiau FROM reseaux.canalisations_eau_technical") == [("pehd",)]
    for table in ("canalisations_eau_passe", "canalisations_eau_technical_passe"):
        past = ask(f"SELECT id, edition::text, valide_au::text FROM reseaux.{table} ORDER BY id")
        assert past == [(id, "2026-01-01", "2026-07-01") for id in ("A.85901", "A.85902", "B.85901")]
    assert ask("SELECT objects FROM access.statistics WHERE commune = '85902'") == [(0,)]
    assert eau(path, edition=day("2026-07-01")).unchanged


def day(text: str) -> Any:
    from datetime import date

    return date.fromisoformat(text)


def test_a_shapefile_in_another_system_is_brought_home(eau: Loader, ask: Ask, tmp_path: Path) -> None:
    from pyproj import Transformer

    change = Transformer.from_crs(2154, 3947, always_xy=True)
    points = [change.transform(360_010, 6_630_010), change.transform(360_020, 6_630_010)]
    pipe: Pipe = ("B", [(x - 360_000, y - 6_630_000) for x, y in points])
    report = eau(write(tmp_path / "reseau.shp", [pipe], "EPSG:3947", mouvrage=["SIAEP"]))
    assert report.exit_code == 0
    ((length, owner),) = ask("SELECT ST_Length(geom), maitre_ouvrage FROM reseaux.canalisations_eau")
    assert length == pytest.approx(10, abs=0.001)
    assert owner == "SIAEP"


@pytest.mark.parametrize(
    ("code_page", "encoding"),
    [("1252", "cp1252"), ("88591", "latin-1"), ("ISO 88591", "latin-1"), ("latin1", "latin-1"), ("UTF-8", "utf-8"),
     (None, "utf-8"), (None, "cp1252"), ("1252", "utf-8"), ("850", "cp850")],
)  # fmt: skip
def test_accents_arrive_whatever_the_file_says_of_its_texts(
    code_page: str | None, encoding: str, eau: Loader, ask: Ask, tmp_path: Path
) -> None:
    path = write(tmp_path / "reseau.shp", [INSIDE], mouvrage=["xxRxgie de lxxxxu"])
    table = path.with_suffix(".dbf")
    name = "Régie de l'eau".encode(encoding)
    table.write_bytes(table.read_bytes().replace(b"xxRxgie de lxxxxu", name.ljust(17)))
    path.with_suffix(".cpg").unlink(missing_ok=True)
    if code_page:
        path.with_suffix(".cpg").write_text(code_page)
    assert eau(path).exit_code == 0
    assert ask("SELECT maitre_ouvrage FROM reseaux.canalisations_eau") == [("Régie de l'eau",)]


def test_an_encoding_may_be_imposed(eau: Loader, ask: Ask, tmp_path: Path) -> None:
    path = write(tmp_path / "reseau.shp", [INSIDE], mouvrage=["xxxxx"])
    table = path.with_suffix(".dbf")
    table.write_bytes(table.read_bytes().replace(b"xxxxx", "Régie".encode("cp850")))
    path.with_suffix(".cpg").unlink(missing_ok=True)
    eau(path, encoding="cp850")
    assert ask("SELECT maitre_ouvrage FROM reseaux.canalisations_eau") == [("Régie",)]


def test_new_texts_beside_an_unchanged_shapefile_are_loaded(eau: Loader, ask: Ask, tmp_path: Path) -> None:
    path = write(tmp_path / "reseau.shp", [INSIDE], mouvrage=["SIAEP"])
    eau(path)
    texts = path.with_suffix(".dbf")
    texts.write_bytes(texts.read_bytes().replace(b"SIAEP", b"Regie"))
    assert not eau(path).unchanged
    assert ask("SELECT maitre_ouvrage FROM reseaux.canalisations_eau") == [("Regie",)]
    assert eau(path).unchanged


def test_forced_what_is_served_is_loaded_again(eau: Loader, ask: Ask, tmp_path: Path) -> None:
    path = write(tmp_path / "eau.gpkg", [CROSSING, INSIDE])
    eau(path)
    ask("DELETE FROM reseaux.canalisations_eau WHERE objet = 'B' RETURNING id")
    assert eau(path).unchanged
    for _ in range(2):
        assert not eau(path, force=True).unchanged
        assert ask("SELECT count(*) FROM reseaux.canalisations_eau") == [(3,)]


def test_a_file_of_which_nothing_is_served_any_more_is_not_said_to_be_loaded(
    eau: Loader, ask: Ask, tmp_path: Path
) -> None:
    first = write(tmp_path / "eau.gpkg", [CROSSING, INSIDE])
    eau(first)
    again = eau(write(tmp_path / "cana.shp", [CROSSING, INSIDE]))
    assert "restent servis" not in str(again)
    assert ask("SELECT DISTINCT unit FROM etl.published") == [("cana",)]
    assert not eau(first).unchanged
    assert ask("SELECT DISTINCT unite FROM reseaux.canalisations_eau") == [("eau",)]


def test_what_other_files_still_serve_beside_a_new_one_is_told(eau: Loader, ask: Ask, tmp_path: Path) -> None:
    eau(write(tmp_path / "eau.gpkg", [CROSSING, INSIDE]))
    report = eau(write(tmp_path / "cana.shp", [("E", INSIDE[1])]))
    assert report.notices[-1] == "2 objets d'autres fichiers (eau) restent servis dans ces communes"
    assert ask("SELECT count(DISTINCT objet) FROM reseaux.canalisations_eau") == [(3,)]
    assert "restent servis" not in str(eau(tmp_path / "eau.gpkg", tmp_path / "cana.shp", force=True))


@pytest.mark.parametrize("dry_run", [True, False])
def test_an_edition_that_is_but_the_date_of_a_file_is_said_to_be(dry_run: bool, eau: Loader, tmp_path: Path) -> None:
    path = write(tmp_path / "eau.gpkg", [INSIDE])
    os.utime(path, (1_780_000_000, 1_780_000_000))
    words = "édition du 28/05/2026 (date du fichier ; --edition pour la donner)"
    assert eau(path, dry_run=dry_run).notices == [words]
    assert words not in str(eau(path, edition=day("2026-05-28"), dry_run=dry_run))


def test_once_another_commune_is_held_the_same_file_is_cut_again(eau: Loader, ask: Ask, tmp_path: Path) -> None:
    path = write(tmp_path / "eau.gpkg", [INSIDE, (AWAY[0], [(250, 50), (260, 50)])])
    assert eau(path).exit_code == 3
    further = "SELECT '85903', ST_Translate(geom, 100, 0) FROM admin.limites WHERE commune = '85902'"
    ask(f"INSERT INTO admin.limites {further} RETURNING commune")
    assert eau(path).exit_code == 0
    assert ask("SELECT id FROM reseaux.canalisations_eau ORDER BY 1") == [("B.85901",), ("C.85903",)]
    assert eau(path).unchanged


def test_a_file_of_something_else_is_named_as_such(eau: Loader, tmp_path: Path) -> None:
    path = tmp_path / "zones.gpkg"
    shapes = np.array([shapely.to_wkb(shapely.box(*WEST))], dtype=object)
    pyogrio.raw.write(
        path, shapes, [np.array(["U"], dtype=object)], ["libelle"], geometry_type="Polygon", crs="EPSG:2154"
    )
    report = eau(path)
    assert report.exit_code == 4
    assert "aucune couche de canalisations" in str(report)


def test_beside_pipes_other_files_are_left_alone(eau: Loader, tmp_path: Path) -> None:
    write(tmp_path / "reseau.shp", [INSIDE])
    shapes = np.array([shapely.to_wkb(shapely.Point(360_010, 6_630_010))], dtype=object)
    values = [np.array(["V"], dtype=object)]
    pyogrio.raw.write(tmp_path / "vannes.shp", shapes, values, ["idvanne"], geometry_type="Point", crs="EPSG:2154")
    report = eau(tmp_path)
    assert report.exit_code == 0
    assert {unit.file.split("/")[-1]: unit.status for unit in report.units} == {
        "reseau.shp": "publiée",
        "vannes.shp": "sans objet",
    }


def test_the_samples_lose_no_millimetre(loaded: Settings) -> None:
    _, _, shapes, (names,) = pyogrio.raw.read(WATER, columns=["id_canalisation"])
    lengths = dict(zip(names, shapely.length(shapely.from_wkb(shapes)), strict=True))
    with connect(loaded, "admin") as connection:
        rows = connection.execute(
            "SELECT objet, sum(ST_Length(geom)), count(*) FROM reseaux.canalisations_eau GROUP BY 1"
        )
        found = {name: (length, pieces) for name, length, pieces in rows}
    assert set(found) == set(lengths)
    assert all(abs(found[name][0] - lengths[name]) < 0.001 for name in lengths)
    assert max(pieces for _, pieces in found.values()) > 1


def test_real_networks_are_read(eau: Loader, shared_data: Path) -> None:
    report = eau(shared_data / "reseaux" / "star-eau_populated")
    assert "613 rejeté(s), le premier hors des communes tenues" in str(report)
