"""One load under way: what it was asked, what it has, what it has done."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

import shapely
from shapely import Geometry

from catalog.database import Connection
from catalog.errors import DeliveryError
from etl import deliveries, etalab, kinds, legal_persons
from etl.deliveries import Lot
from etl.nursery import Nursery
from etl.repair import Repairer
from etl.report import IGNORED, REFUSED, Report, Unit
from etl.rows import one_line
from etl.sources import NothingHere, Options, Tools
from etl.tables import query


class Stopped(Exception):
    """Who had the work done is to stop: what is not committed never was."""


@dataclass
class Work:
    """One load under way."""

    kind: str
    options: Options
    connection: Connection
    files: Path
    report: Report
    nursery: Nursery
    repair: Repairer
    limits_seen: str = ""  # the state of the partition at the start
    staged: dict[str, str] = field(default_factory=dict)  # unit → checksum, by a load that was interrupted

    tell: Callable[[str | None], object] = bool  # is told of each lot before it is read

    def __post_init__(self) -> None:
        self.limits_seen = self.limits_seen or self.limits_now()

    def limits_now(self) -> str:
        """Return what tells this state of the communes' limits from another, or of their parcels where it is joined."""
        what = "parcels_fingerprint" if self.kind in kinds.JOINED else "limits_fingerprint"
        row = self.connection.execute(query(what)).fetchone()
        return str(row and row[0])

    def checksum(self, content: str, *more: str) -> str:
        """Return the checksum of a content; cut along other limits, or read otherwise, it is another."""
        parts = [content, *([self.limits_seen] if self.kind in kinds.CUT else []), *self.options.reading, *more]
        return content if len(parts) == 1 else hashlib.sha256(" ".join(parts).encode()).hexdigest()

    @property
    def delivery(self) -> int:
        """The number of the delivery in the database."""
        assert self.report.delivery is not None
        return self.report.delivery

    @property
    def tools(self) -> Tools:
        """What reading may use."""
        return Tools(self.nursery, self.repair, self.limits, self.parcels, None if self.options.dry_run else self.files)

    def limits(self, box: tuple[float, float, float, float]) -> dict[str, Geometry]:
        """Return the communes of the reference partition that touch a box."""
        rows = self.connection.execute(query("limits_in"), list(box))
        return {commune: shapely.from_wkb(bytes(geometry)) for commune, geometry in rows}

    def parcels(self, commune: str) -> dict[str, Geometry]:
        """Return the parcels that a commune serves."""
        rows = self.connection.execute(query("parcels_of"), [commune])
        return {parcelle: shapely.from_wkb(bytes(geometry)) for parcelle, geometry in rows}

    def parts(self, lot: Lot) -> list[Lot]:
        """Return a lot, or those by commune that it is cut into; one that cannot be is returned with its fault."""
        if lot.fault:
            return [lot]
        try:
            if found := self.split(lot):
                return found
            raise DeliveryError("aucun objet dans le fichier : vérifiez-le")
        except DeliveryError as error:
            return [replace(lot, fault=type(error)(error.reason, file=lot.name, obj=error.obj))]

    def stop_asked(self) -> bool:
        """True where somebody has asked the load to stop."""
        return self.connection.execute(query("stop_asked"), [self.report.delivery]).fetchone() == (True,)

    def alive(self) -> None:
        """Say that something goes on, at no lot yet."""
        self.tell(None)

    def split(self, lot: Lot) -> list[Lot]:
        """Return the lots that one is cut into, or itself. Raises DeliveryError where it cannot be read."""
        if self.kind in kinds.JOINED:
            held = {commune for (commune,) in self.connection.execute(query("parcels_held"))}
            return legal_persons.split(lot, held, self.options, self.alive)
        whole = self.kind == "cadastre" and not deliveries.exchange(lot.path)
        return etalab.split(lot, self.alive) if whole else [lot]


def refused(unit: Unit, error: DeliveryError) -> Unit:
    """Return a sheet or file as the report has it once it is refused."""
    unit.status = IGNORED if isinstance(error, NothingHere) else REFUSED
    unit.file = one_line(unit.file)
    unit.reason = one_line(" : ".join(part for part in (error.obj, error.reason) if part))
    unit.counts.clear()
    unit.rejects.clear()
    return unit
