"""What is delivered: archives, folders or files, each opened in a folder of its own, as lots that a reader takes."""

import glob
import hashlib
import os
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from catalog.errors import DeliveryError
from etl import archives
from etl.rows import one_line

PARIS = ZoneInfo("Europe/Paris")
LOT_NAME = re.compile(rb"^LON..\d\d:(\w+)", re.MULTILINE)  # in a .THF: how the names of a lot's files begin
PREFIX = "geosocle-livraison-"
MAX_DEPTH = 3  # an archive of a département holds archives of communes, which hold archives of sheets
BLOCK = 2**20

Selector = Callable[[Path], bool]


@dataclass(frozen=True, slots=True)
class Lot:
    """What is read at once: a main file and those beside it, unpacked in a folder of its own."""

    name: str
    path: Path
    files: tuple[Path, ...]
    modified: date
    part: bool = False  # one commune's share of a file that was cut
    fault: DeliveryError | None = None  # what keeps it from being read

    @property
    def folder(self) -> Path:
        """Where its files are."""
        return self.path.parent

    @property
    def sha256(self) -> str:
        """The checksum of what it holds, however it was packed."""
        content = hashlib.sha256()
        for path in sorted(self.files, key=lambda path: path.name):
            content.update(path.name.encode("utf-8", "replace") + b"\0" + bytes.fromhex(checksum(path)))
        return content.hexdigest()


def checksum(path: Path) -> str:
    """Return the SHA-256 of a file."""
    content = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            content.update(block)
    return content.hexdigest()


def delivery_checksum(paths: list[Path], main: Selector) -> str:
    """Return the checksum of a whole delivery, files read along with those named included, whatever their order."""
    content = hashlib.sha256()
    files = {file for path in paths for file in read_at(path, main)}
    for line in sorted(f"{file.name} {checksum(file)}" for file in files):
        content.update(line.encode("utf-8", "replace"))
    return content.hexdigest()


def files_of(path: Path) -> list[Path]:
    """Return the plain files at a path, in order. Raises DeliveryError where nothing can be read there."""
    if path.is_dir():
        return sorted(file for file in path.rglob("*") if file.is_file() and not file.is_symlink())
    if not path.is_file():
        raise DeliveryError("fichier ou dossier introuvable : vérifiez son nom", file=path.name)
    return [path]


def read_at(path: Path, main: Selector) -> list[Path]:
    """Return the files that are opened where a path is named: a shapefile's texts, an image's world file."""
    named = files_of(path)
    return named if path.is_dir() or archives.is_archive(path) else companions(path, main)


def sources(paths: list[Path]) -> list[Path]:
    """Return what is opened one after the other: each archive in a folder by itself, a folder of plain files whole."""
    found: list[Path] = []
    for path in paths:
        files = files_of(path)
        packed = [file for file in files if archives.is_archive(file)] if path.is_dir() else [path]
        loose = path.is_dir() and (not packed or len(packed) < len(files))
        found += [*packed, *([path] if loose else [])]
    return found


@contextmanager
def opened(source: Path, main: Selector) -> Iterator[list[Lot]]:
    """Unpack a source into a temporary folder for the time of a block, and find its lots."""
    with tempfile.TemporaryDirectory(prefix=f"{PREFIX}{os.getpid()}-") as temporary:
        root = Path(temporary)
        root.chmod(0o711)  # a child of another user reads its own folder in it, by name
        yield list(lots(source, root, main))


def sweep() -> None:
    """Remove what loads that were killed have left in the temporary folder."""
    for left in Path(tempfile.gettempdir()).glob(f"{PREFIX}*-*"):
        owner = left.name.removeprefix(PREFIX).partition("-")[0]
        mine = not left.is_symlink() and left.is_dir() and left.stat().st_uid == os.geteuid()
        if mine and owner.isdigit() and not running(int(owner)):
            shutil.rmtree(left, ignore_errors=True)


def running(process: int) -> bool:
    """True where a process of this number is at work."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def lots(source: Path, root: Path, main: Selector) -> Iterator[Lot]:
    """Yield the lots of a source, each moved where only its own files are."""
    content = root / "content"
    content.mkdir()
    bring(source, content, main)
    for number, path in enumerate(sorted(path for path in files_of(content) if main(path) and not hidden(path))):
        folder = root / f"lot{number}"
        folder.mkdir(mode=0o755)
        files = companions(path, main)
        for file in files:
            file.rename(folder / file.name)
        name = one_line(str(path.relative_to(content)))
        yield Lot(name, folder / path.name, tuple(folder / file.name for file in files), last_change(source))


def hidden(path: Path) -> bool:
    """True for what some systems put into archives beside each file."""
    return path.name.startswith(".") or "__MACOSX" in path.parts


def last_change(source: Path) -> date:
    """Return the day, in Paris, on which what was delivered was last changed."""
    return datetime.fromtimestamp(source.stat().st_mtime, UTC).astimezone(PARIS).date()


def bring(source: Path, folder: Path, main: Selector, depth: int = 0, caps: archives.Caps | None = None) -> None:
    """Copy or unpack a source into a folder, archives within archives too."""
    caps = caps or archives.Caps()
    if source.is_dir():
        for path in files_of(source):
            if not archives.is_archive(path):
                copy_into([path], folder / source.name / path.relative_to(source).parent)
    elif not archives.is_archive(source):
        copy_into(companions(source, main), folder / source.parent.name if exchange(source) else folder)
    elif depth == MAX_DEPTH:
        raise DeliveryError(
            "trop d'archives emboîtées : dépaquetez la première, et chargez le dossier", file=source.name
        )
    else:
        unpack_into(source, folder / source.name, main, depth, caps)


def copy_into(files: list[Path], folder: Path) -> None:
    """Copy plain files into a folder, made where it is missing."""
    folder.mkdir(parents=True, exist_ok=True)
    archives.copy(files, folder)


def unpack_into(source: Path, folder: Path, main: Selector, depth: int, caps: archives.Caps) -> None:
    """Unpack an archive into a new folder, and the archives that it holds beside it."""
    try:
        folder.mkdir(parents=True)
    except (FileExistsError, NotADirectoryError) as error:  # the archive holds a file where this one is to be unpacked
        raise DeliveryError(f"deux membres portent le même nom{archives.RENEWED}", file=source.name) from error
    archives.unpack(source, folder, caps)
    for nested in [path for path in files_of(folder) if archives.is_archive(path)]:
        bring(nested, nested.parent / "archives", main, depth + 1, caps)
        nested.unlink()


def exchange(path: Path) -> bool:
    """True for the entry of an EDIGEO exchange, whose folder is the lot."""
    return path.suffix.lower() == ".thf"


def beside(path: Path) -> list[Path]:
    """Return a file with those that bear its name and another suffix: a shapefile's, a world file."""
    named = sorted(path.parent.glob(f"{glob.escape(path.stem)}.*"))
    return [path, *(other for other in named if goes_with(path, other))]


WORLD = {".tfw", ".tifw", ".jgw", ".jpgw", ".j2w", ".pgw", ".pngw", ".wld"}
COMPANIONS = {
    ".shp": {".shx", ".dbf", ".prj", ".cpg"},
    **dict.fromkeys((".tif", ".tiff", ".jpg", ".jpeg", ".jp2", ".png"), WORLD),
}


def goes_with(path: Path, other: Path) -> bool:
    """True where a file is read together with another of the same name."""
    belongs = other.suffix.lower() in COMPANIONS.get(path.suffix.lower(), set())
    return belongs and other.is_file() and not other.is_symlink()


def companions(path: Path, main: Selector) -> list[Path]:
    """Return the files of a lot: for an EDIGEO exchange its folder, else those that bear its name."""
    if not exchange(path):
        return beside(path)
    files = [file for file in sorted(path.parent.iterdir()) if file.is_file() and (file == path or not main(file))]
    several = sum(exchange(file) for file in path.parent.iterdir()) > 1
    names = tuple(LOT_NAME.findall(path.read_bytes().upper())) if several else ()
    return [file for file in files if file == path or not several or file.name.upper().encode().startswith(names)]
