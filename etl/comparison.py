"""Compare the parcels of a commune in two states: what is held on a day, or what a delivery holds."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import shapely
from shapely import Geometry

from catalog.database import Connection, available, connect
from catalog.errors import DeliveryError
from catalog.settings import Settings
from etl import deliveries, kinds
from etl.lineage import alike
from etl.nursery import raised
from etl.repair import Repairer
from etl.report import Report
from etl.sources import Options
from etl.tables import query
from etl.work import Work

KIND, DATASET = "cadastre", "parcelles"
SECTION = 10  # characters of an identifier that name its section


@dataclass(frozen=True, slots=True)
class Parcelle:
    """A parcel in one state: the sheet or file that it is of, its outline, its official area."""

    unit: str
    geometry: Geometry
    contenance: int | None


@dataclass(frozen=True, slots=True)
class State:
    """The parcels of a commune by id; `sheets` are all that it covers, where it is not the whole commune."""

    parcelles: Mapping[str, Parcelle]
    sheets: frozenset[str] = frozenset()

    def within(self, other: "State") -> Mapping[str, Parcelle]:
        """Return the parcels that the other state might have: those of its sheets, where it has only some."""
        if not other.sheets:
            return self.parcelles
        sections = {sheet[:SECTION] for sheet in other.sheets}
        return {
            id: one
            for id, one in self.parcelles.items()
            if one.unit in other.sheets or (one.unit.startswith("etalab-") and id[:SECTION] in sections)
        }


@dataclass(frozen=True, slots=True)
class Changed:
    """A parcel that both states have, otherwise."""

    id: str
    reshaped: bool
    before: int | None  # the official area, m²
    after: int | None


@dataclass(frozen=True, slots=True)
class Difference:
    """What a section has in one state and not in the other."""

    section: str
    before: int
    after: int
    created: tuple[str, ...]
    deleted: tuple[str, ...]
    changed: tuple[Changed, ...]

    @property
    def same(self) -> bool:
        """True where nothing differs."""
        return not (self.created or self.deleted or self.changed)


def differences(first: State, second: State) -> list[Difference]:
    """Return what differs, section by section, those without difference too."""
    before, after = first.within(second), second.within(first)
    changed = {one.id: one for one in changes(before, after)}
    sections: dict[str, list[str]] = {}
    for id in sorted({*before, *after}):
        sections.setdefault(id[:SECTION], []).append(id)
    return [
        Difference(
            section,
            sum(id in before for id in ids),
            sum(id in after for id in ids),
            tuple(id for id in ids if id not in before),
            tuple(id for id in ids if id not in after),
            tuple(changed[id] for id in ids if id in changed),
        )
        for section, ids in sections.items()
    ]


def changes(before: Mapping[str, Parcelle], after: Mapping[str, Parcelle]) -> Iterator[Changed]:
    """Yield the parcels whose outline or official area is another; outlines move a little from export to export."""
    both = sorted(before.keys() & after.keys())
    old, new = (np.array([side[id].geometry for id in both], dtype=object) for side in (before, after))
    for id, same in zip(both, alike(old, new).tolist(), strict=True):
        areas = before[id].contenance, after[id].contenance
        if not same or (areas[0] or 0) != (areas[1] or 0):
            yield Changed(id, not same, *areas)


def held(connection: Connection, commune: str, day: date | None) -> State:
    """Return what is held of a commune, today or as of a day."""
    rows = connection.execute(query("parcels_on"), {"commune": commune, "day": day})
    return State({id: Parcelle(unit, shapely.from_wkb(bytes(shape)), area) for id, unit, area, shape in rows})


def delivered(work: Work, path: Path, commune: str | None) -> dict[str, State]:
    """Return what a delivery holds of each commune, or of one; nothing is written. Raises DeliveryError."""
    found: dict[str, dict[str, Parcelle]] = {}
    sheets: dict[str, set[str]] = {}
    for source in deliveries.sources([path]):
        with deliveries.opened(source, kinds.selector(KIND)) as lots:
            for lot in [part for whole in lots for part in work.parts(whole)]:
                read = kinds.source(KIND, lot, work.options)
                if commune is not None and read.unit.commune not in (commune, None):
                    continue
                for row in read.rows(work.tools):
                    if row.dataset == DATASET and commune in (None, row.commune):
                        one = Parcelle(read.unit.name, row.geometry, row.values["contenance"])
                        found.setdefault(row.commune, {})[row.id] = one
                if not read.unit.name.startswith("etalab-"):
                    sheets.setdefault(str(read.unit.commune), set()).add(read.unit.name)
    if not found:
        raise DeliveryError("aucune parcelle" + (f" de {commune}" if commune else ""), file=path.name)
    return {code: State(own, frozenset(sheets.get(code, ()))) for code, own in found.items()}


Side = date | Path | None  # as of a day, in a delivery, or as held today


def compare(
    sides: Sequence[Side], commune: str | None, options: Options, settings: Settings
) -> dict[str, list[Difference]]:
    """Return what differs between two sides, by commune. Raises DeliveryError for a delivery that cannot be read."""
    with available(), connect(settings, "loader") as connection, raised(settings) as nursery, Repairer() as repair:
        work = Work(KIND, options, connection, settings.files, Report(KIND, dry_run=True), nursery, repair)
        read = [delivered(work, side, commune) if isinstance(side, Path) else None for side in sides]
        communes = sorted({code for states in read if states for code in states} or {str(commune)})
        return {code: differences(*states(connection, code, sides, read)) for code in communes}


def states(
    connection: Connection, commune: str, sides: Sequence[Side], read: Sequence[dict[str, State] | None]
) -> Iterator[State]:
    """Yield the two states of a commune."""
    for side, known in zip(sides, read, strict=True):
        if known is not None:
            yield known.get(commune, State({}))
        else:
            assert not isinstance(side, Path)
            yield held(connection, commune, side)
