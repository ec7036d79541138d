"""The invented drinking-water network: pipes under roads, across limits, along one, and through a point of three."""

from collections.abc import Iterator
from itertools import pairwise
from random import Random

from shapely import LineString

from data_samples.lattice import STEP, Ground
from data_samples.model import Canalisation
from data_samples.plan import ROAD, Cell, Plan, runs

ASIDE = 0.3  # units from the road's axis: a pipe beside a limit crosses it no oftener than it must
MATERIALS = (("pvc", (63, 90, 110)), ("fd", (100, 150, 200)), ("pehd", (50, 63, 125)), ("fg", (80, 100)))
OWNERS = (("200985001", "Syndicat des eaux de la Vironne"), ("200985002", "Régie d'eau du Bocage"))
UNKNOWN_YEAR = -9999


def pipes(random: Random, plan: Plan, ground: Ground) -> tuple[Canalisation, ...]:
    """Return the pipes of the whole territory."""
    lines = [(line, False) for line in _under_roads(plan, ground)]
    lines += [(line, True) for line in _along_limits(plan, ground)]
    lines += [(line, False) for line in _through_triple_points(plan, ground)]
    return tuple(_pipe(random, number, line, along) for number, (line, along) in enumerate(lines, 1))


def _pipe(random: Random, number: int, line: LineString, along_border: bool) -> Canalisation:
    material, diameters = random.choice(MATERIALS)
    owner, operator = random.choice(OWNERS)
    return Canalisation(
        id=f"AEP-{number:05d}",
        materiau=material,
        diametre_equivalent=random.choice(diameters),
        an_pose_sup=random.choice((UNKNOWN_YEAR, *range(1958, 2025, 3))),
        etat_service="abandon" if random.random() < 0.06 else "en_service",
        maitre_ouvrage=owner,
        exploitant=operator,
        along_border=along_border,
        geometry=line,
    )


def _under_roads(plan: Plan, ground: Ground) -> Iterator[LineString]:
    for run in runs(plan.sides, ROAD):
        if len(run) > 2:
            (u0, v0), (u1, v1) = plan.node(run[0]), plan.node(run[-1])
            length = u1 - u0 + v1 - v0
            steps = [*range(1, length - 1, STEP), length - 1]  # the ends stay inside the territory
            east = v0 == v1
            nodes = [(u0 + step, v0 + ASIDE) if east else (u0 + ASIDE, v0 + step) for step in steps]
            yield LineString([_centimetres(ground.bend(u, v)) for u, v in nodes])


def _along_limits(plan: Plan, ground: Ground) -> Iterator[LineString]:
    """One pipe a run of road that is a limit between two communes, on the limit's own vertices."""
    for run in runs(plan.sides, ROAD)[::-1]:
        on_limit = [side for side in pairwise(run) if len({plan.owners[cell] for cell in _beside(side)}) == 2]
        if on_limit:
            yield ground.line([plan.node(corner) for corner in on_limit[0]])


def _through_triple_points(plan: Plan, ground: Ground) -> Iterator[LineString]:
    for i, j in plan.triple_points:
        ends = [_middle(plan, (i - 1, j - 1)), _middle(plan, (i, j))]
        yield LineString(
            [_centimetres(ground.bend(*ends[0])), ground.place(plan.node((i, j))), _centimetres(ground.bend(*ends[1]))]
        )


def _beside(side: tuple[Cell, Cell]) -> tuple[Cell, Cell]:
    (i, j), (right, _) = side
    return ((i, j), (i, j - 1)) if right > i else ((i, j), (i - 1, j))


def _middle(plan: Plan, cell: Cell) -> tuple[float, float]:
    (u0, v0), (u1, v1) = plan.node(cell), plan.node((cell[0] + 1, cell[1] + 1))
    return (u0 + u1) / 2, (v0 + v1) / 2


def _centimetres(point: tuple[float, float]) -> tuple[float, float]:
    return round(point[0], 2), round(point[1], 2)
