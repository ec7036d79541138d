"""What a load is asked, what it lends to those who read, and what a source of rows is."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Protocol

from shapely import Geometry

from catalog.errors import DeliveryError
from etl.deliveries import Lot
from etl.geometry import Repairer
from etl.nursery import Nursery
from etl.report import Unit
from etl.rows import Row


@dataclass(frozen=True, slots=True)
class Options:
    """What the one who loads says beside the delivery itself."""

    edition: date | None = None
    departement: str | None = None
    crs: str | None = None
    encoding: str | None = None
    force: bool = False
    dry_run: bool = False
    complete: bool = False  # the delivery is the whole of its communes: sheets that it lacks are no more
    least_score: int | None = None  # below it, a sheet does not replace a better one; by default as datasets declare

    @property
    def reading(self) -> list[str]:
        """What is said of how to read: the same file read otherwise is another content.

        The département is none of it: it tells which sheet a file is, not what is in it.
        """
        said = {"edition": self.edition, "crs": self.crs, "encoding": self.encoding}
        return [f"{name}={value}" for name, value in said.items() if value is not None]


OTHER_DEPARTEMENT = "n'est pas du département {} : retirez-le, ou corrigez --departement"


class NothingHere(DeliveryError):
    """Ce fichier ne contient rien de ce genre."""


Limits = Callable[[tuple[float, float, float, float]], dict[str, Geometry]]
Parcels = Callable[[str], dict[str, Geometry]]


@dataclass(frozen=True, slots=True)
class Tools:
    """What reading may use: who opens lots, who repairs, limits in a box, a commune's parcels, the folder of images.

    In a trial there is no such folder.
    """

    nursery: Nursery
    repair: Repairer
    limits: Limits
    parcels: Parcels
    files: Path | None


def undated(name: str, lot: Lot, commune: str | None, options: Options) -> Unit:
    """Return the unit of a lot that does not say its edition: it is told, else the date of the file."""
    edition = options.edition or lot.modified
    return Unit(name, lot.name, commune, edition, lot.sha256, guessed=options.edition is None)


class Source(Protocol):
    """A lot that knows which sheet or file it is before it is read."""

    unit: Unit

    def rows(self, tools: Tools) -> list[Row]:
        """Return the rows; what cannot be loaded is counted in the unit with the reason."""
