"""Archives are opened safely: nothing outside, nothing but plain files, never more than the caps."""

import bz2
import gzip
import io
import lzma
import tarfile
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path, PurePosixPath

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


def oversized(path: Path, kind: bytes, size: int = 128 * 2**20) -> Path:
    """A small compressed tar archive whose first header announces, and has, a content that tarfile reads whole."""
    member = tarfile.TarInfo("long")
    member.type, member.size = kind, size
    with gzip.open(path, "wb", compresslevel=1) as file:
        file.write(member.tobuf(tarfile.GNU_FORMAT))
        for _ in range(size // 2**20):
            file.write(bytes(2**20))
    return path


@pytest.mark.parametrize("kind", [tarfile.GNUTYPE_LONGNAME, tarfile.XHDTYPE, tarfile.XGLTYPE])
def test_a_header_of_many_megabytes_is_refused_before_it_is_in_memory(
    kind: bytes, tmp_path: Path, folder: Path
) -> None:
    path = oversized(tmp_path / "a.tar.gz", kind)
    tracemalloc.start()
    try:
        with pytest.raises(DeliveryError, match="en-tête démesuré"):
            unpack(path, folder)
        assert tracemalloc.get_traced_memory()[1] < 16 * 2**20
    finally:
        tracemalloc.stop()


def test_names_longer_than_a_header_holds_are_still_read(tmp_path: Path, folder: Path) -> None:
    name = "/".join(["dossier" * 12] * 4)
    for number, tar_format in enumerate((tarfile.GNU_FORMAT, tarfile.PAX_FORMAT)):
        with tarfile.open(tmp_path / "a.tar", "w", format=tar_format) as archive:
            archive.addfile(tarfile.TarInfo(f"{number}/{name}"))
        unpack(tmp_path / "a.tar", folder)
        assert (folder / str(number) / name).exists()


def sparse(path: Path, headers: dict[str, str] | None) -> Path:
    """A tar archive with a file that has holes: in the old way without headers, else in that of PAX."""
    member = tarfile.TarInfo("member")
    member.type = tarfile.REGTYPE if headers else tarfile.GNUTYPE_SPARSE
    member.pax_headers = headers or {}
    with tarfile.open(path, "w", format=tarfile.PAX_FORMAT if headers else tarfile.GNU_FORMAT) as archive:
        archive.addfile(member)
    return path


@pytest.mark.parametrize(
    "headers",
    [
        None,
        {"GNU.sparse.size": "0", "GNU.sparse.offset": "0", "GNU.sparse.numbytes": "0"},
        {"GNU.sparse.map": "0,0", "GNU.sparse.size": "0"},
        {"GNU.sparse.major": "1", "GNU.sparse.minor": "0", "GNU.sparse.realsize": "0"},
    ],
)
def test_a_file_with_holes_is_refused(headers: dict[str, str] | None, tmp_path: Path, folder: Path) -> None:
    with pytest.raises(DeliveryError, match="fichier à trous"):
        unpack(sparse(tmp_path / "a.tar", headers), folder)


def folders(path: Path, count: int) -> Path:
    """A tar archive of folders only."""
    with tarfile.open(path, "w:gz") as archive:
        for number in range(count):
            member = tarfile.TarInfo(f"d{number}")
            member.type = tarfile.DIRTYPE
            archive.addfile(member)
    return path


def test_folders_are_members_too(tmp_path: Path, folder: Path) -> None:
    with pytest.raises(DeliveryError, match="plus de 10 membres"):
        unpack(folders(tmp_path / "a", 20), folder, Caps(members=10))


def test_what_is_decompressed_counts_even_where_nothing_is_written(tmp_path: Path, folder: Path) -> None:
    with pytest.raises(DeliveryError, match="bombe"):
        unpack(folders(tmp_path / "a", 200), folder, Caps(free=2**14, ratio=2))


def test_the_attributes_of_one_header_are_not_kept_with_every_member(tmp_path: Path, folder: Path) -> None:
    attributes = {f"key{number}": "v" for number in range(5000)}
    with tarfile.open(tmp_path / "a.tar", "w", format=tarfile.PAX_FORMAT, pax_headers=attributes) as archive:
        for number in range(200):
            archive.addfile(tarfile.TarInfo(f"m{number}"))
    tracemalloc.start()
    try:
        unpack(tmp_path / "a.tar", folder)
        assert tracemalloc.get_traced_memory()[1] < 16 * 2**20
    finally:
        tracemalloc.stop()


def test_an_xz_archive_that_wants_a_huge_dictionary_is_refused(tmp_path: Path, folder: Path) -> None:
    plain = make_tar(tmp_path / "a.tar", {"m": b"x"}, "w")
    filters = [{"id": lzma.FILTER_LZMA2, "preset": 0, "dict_size": 2**28}]
    packed = lzma.LZMACompressor(filters=[{**filters[0], "mf": lzma.MF_HC3, "mode": lzma.MODE_FAST}])
    (tmp_path / "a.tar.xz").write_bytes(packed.compress(plain.read_bytes()) + packed.flush())
    with pytest.raises(DeliveryError, match="tronquée ou corrompue"):
        unpack(tmp_path / "a.tar.xz", folder)


def test_an_xz_archive_followed_by_another_is_refused(tmp_path: Path, folder: Path) -> None:
    packed = make_tar(tmp_path / "a", {"m": b"x"}, "w:xz").read_bytes()
    half = lzma.compress(lzma.decompress(packed)[:1024])
    (tmp_path / "b").write_bytes(half + packed)
    with pytest.raises(DeliveryError, match="tronquée ou corrompue"):
        unpack(tmp_path / "b", folder)


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_zip_that_cannot_be_decompressed_by_pieces_is_refused(method: int, tmp_path: Path, folder: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w", method) as archive:
        archive.writestr("m", bytes(1000))
    with pytest.raises(DeliveryError, match="compression zip"):
        unpack(tmp_path / "a.zip", folder)


@pytest.mark.parametrize("raised", [MemoryError, ValueError, RecursionError])
def test_whatever_a_broken_archive_raises_is_a_refusal(raised: type[Exception]) -> None:
    with pytest.raises(DeliveryError, match=r"a\.tar : archive tronquée"), archives.refusing("a.tar"):
        raise raised


def refused(path: Path, folder: Path) -> str:
    """Return the words with which an archive is refused."""
    with pytest.raises(DeliveryError) as refusal:
        unpack(path, folder)
    return str(refusal.value)


def test_a_refusal_names_the_member_and_no_folder_of_the_server(tmp_path: Path, folder: Path) -> None:
    path = make_tar(tmp_path / "a.tar", {"b/c": b"x", "b/C": b"y"})
    assert refused(path, folder) == "a.tar : b/C : deux membres portent le même nom : demandez l'archive de nouveau"


@pytest.mark.parametrize("names", [("a", "a/b"), ("a", "a/b/c"), ("a/b", "a")])
def test_a_file_where_a_folder_is_due_is_said_so(
    make: Maker, names: tuple[str, str], tmp_path: Path, folder: Path
) -> None:
    path = make(tmp_path / "x.dat", dict.fromkeys(names, b"x"))
    words = "un fichier et un dossier portent le même nom : demandez l'archive de nouveau"
    assert refused(path, folder) == f"x.dat : {names[1]} : {words}"


def test_a_name_too_long_for_the_system_is_said_so(make: Maker, tmp_path: Path, folder: Path) -> None:
    assert "n : nom de fichier trop long : " in refused(make(tmp_path / "x.dat", {"n" * 300: b"x"}), folder)


def test_a_file_named_as_the_folder_itself_is_refused(make: Maker, tmp_path: Path, folder: Path) -> None:
    words = "chemin interdit dans l'archive : dépaquetez-la vous-même, et chargez le dossier"
    assert refused(make(tmp_path / "x.dat", {".": b"x"}), folder) == f"x.dat : . : {words}"


def test_a_full_disk_is_said_so() -> None:
    with (
        Path("/dev/full").open("wb", buffering=0) as full,
        pytest.raises(DeliveryError, match="disque du serveur est plein"),
        archives.explained(PurePosixPath("m")),
    ):
        full.write(b"x")
