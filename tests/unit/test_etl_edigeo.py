"""An EDIGEO lot is read whole, or refused with what is missing."""

import random
import re
import tarfile
from collections.abc import Callable
from datetime import date
from pathlib import Path

import numpy as np
import pytest
import shapely

from catalog.errors import DeliveryError
from etl import deliveries, edigeo
from etl.cadastre import find_sheet, rows
from etl.deliveries import Lot
from etl.edigeo import Lead, Thing, lead, parse_date
from etl.edigeo_classes import LAYERS
from etl.edigeo_text import Content, meanings
from etl.nursery import Nursery
from etl.report import Unit
from tests.conftest import let_others_in

SAMPLES = Path(__file__).parents[2] / "data_samples" / "output" / "cadastre"
SHEET = "edigeo-85901000AB01"
Change = Callable[[Path], object]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A sheet of the samples, unpacked, to be broken."""
    target = tmp_path / SHEET
    with tarfile.open(SAMPLES / f"{SHEET}.tar.bz2") as archive:
        archive.extractall(target, filter="data")
    return target


def lot_of(folder: Path) -> Lot:
    """The lot that a folder is."""
    let_others_in(folder)  # the confined child may be another user
    (entry,) = folder.glob("*.THF")
    return Lot(f"{folder.name}/{entry.name}", entry, tuple(sorted(folder.iterdir())), date(2026, 11, 23))


def things(lot: Lot, known: Lead) -> list[Thing]:
    """Read the objects of a lot."""
    with Nursery() as nursery:
        return edigeo.things(lot, known, nursery)


def rewrite(folder: Path, pattern: str, change: Callable[[bytes], bytes]) -> None:
    """Change the content of some members of a lot."""
    for path in folder.glob(pattern):
        path.write_bytes(change(path.read_bytes()))


def test_a_lot_says_its_date_and_its_system(folder: Path) -> None:
    known = lead(lot_of(folder))
    assert known.edition == date(2026, 7, 1)
    assert known.crs == "EPSG:2154"
    assert known.sheets == ("901000AB01",)


def test_every_object_of_the_text_comes_back_from_gdal(folder: Path) -> None:
    lot = lot_of(folder)
    known = lead(lot)
    found = things(lot, known)
    for layer in LAYERS:
        assert {one.rid for one in found if one.layer == layer} == set(known.objects.get(layer, ()))
    assert len(known.objects["PARCELLE_id"]) > 50
    assert not edigeo.lost(known, found)


def test_tax_subdivisions_are_tied_to_their_parcels(tmp_path: Path) -> None:
    for archive in sorted(SAMPLES.glob("*.tar.bz2")):
        with tarfile.open(archive) as content:
            content.extractall(tmp_path / archive.name, filter="data")
        known = lead(lot_of(tmp_path / archive.name))
        tied = {origin for origin, _ in known.content.links.get("SUBDFISC_PARCELLE", ())}
        assert tied == set(known.objects.get("SUBDFISC_id", ()))


@pytest.mark.parametrize("suffix", ["DIC", "GEN", "SCD", "GEO", "VEC"])
def test_a_lot_without_one_of_its_members_is_refused_and_says_which(folder: Path, suffix: str) -> None:
    for path in folder.glob(f"*.{suffix}"):
        path.unlink()
    with pytest.raises(DeliveryError, match=rf"il manque \.{suffix}"):
        lead(lot_of(folder))


def test_an_entry_alone_is_refused(folder: Path) -> None:
    for path in folder.iterdir():
        if path.suffix != ".THF":
            path.unlink()
    with pytest.raises(DeliveryError, match="incomplet"):
        lead(lot_of(folder))


def test_a_lot_saved_again_in_utf_8_is_refused_since_areas_would_be_lost(folder: Path) -> None:
    rewrite(folder, "*", lambda content: content.decode("latin-1").encode("utf-8"))
    with pytest.raises(DeliveryError, match="réenregistré en UTF-8"):
        lead(lot_of(folder))


@pytest.mark.parametrize("member", ["*T1.VEC", "*S1.VEC", "*.SCD", "*.THF"])
def test_a_member_that_is_cut_is_refused(folder: Path, member: str) -> None:
    rewrite(folder, member, lambda content: content[: len(content) * 6 // 10])
    with pytest.raises(DeliveryError, match="fichier coupé"):
        lead(lot_of(folder))


def test_an_object_that_gdal_does_not_give_is_known_as_lost(folder: Path) -> None:
    lot = lot_of(folder)
    known = lead(lot)
    found = things(lot, known)
    gone = next(one for one in found if one.layer == "PARCELLE_id")
    found.remove(gone)
    assert edigeo.lost(known, found) == [("PARCELLE_id", gone.rid)]


def test_a_class_of_which_nothing_comes_back_refuses_the_lot(folder: Path) -> None:
    lot = lot_of(folder)
    known = lead(lot)
    found = [one for one in things(lot, known) if one.layer != "PARCELLE_id"]
    with pytest.raises(
        DeliveryError, match=f"{len(known.objects['PARCELLE_id'])} objets PARCELLE_id dans le texte, aucun"
    ):
        edigeo.refuse_lost_layers(lot, known, found)


def test_an_unknown_system_of_coordinates_is_named(folder: Path) -> None:
    rewrite(folder, "*.GEO", lambda content: content.replace(b"RELSA06:LAMB93", b"RELSA06:LUNE42"))
    with pytest.raises(DeliveryError, match="LUNE42"):
        lead(lot_of(folder))


@pytest.mark.parametrize(
    ("code", "crs"), [("LAMB2", "EPSG:27562"), ("RGF93CC49", "EPSG:3949"), ("LAMB93", "EPSG:2154")]
)
def test_the_code_of_the_lot_gives_the_system(code: str, crs: str) -> None:
    assert edigeo.crs([("REL", code)], "lot") == crs


def test_a_lot_without_date_of_export_is_refused(folder: Path) -> None:
    rewrite(folder, "*.THF", lambda content: re.sub(rb"TDASD08:\d{8}", b"TDASD08:Absent  ", content))
    with pytest.raises(DeliveryError, match="TDASD"):
        lead(lot_of(folder))


@pytest.mark.parametrize("text", ["Absent", "", None, "2024", "20240231", 0])
def test_what_is_no_day_is_no_date(text: object) -> None:
    assert parse_date(text) is None


def test_a_day_is_read_from_text_or_number() -> None:
    assert parse_date("20240116") == parse_date(20240116) == date(2024, 1, 16)


def test_the_date_absent_of_real_sheets_does_not_stop_the_lot(folder: Path) -> None:
    rewrite(folder, "*.QAL", lambda content: re.sub(rb"D(\d\d):\d{8}", b"D06:Absent", content))
    lot = lot_of(folder)
    known = lead(lot)
    found = things(lot, known)
    assert len(found) == sum(len(known.objects.get(layer, ())) for layer in LAYERS)


def test_an_object_of_several_faces_is_one_though_gdal_gives_each_by_itself(folder: Path) -> None:
    lot = lot_of(folder)
    before = {one.rid: shapely.from_wkb(one.wkb) for one in things(lot, lead(lot)) if one.layer == "BATIMENT_id"}
    first, second = list(before)[:2]
    rewrite(folder, "*T1.VEC", lambda content: with_face_of(content, first, second))
    rewrite(folder, "*S1.VEC", lambda content: with_face_of(content, first, second))
    found = [one for one in things(lot_of(folder), lead(lot_of(folder))) if one.layer == "BATIMENT_id"]
    after = {one.rid: shapely.from_wkb(one.wkb) for one in found}
    assert len(found) == len(before)
    assert after[first].area == pytest.approx(before[first].union(before[second]).area)
    assert after[second].equals(before[second])


def with_face_of(content: bytes, first: str, second: str) -> bytes:
    """Tie an object to the face of another too."""
    links = [block for block in re.split(rb"(?=RTYSA03:)", content) if b";PFE;" in block and b"RTYSA03:LNK" in block]
    found = [block for block in links if f";FEA;{second}\r".encode() in block]
    if not found:
        return content
    (block,) = found
    value = re.search(rb"FTPCP\d\d:(\S*;FEA;\S+)", block)[1].replace(second.encode(), first.encode())
    block = re.sub(rb"FTPCP\d\d:\S*;FEA;\S+", b"FTPCP%02d:%s" % (len(value), value), block)
    block = re.sub(rb"RIDSA\d\d:\S+", b"RIDSA05:Extra", block)
    end = content.rindex(b"EOMT")
    return content[:end] + block.partition(b"EOMT")[0] + content[end:]


@pytest.mark.parametrize("seed", range(12))
def test_a_damaged_lot_is_read_or_refused_and_nothing_else_happens(seed: int, folder: Path) -> None:
    chance = random.Random(seed)
    for path in folder.iterdir():
        content = bytearray(path.read_bytes())
        for _ in range(chance.choice([0, 1, 5])):
            place, other = chance.randrange(len(content)), chance.randrange(len(content))
            piece = chance.choice(
                [b"nan", b"-1e308", b"9" * 20, b"\0", b";", b"\r\n", bytes(content[other : other + 80])]
            )
            content[place : place + chance.choice([0, 1, 40])] = piece
        path.write_bytes(content)
    try:
        lot = lot_of(folder)
        known = lead(lot)
        rows(
            find_sheet(lot.name, known, None), known, things(lot, known), Unit("85901000AB01", lot.name), lambda _: None
        )
    except DeliveryError as refusal:
        assert refusal.file


def test_links_are_pairs_of_objects() -> None:
    content = Content()
    for relation, *ends in (
        ("SUBDFISC_PARCELLE", "Objet_1", "Objet_2"),
        ("BORNE_PARCELLE", "Objet_3", "Objet_4"),
        ("BORNE_PARCELLE", "Objet_5"),
    ):
        pointers = "".join(f"FTPCP24:EDAB01;SeTOP_1;FEA;{end}\n" for end in ends)
        content.add(f"\nRTYSA03:LNK\nRIDSA01:L\nSCPCP33:EDAB01;SeSD;ASS;{relation}\nFTCSN01:2\n{pointers}")
    assert content.links == {
        "SUBDFISC_PARCELLE": [("Objet_1", "Objet_2")],
        "BORNE_PARCELLE": [("Objet_3", "Objet_4")],
    }


def test_the_dictionary_says_what_codes_stand_for_however_long() -> None:
    text = [
        ("LAB", "SYM"),
        ("AVL", "12"),
        ("AVD", "Calvaire"),
        ("AVL", "73"),
        ("AVD", "Point borné de can"),
        ("NEX", "evas"),
    ]
    assert meanings(text) == {("SYM", "12"): "Calvaire", ("SYM", "73"): "Point borné de canevas"}


def test_real_sheets_are_read_whole(shared_data: Path) -> None:
    main = lambda path: path.suffix.upper() == ".THF"  # noqa: E731 (as the pipeline has it)
    seen = 0
    for source in deliveries.sources([shared_data / "edigeo"]):
        with deliveries.opened(source, main) as lots:
            for lot in lots:
                known = lead(lot)
                assert not edigeo.lost(known, things(lot, known))
                seen += 1
    assert seen == 11


@pytest.mark.parametrize("name", ["edigeo_missing_members", "edigeo_stub", "edigeo_thf_only"])
def test_real_broken_lots_are_refused(name: str, shared_data: Path) -> None:
    main = lambda path: path.suffix.upper() == ".THF"  # noqa: E731 (as the pipeline has it)
    with deliveries.opened(shared_data / "edgy" / name, main) as lots:
        assert lots
        for lot in lots:
            with pytest.raises(DeliveryError, match="incomplet"):
                lead(lot)


def test_faces_whose_coordinates_are_no_numbers_are_put_together_all_the_same() -> None:
    """As warnings are errors here, one that GEOS gives would be seen."""
    with np.errstate(invalid="ignore"):
        crooked = shapely.Polygon([(0, 0), (1, float("nan")), (1, 1)])
    faces = [shapely.to_wkb(shape) for shape in (shapely.box(0, 0, 1, 1), crooked)]
    one = edigeo.united([Thing("PARCELLE_id", "Objet_1", {}, wkb) for wkb in faces])
    with np.errstate(invalid="ignore"):
        assert len(shapely.get_parts(shapely.from_wkb(one.wkb))) == 2
