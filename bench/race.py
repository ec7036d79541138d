"""Who is measured, on which questions, and in turn: one burst each, round after round."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol

from bench import answers, client, raw
from bench.client import Run
from bench.peers import Peer
from bench.questions import Question
from bench.raw import Statement
from bench.report import Results

SLOW_PAGE = 10_000
SLOW_CONNECTIONS = 4  # of pages this large; more only wait for each other


class Runner(Protocol):
    """Whoever can be asked."""

    name: str
    questions: tuple[Question, ...]

    def can(self, question: Question) -> bool:
        """Say whether it understands a question."""

    def run(self, question: Question, seconds: float, connections: int) -> Run:
        """Measure one burst."""

    def count(self, question: Question) -> int:
        """Count the features of the first answers."""


@dataclass(frozen=True, slots=True)
class Server:
    """A server that speaks HTTP."""

    name: str
    questions: tuple[Question, ...]
    peer: Peer

    def can(self, question: Question) -> bool:
        """It can if it has an address for it."""
        return bool(question.urls(self.peer))

    def run(self, question: Question, seconds: float, connections: int) -> Run:
        """Load it over HTTP."""
        return client.load(question.urls(self.peer), self.peer.headers, seconds, connections)

    def count(self, question: Question) -> int:
        """Ask the first questions and count."""
        urls = question.urls(self.peer)[: answers.SAMPLE]
        return sum(answers.features(answers.fetched(self.peer, url), question.kind) for url in urls)


@dataclass(frozen=True, slots=True)
class Floor:
    """PostgreSQL alone, asked by its superuser."""

    name: str
    questions: tuple[Question, ...]
    dsn: str
    statement: Callable[[Question], Statement]

    def can(self, question: Question) -> bool:
        """It always can."""
        return True

    def run(self, question: Question, seconds: float, connections: int) -> Run:
        """Load it with connections of our own."""
        return raw.load(self.dsn, self.statement(question), seconds, connections)

    def count(self, question: Question) -> int:
        """Ask the first questions and count; our statement reads one row more than the page."""
        found = raw.fetched(self.dsn, self.statement(question))[: answers.SAMPLE]
        if question.kind == "tile":
            return sum(answers.in_tile(body) for bodies in found for body in bodies)
        return sum(min(len(bodies), question.size) for bodies in found)


def run(
    runners: list[Runner], rounds: int, seconds: float, connections: int, advance: Callable[[int], object]
) -> Results:
    """Measure everybody on each question in turn, so that what disturbs the machine disturbs all alike."""
    results = Results()
    for _ in range(rounds):
        for runner, question in turns(runners):
            at_once = min(connections, SLOW_CONNECTIONS) if question.size >= SLOW_PAGE else connections
            results.add(question.label, runner.name, runner.run(question, seconds, at_once))
            advance(1)
    return results


def turns(runners: list[Runner]) -> Iterator[tuple[Runner, Question]]:
    """Yield one round: question by question, each runner after the other."""
    for label in dict.fromkeys(question.label for runner in runners for question in runner.questions):
        for runner in runners:
            for question in runner.questions:
                if question.label == label and runner.can(question):
                    yield runner, question


def counts(runners: list[Runner]) -> dict[str, dict[str, int]]:
    """Return how many features each gives for the same questions: question → runner → count."""
    found: dict[str, dict[str, int]] = {}
    for runner, question in turns(runners):
        found.setdefault(question.label, {})[runner.name] = runner.count(question)
    return found
