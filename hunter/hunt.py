"""The hunt: random callers, doors and parameters, each answer judged by the oracle.

Draws are plain `random` with a seed for each, not hypothesis: a request costs milliseconds and changes the state of
caches, so that shrinking would tell less than running the one numbered draw again.
"""

import json
import re
from collections import Counter, deque
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from contextlib import contextmanager
from dataclasses import dataclass, field
from math import inf
from random import Random
from time import monotonic
from typing import Any, Protocol

import httpx

from hunter import decoders
from hunter.members import Member, today
from hunter.oracle import Oracle
from hunter.things import BASE, SEVERAL, Thing

Pairs = Sequence[tuple[str, str]]
CHANGES = 0.03  # of the draws are followed by a change: an agreement ends or runs again, a token is rotated…
BAD = 0.08  # of the requests are with a bad credential
ANSWERS = (200, 201, 204, 303, 304, 400, 401, 404)
COLLECTION = re.compile(r"collections/([a-z_]{3,40})")
# Differs from one answer to the next, or only says how long the same bytes are.
VOLATILE = {"date", "server", "connection", "transfer-encoding", "content-encoding"}


class Changes(Protocol):
    """What changes between two requests: `hunter.actions` does it."""

    def draw(self, random: Random) -> None:
        """Do one change, in the database and for the oracle alike."""


class Leak(AssertionError):
    """An answer that differs from what the oracle says."""


@dataclass(frozen=True, slots=True)
class Job:
    """A job that was asked for: by whom, and what its file holds."""

    member: Member
    dataset: str
    communes: frozenset[str]
    token: str | None = field(repr=False)


@dataclass
class Hunt:
    """One hunt against one server: what was asked so far, by whom and at which door."""

    client: httpx.Client
    oracle: Oracle
    members: list[Member]
    seed: int
    restless: float = CHANGES
    draws: int = 0
    requests: int = 0
    doors: Counter[str] = field(default_factory=Counter)
    statuses: Counter[int] = field(default_factory=Counter)
    objects: int = 0
    tally: Counter[tuple[str, int]] = field(default_factory=Counter)
    given: set[tuple[str, str, str]] = field(default_factory=set)  # method, path and format of what was given
    door: str = ""
    draw: str = ""
    lasts: deque[str] = field(default_factory=lambda: deque(maxlen=2))
    actions: Changes | None = None
    changes: deque[str] = field(default_factory=lambda: deque(maxlen=5))
    jobs: dict[str, Job] = field(default_factory=dict)
    owners: dict[str, str | None] = field(default_factory=dict)

    def run(
        self, doors: Mapping[str, tuple[Callable, int]], limit: int,
        told: Callable[[int], object] = lambda done: None, deadline: float = inf,
    ) -> None:  # fmt: skip
        """Draw callers and doors until `limit` requests are made, or until a moment of the monotonic clock.

        `told` is called with the number of requests so far. Raises Leak at the first wrong answer.
        """
        names, weights = list(doors), [weight for _, weight in doors.values()]
        while self.requests < limit and monotonic() < deadline:
            told(self.requests)
            random = Random(f"{self.seed}:{self.draws}")
            member = self.somebody(random)
            name = random.choices(names, weights)[0]
            self.open(name, doors[name][0], random, member, f"draw {self.draws}")
            self.draws += 1
            if self.actions and random.random() < self.restless:
                with self.within_a_day():
                    self.actions.draw(random)

    def withdrawn(self, id: str) -> None:
        """Judge that a job has died where its owner has lost what it holds; whether it revives later is left open."""
        job = self.jobs[id]
        if not job.communes <= self.oracle.communes(job.member, job.dataset, BASE, "file"):
            del self.jobs[id]
            for path in (f"/jobs/{id}", f"/jobs/{id}/results"):
                self.expect(self.ask(job.member, path).status_code == 404, "a job outlives its rights")

    def note(self, words: str) -> None:
        """Keep what changed: it is told with the leak that follows."""
        self.changes.append(words)
        self.doors["change"] += 1

    def open(self, name: str, door: Callable, random: Random, member: Member, number: str = "") -> None:
        """Try one door; an answer that cannot be read is a wrong one."""
        self.door, self.draw = name, f"seed {self.seed}, {number}, {member.name}, {name}"
        self.doors[name] += 1
        try:
            with self.within_a_day():
                door(self, random, member)
        except (ValueError, KeyError, IndexError, TypeError, httpx.DecodingError) as error:
            raise Leak(f"an answer that cannot be read: {error!r}\n  {self.draw}\n  {self.last()}") from error

    @contextmanager
    def within_a_day(self) -> Iterator[None]:
        """Let pass what is judged wrong while midnight passes: rights begin and end then, before or after an answer."""
        began = today()
        try:
            yield
        except Leak:
            if today() == began:
                raise
            self.note("midnight passes")

    def somebody(self, random: Random) -> Member:
        """Draw who asks; a bad credential now and then."""
        bad = random.random() > 1 - BAD
        return random.choice([one for one in self.members if (one.organisation is None) is bad] or self.members)

    def ask(
        self, member: Member, path: str, params: Pairs = (), *, method: str = "GET", basic: bool = False,
        body: Any = None, headers: Mapping[str, str] | None = None, known: Set[str] = frozenset(),
    ) -> httpx.Response:  # fmt: skip
        """Make one request as a member, and judge what must be true of every answer; it may name what is `known`."""
        self.requests += 1
        sent = member.headers(basic) | dict(headers or {})
        content = None if body is None else json.dumps(body)
        if content is not None:
            sent["Content-Type"] = "application/json"
        response = self.client.request(method, path, params=list(params), headers=sent, content=content)
        self.lasts.append(f"{method} {response.request.url} {content or ''} → {response.status_code}")
        self.statuses[response.status_code] += 1
        self.tally[self.door, response.status_code] += 1
        if response.is_success:
            self.given.add((method, path, dict(params).get("f", "")))
        self.judge(member, response, content or "", known)
        return response

    def judge(self, member: Member, response: httpx.Response, sent: str, known: Set[str]) -> None:
        """Judge what holds for every answer: its status, its headers, and that nothing in it bears a foreign mark."""
        self.expect(response.status_code in ANSWERS, f"status {response.status_code}")
        if member.organisation is None:
            self.expect(response.status_code == 401, "a bad credential is not refused")
        else:
            self.expect(response.status_code != 401, "a good credential is refused")
        kept = response.headers.get("cache-control", "")
        self.expect("private" in kept or "no-store" in kept, "a shared cache may keep it")
        self.expect("authorization" in response.headers.get("vary", "").lower(), "Vary lacks Authorization")
        own = decoders.words(f"{httpx.URL(response.request.url).raw_path.decode()} {response.request.url} {sent}")
        self.foreign_marks(member, response, own | known)

    def foreign_marks(self, member: Member, response: httpx.Response, own: set[str]) -> None:
        """Search an answer of any type for ids, collections and properties that the caller may not know of."""
        if response.headers.get("content-type", "").startswith("image/"):
            return
        found = decoders.marks(response.content, self.oracle.known.ids) - own
        foreign = found and found - self.oracle.seen_anyhow(member)
        self.expect(not foreign, f"foreign objects {sorted(foreign)[:5]}")
        text = response.content.decode("utf-8", "replace")
        hidden = set(self.oracle.things) - self.oracle.datasets(member)
        named = set(COLLECTION.findall(text)) & hidden - own
        self.expect(not named, f"hidden collections {sorted(named)}")
        secret = self.secrets(member) - own
        self.expect(not secret & decoders.words(text), "hidden properties are named")

    def secrets(self, member: Member) -> set[str]:
        """Return the names of the attributes that a caller has nowhere: two datasets may bear the same."""
        names: dict[bool, set[str]] = {True: set(), False: {"edition"}}
        for dataset, group in SEVERAL.items():
            if dataset in self.oracle.things:
                hidden = not self.oracle.communes(member, dataset, group, None)
                names[hidden] |= self.oracle.columns(dataset, [group])
        return names[True] - names[False]

    def expect(self, truth: bool, words: str) -> None:
        """Raise Leak with all that is needed to ask again."""
        if not truth:
            changes = "".join(f"\n  before: {change}" for change in self.changes)
            raise Leak(f"{words}\n  {self.draw}\n  request {self.requests}: {self.last()}{changes}")

    def last(self) -> str:
        """Return the last two requests: an answer is often judged beside another."""
        return "\n  after ".join(reversed(self.lasts))

    def same(self, hidden: httpx.Response, missing: httpx.Response, status: int) -> None:
        """Judge that what is hidden is answered as what does not exist: to the byte, headers too."""
        self.expect(
            hidden.status_code == missing.status_code == status, f"{hidden.status_code}, not {status} as missing"
        )
        self.expect(hidden.content == missing.content, "the body tells hidden from missing")
        kept = [
            sorted((name, value) for name, value in each.headers.items() if name not in VOLATILE)
            for each in (hidden, missing)
        ]
        self.expect(kept[0] == kept[1], f"headers tell hidden from missing: {kept}")

    def compare(self, seen: Sequence[decoders.Seen], expected: Mapping[str, Thing], whole: bool = True) -> None:
        """Judge that objects are the expected ones: none foreign, none twice, and none missing where `whole`."""
        ids = [each.id for each in seen]
        self.objects += len(ids)
        self.expect(len(set(ids)) == len(ids), "an object twice")
        self.expect(set(ids) <= set(expected), f"foreign {sorted(set(ids) - set(expected))[:5]}")
        missing = {id for id, thing in expected.items() if thing.sure} - set(ids)
        self.expect(not (whole and missing), f"missing {sorted(missing)[:5]} of {len(expected)}")

    def report(self) -> str:
        """Say what was done."""
        doors = ", ".join(f"{name} {count}" for name, count in sorted(self.doors.items()))
        statuses = ", ".join(f"{status}: {count}" for status, count in sorted(self.statuses.items()))
        return f"{self.requests} requests, {self.objects} objects (seed {self.seed}); {statuses}; {doors}"
