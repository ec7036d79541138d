"""Quotas of agreements: taken before data are read, by the register's connections; what was not used is given back.

Features and bytes are charged to an agreement for what it gives and no agreement without that quota does; requests,
which are the machine's trouble and not the data's, are free where any agreement gives the dataset without.
"""

import logging
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from psycopg.types.json import Jsonb

from catalog.errors import QuotaExceeded, RegisterUnavailable
from catalog.model import Principal, Usage
from catalog.register import execute, here

LOG = logging.getLogger(__name__)

Measure = Literal["features_day", "export_bytes_month", "requests_minute"]


@dataclass(frozen=True, slots=True)
class Share:
    """What one agreement gives, {group: communes}, and what of its quota was taken: None where it has none."""

    agreement: str
    granted: int | None
    remaining: int | None
    rights: Mapping[str, Sequence[str]]
    period: datetime | None
    seconds: int | None


@dataclass(frozen=True, slots=True)
class Account:
    """Who is charged for what."""

    principal: Principal
    measure: Measure
    dataset: str | None  # None for that of a job
    usage: Usage

    @property
    def limited(self) -> bool:
        """True where some agreement sets this quota: no other caller costs the database a question."""
        return any(
            (usage, measure) == (self.usage, self.measure) and self.dataset in (dataset, None)
            for dataset, usage, measure in self.principal.quotas
        )

    def take(self, wanted: int, **more: Any) -> list[Share]:
        """Take from all covering agreements, committed; nothing where none is limited. Raises RegisterUnavailable."""
        if not self.limited:
            return []
        values = {"key": self.principal.key, "measure": self.measure, "dataset": self.dataset, "usage": self.usage}
        values |= {"job": None, "wanted": wanted, "unused": Jsonb({}), "period": None} | more
        return [Share(*row) for row in execute(here(), "quota_charge", values)]

    def give_back(self, shares: Iterable[Share], used: Mapping[str, int]) -> None:
        """Give back what was taken and not used. Where that cannot be written it stays charged, as after a crash."""
        taken = [share for share in shares if share.granted]
        unused = {share.agreement: share.granted - used.get(share.agreement, 0) for share in taken}
        if not any(unused.values()):
            return
        try:
            self.take(0, unused=Jsonb(unused), period=taken[0].period)
        except RegisterUnavailable:
            LOG.warning("What was not used of a quota could not be given back")


class Meter:
    """What may still be given, feature after feature, by agreements that were charged beforehand."""

    def __init__(self, shares: Sequence[Share], groups: Iterable[str]) -> None:
        self.shares, self.groups = shares, tuple(groups)
        self.left = {share.agreement: share.granted or 0 for share in shares}
        self.used: Counter[str] = Counter()
        self._covers: dict[str, list[frozenset[str]]] = {}

    def take(self, commune: str) -> bool:
        """Charge one feature; False where a group that is given there has no agreement left to give it."""
        needs = self.covers(commune)
        if not all(any(self.left[agreement] for agreement in giving) for giving in needs):
            return False
        for agreement in frozenset[str]().union(*needs):
            self.used[agreement] += min(1, self.left[agreement])
            self.left[agreement] -= min(1, self.left[agreement])
        return True

    def first(self, communes: Iterable[str]) -> int:
        """Charge the first features of a page, by their communes, and return how many may be given."""
        given = 0
        for commune in communes:
            if not self.take(commune):
                break
            given += 1
        return given

    def covers(self, commune: str) -> list[frozenset[str]]:
        """Return the agreements that give each group in a commune, but for groups that one gives without quota."""
        if commune not in self._covers:
            self._covers[commune] = covers(self.shares, self.groups, commune)
        return self._covers[commune]

    @property
    def exceeded(self) -> QuotaExceeded:
        """The refusal, with the seconds until the period turns."""
        return exceeded(self.shares)


def covers(shares: Sequence[Share], groups: Iterable[str], commune: str) -> list[frozenset[str]]:
    """Return, for each group that is given in a commune and by no agreement without quota, those that give it."""
    giving = ([share for share in shares if commune in share.rights.get(group, ())] for group in groups)
    limited = (each for each in giving if each and all(share.granted is not None for share in each))
    return [frozenset(share.agreement for share in each) for each in limited]


def exceeded(shares: Iterable[Share]) -> QuotaExceeded:
    """Return the refusal that says when the period turns."""
    return QuotaExceeded(seconds=max((share.seconds for share in shares if share.seconds is not None), default=None))


def request(principal: Principal, dataset: str | None, usage: Usage, job: UUID | None = None) -> None:
    """Count a request for the data of a dataset, or for the file of a job. Raises QuotaExceeded."""
    shares = Account(principal, "requests_minute", dataset, usage).take(1, job=job)
    counted = [share for share in shares if share.granted is not None]
    if counted and not any(share.granted for share in counted):
        raise exceeded(counted)


@contextmanager
def features(principal: Principal, dataset: str, usage: Usage, groups: Iterable[str], most: int) -> Iterator[Meter]:
    """Reserve features for a block that reads `most` at the most, and give back what its meter did not charge."""
    account = Account(principal, "features_day", dataset, usage)
    shares = account.take(most) if most else []
    meter, used = Meter(shares, groups), Counter[str]()
    try:
        yield meter
        used = meter.used
    finally:  # what failed has given nothing
        account.give_back(shares, used)


Held = Sequence[Mapping[str, Any]]  # [{"dataset", "group", "communes"}]


def check_export(principal: Principal, dataset: str, holds: Held) -> None:
    """Raise QuotaExceeded for an export of which some part has nothing left to be given by."""
    shares = Account(principal, "export_bytes_month", dataset, "file").take(0)
    _charged(shares, holds, {share.agreement for share in shares if share.remaining})


@contextmanager
def export(principal: Principal, dataset: str, holds: Held, size: int) -> Iterator[None]:
    """Charge a file of `size` bytes for a block that publishes it; nothing where the block fails. Raises QuotaExceeded.

    Each agreement that the file needs is charged the whole file: its bytes are not told apart by commune.
    """
    account = Account(principal, "export_bytes_month", dataset, "file")
    shares = account.take(size)
    used: dict[str, int] = {}
    try:
        charged = _charged(shares, holds, {share.agreement for share in shares if share.granted})
        yield
        used = dict.fromkeys(charged, size)
    finally:
        account.give_back(shares, used)


def _charged(shares: Sequence[Share], holds: Held, able: set[str]) -> set[str]:
    """Return the agreements that a file is charged to. Raises QuotaExceeded where a part has none that is able."""
    needs = {
        giving for part in holds for commune in part["communes"] for giving in covers(shares, [part["group"]], commune)
    }
    if not all(giving & able for giving in needs):
        raise exceeded(shares)
    return able & frozenset[str]().union(*needs)
