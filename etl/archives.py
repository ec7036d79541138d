"""Open an archive safely: nothing lands outside its folder, nothing but plain files, never more than the caps."""

import errno
import gzip
import lzma
import os
import re
import stat
import tarfile
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import IO

from catalog.errors import DeliveryError
from etl import tar_streams

BLOCK = 2**20
DAMAGED = (EOFError, OSError, zlib.error, lzma.LZMAError, tarfile.TarError, zipfile.BadZipFile)
BROKEN = (*DAMAGED, MemoryError, RuntimeError, ValueError)  # what zipfile and tarfile raise at nonsense
SIGNATURES = {b"PK\x03\x04": "zip", b"PK\x05\x06": "zip", b"BZh": "tar", b"\xfd7zXZ\x00": "tar", b"\x1f\x8b": "gzip"}
TAR_MAGIC, TAR_MAGIC_OFFSET = b"ustar", 257
CONTROL = re.compile(r"[\x00-\x1f\x7f]")
ZIP_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)  # the others zipfile does not decompress by pieces
UNPACKED = " : dépaquetez-la vous-même, et chargez le dossier"
RENEWED = " : demandez l'archive de nouveau"
CLASH = f"un fichier et un dossier portent le même nom{RENEWED}"
FULL = "le disque du serveur est plein : faites-y de la place, puis recommencez"
TOO_LONG = "nom de fichier trop long : demandez l'archive avec des noms plus courts"
REASONS = {
    errno.ENAMETOOLONG: TOO_LONG,
    **dict.fromkeys((errno.EEXIST, errno.ENOTDIR, errno.EISDIR), CLASH),
    **dict.fromkeys((errno.ENOSPC, errno.EDQUOT), FULL),
}


@dataclass
class Caps:
    """What one delivery may unpack; used up as it is unpacked."""

    members: int = 20_000
    size: int = 20 * 2**30
    ratio: int = 200
    free: int = 64 * 2**20  # below it no ratio is looked at
    archive: int = 0
    read: int = 0
    written: int = 0
    met: int = 0
    names: set[str] = field(default_factory=set)

    def meet(self) -> None:
        """Count one member, folders too. Raises DeliveryError for one too many."""
        self.met += 1
        if self.met > self.members:
            raise DeliveryError(f"plus de {self.members} membres dans l'archive{UNPACKED}")

    def enter(self, folder: Path, name: PurePosixPath) -> None:
        """Take a name in a folder. Raises DeliveryError for the same one twice."""
        place = f"{folder}/{name}".casefold()
        if place in self.names:
            raise DeliveryError(f"deux membres portent le même nom{RENEWED}", obj=str(name))
        self.names.add(place)

    def expand(self, size: int) -> None:
        """Count bytes decompressed, be they written or not. Raises DeliveryError for a bomb."""
        self.read += size
        self.judge(self.read)

    def write(self, size: int) -> None:
        """Count bytes about to be written. Raises DeliveryError for a bomb."""
        self.written += size
        self.judge(self.written)

    def judge(self, total: int) -> None:
        """Raise DeliveryError where that many bytes are too many, for any archive or for these."""
        if total > self.size:
            raise DeliveryError(f"plus de {self.size // 2**30} Gio une fois décompressée{UNPACKED}")
        if total > self.free and total > self.ratio * self.archive:
            raise DeliveryError(f"taux de compression anormal (bombe de décompression){UNPACKED}")


def kind_of(path: Path) -> str | None:
    """Return `zip`, `tar`, `gzip` or None, by what the file holds and not by its name."""
    with path.open("rb") as file:
        start = file.read(TAR_MAGIC_OFFSET + len(TAR_MAGIC))
    if start.startswith(b"\x1f\x8b") and tar_inside(path):
        return "tar"
    if start[TAR_MAGIC_OFFSET:] == TAR_MAGIC:
        return "tar"
    return next((kind for signature, kind in SIGNATURES.items() if start.startswith(signature)), None)


def tar_inside(path: Path) -> bool:
    """True where a gzip file holds a tar archive."""
    try:
        with gzip.open(path) as file:
            return file.read(TAR_MAGIC_OFFSET + len(TAR_MAGIC))[TAR_MAGIC_OFFSET:] == TAR_MAGIC
    except BROKEN:
        return False


def unpack(path: Path, folder: Path, caps: Caps | None = None) -> None:
    """Unpack an archive into a folder that exists. Raises DeliveryError, naming file, member and reason."""
    caps = caps or Caps()
    caps.archive += path.stat().st_size
    with refusing(path.name):
        {"zip": unzip, "tar": untar, "gzip": ungzip}[kind_of(path) or "gzip"](path, folder, caps)


@contextmanager
def refusing(name: str) -> Iterator[None]:
    """Name the file in each refusal, and turn what a broken archive raises into one."""
    try:
        yield
    except DeliveryError as error:
        raise DeliveryError(error.reason, file=name, obj=error.obj) from error
    except BROKEN as error:
        raise DeliveryError("archive tronquée ou corrompue : demandez-la de nouveau", file=name) from error


def untar(path: Path, folder: Path, caps: Caps) -> None:
    """Unpack a tar archive, compressed or not, as a stream."""
    with tar_streams.opened(path, caps.expand) as archive:
        for member in iter(archive.next, None):
            archive.members.clear()  # tarfile would keep them all
            caps.meet()
            untar_member(archive, member, folder, caps)


def untar_member(archive: tarfile.TarFile, member: tarfile.TarInfo, folder: Path, caps: Caps) -> None:
    """Write one member of a tar archive, a plain file; of a folder, look at the name only."""
    if member.isdir():
        safe(member.name)
        return
    if not member.isreg():
        raise DeliveryError(f"lien, périphérique ou fichier spécial dans l'archive{UNPACKED}", obj=member.name)
    content = archive.extractfile(member)
    assert content is not None
    if write(content, folder, safe(member.name), caps) != member.size:
        raise EOFError


def unzip(path: Path, folder: Path, caps: Caps) -> None:
    """Unpack a zip archive; the sizes that it announces are not believed."""
    with zipfile.ZipFile(path) as archive:
        for member in archive.infolist():
            caps.meet()
            check_zip_member(member)
            name = safe(member.filename)
            if not member.is_dir():
                with archive.open(member) as content:
                    write(content, folder, name, caps)


def check_zip_member(member: zipfile.ZipInfo) -> None:
    """Raise DeliveryError for what is neither file nor folder, or cannot be opened here."""
    if stat.S_IFMT(member.external_attr >> 16) not in (0, stat.S_IFREG, stat.S_IFDIR):
        raise DeliveryError(f"lien, périphérique ou fichier spécial dans l'archive{UNPACKED}", obj=member.filename)
    if member.flag_bits & 1:
        raise DeliveryError(f"archive protégée par un mot de passe{UNPACKED}", obj=member.filename)
    if member.compress_type not in ZIP_METHODS:
        raise DeliveryError(f"compression zip non prise en charge (deflate seulement){UNPACKED}", obj=member.filename)


def ungzip(path: Path, folder: Path, caps: Caps) -> None:
    """Unpack one compressed file, named as the archive without its last suffix."""
    with gzip.open(path) as content:
        write(content, folder, safe(path.stem), caps)


def safe(name: str) -> PurePosixPath:
    """Return the path of a member. Raises DeliveryError for one that would leave the folder."""
    path = PurePosixPath(name)
    if not name or path.is_absolute() or ".." in path.parts or "\\" in name or ":" in name or CONTROL.search(name):
        raise DeliveryError(f"chemin interdit dans l'archive{UNPACKED}", obj=CONTROL.sub("?", name)[:200])
    return path


def write(content: IO[bytes], folder: Path, name: PurePosixPath, caps: Caps) -> int:
    """Write one member where nothing stands yet, and return its size."""
    if not name.parts:
        raise DeliveryError(f"chemin interdit dans l'archive{UNPACKED}", obj=str(name))
    caps.enter(folder, name)
    with explained(name), created(folder / name) as file:
        size = 0
        while block := content.read(BLOCK):
            caps.write(len(block))
            size += file.write(block)
    return size


def created(target: Path) -> IO[bytes]:
    """Open a new file, in folders made where they are missing."""
    target.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
    return os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o644), "wb")


@contextmanager
def explained(name: PurePosixPath) -> Iterator[None]:
    """Say in words why the system refuses to write a member; what the archive itself raises has no such number."""
    try:
        yield
    except OSError as error:
        if error.errno not in REASONS:
            raise
        raise DeliveryError(REASONS[error.errno], obj=str(name)[:200]) from error


def is_archive(path: Path) -> bool:
    """True for a file that must be unpacked before it is read."""
    return path.is_file() and kind_of(path) is not None


def copy(files: Iterable[Path], folder: Path) -> None:
    """Copy plain files into a folder, refusing links and what is no file."""
    for path in files:
        try:
            descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
        except OSError as error:
            raise DeliveryError(
                "fichier illisible ou lien symbolique : donnez le fichier lui-même", file=path.name
            ) from error
        with os.fdopen(descriptor, "rb") as content:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise DeliveryError(
                    "ce n'est pas un fichier : donnez un fichier, une archive ou un dossier", file=path.name
                )
            write(content, folder, PurePosixPath(path.name), Caps(archive=2**60))
