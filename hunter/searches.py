"""The doors of searches: counts, filters by place, filters in a body, and properties that nobody may know."""

from random import Random

import shapely

from hunter import decoders, filters, ground
from hunter.hunt import Hunt
from hunter.items import EDGE, add_box, add_filter, as_of_a_day, items, pick
from hunter.members import Member
from hunter.rows import READ
from hunter.things import BASE, SEVERAL


def hits(hunt: Hunt, random: Random, member: Member) -> None:
    """The count alone."""
    mine, other, visible = pick(hunt, random, member, "feature")
    if not hunt.oracle.has(member, mine.dataset, "feature"):
        items(hunt, random, member)
        return
    params, optional = {"f": "json", "resulttype": "hits"}, set[str]()
    expected = as_of_a_day(hunt, random, member, params, mine.dataset, visible)
    if random.random() < 0.5:
        optional = add_box(random, params, random.choice((mine, other)), expected)
    if random.random() < 0.5:
        add_filter(hunt, random, member, params, mine, other, expected)
    response = hunt.ask(member, f"/collections/{mine.dataset}/items", sorted(params.items()))
    page = response.json()
    sure = sum(thing.sure and thing.id not in optional for thing in expected.values())
    hunt.expect(page["features"] == [], "hits with objects")
    hunt.expect(sure <= page["numberMatched"] <= len(expected), f"{page['numberMatched']} hits, not {len(expected)}")


def posted(hunt: Hunt, random: Random, member: Member) -> None:
    """A filter in the body of a POST, by attributes or by place."""
    mine, other, visible = pick(hunt, random, member, "feature")
    form = random.choice(("json", "json", "html", *READ))
    path, params = f"/collections/{mine.dataset}/items", [("f", form), ("limit", "10000")]
    groups = hunt.oracle.groups(member, mine.dataset, "feature")
    tree = filters.draw(random, mine.attributes(groups) or {"commune": "x"}, other.attributes(groups))
    response = hunt.ask(member, path, params, method="POST", body=tree)
    if not member.organisation:
        return
    if not hunt.oracle.has(member, mine.dataset, "feature"):
        hunt.same(response, hunt.ask(member, "/collections/inconnu/items", params, method="POST", body=tree), 404)
        return
    spoken = {group for name in filters.names(tree) for group in groups if name in mine.groups[group]} | {BASE}
    expected = {}
    for id, thing in visible.items():
        given = hunt.oracle.groups_of(member, thing, "feature")
        if spoken <= given and filters.meaning(tree, thing.attributes(given)) is True:
            expected[id] = thing
    hunt.expect(response.status_code == 200, "a permitted search is refused")
    if form == "html":
        found = decoders.marks(response.content, set(hunt.oracle.things[mine.dataset]))
        mentioned = {each for id in expected for each in hunt.oracle.known.mentioned.get(id, ())}
        hunt.expect(found <= set(expected) | mentioned, f"foreign {sorted(found - set(expected))[:5]}")
        return
    reader = READ.get(form, lambda body: decoders.collection(body)[0])
    hunt.compare(reader(response.content), expected)


def near(hunt: Hunt, random: Random, member: Member) -> None:
    """What touches a polygon around a probe, by a spatial filter: the caller's own, up to the last metre."""
    mine, other, visible = pick(hunt, random, member, "feature")
    probe = random.choice((mine, other)).geometry.representative_point()
    square = probe.buffer(random.choice((2, 30, 300)), quad_segs=random.choice((1, 3)))
    written = shapely.transform(square, ground.swapped(ground.to(4326))).wkt
    tree = f"S_INTERSECTS(geometry, {written})" if random.random() < 0.6 else f"S_WITHIN(geometry, {written})"
    params = [("f", "json"), ("limit", "10000"), ("filter", tree)]
    response = hunt.ask(member, f"/collections/{mine.dataset}/items", params)
    if not member.organisation:
        return
    known = hunt.oracle.has(member, mine.dataset, "feature")
    hunt.expect(response.status_code == (200 if known else 404), "a permitted search is refused")
    if not known:
        return
    touch = shapely.intersects if "S_INTERSECTS" in tree else shapely.within
    wide, narrow = square.buffer(EDGE), square.buffer(-EDGE)
    permitted = {id: thing for id, thing in visible.items() if touch(thing.geometry, wide)}
    required = {id: thing for id, thing in permitted.items() if touch(thing.geometry, narrow)}
    seen = decoders.collection(response.content)[0]
    hunt.compare(seen, permitted, whole=False)
    hunt.compare([each for each in seen if each.id in required], required)


def hidden_property(hunt: Hunt, random: Random, member: Member) -> None:
    """A property that the caller may not know, in every parameter: refused as one that never was."""
    mine, _, _ = pick(hunt, random, member, "feature")
    if several := [held for dataset in SEVERAL if (held := hunt.oracle.visible(member, dataset, "feature"))]:
        mine = next(iter(random.choice(several).values()))
    everything = {name for group in mine.groups.values() for name in group}
    secret = sorted(everything - hunt.oracle.columns(mine.dataset, hunt.oracle.groups(member, mine.dataset, "feature")))
    name = random.choice(secret or ["fichier", "unite", "feature", "geom"])
    shape = random.choice(SHAPES)
    path = f"/collections/{mine.dataset}/items"
    hidden, unknown = (
        hunt.ask(member, path, [("f", "json"), (shape[0].format(each), shape[1].format(each))])
        for each in (name, "inexistant")
    )
    if member.organisation:
        hunt.same(hidden, unknown, 400 if hunt.oracle.has(member, mine.dataset, "feature") else 404)


SHAPES = [
    ("{}", "x"),
    ("properties", "{}"),
    ("sortby", "-{}"),
    ("filter", "{} = 'pvc'"),
    ("filter", "{} > 5"),
    ("filter", "{} IS NULL"),
    ("filter", "{} LIKE 'p%'"),
    ("filter", "{} IN ('pvc', 'fd')"),
    ("filter", "commune = '85901' OR NOT ({} = 'x')"),
]
