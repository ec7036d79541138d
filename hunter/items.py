"""The doors of features: pages, counts, single objects, hidden ones, hidden properties, pages of HTML."""

import json
from collections.abc import Mapping, Sequence
from random import Random

import numpy as np
import shapely

from hunter import decoders, filters, ground
from hunter.hunt import Hunt
from hunter.members import Member
from hunter.things import BASE, PLAN, WATER, Thing

WEIGHTS = {"parcelles": 8, WATER: 8, "batiments": 4}
EDGE = 0.05  # metres: what touches a box by less than this may be in or out
EXACT = 0.02  # metres between a geometry of the world and what is served of it


def pick(hunt: Hunt, random: Random, member: Member, usage: str) -> tuple[Thing, Thing, Mapping[str, Thing]]:
    """Return an object that the caller sees, any other, and all that it sees; half the draws probe what is hidden."""
    has = [dataset for dataset in hunt.oracle.things if hunt.oracle.has(member, dataset, usage)]
    dataset = weighed(random, has or list(hunt.oracle.things))
    visible = hunt.oracle.visible(member, dataset, usage)
    everything = sorted(hunt.oracle.things[dataset])
    other = hunt.oracle.things[dataset][random.choice(everything)]
    mine = visible[random.choice(sorted(visible))] if visible else other
    return mine, other, visible


def weighed(random: Random, datasets: Sequence[str]) -> str:
    """Draw a dataset, those whose rights differ most between callers more often."""
    return random.choices(datasets, [WEIGHTS.get(dataset, 1) for dataset in datasets])[0]


def items(hunt: Hunt, random: Random, member: Member) -> None:
    """One page with random parameters around a probe, and its next pages where it has some."""
    mine, other, visible = pick(hunt, random, member, "feature")
    path = f"/collections/{mine.dataset}/items"
    if not hunt.oracle.has(member, mine.dataset, "feature"):
        hidden = hunt.ask(member, path, [("f", "json")])
        if member.organisation:
            hunt.same(hidden, hunt.ask(member, "/collections/inconnu/items", [("f", "json")]), 404)
        return
    params: dict[str, str] = {"f": "json"}
    expected, optional = as_of_a_day(hunt, random, member, params, mine.dataset, visible), set[str]()
    if random.random() < 0.5:
        optional = add_box(random, params, random.choice((mine, other)), expected)
    if random.random() < 0.5:
        add_filter(hunt, random, member, params, mine, other, expected)
    crs = add_output(hunt, random, member, params, mine)
    limit = random.choice((1, 10, 100, 1000, 10_000))
    params["limit"] = str(limit)
    keep_pages(hunt, random, member, path, params, expected, optional, crs, limit)


def as_of_a_day(
    hunt: Hunt, random: Random, member: Member, params: dict[str, str], dataset: str, visible: Mapping[str, Thing]
) -> dict[str, Thing]:  # fmt: skip
    """Ask for what was valid on a day, now and then; return what was. The images and the pipes have one edition."""
    if random.random() < 0.6 or dataset not in PLAN or not hunt.oracle.known.days:
        return dict(visible)
    params["datetime"] = random.choice(list(hunt.oracle.known.days))
    return hunt.oracle.visible(member, dataset, "feature", params["datetime"])


def keep_pages(
    hunt: Hunt, random: Random, member: Member, path: str, params: dict[str, str],
    expected: dict[str, Thing], optional: set[str], crs: str, limit: int,
) -> None:  # fmt: skip
    """Follow the pages of an answer, and compare all of it, or as much as was read."""
    basic, followed = random.random() < 0.5, []
    asked = sorted(params.items())
    for _ in range(12):
        response = hunt.ask(member, path, asked, basic=basic)
        hunt.expect(response.status_code == 200, "a permitted page is refused")
        seen, page = decoders.collection(response.content)
        hunt.expect(page["numberReturned"] == len(seen) <= limit, "numberReturned is wrong")
        followed += seen
        matched = page.get("numberMatched")
        sure = sum(thing.sure and thing.id not in optional for thing in expected.values())
        hunt.expect(
            matched is None or sure <= matched <= len(expected), f"numberMatched {matched}, not {len(expected)}"
        )
        following = [link["href"] for link in page["links"] if link["rel"] == "next"]
        if not following or len(followed) >= 400 and limit < 100:
            break
        asked = sorted(decoders.query(following[0]))
    required = {id: thing for id, thing in expected.items() if id not in optional}
    hunt.compare(followed, expected, whole=False)
    hunt.compare([seen for seen in followed if seen.id in required], required, whole=not following)
    for seen in random.sample(followed, min(20, len(followed))):
        attributes(hunt, member, seen, expected[seen.id], params, crs)


def add_box(random: Random, params: dict[str, str], probe: Thing, expected: dict[str, Thing]) -> set[str]:
    """Put a box around a probe; take away what is outside, and return what is on its edge."""
    uri, (srid, flipped) = random.choice(list(ground.systems().items()))
    half = random.choice((5, 40, 200, 1500))
    centre = probe.geometry.representative_point()
    west, south, east, north = shapely.box(
        centre.x - half, centre.y - half / 2, centre.x + half, centre.y + half / 2
    ).bounds
    box = ground.to(srid).transform_bounds(west, south, east, north)
    box = tuple(round(number, 7 if srid == 4326 else 2) for number in box)
    area = ground.in_metres(shapely.segmentize(shapely.box(*box), (box[2] - box[0]) / 30), srid)
    written = (box[1], box[0], box[3], box[2]) if flipped else box
    params["bbox"] = ",".join(map(str, written))
    if uri != ground.CRS84 or random.random() < 0.5:
        params["bbox-crs"] = uri
    wide, narrow = area.buffer(EDGE), area.buffer(-EDGE)
    shapely.prepare([wide, narrow])
    for id, thing in list(expected.items()):
        if not wide.intersects(thing.geometry):
            del expected[id]
    return {id for id, thing in expected.items() if not narrow.intersects(thing.geometry)}


def add_filter(
    hunt: Hunt, random: Random, member: Member, params: dict[str, str], mine: Thing, other: Thing,
    expected: dict[str, Thing],
) -> None:  # fmt: skip
    """Ask for values of the probes, by a property or by a filter; take away what does not match."""
    groups = hunt.oracle.groups(member, mine.dataset, "feature")
    tree = filters.draw(random, mine.attributes(groups), other.attributes(groups))
    if tree["op"] == "=" and random.random() < 0.5:
        value = tree["args"][1]
        params[tree["args"][0]["property"]] = str(value).lower() if isinstance(value, bool) else str(value)
    elif random.random() < 0.5:
        params |= {"filter": filters.text(tree), "filter-lang": "cql2-text"}
    else:
        params |= {"filter": filters.json_text(tree), "filter-lang": "cql2-json"}
    spoken = {group for name in filters.names(tree) for group in groups if name in mine.groups[group]} | {BASE}
    for id, thing in list(expected.items()):
        given = hunt.oracle.groups_of(member, thing, "feature")
        if not spoken <= given or filters.meaning(tree, thing.attributes(given)) is not True:
            del expected[id]


def add_output(hunt: Hunt, random: Random, member: Member, params: dict[str, str], mine: Thing) -> str:
    """Ask for another system, an order, some properties, no geometry; return the system."""
    names = sorted(hunt.oracle.columns(mine.dataset, hunt.oracle.groups(member, mine.dataset, "feature")))
    if random.random() < 0.2:
        params["properties"] = ",".join(random.sample(names, random.randint(1, len(names))))
    if random.random() < 0.2:
        params["skipGeometry"] = "true"
    if random.random() < 0.2:
        params["sortby"] = random.choice(("", "-")) + random.choice(names)
    if random.random() < 0.4:
        params["crs"] = random.choice(list(ground.systems()))
    return params.get("crs", ground.CRS84)


def attributes(
    hunt: Hunt, member: Member, seen: decoders.Seen, thing: Thing, params: Mapping[str, str], crs: str
) -> None:
    """Judge the attributes and the geometry of one object: those of the caller's groups there, and no others."""
    given = hunt.oracle.groups_of(member, thing, "feature")
    wanted, known = thing.attributes(given), hunt.oracle.columns(thing.dataset, given)
    if "properties" in params:
        known &= set(params["properties"].split(","))
    hunt.expect(set(seen.attributes) <= known, f"foreign properties of {thing.id}: {set(seen.attributes) - known}")
    for name in known & set(wanted):
        hunt.expect(
            seen.attributes.get(name) == wanted[name],
            f"{name} of {thing.id}: {seen.attributes.get(name)!r}, not {wanted[name]!r}",
        )
    if params.get("skipGeometry") == "true":
        hunt.expect(seen.geometry is None, "a geometry that was not asked for")
    else:
        place(hunt, seen, thing, crs)


def place(hunt: Hunt, seen: decoders.Seen, thing: Thing, crs: str) -> None:
    """Judge that an object is where the world has it."""
    placed(hunt, seen, thing, *ground.systems()[crs])


def placed(hunt: Hunt, seen: decoders.Seen, thing: Thing, srid: int, flipped: bool = False) -> None:
    """Judge the place of an object, whatever the system and the order of its axes."""
    hunt.expect(seen.geometry is not None, f"{thing.id} has no geometry")
    found = ground.in_metres(seen.geometry, srid, flipped)
    far = float(np.abs(np.subtract(found.bounds, thing.geometry.bounds)).max())
    hunt.expect(not thing.sure or far < EXACT, f"{thing.id} is {far:.3f} m away from its place")


def item(hunt: Hunt, random: Random, member: Member) -> None:
    """One object, permitted or hidden; what is hidden answers as what never was."""
    mine, other, visible = pick(hunt, random, member, "feature")
    probe, form = random.choice((mine, other)), random.choice(("json", "json", "html", "csv", "jsonld"))
    path, params = f"/collections/{probe.dataset}/items", [("f", form)]
    response = hunt.ask(member, f"{path}/{probe.id}", params, basic=random.random() < 0.5)
    if not member.organisation:
        return
    if probe.id not in visible:
        hunt.same(response, hunt.ask(member, f"{path}/{missing_id(probe)}", params), 404)
        return
    if response.status_code == 404 and not probe.sure:
        return
    hunt.expect(response.status_code == 200, "a permitted object is refused")
    if form == "html":
        hunt.expect(probe.id in decoders.marks(response.content, {probe.id}), "the page does not name its object")
        hunt.foreign_marks(member, response, set())
        return
    seen = ONE[form](response.content)
    hunt.expect(seen.id == probe.id, f"{seen.id} instead of {probe.id}")
    hunt.objects += 1
    if form == "json":
        attributes(hunt, member, seen, probe, {}, ground.CRS84)
    else:
        place(hunt, seen, probe, ground.CRS84)


ONE = {
    "json": lambda body: decoders.feature(json.loads(body)),
    "csv": lambda body: decoders.table(body)[0],
    "jsonld": lambda body: decoders.linked(json.loads(body)),
}


def missing_id(probe: Thing) -> str:
    """Return an id of the same form that nothing has."""
    return probe.id[:-4] + "9999" if probe.dataset != WATER else f"AEP-99999.{probe.commune}"


def html(hunt: Hunt, random: Random, member: Member) -> None:
    """A page of items for people: the marks in it are the caller's, and all of them."""
    mine, _, visible = pick(hunt, random, member, "feature")
    response = hunt.ask(member, f"/collections/{mine.dataset}/items", [("f", "html"), ("limit", "10")])
    if not hunt.oracle.has(member, mine.dataset, "feature"):
        hunt.expect(response.status_code in (401, 404), "a hidden page is there")
        return
    hunt.expect(response.status_code == 200, "a permitted page is refused")
    found = decoders.marks(response.content, set(hunt.oracle.things[mine.dataset]))
    hunt.expect(found <= set(visible), f"foreign {sorted(found - set(visible))[:5]}")
    sure = sum(thing.sure for thing in visible.values())
    hunt.expect(len(found) >= min(10, sure), f"{len(found)} objects on a page of 10")
