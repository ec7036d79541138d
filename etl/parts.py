"""A file of many communes, cut by commune before it is read: memory is that of one, and each is judged by itself."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

from catalog.errors import DeliveryError
from etl import archives
from etl.deliveries import Lot

BUFFERED = 2**25  # bytes that wait to be written
STEM = 60  # characters of a file's name that those of its parts keep, the last ones
SUFFIX = ".part"


class Cut:
    """Files that grow side by side, one a commune, in the folder of the file that is cut; that one is removed.

    `alive` is told now and then that this goes on: a large file takes minutes.
    """

    def __init__(self, lot: Lot, alive: Callable[[], object]) -> None:
        self.lot, self.alive = lot, alive
        self.waiting: dict[str, list[bytes]] = {}
        self.paths: dict[str, Path] = {}
        self.size = 0

    def put(self, commune: str, record: bytes) -> None:
        """Add a record to a commune's file."""
        self.waiting.setdefault(commune, []).append(record)
        self.size += len(record)
        if self.size > BUFFERED:
            self.write()

    def write(self) -> None:
        """Write what waits. Raises DeliveryError where the disk is full."""
        self.alive()
        try:
            for commune, records in self.waiting.items():
                name = f"{self.lot.path.stem[-STEM:]}-{commune}{SUFFIX}"
                with self.paths.setdefault(commune, self.lot.folder / name).open("ab") as file:
                    file.writelines(records)
        except OSError as error:
            raise DeliveryError(
                archives.REASONS.get(error.errno or 0, "copie impossible"), file=self.lot.name
            ) from error
        self.waiting.clear()
        self.size = 0

    def lots(self) -> list[Lot]:
        """Return one lot a commune, in their order."""
        self.write()
        self.lot.path.unlink()
        return [part(self.lot, commune, path) for commune, path in sorted(self.paths.items())]


def part(lot: Lot, commune: str, path: Path) -> Lot:
    """Return what a file holds of a commune."""
    return replace(lot, name=f"{lot.name} ({commune})", path=path, files=(path,), part=True)


def left(lot: Lot, what: str, fault: DeliveryError) -> Lot:
    """Return what a file holds that is not read, and why."""
    return replace(lot, name=f"{lot.name} ({what})", files=(), fault=fault)


def some(names: Iterable[str], most: int = 5) -> str:
    """Return the first names of some, and a sign that there are more."""
    names = sorted(names)
    return ", ".join(names[:most]) + ", …" * (len(names) > most)
