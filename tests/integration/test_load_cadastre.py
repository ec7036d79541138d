"""The cadastre goes in: counts, editions, repeats, the past, and Etalab's parcels where no sheet is held."""

import gzip
import json
import re
import tarfile
from collections import Counter
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import psycopg
import pytest
import shapely

from catalog.database import connect
from catalog.loader import datasets
from catalog.settings import Settings
from etl.pipeline import load
from etl.report import Report
from etl.sources import Options

OUTPUT = Path(__file__).parents[2] / "data_samples" / "output"
SHEET = "edigeo-85901000AB01"
TOWN = sorted((OUTPUT / "cadastre").glob("edigeo-85901*"))
DATASETS = [dataset.id for dataset in datasets().values() if dataset.kind == "cadastre"]
Loader = Callable[..., Report]


@pytest.fixture
def cadastre(database: Settings) -> Loader:
    """Load deliveries of the cadastre into this test's database."""
    return lambda *paths, **options: load("cadastre", list(paths), Options(**options), database)


@pytest.fixture
def ask(database: Settings) -> Callable[..., list[tuple[Any, ...]]]:
    """Ask this test's database."""

    def rows(statement: str, *values: object) -> list[tuple[Any, ...]]:
        with connect(database, "admin") as connection:
            return connection.execute(statement, values).fetchall()

    return rows


@pytest.fixture
def sheet(tmp_path: Path) -> Path:
    """One sheet of the samples, unpacked, to be changed."""
    with tarfile.open(OUTPUT / "cadastre" / f"{SHEET}.tar.bz2") as archive:
        archive.extractall(tmp_path / SHEET, filter="data")
    return tmp_path / SHEET


def rewrite(folder: Path, pattern: str, old: bytes, new: bytes) -> Path:
    for path in folder.glob(pattern):
        path.write_bytes(re.sub(old, new, path.read_bytes()))
    return folder


def dated(folder: Path, day: str) -> Path:
    """Give a sheet another edition."""
    return rewrite(folder, "*.THF", rb"TDASD08:\d{8}", f"TDASD08:{day}".encode())


def digest(ask: Callable[..., list[tuple[Any, ...]]]) -> list[tuple[Any, ...]]:
    """What is served, to the byte."""
    tables = [f"SELECT '{name}' AS name, id, md5(t::text) FROM cadastre.{name} t" for name in DATASETS]
    return ask(" UNION ALL ".join(tables) + " ORDER BY 1, 2")


def test_every_object_of_every_sheet_is_loaded_or_rejected(cadastre: Loader, ask: Callable) -> None:
    report = cadastre(OUTPUT / "cadastre")
    assert report.exit_code == 0
    for dataset, counts in report.totals().items():
        assert counts.read == counts.loaded + counts.rejected + counts.seen_again
        assert ask(f"SELECT count(*) FROM cadastre.{dataset}") == [(counts.loaded,)]
    assert report.totals()["communes"].loaded == 4
    assert report.totals()["communes"].seen_again == 16


def test_rows_have_their_published_identifiers_and_ready_features(cadastre: Loader, ask: Callable) -> None:
    cadastre(OUTPUT / "cadastre" / f"{SHEET}.tar.bz2")
    for id, commune, unite, feature, wkb in ask(
        "SELECT id, commune, unite, feature, ST_AsBinary(ST_Transform(geom, 4326)) FROM cadastre.parcelles"
    ):
        value = json.loads(feature + "}}")
        assert re.fullmatch(r"85901000AB\d{4}", id)
        assert (value["id"], value["properties"]["commune"], unite) == (id, commune, "85901000AB01")
        assert list(value["properties"])[:3] == ["commune", "edition", "prefixe"]
        assert shapely.from_geojson(json.dumps(value["geometry"])).equals_exact(shapely.from_wkb(bytes(wkb)), 1e-8)
        assert " " not in feature.split('"geometry"')[0]


def test_statistics_and_limits_follow(cadastre: Loader, ask: Callable) -> None:
    cadastre(*TOWN, *(OUTPUT / "cadastre").glob("edigeo-85902*01.tar.bz2"))
    assert ask("SELECT count(*) FROM admin.limites") == [(2,)]
    assert ask("SELECT count(*) FROM admin.limites a, admin.limites b WHERE a.commune < b.commune"
               " AND ST_Area(ST_Intersection(a.geom, b.geom)) > 0.01") == [(0,)]  # fmt: skip
    for dataset in DATASETS:
        served = ask(f"SELECT commune, count(*), max(edition) FROM cadastre.{dataset} GROUP BY 1 ORDER BY 1")
        kept = ask(
            "SELECT commune, objects, edition FROM access.statistics WHERE dataset = %s AND objects > 0 ORDER BY 1",
            dataset,
        )
        assert served == kept


def test_loading_the_same_again_changes_nothing_and_says_so(cadastre: Loader, ask: Callable) -> None:
    cadastre(*TOWN)
    before = digest(ask)
    again = cadastre(*TOWN)
    assert again.unchanged
    assert again.exit_code == 0
    assert "rien n'a changé" in str(again)
    assert digest(ask) == before
    assert ask("SELECT count(*) FROM cadastre.parcelles_passe") == [(0,)]


def test_the_same_sheet_packed_otherwise_changes_nothing(cadastre: Loader, sheet: Path) -> None:
    cadastre(OUTPUT / "cadastre" / f"{SHEET}.tar.bz2")
    assert cadastre(sheet).unchanged


def test_a_newer_edition_replaces_and_what_was_is_kept_with_its_validity(cadastre: Loader, ask: Callable) -> None:
    cadastre(*TOWN)
    other = ask(
        "SELECT id, xmin::text FROM cadastre.parcelles WHERE unite <> '85901000AB01' AND commune = '85901' ORDER BY 1"
    )
    report = cadastre(OUTPUT / "cadastre_edition2" / f"{SHEET}.tar.bz2")
    assert report.exit_code == 0
    assert ask("SELECT DISTINCT edition FROM cadastre.parcelles WHERE unite = '85901000AB01'") == [(date(2026, 10, 1),)]
    past = ask("SELECT DISTINCT edition, valide_au FROM cadastre.parcelles_passe")
    assert past == [(date(2026, 7, 1), date(2026, 10, 1))]
    assert other == ask(
        "SELECT id, xmin::text FROM cadastre.parcelles WHERE unite <> '85901000AB01' AND commune = '85901' ORDER BY 1"
    )
    assert ask("SELECT edition FROM cadastre.communes WHERE id = '85901'") == [(date(2026, 10, 1),)]


def test_the_past_keeps_every_object_that_was_served(cadastre: Loader, ask: Callable) -> None:
    cadastre(OUTPUT / "cadastre" / f"{SHEET}.tar.bz2")
    before = {id for (id,) in ask("SELECT id FROM cadastre.batiments")}
    cadastre(OUTPUT / "cadastre_edition2" / f"{SHEET}.tar.bz2")
    assert {id for (id,) in ask("SELECT id FROM cadastre.batiments_passe")} == before


def test_an_older_edition_is_refused_unless_forced(cadastre: Loader, ask: Callable) -> None:
    cadastre(OUTPUT / "cadastre_edition2" / f"{SHEET}.tar.bz2")
    before = digest(ask)
    refused = cadastre(OUTPUT / "cadastre" / f"{SHEET}.tar.bz2")
    assert refused.exit_code == 4
    assert "plus ancienne" in str(refused)
    assert digest(ask) == before
    forced = cadastre(OUTPUT / "cadastre" / f"{SHEET}.tar.bz2", force=True)
    assert forced.exit_code == 0
    assert ask("SELECT DISTINCT edition FROM cadastre.parcelles") == [(date(2026, 7, 1),)]


def test_the_same_edition_with_another_content_replaces_and_is_told(
    cadastre: Loader, sheet: Path, ask: Callable
) -> None:
    cadastre(OUTPUT / "cadastre" / f"{SHEET}.tar.bz2")
    report = cadastre(rewrite(sheet, "*.THF", rb"AUTST(\d\d):.", rb"AUTST\1:X"))
    assert report.exit_code == 0
    assert "même édition, autre contenu" in str(report)
    assert ask("SELECT count(*) > 0 FROM cadastre.parcelles_passe") == [(True,)]


def test_of_two_editions_in_one_delivery_the_newest_is_taken(cadastre: Loader, ask: Callable) -> None:
    for order in (1, -1):
        paths = [OUTPUT / folder / f"{SHEET}.tar.bz2" for folder in ("cadastre", "cadastre_edition2")][::order]
        report = cadastre(*paths)
        assert report.exit_code == 3, report
        assert ask("SELECT DISTINCT edition FROM cadastre.parcelles") == [(date(2026, 10, 1),)]


def test_a_parcel_that_moved_to_another_sheet_is_served_once(cadastre: Loader, sheet: Path, ask: Callable) -> None:
    """The newer sheet takes it; the older sheet, loaded again, no longer does."""
    cadastre(*TOWN)
    (moved,) = ask("SELECT min(id) FROM cadastre.parcelles WHERE unite = '859010000A01'")[0]
    (replaced,) = ask("SELECT min(id) FROM cadastre.parcelles WHERE unite = '85901000AB01'")[0]
    rewrite(dated(sheet, "20260901"), "*.VEC", replaced[2:].encode(), moved[2:].encode())
    report = cadastre(sheet)
    assert report.exit_code == 0
    assert ask("SELECT unite FROM cadastre.parcelles WHERE id = %s", moved) == [("85901000AB01",)]
    assert ask("SELECT unite FROM cadastre.parcelles_passe WHERE id = %s", moved) == [("859010000A01",)]


def test_a_parcel_that_a_newer_sheet_holds_is_rejected_with_the_reason(
    cadastre: Loader, sheet: Path, ask: Callable
) -> None:
    cadastre(OUTPUT / "cadastre" / "edigeo-859010000A01.tar.bz2")
    (held,) = ask("SELECT min(id) FROM cadastre.parcelles")[0]
    rewrite(dated(sheet, "20250101"), "*.VEC", b"901000AB0001", held[2:].encode())
    report = cadastre(sheet)
    assert report.exit_code == 3
    assert "édition plus récente" in str(report)
    assert ask("SELECT unite FROM cadastre.parcelles WHERE id = %s", held) == [("859010000A01",)]
    totals = report.totals()["parcelles"]
    assert totals.read == totals.loaded + totals.rejected
    assert ask("SELECT object FROM etl.rejects") == [(held,)]


def test_a_trial_changes_nothing(cadastre: Loader, ask: Callable) -> None:
    report = cadastre(*TOWN, dry_run=True)
    assert report.exit_code == 0
    assert report.totals()["parcelles"].loaded > 200
    assert ask("SELECT count(*) FROM etl.deliveries") == [(0,)]
    assert digest(ask) == []


def test_the_report_is_kept(cadastre: Loader, ask: Callable) -> None:
    report = cadastre(OUTPUT / "cadastre" / f"{SHEET}.tar.bz2")
    ((status, kept),) = ask("SELECT status, report FROM etl.deliveries")
    assert status == "published"
    assert kept == json.loads(json.dumps(report.as_json()))
    assert ask("SELECT unit, commune, status FROM etl.units") == [("85901000AB01", "85901", "published")]


def test_another_departement_or_a_lot_without_name_is_refused_or_told_by_the_option(
    cadastre: Loader, sheet: Path
) -> None:
    assert "pas du département 44" in str(cadastre(sheet, departement="44"))
    unnamed = sheet.rename(sheet.with_name("livraison"))
    assert "--departement" in str(cadastre(unnamed))
    assert cadastre(unnamed, departement="85").exit_code == 0


def test_sheets_unpacked_into_one_folder_are_loaded_each(cadastre: Loader, tmp_path: Path) -> None:
    for path in TOWN:
        with tarfile.open(path) as archive:
            archive.extractall(tmp_path / "livraison", filter="data")
    report = cadastre(tmp_path / "livraison", departement="85")
    assert report.exit_code == 0, str(report)
    assert {unit.name for unit in report.units} == {path.name[7:19] for path in TOWN}
    assert cadastre(*TOWN).unchanged


def test_nothing_stays_staged(cadastre: Loader, ask: Callable) -> None:
    cadastre(*TOWN)
    assert all(ask(f"SELECT count(*) FROM staging.{name}") == [(0,)] for name in DATASETS)


ETALAB = OUTPUT / "etalab" / "cadastre-85901-parcelles.json.gz"


def test_etalab_parcels_are_those_of_the_sheets(cadastre: Loader, ask: Callable) -> None:
    assert cadastre(ETALAB).exit_code == 0
    columns = "id, prefixe, section, numero, contenance, arpente, round(ST_Area(geom)::numeric, 0)"
    fallback = ask(f"SELECT {columns} FROM cadastre.parcelles ORDER BY id")
    assert ask("SELECT DISTINCT unite FROM cadastre.parcelles WHERE commune = '85901'") == [("etalab-85901",)]
    cadastre(*TOWN)
    reference = ask(f"SELECT {columns} FROM cadastre.parcelles ORDER BY id")
    assert [row[:6] for row in fallback] == [row[:6] for row in reference]
    assert max(abs(a[6] - b[6]) for a, b in zip(fallback, reference, strict=True)) <= 1


def test_edigeo_wins_over_etalab(cadastre: Loader, ask: Callable) -> None:
    cadastre(*TOWN)
    before = digest(ask)
    report = cadastre(ETALAB)
    assert report.exit_code == 4
    assert "EDIGEO fait foi" in str(report)
    assert digest(ask) == before
    assert cadastre(ETALAB, force=True).exit_code == 0


def test_a_sheet_replaces_etalab_on_its_own_ground_only(cadastre: Loader, ask: Callable) -> None:
    cadastre(ETALAB)
    everything = {id for (id,) in ask("SELECT id FROM cadastre.parcelles")}
    cadastre(OUTPUT / "cadastre" / f"{SHEET}.tar.bz2")
    assert {id for (id,) in ask("SELECT id FROM cadastre.parcelles")} == everything
    units = Counter(unit for (unit,) in ask("SELECT unite FROM cadastre.parcelles"))
    assert units["85901000AB01"] > 50
    assert units["etalab-85901"] == len(everything) - units["85901000AB01"]
    cadastre(*TOWN)
    assert ask("SELECT count(*) FROM cadastre.parcelles WHERE unite LIKE 'etalab%%'") == [(0,)]
    assert ask("SELECT count(*) FROM etl.published WHERE unit LIKE 'etalab%%'") == [(0,)]


def test_metres_in_a_geojson_are_refused_unless_the_system_is_told(
    cadastre: Loader, ask: Callable, tmp_path: Path
) -> None:
    content = json.loads(gzip.decompress(ETALAB.read_bytes()))
    for feature in content["features"]:
        feature["geometry"] = json.loads(shapely.to_geojson(shapely.box(360_000, 6_630_000, 360_010, 6_630_010)))
    path = tmp_path / "cadastre-85901-parcelles.json"
    path.write_text(json.dumps(content), "utf-8")
    report = cadastre(path)
    assert report.exit_code == 4
    assert "mètres" in str(report)
    assert "--crs" in str(report)
    assert cadastre(path, crs="EPSG:2154").exit_code == 0
    assert ask("SELECT DISTINCT ST_XMin(geom) FROM cadastre.parcelles") == [(360_000.0,)]


def test_real_sheets_load_with_the_counts_of_gdal(cadastre: Loader, ask: Callable, shared_data: Path) -> None:
    report = cadastre(shared_data / "edigeo")
    assert report.exit_code == 0
    assert {name: counts.read for name, counts in report.totals().items()} == {
        "communes": 11,
        "sections": 11,
        "feuilles": 11,
        "parcelles": 1354,
        "batiments": 639,
        "lieux_dits": 51,
        "subdivisions_fiscales": 366,
        "numeros_voirie": 214,
        "ensembles_immobiliers": 11,
        "zones_communication": 114,
        "troncons_route": 18,
        "troncons_cours_eau": 14,
        "surfaces": 65,
        "lignes": 456,
        "points_divers": 18,
        "symboles_limites": 226,
        "bornes": 2023,
        "points_canevas": 31,
        "etiquettes": 2551,
    }
    assert ask("SELECT relation, count(*) FROM cadastre.liens GROUP BY 1 ORDER BY 1") == [
        ("BATIMENT_PARCELLE", 1055),
        ("BORNE_PARCELLE", 3377),
        ("DETOPO_COMMUNE", 539),
        ("IS_S_REL_IWW", 2551),
        ("NUMVOIE_PARCELLE", 232),
        ("PARCELLE_SUBDSECT", 1354),
        ("PTCANVS_COMMUNE", 31),
        ("SECTION_COMMUNE", 11),
        ("SUBDFISC_PARCELLE", 362),
        ("SUBDSECT_SECTION", 11),
        ("SYMBLIM_PARCELLE", 327),
    ]
    assert ask("SELECT count(*) FROM cadastre.parcelles WHERE commune = '75103'") == [(50,)]
    assert cadastre(shared_data / "edgy" / "edigeo_dir_with_space" / "edigeo-740240000A01 2").unchanged
    assert cadastre(shared_data / "cadastre_etalab" / "91027").exit_code == 0


def test_the_reader_sees_nothing_of_it_without_a_right(cadastre: Loader, database: Settings) -> None:
    cadastre(OUTPUT / "cadastre" / f"{SHEET}.tar.bz2")
    with connect(database, "admin") as connection, connection.transaction():
        connection.execute("SET LOCAL ROLE geosocle_reader")
        assert connection.execute("SELECT count(*) FROM cadastre.parcelles").fetchone() == (0,)
        with pytest.raises(psycopg.errors.InsufficientPrivilege), connection.transaction():
            connection.execute("SELECT count(*) FROM staging.parcelles")
