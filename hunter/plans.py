"""The door of plans: the PDF's own lines are brought back to the ground, and each must be something the caller sees."""

import re
from collections.abc import Iterator, Sequence
from functools import cache
from io import BytesIO
from itertools import product
from random import Random

import numpy as np
import shapely

from hunter import decoders
from hunter.hunt import Hunt
from hunter.items import missing_id
from hunter.members import Member
from hunter.things import PARCELS, Thing

DRAWN = (PARCELS, "batiments", "sections", "communes", "troncons_cours_eau", "surfaces", "lignes", "points_divers",
         "symboles_limites", "bornes", "numeros_voirie", "etiquettes")  # fmt: skip

PARCEL = re.compile(r"/items/(\w{14})\b")

Path = list[tuple[float, float]]
Box = tuple[float, float, float, float]


def plan(hunt: Hunt, random: Random, member: Member) -> None:
    """The plan of a parcel, permitted or hidden."""
    parcels = hunt.oracle.things[PARCELS]
    visible = hunt.oracle.visible(member, PARCELS, "image")
    probe = parcels[random.choice(sorted(visible if visible and random.random() < 0.6 else parcels))]
    base = "/collections/parcelles/items"
    response = hunt.ask(member, f"{base}/{probe.id}/plan.pdf", basic=random.random() < 0.5)
    if not member.organisation:
        return
    if probe.id not in visible:
        hunt.same(response, hunt.ask(member, f"{base}/{missing_id(probe)}/plan.pdf"), 404)
        return
    hunt.expect(response.status_code == 200, "a permitted plan is refused")
    drawn(hunt, member, probe, response.content)


def named(hunt: Hunt, random: Random, member: Member) -> None:
    """The parcels of a section and number: the caller's own, by either usage; a hidden one is as one that is not."""
    shown, usage = random.choice((("plan", "image"), ("fiche", "feature")))
    parcels = hunt.oracle.things[PARCELS]
    had = [each for each in ("image", "feature") if hunt.oracle.has(member, PARCELS, each)]
    visible = hunt.oracle.visible(member, PARCELS, usage if usage in had else had[0]) if had else {}
    probe = parcels[random.choice(sorted(visible if visible and random.random() < 0.6 else parcels))]
    asked = probe.id if random.random() < 0.3 else f"{probe.id[8:10]} {int(probe.id[10:])}"
    response = hunt.ask(member, "/parcelle", [("parcelle", asked), ("voir", shown)])
    if not member.organisation:
        return
    found = set(PARCEL.findall(response.headers.get("location", "") or response.text))
    expected = {id for id in visible if id.endswith(probe.id[8:]) and asked in (id, f"{id[8:10]} {int(id[10:])}")}
    hunt.objects += len(found)
    hunt.expect(response.status_code == (404 if not expected else 303 if len(expected) == 1 else 200), "another answer")
    hunt.expect(found == expected, f"foreign {sorted(found - expected)[:5]}, missing {sorted(expected - found)[:5]}")


def drawn(hunt: Hunt, member: Member, probe: Thing, body: bytes) -> None:
    """Judge what is drawn: nothing of a commune that the caller does not see, and all the parcel's neighbours."""
    found = {rounded(box) for box in boxes(list(paths(body)), probe)}
    own = [thing for dataset in DRAWN for thing in hunt.oracle.visible(member, dataset, "image").values()]
    permitted = {near for thing in own for part in parts(thing) for near in around(part)}
    everything = (thing for dataset in DRAWN for thing in hunt.oracle.things.get(dataset, {}).values())
    every = {rounded(part): thing for thing in everything for part in parts(thing)}
    foreign = [every[box].id for box in found & set(every) - permitted]
    hunt.objects += len(found & set(every))
    hunt.expect(not foreign, f"foreign lines: {foreign[:5]}")
    neighbours = [t for t in own if t.dataset == PARCELS and t.geometry.intersects(probe.geometry)]
    missing = [thing.id for thing in neighbours if not all(found & around(part) for part in parts(thing))]
    hunt.expect(not missing, f"missing lines: {missing[:5]}")
    words = decoders.pdf_words(body)
    hunt.expect("DGFiP" in " ".join(words), "the plan does not name its source")


def parts(thing: Thing) -> list[Box]:
    """Return the boxes of the parts of an object: each is drawn by itself."""
    return [part.bounds for part in shapely.get_parts(thing.geometry)]


def paths(body: bytes) -> Iterator[Path]:
    """Yield what a PDF's first page draws, in points: polygons, lines, and where signs and turned words are put."""
    from pypdf import PdfReader  # comes with the tests
    from pypdf.generic import ContentStream

    page = PdfReader(BytesIO(body)).pages[0]
    current: Path = []
    for operands, operator in ContentStream(page.get_contents(), page.pdf).operations:
        match operator:
            case b"m":
                current = [point(operands)]
            case b"l":
                current.append(point(operands))
            case b"h" | b"S" if len(current) > 1:
                yield current
                current = []
            case b"cm" if any(map(float, operands[4:])):
                yield [point(operands[4:])]


def point(operands: Sequence[object]) -> tuple[float, float]:
    """Return the point of an operator."""
    return float(operands[0]), float(operands[1])  # type: ignore[arg-type]


def boxes(drawn: Sequence[Path], probe: Thing) -> Iterator[Box]:
    """Yield the boxes of paths on the ground; the first drawn is the parcel itself, which says where paper is."""
    first = np.array([place for ring in drawn[: rings(probe)] for place in ring])
    west, south, east, north = probe.geometry.bounds
    scale = (east - west) / np.ptp(first[:, 0])
    assert abs(scale - (north - south) / np.ptp(first[:, 1])) < scale / 1000, "the parcel is not drawn to scale"
    shift = np.array([west, south]) - first.min(axis=0) * scale
    for path in drawn:
        ground = np.array(path) * scale + shift
        yield (*ground.min(axis=0), *ground.max(axis=0))


def rings(probe: Thing) -> int:
    """Return how many rings a parcel has, those of its holes included."""
    return sum(1 + len(part.interiors) for part in shapely.get_parts(probe.geometry))


def rounded(box: Sequence[float]) -> Box:
    """Return a box in steps of ten centimetres."""
    return tuple(round(value * 10) for value in box)  # type: ignore[return-value]


@cache
def around(box: Box) -> frozenset[Box]:
    """Return the roundings that a box may have on paper."""
    steps = [(value * 10 - 0.3, value * 10 + 0.3) for value in box]
    return frozenset(product(*({round(low), round(high)} for low, high in steps)))  # type: ignore[misc]
