"""How long refusals take: whether a clock tells what is hidden from what does not exist.

A tool to look with, never a test: what a loaded machine measures proves nothing.
"""

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

import numpy as np

from hunter import ground
from hunter.hunt import Hunt
from hunter.items import missing_id
from hunter.members import Member
from hunter.things import PARCELS


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two kinds of requests: median microseconds of each, and how likely chance alone makes that difference."""

    what: str
    medians: tuple[float, float]
    p: float


def compare(hunt: Hunt, rounds: int = 1000) -> list[Comparison]:
    """Time hidden parcels against missing ones, and boxes over hidden parcels against boxes over nothing."""
    random = Random(hunt.seed)
    member = next(one for one in hunt.members if hunt.oracle.has(one, PARCELS, "feature"))
    visible = hunt.oracle.visible(member, PARCELS, "feature")
    hidden = [thing for thing in hunt.oracle.things[PARCELS].values() if thing.id not in visible]
    path = f"/collections/{PARCELS}/items"
    probes = [random.choice(hidden) for _ in range(rounds)]
    ids = [(f"{path}/{probe.id}", f"{path}/{missing_id(probe)}") for probe in probes]
    boxes = [
        (f"{path}?{box(probe.geometry.bounds, 0)}", f"{path}?{box(probe.geometry.bounds, 2e6)}") for probe in probes
    ]
    return [
        compared(hunt, member, "objet caché, objet absent", ids),
        compared(hunt, member, "emprise d'objets cachés, emprise vide", boxes),
    ]


def box(bounds: Sequence[float], away: float) -> str:
    """Return the parameters of a box in metres, moved away to where nothing is."""
    west, south, east, north = bounds
    return f"bbox={west - away},{south},{east - away},{north}&bbox-crs={ground.uri(ground.srid())}"


def compared(hunt: Hunt, member: Member, what: str, pairs: Sequence[tuple[str, str]]) -> Comparison:
    """Time pairs of requests; which of the two comes first is drawn, since the second finds warm caches."""
    random, taken = Random(hunt.seed), np.zeros((len(pairs), 2))
    for number, pair in enumerate(pairs):
        for which in random.sample((0, 1), 2):
            taken[number, which] = elapsed(hunt, member, pair[which]) * 1e6
    return Comparison(what, tuple(np.median(taken, axis=0)), mann_whitney(taken[:, 0], taken[:, 1]))


def elapsed(hunt: Hunt, member: Member, path: str) -> float:
    """Return the seconds that an answer takes."""
    begun = time.perf_counter()
    hunt.client.get(path, headers=member.headers(False))
    return time.perf_counter() - begun


def mann_whitney(first: np.ndarray, second: np.ndarray) -> float:
    """Return the two-sided p of the rank-sum test (Mann and Whitney 1947, by the normal approximation)."""
    ranks = np.argsort(np.argsort(np.concatenate([first, second]))) + 1
    n, m = len(first), len(second)
    u = ranks[:n].sum() - n * (n + 1) / 2
    z = (u - n * m / 2) / math.sqrt(n * m * (n + m + 1) / 12)
    return math.erfc(abs(z) / math.sqrt(2))
