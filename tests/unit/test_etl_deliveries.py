"""Deliveries are archives, folders or files; each lot is opened in a folder of its own."""

import io
import os
import tarfile
import zipfile
from pathlib import Path

import pytest

from catalog.errors import DeliveryError
from etl import deliveries
from etl.deliveries import Selector, delivery_checksum, opened, sources
from hunter.members import TODAY


def entry(path: Path) -> bool:
    return path.suffix.lower() == ".thf"


def image(path: Path) -> bool:
    return path.suffix.lower() in (".tif", ".shp")


def packed(path: Path, *names: str, content: bytes = b"x") -> Path:
    with tarfile.open(path, "w:bz2") as archive:
        for name in names:
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return path


def test_an_archive_gives_a_lot_named_by_it(tmp_path: Path) -> None:
    source = packed(tmp_path / "edigeo-85901000AB01.tar.bz2", "E.THF", "T1.VEC")
    with opened(source, entry) as (lot,):
        assert lot.name == "edigeo-85901000AB01.tar.bz2/E.THF"
        assert sorted(path.name for path in lot.files) == ["E.THF", "T1.VEC"]
        assert all(path.parent == lot.folder for path in lot.files)


def test_nothing_stays_after_it(tmp_path: Path) -> None:
    with opened(packed(tmp_path / "a.tar.bz2", "E.THF"), entry) as (lot,):
        folder = lot.folder
    assert not folder.exists()


def test_what_a_killed_load_left_is_swept_and_no_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deliveries.tempfile, "gettempdir", lambda: str(tmp_path))
    monkeypatch.setattr(deliveries, "running", lambda process: process == 42)
    for name in ("geosocle-livraison-41-x", "geosocle-livraison-42-x", "geosocle-livraison-y-x", "geosocle-other"):
        (tmp_path / name / "folder").mkdir(parents=True)
    deliveries.sweep()
    left = {path.name for path in tmp_path.iterdir()}
    assert left == {"geosocle-livraison-42-x", "geosocle-livraison-y-x", "geosocle-other"}


def test_a_process_is_known_to_run() -> None:
    assert deliveries.running(os.getpid())
    assert not deliveries.running(2**22 + 1)


def test_a_folder_keeps_the_names_of_its_folders(tmp_path: Path) -> None:
    sheet = tmp_path / "edigeo-740240000A01 2"
    sheet.mkdir()
    (sheet / "E.THF").write_text("x")
    (sheet / "T1.VEC").write_text("x")
    with opened(sheet, entry) as (lot,):
        assert lot.name == "edigeo-740240000A01 2/E.THF"
    with opened(sheet / "E.THF", entry) as (lot,):
        assert lot.name == "edigeo-740240000A01 2/E.THF"
        assert len(lot.files) == 2


def test_the_original_is_left_as_it_was(tmp_path: Path) -> None:
    (tmp_path / "a.tif").write_text("x")
    with opened(tmp_path / "a.tif", image) as (lot,):
        assert lot.path != tmp_path / "a.tif"
    assert (tmp_path / "a.tif").read_text() == "x"


def test_archives_in_an_archive_are_opened_too(tmp_path: Path) -> None:
    inner = [packed(tmp_path / f"edigeo-8590{n}000AB01.tar.bz2", "E.THF").read_bytes() for n in (1, 2)]
    outer = tmp_path / "dep85.zip"
    with zipfile.ZipFile(outer, "w") as archive:
        for number, content in enumerate(inner, 1):
            archive.writestr(f"8590{number}/edigeo-8590{number}000AB01.tar.bz2", content)
    with opened(outer, entry) as lots:
        assert sorted(lot.name.split("/")[-2] for lot in lots) == [
            "edigeo-85901000AB01.tar.bz2",
            "edigeo-85902000AB01.tar.bz2",
        ]


def test_a_member_that_stands_where_another_is_unpacked_is_refused(tmp_path: Path) -> None:
    inner = packed(tmp_path / "0.tar.bz2", "E.THF").read_bytes()
    with zipfile.ZipFile(tmp_path / "lot.zip", "w") as archive:
        archive.writestr("0.tar.bz2", inner)
        archive.writestr("archives", b"x")
    with pytest.raises(DeliveryError, match="même nom"), opened(tmp_path / "lot.zip", entry):
        pass


def test_archives_are_not_opened_without_end(tmp_path: Path) -> None:
    content = packed(tmp_path / "0.tar.bz2", "E.THF").read_bytes()
    for depth in range(1, 6):
        content = packed(tmp_path / f"{depth}.tar.bz2", f"{depth - 1}.tar.bz2", content=content).read_bytes()
    with pytest.raises(DeliveryError, match="emboîtées"), opened(tmp_path / "5.tar.bz2", entry):
        pass


def test_a_folder_gives_each_archive_by_itself_and_its_loose_files_together(tmp_path: Path) -> None:
    packed(tmp_path / "a.tar.bz2", "E.THF")
    (tmp_path / "b.tif").write_text("x")
    assert sources([tmp_path]) == [tmp_path / "a.tar.bz2", tmp_path]
    with opened(tmp_path, image) as (lot,):
        assert lot.path.name == "b.tif"


def test_an_empty_folder_is_a_source_that_holds_nothing(tmp_path: Path) -> None:
    assert sources([tmp_path]) == [tmp_path]
    with opened(tmp_path, entry) as lots:
        assert lots == []


def test_sheets_unpacked_into_one_folder_are_told_apart(tmp_path: Path) -> None:
    for sheet in ("AB01", "ZI01"):
        (tmp_path / f"E000{sheet}.THF").write_bytes(f"RTYSA03:GTL\r\nLONSA06:ED{sheet}\r\n".encode())
        for member in ("SE.GEN", "T1.VEC"):
            (tmp_path / f"ED{sheet}{member}").write_text("x")
    with opened(tmp_path, entry) as lots:
        assert [sorted(path.name for path in lot.files) for lot in lots] == [
            ["E000AB01.THF", "EDAB01SE.GEN", "EDAB01T1.VEC"],
            ["E000ZI01.THF", "EDZI01SE.GEN", "EDZI01T1.VEC"],
        ]


def test_a_file_comes_with_those_that_go_with_it_and_no_other(tmp_path: Path) -> None:
    for name in ("a[1].shp", "a[1].dbf", "a[1].PRJ", "a[1].aux.xml", "a[1].vrt", "b.dbf"):
        (tmp_path / name).write_text("x")
    with opened(tmp_path / "a[1].shp", image) as (lot,):
        assert sorted(path.name for path in lot.files) == ["a[1].PRJ", "a[1].dbf", "a[1].shp"]


def test_what_some_systems_leave_in_archives_is_no_lot(tmp_path: Path) -> None:
    source = packed(tmp_path / "a.tar.bz2", "d/E.THF", "d/._E.THF", "__MACOSX/E.THF")
    with opened(source, entry) as lots:
        assert len(lots) == 1


def test_a_checksum_is_that_of_the_content_however_it_is_packed(tmp_path: Path) -> None:
    one = packed(tmp_path / "one.tar.bz2", "E.THF", "T1.VEC")
    two = packed(tmp_path / "two.tar.bz2", "folder/T1.VEC", "folder/E.THF")
    with opened(one, entry) as (first,), opened(two, entry) as (second,):
        assert first.sha256 == second.sha256
    with opened(packed(tmp_path / "three.tar.bz2", "E.THF", "T1.VEC", content=b"y"), entry) as (third,):
        assert third.sha256 != first_sum(one)


def first_sum(source: Path) -> str:
    with opened(source, entry) as (lot,):
        return lot.sha256


def test_a_delivery_has_one_checksum_whatever_the_order(tmp_path: Path) -> None:
    one, two = packed(tmp_path / "1.tar.bz2", "a"), packed(tmp_path / "2.tar.bz2", "b")
    whole = delivery_checksum([one, two], entry)
    assert whole == delivery_checksum([two, one], entry) == delivery_checksum([tmp_path], entry)
    assert delivery_checksum([one], entry) != delivery_checksum([two], entry)


@pytest.mark.parametrize(
    ("named", "beside", "main"), [("a.shp", "a.dbf", image), ("a.tif", "a.tfw", image), ("E.THF", "T1.VEC", entry)]
)
def test_what_is_read_along_counts_in_the_checksum(named: str, beside: str, main: Selector, tmp_path: Path) -> None:
    (tmp_path / named).write_text("x")
    (tmp_path / beside).write_text("before")
    before = delivery_checksum([tmp_path / named], main)
    assert before == delivery_checksum([tmp_path / named, tmp_path / named], main)
    (tmp_path / beside).write_text("after")
    assert delivery_checksum([tmp_path / named], main) != before


def test_a_missing_delivery_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DeliveryError, match="introuvable"):
        delivery_checksum([tmp_path / "nowhere"], entry)


def test_a_lot_knows_when_it_was_last_changed(tmp_path: Path) -> None:
    (tmp_path / "a.tif").write_text("x")
    with opened(tmp_path / "a.tif", image) as (lot,):
        assert abs((lot.modified - TODAY).days) <= 1


def test_a_name_that_is_no_text_is_shown_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "orthophoto-\udce9t\udce9.tif").write_text("x")
    with opened(tmp_path, image) as (lot,):
        assert lot.name.encode("utf-8")
    assert deliveries.hidden(Path("a/._b"))
