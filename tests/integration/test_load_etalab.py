"""Etalab's layers go in where no sheet of EDIGEO is held: a commune or a whole département at once."""

import gzip
import json
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from catalog.database import connect
from etl.etalab_layouts import LAYOUTS
from etl.pipeline import load
from etl.sources import Options
from tests.conftest import SAMPLES

A, B = "85901", "85902"
WHOLE = sorted((SAMPLES / "etalab").glob(f"cadastre-{A}-*"))
TOWN = sorted((SAMPLES / "cadastre").glob(f"edigeo-{A}*"))
SHEET = SAMPLES / "cadastre" / f"edigeo-{A}000AB01.tar.bz2"
DAY = date(2026, 8, 1)  # later than the sheets
WITHOUT = ("batiments", "lieux_dits", "subdivisions_fiscales")  # without identifiers


@pytest.fixture
def cadastre(database) -> Callable:
    """Load deliveries into this test's database."""
    return lambda *paths, **options: load("cadastre", list(paths), Options(**{"edition": DAY} | options), database)


@pytest.fixture
def ask(database) -> Callable:
    """Ask this test's database."""

    def rows(statement: str) -> list[tuple]:
        with connect(database, "admin") as connection:
            return connection.execute(statement).fetchall()

    return rows


def counts(ask: Callable, where: str = "true") -> dict[str, int]:
    return {layer: ask(f"SELECT count(*) FROM cadastre.{layer} WHERE {where}")[0][0] for layer in LAYOUTS}


def expected(world, *communes: str) -> dict[str, int]:
    return {
        layer: sum(getattr(one, "commune", getattr(one, "code", None)) in communes for one in getattr(world, layer))
        for layer in LAYOUTS
    }


COLUMNS = {
    "communes": "id, upper(nom)",
    "sections": "id, prefixe, section",
    "feuilles": "id, section, feuille, qualite, mode_confection, echelle",
    "parcelles": "id, numero, contenance, arpente, creation, mise_a_jour",
    "batiments": "type, nom",
    "lieux_dits": "nom",
    "subdivisions_fiscales": "parcelle, lettre",
}


def said(ask: Callable) -> dict[str, list[tuple]]:
    """What is served of each layer, whatever numbers its objects bear."""
    return {layer: sorted(ask(f"SELECT {names} FROM cadastre.{layer}"), key=repr) for layer, names in COLUMNS.items()}


def departement(folder: Path, layer: str, change: Callable = lambda _: None) -> Path:
    """Write one layer of both communes as one file."""
    features = []
    for code in (A, B):
        content = gzip.decompress((SAMPLES / "etalab" / f"cadastre-{code}-{layer}.json.gz").read_bytes())
        features += json.loads(content)["features"]
    change(features)
    path = folder / f"cadastre-85-{layer}.json"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), "utf-8")
    return path


def balanced(report) -> bool:
    totals = report.totals().values()
    return all(one.read == one.loaded + one.rejected + one.seen_again for one in totals)


def test_every_layer_of_a_commune_is_loaded_as_the_sheets_have_it(cadastre, ask, world):
    report = cadastre(*WHOLE)
    assert report.exit_code == 0, str(report)
    assert balanced(report)
    assert counts(ask) == expected(world, A)
    given = said(ask)
    assert cadastre(*TOWN, edition=date(2026, 9, 1)).exit_code == 0
    assert given == said(ask)
    assert not any(counts(ask, "unite LIKE 'etalab-%'").values())


def test_sheets_win_over_a_newer_file_that_comes_after_or_with_them(cadastre, ask, world):
    assert cadastre(*TOWN, *WHOLE).exit_code in (0, 4)
    assert counts(ask) == expected(world, A)
    assert not any(counts(ask, "unite LIKE 'etalab-%'").values())
    report = cadastre(*WHOLE)
    assert report.exit_code == 4
    assert str(report).count("EDIGEO fait foi") == len(WHOLE)
    buildings = next(path for path in WHOLE if "batiments" in path.name)
    assert "doublerait" in str(cadastre(buildings, force=True))
    assert counts(ask) == expected(world, A)


def test_a_sheet_takes_its_own_ground_of_every_layer(cadastre, ask, world):
    cadastre(*WHOLE)
    assert cadastre(SHEET, edition=None).exit_code == 0
    assert counts(ask) == expected(world, A)
    assert counts(ask, "unite LIKE '%AB01'")["batiments"] == sum(one.sheet == f"{A}000AB01" for one in world.batiments)


def test_a_departement_is_cut_by_commune_and_leaves_those_of_the_sheets(cadastre, ask, world, tmp_path):
    cadastre(*TOWN, edition=None)
    files = [departement(tmp_path, layer) for layer in LAYOUTS]
    report = cadastre(*files)
    assert report.exit_code == 0, str(report)
    assert balanced(report)
    assert counts(ask, f"commune = '{A}'") == counts(ask, f"commune = '{A}' AND unite NOT LIKE 'etalab-%'")
    assert counts(ask) == expected(world, A, B)
    left = {layer: counts.seen_again for layer, counts in report.totals().items()}
    assert left == expected(world, A)
    assert "laissé(s) à EDIGEO" in str(report)
    assert ask(f"SELECT count(*) FROM etl.published WHERE commune = '{A}' AND unit LIKE 'etalab%'") == [(0,)]
    assert ask("SELECT commune FROM cadastre.anomalies WHERE unite LIKE 'etalab%' AND commune <> '85902'") == []
    scores = ask("SELECT commune, unit LIKE 'etalab-%' FROM etl.scores WHERE unit <> commune ORDER BY 1")
    assert set(scores) == {(A, False), (B, True)}
    assert report.scores().keys() == {A, B}
    assert cadastre(*files).exit_code == 0
    assert counts(ask) == expected(world, A, B)


def test_objects_of_nowhere_are_rejected_with_the_reason(cadastre, ask, tmp_path):
    def spoil(features):
        features[0]["properties"].pop("commune")
        features[1]["properties"]["commune"] = "44001"
        features[2]["geometry"] = None

    report = cadastre(departement(tmp_path, "batiments", spoil))
    assert balanced(report)
    reasons = sorted(reason for (reason,) in ask("SELECT reason FROM etl.rejects"))
    assert reasons[:1] == ["commune absente ou incorrecte"]
    assert "hors du département du fichier (85)" in reasons
    assert len(reasons) == 3


def test_a_layer_that_is_left_out_is_said(cadastre, tmp_path):
    path = tmp_path / f"cadastre-{A}-prefixes_sections.json"
    path.write_text('{"type": "FeatureCollection", "features": []}', "utf-8")
    report = cadastre(path)
    assert "couche laissée de côté" in str(report)


def test_a_raw_layer_is_refused_with_what_to_load_instead(cadastre, tmp_path):
    path = tmp_path / f"pci-{A}-commune.json"
    path.write_text('{"type": "FeatureCollection", "features": []}', "utf-8")
    report = cadastre(path)
    assert report.exit_code == 4
    assert "produit brut d'Etalab (pci-…) : chargez la couche « cadastre-… »" in str(report)


def test_a_file_of_a_departement_is_read_commune_by_commune_and_judged_as_theirs_are(cadastre, ask, tmp_path):
    whole = departement(tmp_path, "parcelles", lambda features: features[0]["properties"].update(contenance=0))
    together = cadastre(whole)
    judged = ask("SELECT id, message FROM cadastre.anomalies ORDER BY 1")
    scores = ask("SELECT unit, commune, score, objects FROM etl.scores ORDER BY 1")
    assert (f"etalab-{A}-contenance_nulle-1" in dict(judged), len(scores)) == (True, 4)
    assert {unit.name for unit in together.units} == {f"etalab-{A}", f"etalab-{B}"}
    features = json.loads(whole.read_text("utf-8"))["features"]
    for code in (A, B):
        own = [one for one in features if one["properties"]["commune"] == code]
        path = tmp_path / f"cadastre-{code}-parcelles.json"
        path.write_text(json.dumps({"type": "FeatureCollection", "features": own}), "utf-8")
        assert cadastre(path, force=True).exit_code == 0
    assert ask("SELECT id, message FROM cadastre.anomalies ORDER BY 1") == judged
    assert ask("SELECT unit, commune, score, objects FROM etl.scores ORDER BY 1") == scores


def test_fiscal_subdivisions_say_no_commune_and_take_that_of_their_parcel_or_file(cadastre, ask, world, tmp_path):
    def orphan(features):
        assert not any("commune" in one["properties"] for one in features)
        features[0]["properties"].pop("parcelle")

    report = cadastre(departement(tmp_path, "subdivisions_fiscales", orphan))
    assert [reject.reason for unit in report.units for reject in unit.rejects] == ["commune absente ou incorrecte"]
    own = {one.parcelle for one in world.subdivisions_fiscales if one.commune == B}
    assert {
        parcel for (parcel,) in ask(f"SELECT parcelle FROM cadastre.subdivisions_fiscales WHERE commune = '{B}'")
    } == own


def without(code: str, folder: Path, gone: str, come: str) -> Path:
    """Write the parcels of a commune without one of them, and with one of another number."""
    content = gzip.decompress((SAMPLES / "etalab" / f"cadastre-{code}-parcelles.json.gz").read_bytes()).decode()
    path = folder / f"cadastre-{code}-parcelles.json"
    path.write_text(content.replace(gone, come).replace('"numero":"1"', '"numero":"999"', 1), "utf-8")
    return path


FIRST, OTHER = f"{A}000AB0001", f"{A}000AB0999"
SAYS = f"1 chez Etalab seul ({OTHER}), 1 chez EDIGEO seul ({FIRST})"


def test_the_report_says_what_a_refused_file_has_and_what_it_lacks(cadastre, ask, tmp_path):
    cadastre(*TOWN, edition=None)
    report = cadastre(without(A, tmp_path, FIRST, OTHER))
    assert report.exit_code == 4
    assert SAYS in str(report)
    assert SAYS in ask("SELECT report::text FROM etl.deliveries ORDER BY id DESC LIMIT 1")[0][0]
    sections = next(path for path in WHOLE if "sections" in path.name)
    assert f"sections de {A} : les 3 mêmes chez EDIGEO et Etalab" in str(cadastre(sections))


def test_it_says_so_of_a_departement_and_of_sheets_that_come_with_or_after_the_file(cadastre, tmp_path):
    file = without(A, tmp_path, FIRST, OTHER)
    assert SAYS in str(cadastre(*TOWN, file, edition=None))
    whole = tmp_path / "cadastre-85-parcelles.json"
    file.rename(whole)
    assert SAYS in str(cadastre(whole))


def test_sheets_that_come_after_the_file_say_which_of_its_parcels_they_lack(cadastre, tmp_path):
    cadastre(without(A, tmp_path, FIRST, OTHER), edition=date(2026, 1, 1))
    words = f"parcelles de {A} : 1 qu'Etalab donnait ne sont dans aucune feuille ({OTHER})"
    assert words in str(cadastre(*TOWN, edition=None))


@pytest.mark.parametrize("place", [A, "85"])
def test_a_layer_without_objects_is_refused_and_not_passed_over(cadastre, tmp_path, place):
    path = tmp_path / f"cadastre-{place}-parcelles.json"
    path.write_text('{"type": "FeatureCollection", "features": []}', "utf-8")
    report = cadastre(path)
    assert (report.exit_code, len(report.units)) == (4, 1)
    assert path.name in str(report)


def test_a_layer_of_another_maker_is_told_from_etalabs(cadastre, tmp_path):
    path = tmp_path / f"cadastre-{A}-communes.json"
    feature = {"type": "Feature", "properties": {"IDU": "901"}, "geometry": {"type": "Point", "coordinates": [0, 47]}}
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}), "utf-8")
    assert "pas une couche d'Etalab" in str(cadastre(path))


def test_a_long_name_and_two_readers_change_nothing_of_what_is_read(database, ask, world, tmp_path):
    whole = departement(tmp_path, "parcelles")
    long = whole.rename(tmp_path / f"{'extrait-' * 28}cadastre-85-parcelles.json")
    report = load("cadastre", [long, SHEET], Options(edition=DAY), database, jobs=2)
    assert report.exit_code == 0, str(report)
    assert counts(ask)["parcelles"] == expected(world, B)["parcelles"] + sum(
        one.sheet == f"{A}000AB01" for one in world.parcelles
    )
