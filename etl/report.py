"""What a load did, counted: objects in = loaded + rejected (+ seen again)."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from etl.rows import Repair, one_line

PUBLISHED, UNCHANGED, CHECKED, REFUSED, IGNORED = "publiée", "inchangée", "vérifiée", "refusée", "sans objet"
COUNTED = ("lus", "charges", "repares", "rejetes", "vus_de_nouveau", "morceaux")  # the words of Counts, in its order
SHOWN = 20
LONGEST = 200


@dataclass(frozen=True, slots=True)
class Reject:
    """One object that was not loaded, and why."""

    unit: str
    layer: str
    object: str | None
    reason: str

    def __str__(self) -> str:
        return f"REJETÉ {self.unit} {self.layer} {self.object or '(sans identifiant)'} : {self.reason}"


@dataclass(slots=True)
class Counts:
    """The objects of one dataset in one sheet or file."""

    read: int = 0
    loaded: int = 0
    repaired: int = 0
    rejected: int = 0
    seen_again: int = 0
    pieces: int = 0

    def __iadd__(self, other: "Counts") -> "Counts":
        for name in self.__slots__:
            setattr(self, name, getattr(self, name) + getattr(other, name))
        return self

    def as_json(self) -> dict[str, int]:
        """Return the counts by the words of the report."""
        return dict(zip(COUNTED, (getattr(self, name) for name in self.__slots__), strict=True))


@dataclass(frozen=True, slots=True)
class Score:
    """How good a sheet is: its objects against the weight of its anomalies."""

    objects: int
    penalty: float

    def __add__(self, other: "Score") -> "Score":
        return Score(self.objects + other.objects, round(self.penalty + other.penalty, 1))

    @property
    def value(self) -> int:
        """0 to 100: 100 without anomaly, 50 where they weigh as much as the objects."""
        return int(100 * self.objects / (self.objects + self.penalty)) if self.objects else 0

    def as_json(self) -> dict[str, float]:
        """Return the score as the report keeps it."""
        return {"note": self.value, "objets": self.objects, "penalite": self.penalty}


@dataclass(slots=True)
class Unit:
    """One sheet or file of a delivery, and what became of it."""

    name: str
    file: str
    commune: str | None = None
    edition: date | None = None
    sha256: str = ""
    status: str = CHECKED
    reason: str | None = None
    notices: list[str] = field(default_factory=list)
    counts: dict[str, Counts] = field(default_factory=dict)
    rejects: list[Reject] = field(default_factory=list)
    score: Score | None = None
    anomalies: list[tuple[str, str, int]] = field(default_factory=list)  # rule, severity, number: the heaviest first
    repairs: list[Repair] = field(default_factory=list)
    guessed: bool = False  # nothing says its edition: it is the date of the file
    part: bool = False  # one commune's share of a file of many

    def count(self, dataset: str) -> Counts:
        """Return the counts of a dataset in this unit."""
        return self.counts.setdefault(dataset, Counts())

    def reject(self, layer: str, obj: str | None, reason: str) -> None:
        """Count an object as rejected, with the reason."""
        self.count(layer).rejected += 1
        self.rejects.append(Reject(self.name, layer, one_line(obj)[:LONGEST] if obj else None, reason))

    def recall(self, report: Mapping[str, Any]) -> None:
        """Take back from a report what reading this unit gave."""
        self.notices += report["avis"]
        self.counts = {name: Counts(*(counts[word] for word in COUNTED)) for name, counts in report["objets"].items()}
        self.rejects = [Reject(self.name, *reject) for reject in report["rejets"]]
        self.repairs = [Repair(*repair) for repair in report.get("reparations", [])]
        if quality := report.get("qualite"):
            self.score = Score(quality["objets"], quality["penalite"])
            self.anomalies = [tuple(one) for one in quality["anomalies"]]

    @property
    def objects(self) -> int:
        """How many objects it gave."""
        return sum(counts.loaded for counts in self.counts.values())

    def as_json(self) -> dict[str, Any]:
        """Return the unit as the report keeps it."""
        return {
            "unite": self.name,
            "fichier": self.file,
            "commune": self.commune,
            "edition": self.edition and self.edition.isoformat(),
            "etat": self.status,
            "raison": self.reason,
            "avis": self.notices,
            "objets": {dataset: counts.as_json() for dataset, counts in self.counts.items()},
            "rejets": [[reject.layer, reject.object, reject.reason] for reject in self.rejects],
            "reparations": [repair.as_json() for repair in self.repairs],
            "qualite": self.score and self.score.as_json() | {"anomalies": self.anomalies},
        }


@dataclass(slots=True)
class Report:
    """The end of a load: every sheet or file, with what became of it."""

    kind: str
    units: list[Unit] = field(default_factory=list)
    delivery: int | None = None
    dry_run: bool = False
    notices: list[str] = field(default_factory=list)
    withdrawn: list[str] = field(default_factory=list)  # sheets that the communes no longer have

    @classmethod
    def recalled(cls, report: Mapping[str, Any]) -> "Report":
        """Return a report as it was kept in the database."""
        own = cls(report["genre"], [], report["livraison"], report["essai"], report["avis"], report["retirees"])
        for told in report["unites"]:
            edition = told["edition"] and date.fromisoformat(told["edition"])
            unit = Unit(told["unite"], told["fichier"], told["commune"], edition)
            unit.status, unit.reason = told["etat"], told["raison"]
            unit.recall(told)
            own.units.append(unit)
        return own

    def tell_of_editions(self) -> None:
        """Say which editions are but dates of files: a copy made today would pass for today's."""
        taken = [unit for unit in self.units if unit.guessed and unit.status in (CHECKED, PUBLISHED)]
        for edition in sorted({unit.edition for unit in taken if unit.edition}):
            self.notices.append(f"édition du {edition:%d/%m/%Y} (date du fichier ; --edition pour la donner)")

    @property
    def exit_code(self) -> int:
        """0 all loaded (or nothing to do), 3 some rejected, 4 nothing could be taken."""
        refused = [unit for unit in self.units if unit.status == REFUSED]
        if all(unit.status in (REFUSED, IGNORED) for unit in self.units):
            return 4
        return 3 if refused or any(unit.rejects for unit in self.units) else 0

    @property
    def unchanged(self) -> bool:
        """True where everything had already been loaded."""
        return (
            bool(self.units) and not self.withdrawn and {unit.status for unit in self.units} - {IGNORED} == {UNCHANGED}
        )

    def totals(self) -> dict[str, Counts]:
        """Return the counts of each dataset over all units."""
        totals: dict[str, Counts] = {}
        for unit in self.units:
            for dataset, counts in unit.counts.items():
                totals.setdefault(dataset, Counts()).__iadd__(counts)
        return totals

    def scores(self) -> dict[str, Score]:
        """Return the score of each commune, over its sheets that were read and not refused."""
        found: dict[str, Score] = {}
        for unit in self.units:
            if unit.score and unit.commune and unit.status in (CHECKED, PUBLISHED):
                found[unit.commune] = found.get(unit.commune, Score(0, 0)) + unit.score
        return dict(sorted(found.items()))

    def as_json(self) -> dict[str, Any]:
        """Return the report as it is kept in the database and printed by --json."""
        return {
            "genre": self.kind,
            "livraison": self.delivery,
            "essai": self.dry_run,
            "code": self.exit_code,
            "avis": self.notices,
            "retirees": self.withdrawn,
            "objets": {dataset: counts.as_json() for dataset, counts in self.totals().items()},
            "notes": {commune: score.value for commune, score in self.scores().items()},
            "unites": [unit.as_json() for unit in self.units],
        }

    def __str__(self) -> str:
        return "\n".join(self.lines())

    def lines(self) -> Iterable[str]:
        """Yield the report for a reader, the sum first."""
        yield self.summary()
        if self.dry_run and self.exit_code in (0, 3):
            yield "  rien n'est écrit : relancez sans --dry-run pour charger"
        yield from (f"  {notice}" for notice in shortened(self.notices))
        for dataset, counts in self.totals().items():
            yield f"  {dataset} : {sentence(counts)}"
        yield from self.quality()
        for unit in self.units:
            if unit.reason:
                yield f"  {unit.status.upper()} {unit.file} : {unit.reason}"
        yield from shortened([f"  {unit.name} : {notice}" for unit in self.units for notice in unit.notices])
        rejects = [reject for unit in self.units for reject in unit.rejects]
        yield from (f"  {line}" for line in shortened([str(reject) for reject in rejects]))

    def quality(self) -> Iterable[str]:
        """Yield the score of each commune, and what lowers it."""
        found: dict[str, Counter[str]] = {}
        for unit in self.units:
            for rule, _, number in unit.anomalies if unit.commune and unit.status in (CHECKED, PUBLISHED) else ():
                found.setdefault(str(unit.commune), Counter())[rule] += number
        lines = []
        for commune, score in self.scores().items():
            rules = ", ".join(f"{number} {rule}" for rule, number in found.get(commune, Counter()).most_common(5))
            lines.append(f"  qualité de {commune} : {score.value}/100" + (f" ({rules})" if rules else ""))
        yield from shortened(lines)
        if found and not self.dry_run:
            yield "  où, et que faire : la collection « anomalies », sur la carte ou en liste"

    def summary(self) -> str:
        """Return the one line that says how it ended."""
        if self.unchanged:
            return f"{self.kind} : déjà chargé, rien n'a changé ({len(self.units)} {plural('unité', len(self.units))})."
        states = Counter(unit.status for unit in self.units)
        words = ", ".join(f"{number} {plural(status, number)}" for status, number in states.items())
        trial = " (essai à blanc)" if self.dry_run else ""
        return f"{self.kind} : {len(self.units)} feuille(s) ou fichier(s) : {words}{trial}."


def shortened(lines: list[str]) -> list[str]:
    """Return as many lines as a reader takes in, and how many there are beside."""
    more = [f"… et {len(lines) - SHOWN} autres (voir --json)"] if len(lines) > SHOWN else []
    return lines[:SHOWN] + more


def plural(status: str, number: int) -> str:
    """Return a state as it is said of some units."""
    return f"{status}s" if number > 1 and status != IGNORED else status


def sentence(counts: Counts) -> str:
    """Say the counts of a dataset, leaving out what did not happen."""
    parts = [f"{counts.read} lus", f"{counts.loaded} chargés"]
    if counts.pieces:
        parts.append(f"en {counts.pieces} morceaux")
    parts += [f"{n} {word}" for n, word in ((counts.repaired, "réparés"), (counts.seen_again, "vus de nouveau")) if n]
    return ", ".join([*parts, f"{counts.rejected} rejetés"])
