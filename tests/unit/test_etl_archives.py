"""Archives are opened safely: nothing outside, nothing but plain files, never more than the caps."""

import bz2
import gzip
import io
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from catalog.errors import DeliveryError
from etl import archives
from etl.archives import Caps, is_archive, kind_of, unpack

Maker = Callable[[Path, dict[str, bytes]], Path]


def make_zip(path: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def make_tar(path: Path, members: dict[str, bytes], mode: str = "w:bz2") -> Path:
    with tarfile.open(path, mode) as archive:
        for name, content in members.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return path


def tar_with(path: Path, kind: bytes, target: str = "/etc/passwd") -> Path:
    """A tar archive with one member that is no plain file."""
    with tarfile.open(path, "w") as archive:
        member = tarfile.TarInfo("member")
        member.type, member.linkname = kind, target
        archive.addfile(member)
    return path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "job").mkdir()
    return tmp_path / "job"


@pytest.fixture(params=[make_zip, make_tar], ids=["zip", "tar"])
def make(request: pytest.FixtureRequest) -> Maker:
    return request.param


def test_members_are_written_in_their_folders(make: Maker, tmp_path: Path, folder: Path) -> None:
    unpack(make(tmp_path / "a", {"b/c.txt": b"one", "d.txt": b"two"}), folder)
    assert (folder / "b" / "c.txt").read_bytes() == b"one"
    assert (folder / "d.txt").read_bytes() == b"two"


@pytest.mark.parametrize("name", ["../evil", "a/../../evil", "/tmp/evil", "..\\evil", "C:evil", "a\nb"])
def test_a_path_that_leaves_the_folder_is_refused(make: Maker, name: str, tmp_path: Path, folder: Path) -> None:
    with pytest.raises(DeliveryError, match="chemin interdit"):
        unpack(make(tmp_path / "a", {name: b"x"}), folder)
    assert not list(folder.rglob("*"))
    assert not (tmp_path / "evil").exists()


def test_the_refusal_names_the_file_and_the_member(tmp_path: Path, folder: Path) -> None:
    with pytest.raises(DeliveryError) as refused:
        unpack(make_zip(tmp_path / "livraison.zip", {"../evil": b"x"}), folder)
    assert (refused.value.file, refused.value.obj) == ("livraison.zip", "../evil")


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.FIFOTYPE])
def test_links_and_devices_are_refused(kind: bytes, tmp_path: Path, folder: Path) -> None:
    with pytest.raises(DeliveryError, match="lien, périphérique"):
        unpack(tar_with(tmp_path / "a.tar", kind), folder)
    assert not list(folder.rglob("*"))


def test_a_symbolic_link_in_a_zip_is_refused(tmp_path: Path, folder: Path) -> None:
    member = zipfile.ZipInfo("link")
    member.external_attr = 0o120777 << 16
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr(member, "/etc/passwd")
    with pytest.raises(DeliveryError, match="lien, périphérique"):
        unpack(tmp_path / "a.zip", folder)


def test_the_same_name_twice_is_refused_whatever_its_case(make: Maker, tmp_path: Path, folder: Path) -> None:
    with pytest.raises(DeliveryError, match="même nom"):
        unpack(make(tmp_path / "a", {"THF.txt": b"x", "thf.TXT": b"y"}), folder)


def test_too_many_members_are_refused(make: Maker, tmp_path: Path, folder: Path) -> None:
    members = {f"m{number}": b"" for number in range(20)}
    with pytest.raises(DeliveryError, match="plus de 10 membres"):
        unpack(make(tmp_path / "a", members), folder, Caps(members=10))


def test_too_many_bytes_are_refused_before_they_are_written(make: Maker, tmp_path: Path, folder: Path) -> None:
    with pytest.raises(DeliveryError, match="une fois décompressée"):
        unpack(make(tmp_path / "a", {"big": b"x" * 5_000_000}), folder, Caps(size=2_000_000))
    assert sum(path.stat().st_size for path in folder.rglob("*")) <= 2_000_000


def test_a_bomb_is_stopped_by_its_ratio(make: Maker, tmp_path: Path, folder: Path) -> None:
    with pytest.raises(DeliveryError, match="bombe"):
        unpack(make(tmp_path / "a", {"zeros": bytes(20 * 2**20)}), folder, Caps(free=2**20))
    assert sum(path.stat().st_size for path in folder.rglob("*")) < 8 * 2**20


def test_a_truncated_archive_is_refused(make: Maker, tmp_path: Path, folder: Path) -> None:
    noise = bytes(number * 7919 % 251 for number in range(200_000))
    path = make(tmp_path / "a", {"member": noise})
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 55 // 100])
    with pytest.raises(DeliveryError, match="tronquée"):
        unpack(path, folder)


def test_a_truncated_gzip_is_refused(tmp_path: Path, folder: Path) -> None:
    path = tmp_path / "cadastre-85901-parcelles.json.gz"
    path.write_bytes(gzip.compress(b'{"type": "FeatureCollection"}' * 999)[:60])
    with pytest.raises(DeliveryError, match="tronquée"):
        unpack(path, folder)


def test_a_gzip_of_one_file_gives_that_file(tmp_path: Path, folder: Path) -> None:
    path = tmp_path / "parcelles.json.gz"
    path.write_bytes(gzip.compress(b"{}"))
    unpack(path, folder)
    assert (folder / "parcelles.json").read_bytes() == b"{}"


@pytest.mark.parametrize(("mode", "kind"), [("w", "tar"), ("w:gz", "tar"), ("w:bz2", "tar"), ("w:xz", "tar")])
def test_an_archive_is_known_by_what_it_holds(mode: str, kind: str, tmp_path: Path, folder: Path) -> None:
    path = make_tar(tmp_path / "any-name.dat", {"m": b"x"}, mode)
    assert kind_of(path) == kind
    unpack(path, folder)
    assert (folder / "m").exists()


def test_plain_files_are_no_archives(tmp_path: Path) -> None:
    (tmp_path / "plain.zip").write_bytes(b"not at all")
    assert not is_archive(tmp_path / "plain.zip")
    assert not is_archive(tmp_path)


def test_a_zip_with_a_password_is_refused(tmp_path: Path, folder: Path) -> None:
    path = make_zip(tmp_path / "a.zip", {"m": b"x"})
    content = bytearray(path.read_bytes())
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(signature) + offset] |= 1
    path.write_bytes(content)
    with pytest.raises(DeliveryError, match="mot de passe"):
        unpack(path, folder)


def test_a_link_given_as_a_delivery_is_not_followed(tmp_path: Path, folder: Path) -> None:
    (tmp_path / "secret").write_text("secret", "utf-8")
    (tmp_path / "link.tif").symlink_to(tmp_path / "secret")
    with pytest.raises(DeliveryError, match="lien symbolique"):
        archives.copy([tmp_path / "link.tif"], folder)


def test_bytes_that_are_no_archive_are_refused_in_words(tmp_path: Path, folder: Path) -> None:
    (tmp_path / "a.tar.bz2").write_bytes(bz2.compress(b"no tar at all"))
    with pytest.raises(DeliveryError, match="tronquée ou corrompue"):
        unpack(tmp_path / "a.tar.bz2", folder)
