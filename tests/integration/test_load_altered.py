"""What the fuzzer found: each fell in silence, crashed or cost more than itself; now it is refused in words."""

import gzip
import os
import re
from pathlib import Path

import pytest

from catalog.settings import Settings
from etl.pipeline import load
from etl.sources import Options
from tests.integration.test_load_broken import OUTPUT, SQUARE, Broken, counts, parcels, unpacked


def without_a_vector_member(folder: Path) -> Path:
    lot = unpacked(folder)
    next(lot.glob("*T2.VEC")).unlink()
    return lot


def with_a_line_cut_short(folder: Path) -> Path:
    lot = unpacked(folder)
    path = next(lot.glob("*T1.VEC"))
    path.write_bytes(path.read_bytes().replace(b"ATVST12:901000AB0001", b"ATVST12:901000AB00", 1))
    return lot


def with_a_record_of_no_kind(folder: Path) -> Path:
    lot = unpacked(folder)
    path = next(lot.glob("*S1.VEC"))
    path.write_bytes(path.read_bytes().replace(b"RTYSA03:FEA", b"RTYSA03:FEB", 1))
    return lot


def named_in_latin_1(folder: Path) -> Path:
    path = folder / os.fsdecode(b"edigeo-85901000AB01 livr\xe9\nREFUS.tar.bz2")
    path.write_bytes(b"BZh9 no archive")
    return path


ALTERED: dict[str, tuple[Broken, str]] = {
    "a vector member that the entry announces": (without_a_vector_member, "il manque EDAB01T2.VEC"),
    "a value cut short": (with_a_line_cut_short, "altérée (ATV : 12 caractères annoncés, 10 trouvés)"),
    "an object whose record is of no kind": (with_a_record_of_no_kind, "objets annoncés"),
    "a name that is no UTF-8, of two lines": (named_in_latin_1, "livr? REFUS.tar.bz2 : "),
}


@pytest.mark.parametrize("case", ALTERED)
def test_what_fell_in_silence_or_crashed_once_is_refused_in_words(case: str, loaded: Settings, tmp_path: Path) -> None:
    broken, words = ALTERED[case]
    before = counts(loaded)
    report = load("cadastre", [broken(tmp_path)], Options(force=True), loaded)
    assert report.exit_code == 4
    assert words in str(report)
    assert counts(loaded) == before


def test_one_place_that_is_none_costs_its_object_and_not_the_layer(database: Settings, tmp_path: Path) -> None:
    path = tmp_path / "cadastre-85999-parcelles.json.gz"
    far = [(1e300, 46.67), *SQUARE[1:-1], (1e300, 46.67)]
    rings = [SQUARE, far, [(x, y + 0.01) for x, y in SQUARE]]
    path.write_bytes(parcels(*((f"859990000A000{number}", ring) for number, ring in enumerate(rings, 1))))
    report = load("cadastre", [path], Options(), database)
    assert report.exit_code == 3
    assert [reject.object for unit in report.units for reject in unit.rejects] == ["859990000A0002"]


def test_a_geometry_that_gdal_refuses_is_told_in_its_words_or_ours_where_it_has_none(
    loaded: Settings, tmp_path: Path
) -> None:
    path = tmp_path / "cadastre-85999-parcelles.json"
    path.write_bytes(gzip.decompress(parcels(("859990000A0001", SQUARE))).replace(b'"Polygon"', b'"LineString"'))
    report = load("cadastre", [path], Options(), loaded)
    told = str(report)
    assert any(words in told for words in ("(un objet y est mal formé)", "Invalid 'x' coordinate"))  # GDAL 3.6, 3.10
    assert told.strip().endswith("demandez-le de nouveau")


def test_a_file_of_legal_persons_with_ends_of_line_of_old_is_refused_in_words(loaded: Settings, tmp_path: Path) -> None:
    path = tmp_path / "PM_26_NB_850.csv"
    path.write_bytes((OUTPUT / "personnes_morales" / path.name).read_bytes().replace(b"\n", b"\r"))
    report = load("personnes_morales", [path], Options(), loaded)
    assert (report.exit_code, "retour chariot seul" in str(report)) == (4, True)


def test_an_edition_of_another_century_is_refused_before_it_makes_every_true_one_older(
    database: Settings, tmp_path: Path
) -> None:
    lot = unpacked(tmp_path)
    path = next(lot.glob("*.THF"))
    path.write_bytes(re.sub(rb"(TDASD08:)\d{8}", rb"\g<1>20991231", path.read_bytes()))
    before = counts(database)
    refused = load("cadastre", [lot], Options(), database)
    assert refused.exit_code == 4
    assert "édition du 31/12/2099, à venir dans plus d'un an : date fausse ? --force pour l'imposer" in str(refused)
    assert counts(database) == before
    assert load("cadastre", [lot], Options(force=True), database).exit_code == 0
