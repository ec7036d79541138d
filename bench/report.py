"""The figures: requests a second, and ours against each of the others."""

from dataclasses import dataclass, field
from statistics import median

from rich.table import Table

from bench.client import Run
from bench.peers import WORKERS

DEPARTMENT, COMMUNE = "Géosocle, département", "Géosocle, commune"
UNRULED = "Géosocle, sans règles (même SQL, superutilisateur)"
FLOOR, PLAIN = "SQL nu", "SQL ST_AsGeoJSON"
RATIOS = ("pygeoapi", "TiPg", PLAIN, FLOOR)


@dataclass
class Results:
    """All runs: question → server → its runs, in the order of the rounds."""

    runs: dict[str, dict[str, list[Run]]] = field(default_factory=dict)

    def add(self, question: str, server: str, run: Run) -> None:
        """Keep one run."""
        self.runs.setdefault(question, {}).setdefault(server, []).append(run)

    def rate(self, question: str, server: str) -> float | None:
        """The median of the rounds' requests a second."""
        runs = self.runs[question].get(server)
        return median(run.rate for run in runs) if runs else None

    def ratio(self, question: str, server: str) -> float | None:
        """How many times faster we are than a server, as the whole département and with all rules on."""
        ours, theirs = self.rate(question, DEPARTMENT), self.rate(question, server)
        return ours / theirs if ours and theirs else None

    def servers(self) -> list[str]:
        """All servers, in the order in which they came."""
        return list(dict.fromkeys(server for runs in self.runs.values() for server in runs))

    def header(self) -> list[str]:
        """The columns' names."""
        return ["question", *self.servers(), *(f"/ {name}" for name in RATIOS)]

    def lines(self) -> list[list[str]]:
        """The rows: requests a second, then the ratios."""
        return [
            [question]
            + [number(self.rate(question, server)) for server in self.servers()]
            + [times(self.ratio(question, server)) for server in RATIOS]
            for question in self.runs
        ]


def rules(results: Results) -> str:
    """Say what the rules cost: how many times what a request takes without them, and how many milliseconds more."""
    costs = []
    for question in results.runs:
        ruled, bare = results.rate(question, DEPARTMENT), results.rate(question, UNRULED)
        if ruled and bare:
            more = 1000 * WORKERS * (1 / ruled - 1 / bare)
            costs.append(f"{question} : {times(bare / ruled)}, {more:+.2f} ms")
    return "Coût des règles, contre les mêmes requêtes d'un superutilisateur : " + " ; ".join(costs)


def number(rate: float | None) -> str:
    """Write a rate with three digits that count, or say that there is none, or that it failed."""
    if rate is None:
        return "–"
    if rate == 0:
        return "échec"  # an error, or no answer in a whole run
    return f"{rate:.0f}" if rate >= 100 else f"{rate:.3g}"


def times(ratio: float | None) -> str:
    """Write a ratio."""
    return "–" if ratio is None else f"{ratio:.2f} ×" if ratio < 10 else f"{ratio:.0f} ×"


def table(results: Results, title: str) -> Table:
    """Lay the results out for a terminal."""
    drawn = Table(title=title, caption="Réponses par seconde, médiane des tours ; à droite, nous contre chacun.")
    for name in results.header():
        drawn.add_column(name, justify="left" if name == "question" else "right", overflow="fold")
    for line in results.lines():
        drawn.add_row(*line)
    return drawn


def markdown(results: Results, title: str) -> str:
    """Lay the results out for a document."""
    rows = [results.header(), ["---", *["--:"] * (len(results.header()) - 1)], *results.lines()]
    return f"## {title}\n\n" + "\n".join("| " + " | ".join(row) + " |" for row in rows) + "\n"
