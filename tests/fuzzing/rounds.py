"""Rounds of spoiled lots: each is loaded as a delivery, judged, and loaded again."""

import gzip
import os
import tarfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from catalog.errors import DeliveryError
from catalog.settings import Settings
from etl.pipeline import load
from etl.report import REFUSED, Report, Unit
from etl.rows import one_line
from etl.sources import Options
from tests.fuzzing import judging
from tests.fuzzing.edigeo import LONG, MUTATORS, Lot, spoiled, told
from tests.fuzzing.packing import packed

type Mutator = Callable[[Random, bytes], bytes]
type Count = Callable[[bytes], int | None]

SEED = os.environ.get("GEOSOCLE_FUZZ_SEED", "85")
MUTATIONS = int(os.environ.get("GEOSOCLE_FUZZ_MUTATIONS", "75"))
FIRST = int(os.environ.get("GEOSOCLE_FUZZ_FIRST", "0"))  # to play one round again
LONG_RUN = MUTATIONS > 75
SECONDS = 60  # a round of ten sheets takes four


@dataclass(frozen=True, slots=True)
class Spoiled:
    """A lot that was spoiled: its number tells how, and is all that it takes to make it again."""

    number: int
    sheet: str
    names: str
    how: str
    path: Path
    objects: int | None  # that its text tells of, where that can be said

    def __str__(self) -> str:
        return f"#{self.number} {self.names} ({self.how}) of {self.sheet}"


@dataclass(slots=True)
class Figures:
    """What became of the lots."""

    mutations: int = 0
    states: Counter[str] = field(default_factory=Counter)
    objects: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)
    reasons: Counter[str] = field(default_factory=Counter)

    def add(self, report: Report) -> None:
        """Count what a report says."""
        for unit in report.units:
            self.states[unit.status] += 1
            self.reasons[unit.reason or ""] += unit.status == REFUSED
            self.objects["chargés"] += sum(one.loaded for one in unit.counts.values())
            self.objects["rejetés"] += len(unit.rejects)
            self.objects["lus"] += sum(one.read for one in unit.counts.values())

    def __str__(self) -> str:
        states = ", ".join(f"{number} {state}" for state, number in self.states.most_common())
        objects = ", ".join(f"{number} {word}" for word, number in self.objects.items())
        return f"{self.mutations} mutations : {states} ; objets : {objects} ; {len(self.faults)} faute(s)"


def lots(paths: Sequence[Path]) -> dict[str, Lot]:
    """Return the members of the lots in some archives, by sheet."""
    found = {}
    for path in paths:
        with tarfile.open(path) as archive:
            files = {one.name: archive.extractfile(one).read() for one in archive if one.isfile()}
        found[path.name.removeprefix("edigeo-").partition(".")[0]] = files
    return found


def names() -> list[str]:
    """Return the ways to spoil: in the long run, the slow ones too."""
    return sorted(MUTATORS | (LONG if LONG_RUN else {}))


def spoil(number: int, sheet: str, lot: Lot, folder: Path) -> Spoiled:
    """Spoil a lot as its number says, and write it."""
    random, ways = Random(f"{SEED}-{number}"), names()
    name = ways[number % len(ways)]
    other = spoiled(random, dict(lot), name)
    place = folder / str(number)
    place.mkdir()
    path, how = packed(random, place, sheet, other)
    return Spoiled(number, sheet, name, how, path, len(list(told(other))))


def rounds(whole: dict[str, Lot], folder: Path, mutations: int) -> Iterator[list[Spoiled]]:
    """Yield rounds in which each sheet is spoiled in another way."""
    sheets = sorted(whole)
    for first in range(FIRST, mutations, len(sheets)):
        place = folder / f"round{first}"
        place.mkdir()
        last = min(len(sheets), mutations - first)
        yield [spoil(first + rank, sheets[rank], whole[sheets[rank]], place) for rank in range(last)]


def of_files(
    whole: dict[str, bytes], ways: Mapping[str, Mutator], count: Count, folder: Path, mutations: int
) -> Iterator[list[Spoiled]]:
    """Yield rounds in which each file is spoiled in another way; now and then in two."""
    for first in range(FIRST, mutations, len(whole)):
        place = folder / f"round{first}"
        place.mkdir()
        numbers = zip(range(first, min(mutations, first + len(whole))), sorted(whole), strict=False)
        yield [spoil_file(number, name, whole[name], ways, count, place) for number, name in numbers]


def spoil_file(
    number: int, name: str, content: bytes, ways: Mapping[str, Mutator], count: Count, folder: Path
) -> Spoiled:
    """Spoil a file as its number says, and write it."""
    random = Random(f"{SEED}-{name}-{number}")
    way = sorted(ways)[number % len(ways)]
    content = ways[way](random, content)
    packed = random.random() < 0.2
    path = folder / str(number) / (f"{name}.gz" if packed else name)
    path.parent.mkdir()
    path.write_bytes(gzip.compress(content) if packed else content)
    return Spoiled(number, name, way, "gzip" if packed else "plain", path, count(content))


def played(one_round: list[Spoiled], settings: Settings, figures: Figures, kind: str = "cadastre") -> None:
    """Load a round, judge what became of it, load it again and see that nothing moves."""
    before, paths = judging.served(settings), [one.path for one in one_round]
    figures.mutations += len(one_round)
    begin = time.monotonic()
    try:
        report = load(kind, paths, Options(force=True), settings)
    except DeliveryError as error:
        figures.faults.append(f"whole delivery refused: {error} {[*map(str, one_round)]}")
        return
    except Exception as error:  # noqa: BLE001 (this is what is looked for)
        figures.faults.append(f"crash: {error!r} {[*map(str, one_round)]}")
        return
    figures.add(report)
    after = judging.served(settings)
    wrong = [*judging.faults(report, settings, before, after), *counted(one_round, report)]
    if time.monotonic() - begin > SECONDS:
        wrong.append("slow")
    again = load(kind, paths, Options(), settings)
    last = judging.served(settings)
    wrong += ["loaded again, it is another content"] * (last != after)
    wrong += [f"again: {fault}" for fault in judging.faults(again, settings, after, last)]
    figures.faults += [f"{fault} — {named(one_round, fault)}" for fault in wrong]


def units_of(one: Spoiled, report: Report) -> list[Unit]:
    """The units that a spoiled lot gave."""
    return [unit for unit in report.units if unit.file.startswith(one_line(one.path.name))]


def counted(one_round: list[Spoiled], report: Report) -> Iterator[str]:
    """Yield what is wrong with the number of objects: those of the text are all told of."""
    for one in one_round:
        units = units_of(one, report)
        if not units:
            yield f"{one.sheet}: nothing is said of {one}"
        elif one.objects is not None and accounted(units):
            yield from judging.lost(units, one.objects)


def accounted(units: list[Unit]) -> bool:
    """True where all that a file holds should be in what is said of it: nothing of it was refused without a number."""
    several = len({unit.name for unit in units}) == len(units)
    return several and all(unit.status != REFUSED or judging.LEFT.match(unit.reason or "") for unit in units)


def named(one_round: list[Spoiled], fault: str) -> str:
    """Return the lot that a fault is of, where it names its sheet; else all of them."""
    mine = [str(one) for one in one_round if one.sheet in fault]
    return "; ".join(mine or map(str, one_round))
