"""How many bad credentials one address may try a minute.

The count is each process's own: with two of them an address has at most twice as many tries, which is nothing against
256 random bits, and a bad login costs the database no write. One bad client locks nobody of its network out: a
credential that was good lately passes, and the same bad one again and again counts for itself alone.
"""

import hashlib
import logging
from collections import OrderedDict
from dataclasses import dataclass, field
from ipaddress import ip_address
from threading import Lock
from time import monotonic

from catalog.errors import QuotaExceeded

LOG = logging.getLogger(__name__)

WINDOW = 60.0  # seconds
KEPT = 10_000  # addresses, and good credentials, remembered by a process


class TooManyFailures(QuotaExceeded):
    """Trop d'identifications refusées : patientez une minute."""


@dataclass(slots=True)
class Failures:
    """What one address got wrong since `began`: how often, by the hash of what it presented."""

    began: float
    counts: dict[str, int] = field(default_factory=dict)


class Throttle:
    """The failures of the last minute, and the credentials that were good lately."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self._failures: OrderedDict[str, Failures] = OrderedDict()
        self._good: OrderedDict[str, None] = OrderedDict()
        self._lock = Lock()

    def check(self, address: str, key: str) -> None:
        """Raise TooManyFailures for an address that tried too many credentials, or this one too often."""
        with self._lock:
            found = self._now(network(address))
            if found is None:
                return
            full = len(found.counts) >= self.limit and key not in self._good
            if full or found.counts.get(key, 0) >= self.limit:
                raise TooManyFailures

    def succeeded(self, key: str) -> None:
        """Remember a credential that was good."""
        with self._lock:
            keep(self._good, key, None)

    def failed(self, address: str, key: str) -> None:
        """Count a bad credential; the address is logged when it reaches the limit, never what it presented."""
        with self._lock:
            self._good.pop(key, None)
            found = self._now(network(address)) or Failures(monotonic())
            if key in found.counts or len(found.counts) < self.limit:
                found.counts[key] = found.counts.get(key, 0) + 1
            keep(self._failures, network(address), found)
            if max(len(found.counts), found.counts.get(key, 0)) == self.limit:
                LOG.warning("Trop d'identifications refusées depuis %s", address)

    def _now(self, name: str) -> Failures | None:
        found = self._failures.get(name)
        return found if found and monotonic() - found.began < WINDOW else None


def keep[V](kept: OrderedDict[str, V], key: str, value: V) -> None:
    """Remember a value as the newest, and forget the oldest of too many."""
    kept[key] = value
    kept.move_to_end(key)
    if len(kept) > KEPT:
        kept.popitem(last=False)


def fingerprint(presented: str) -> str:
    """Return what is remembered of a credential."""
    return hashlib.sha256(presented.encode("utf-8", "surrogateescape")).hexdigest()


def network(address: str) -> str:
    """Return what counts as one address: of IPv6, the /64 that a subscriber has whole."""
    try:
        found = ip_address(address)
    except ValueError:
        return address
    return ":".join(found.exploded.split(":")[:4]) if found.version == 6 else address
