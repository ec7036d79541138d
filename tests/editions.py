"""A commune whose sheets come in edition after edition, and what it was on any day: kept in memory by the test alone.

Sheets are staged and published as a load does it, without the reading of EDIGEO, which other tests try.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from random import Random
from uuid import uuid4

import shapely

from catalog.database import connect
from catalog.settings import Settings
from etl import loading, staging
from etl.publication import Publication
from etl.report import Unit
from etl.rows import Row
from etl.tables import query

OWNED = ("feuilles", "parcelles", "batiments", "lieux_dits", "subdivisions_fiscales")
SHARED = ("communes", "sections")
SHEETS = ("000AA01", "000AA02", "000AB01")
LONE = "000AB01"  # the only sheet of its section: what it says of it, no other does

type Rows = dict[tuple[str, str], Row]


@dataclass
class Commune:
    """What each sheet of a commune held, by edition."""

    code: str
    random: Random
    settings: Settings
    history: dict[str, list[tuple[date, Rows]]] = field(default_factory=dict)
    now: dict[str, Rows] = field(default_factory=dict)
    numbers: Iterator[int] = field(default_factory=lambda: iter(range(1, 10_000)))

    def as_of(self, day: date) -> dict[str, dict[str, tuple[Row, date]]]:
        """Return by dataset and id what was valid on a day, with its edition: of two sheets, the newer says it."""
        valid: dict[str, dict[str, tuple[Row, date]]] = {name: {} for name in (*OWNED, *SHARED)}
        for versions in self.history.values():
            edition, rows = max((one for one in versions if one[0] <= day), key=lambda one: one[0], default=(day, {}))
            for (dataset, id), row in rows.items():
                known = valid[dataset].get(id)
                if known is None or known[1] < edition:
                    valid[dataset][id] = row, edition
        return valid

    def editions(self) -> list[date]:
        """Return every edition that came, in order."""
        return sorted({edition for versions in self.history.values() for edition, _ in versions})

    def deliver(self, sheets: dict[str, date], force: bool = False, missing: tuple[str, ...] = ()) -> None:
        """Load sheets as they are now, each in its edition; from `missing` on, the plan no longer has those sheets."""
        with connect(self.settings, "loader") as connection:
            statement = query("open_delivery")
            (delivery,) = connection.execute(statement, ["cadastre", "essai", uuid4().hex]).fetchone()
            for sheet, edition in sheets.items():
                unit = Unit(self.code + sheet, sheet, self.code, edition, uuid4().hex)
                staging.stage(connection, delivery, unit, list(self.now[sheet].values()), "cadastre")
            names = tuple(self.code + sheet for sheet in sheets)
            newest, gone = max(sheets.values()), tuple(self.code + sheet for sheet in missing)
            publication = Publication("cadastre", delivery, self.code, names, newest, force, gone)
            loading.publish(connection, publication)
        for sheet, edition in [*sheets.items(), *((sheet, newest) for sheet in missing)]:
            earlier = [one for one in self.history.get(sheet, []) if one[0] < edition]
            self.history[sheet] = [*earlier, (edition, {} if sheet in missing else dict(self.now[sheet]))]

    def begin(self) -> None:
        """Invent the sheets."""
        self.now = {sheet: {} for sheet in SHEETS}
        for sheet in SHEETS:
            for _ in range(6):
                self.add(sheet, "parcelles", f"{self.code}{sheet[:5]}{next(self.numbers):04d}")
            for dataset in OWNED[2:]:
                self.add(sheet, dataset, f"{self.code}{sheet}-{next(self.numbers)}")
        self.draw(SHEETS)

    def draw(self, sheets: tuple[str, ...]) -> None:
        """Draw anew what sheets say of themselves, of their section and of their commune: as one survey does."""
        sections = {sheet[:5]: self.random.uniform(1, 9) for sheet in sheets}
        for sheet in sheets:
            self.put(sheet, "feuilles", self.code + sheet, self.random.uniform(1, 9))
            self.put(sheet, "sections", self.code + sheet[:5], sections[sheet[:5]])
            self.put(sheet, "communes", self.code, 5)

    def add(self, sheet: str, dataset: str, id: str) -> None:
        """Let a sheet hold an object somewhere."""
        self.put(sheet, dataset, id, self.random.uniform(1, 9))

    def put(self, sheet: str, dataset: str, id: str, size: float) -> None:
        """Let a sheet hold an object of some size."""
        east = 360_000 + 20 * self.random.randrange(100) if dataset in OWNED else 360_000
        shape = shapely.MultiPolygon([shapely.box(east, 6_630_000, east + round(size, 2), 6_630_010)])
        named = {"prefixe": id[5:8], "section": id[8:10], "numero": id[10:], "feuille": id[10:12]}
        self.now[sheet][dataset, id] = Row(dataset, id, self.code, named, shape)

    def change(self, sheets: tuple[str, ...]) -> None:
        """Change objects of sheets at random: some go, some come, some differ, some pass to another of the sheets."""
        for sheet in sheets:
            for dataset, id in [key for key in self.now[sheet] if key[0] in OWNED[1:]]:
                draw = self.random.random()
                if draw < 0.15:
                    row = self.now[sheet].pop((dataset, id))
                    if draw < 0.08:
                        self.now[self.random.choice(sheets)][dataset, id] = row
                elif draw < 0.5:
                    self.add(sheet, dataset, id)
            self.add(sheet, "parcelles", f"{self.code}{sheet[:5]}{next(self.numbers):04d}")
        self.draw(sheets)

    def own(self, sheet: str) -> None:
        """Leave to a sheet what no other ever held: one that is imposed knows nothing of what has passed to others."""
        others = {
            key
            for other, versions in self.history.items()
            for _, rows in versions
            for key in rows
            if other != sheet and key[0] in OWNED
        }
        self.now[sheet] = {key: row for key, row in self.now[sheet].items() if key not in others}
