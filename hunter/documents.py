"""The doors of documents: lists, descriptions, OpenAPI, queryables, conditional requests, bad parameters."""

import re
from functools import lru_cache
from random import Random

import numpy as np
import shapely

from hunter import ground
from hunter.hunt import COLLECTION, Hunt
from hunter.items import pick
from hunter.members import Member
from hunter.things import IMAGES, PARCELS, Thing

PAGES = (
    "/",
    "/conformance",
    "/collections",
    "/openapi",
    "/TileMatrixSets",
    "/TileMatrixSets/WebMercatorQuad",
    "/processes",
    "/jobs",
)
SLACK = 1e-5  # degrees


def lists(hunt: Hunt, random: Random, member: Member) -> None:
    """The list of collections: the caller's own, for whatever usage, and no others."""
    response = hunt.ask(member, "/collections", [("f", "json")], basic=random.random() < 0.5)
    if not member.organisation:
        return
    listed = {each["id"] for each in response.json()["collections"]}
    own = hunt.oracle.datasets(member)
    hunt.expect(listed == own, f"collections {sorted(listed)}, not {sorted(own)}")
    for each in response.json()["collections"]:
        extent(hunt, member, each)


def extent(hunt: Hunt, member: Member, collection: dict) -> None:
    """Judge that an advertised extent is that of the objects that the caller sees, and not of all."""
    dataset = collection["id"]
    if dataset not in hunt.oracle.things:
        return
    communes = hunt.oracle.communes(member, dataset, "base", None)
    seen = [thing for thing in hunt.oracle.things[dataset].values() if thing.commune in communes]
    (box,) = collection["extent"]["spatial"]["bbox"]
    if not any(thing.sure for thing in seen):
        return
    least, most = bounds([thing for thing in seen if thing.sure], 1), bounds(seen, 250)
    wide, narrow = shapely.box(*box).buffer(SLACK), shapely.box(*box).buffer(-SLACK)
    hunt.expect(wide.covers(least), f"the extent of {dataset} leaves objects out")
    hunt.expect(narrow.is_empty or most.covers(narrow), f"the extent of {dataset} shows more than is seen")


def bounds(seen: list[Thing], points: int) -> shapely.Polygon:
    """Return the box in degrees around the box in metres of some objects, whose sides are curves of some points."""
    box = shapely.total_bounds([thing.geometry for thing in seen])
    return degrees(*map(float, box), points)


@lru_cache(4096)
def degrees(west: float, south: float, east: float, north: float, points: int) -> shapely.Polygon:
    """Return the box in degrees around points of the sides of a box in metres.

    Made of arrays, a hundred times faster than `transform_bounds` of as many points: it was half the hunt's time.
    """
    ring = shapely.box(west, south, east, north).exterior
    places = shapely.line_interpolate_point(ring, np.linspace(0, 1, 4 * points + 1), normalized=True)
    corners = shapely.points(np.array([[west, south], [west, north], [east, south], [east, north]]))
    around = shapely.get_coordinates([*places, *corners])
    longitudes, latitudes = ground.to(4326).transform(around[:, 0], around[:, 1])
    return shapely.box(longitudes.min(), latitudes.min(), longitudes.max(), latitudes.max())


def described(hunt: Hunt, random: Random, member: Member) -> None:
    """One collection and what is said of its properties, or the same refusal as for one that never was."""
    dataset = random.choice(list(hunt.oracle.things))
    page = random.choice(("", "/queryables", "/schema", "/items", "/tiles"))
    usage = None if not page else "tile" if page.startswith("/tiles") else "feature"
    for form in ("html", "json"):
        response = hunt.ask(member, f"/collections/{dataset}{page}", [("f", form)])
        if not member.organisation or dataset == IMAGES and usage == "tile":
            return
        if not hunt.oracle.has(member, dataset, usage):
            hunt.same(response, hunt.ask(member, f"/collections/inconnu{page}", [("f", form)]), 404)
            return
        hunt.expect(response.status_code == 200, "a permitted description is refused")
    if page in ("/queryables", "/schema"):
        names = set(response.json()["properties"]) - {"geometry", "id"}
        own = hunt.oracle.columns(dataset, hunt.oracle.groups(member, dataset, "feature"))
        hunt.expect(names >= own - {"edition"}, f"properties {sorted(own - names)} are missing")
        foreign = names & hunt.oracle.columns(dataset, hunt.oracle.known_groups(dataset)) - own
        hunt.expect(not foreign, f"foreign properties {sorted(foreign)}")


def tile_set(hunt: Hunt, random: Random, member: Member) -> None:
    """What is said of a dataset's vector tiles, in every format: the fields that the caller has in them."""
    dataset, page = random.choice(list(hunt.oracle.things)), random.choice(("", "/metadata"))
    own = hunt.oracle.columns(dataset, hunt.oracle.groups(member, dataset, "tile"))
    for form in ("json", "html", "tilejson"):
        path = f"tiles/WebMercatorQuad{page}"
        response = hunt.ask(member, f"/collections/{dataset}/{path}", [("f", form)])
        if dataset == IMAGES or not member.organisation:
            return
        if not hunt.oracle.has(member, dataset, "tile"):
            hunt.same(response, hunt.ask(member, f"/collections/inconnu/{path}", [("f", form)]), 404)
            return
        hunt.expect(response.status_code == 200, "a permitted description is refused")
    fields = set(response.json()["vector_layers"][0]["fields"]) - {"id"}
    hunt.expect(fields == own, f"fields {sorted(fields ^ own)}")


def openapi(hunt: Hunt, random: Random, member: Member) -> None:
    """The OpenAPI document names the caller's collections and no others."""
    response = hunt.ask(member, "/openapi", [("f", "json")])
    if not member.organisation:
        return
    named = set(COLLECTION.findall("\n".join(response.json()["paths"])))
    own = hunt.oracle.datasets(member)
    hunt.expect(named == own, f"paths of {sorted(named ^ own)}")


def processes(hunt: Hunt, random: Random, member: Member) -> None:
    """The processes and what they take: only what the caller may have."""
    files = hunt.oracle.datasets(member, "file")
    own = {"export"} if member.credential and files else set()
    own |= {"plan-cadastral"} if hunt.oracle.has(member, PARCELS, "image") else set()
    response = hunt.ask(member, "/processes", [("f", "json")])
    if not member.organisation:
        return
    listed = {each["id"] for each in response.json()["processes"]}
    hunt.expect(listed == own, f"processes {sorted(listed)}, not {sorted(own)}")
    asked = random.choice(("export", "plan-cadastral"))
    form = [("f", random.choice(("json", "html")))]
    one = hunt.ask(member, f"/processes/{asked}", form)
    if asked not in own:
        hunt.same(one, hunt.ask(member, "/processes/inconnu", form), 404)
    elif asked == "export" and form[0][1] == "json":
        offered = set(one.json()["inputs"]["dataset"]["schema"]["enum"])
        hunt.expect(offered == files, f"datasets {sorted(offered)}, not {sorted(files)}")


def pages(hunt: Hunt, random: Random, member: Member) -> None:
    """Any document, in both formats: judged by the marks in it."""
    page, basic = random.choice(PAGES), random.random() < 0.5
    for form in ("json", "html"):
        hunt.ask(member, page, [("f", form)], basic=basic)


def nowhere(hunt: Hunt, random: Random, member: Member) -> None:
    """Addresses that are not, spelt in ways that a prefix would let through."""
    mine, other, visible = pick(hunt, random, member, "feature")
    id = other.id
    path = random.choice(
        (
            f"/collections/{other.dataset}%2Fitems",
            f"/collections/{other.dataset}/items/{id}/..%2f{mine.id}",
            f"/collections/{mine.dataset}/../{other.dataset}/items/{id}",
            f"/collections//{other.dataset}/items",
            f"/collections/{other.dataset.upper()}/items",
            f"/collections/{other.dataset}/items/{id}%00",
            f"/collections/{other.dataset}/items/{id}/",
            f"/collections/{mine.dataset}/items/%25",
            f"/collections/{mine.dataset}/items/{id}' OR '1'='1",
            f"/collections/{other.dataset}_passe/items",
            f"/stac/{other.dataset}",
            f"/admin/config/resources/{other.dataset}",
        )
    )
    response = hunt.ask(member, path, [("f", "json")])
    hunt.expect(
        response.status_code != 200 or id in visible or (id not in path and bool(visible)), "it is served there"
    )


NONSENSE = [
    ("bbox", "nan,0,1,1"), ("bbox", "1,2,3"), ("bbox", "0,0,0,1e999"), ("bbox", "1,2,3,4,5,6"),
    ("limit", "-1"), ("limit", "1e8"), ("offset", "99999999999999999999"), ("after", "eA"), ("after", "W10"),
    ("datetime", "hier"), ("crs", "EPSG:2154"), ("bbox-crs", "x"), ("filter", "commune ="), ("filter", "commune = 1/0"),
    ("filter", "(" * 3000), ("filter", "pg_sleep(5) = 1"), ("filter", "contenance = 'abc'"),
    ("filter", "set_config('app.key','public',true)='x'"), ("commune", "\0"), ("sortby", "commune;DROP"),
    ("properties", "*"), ("f", "png"), ("f", "shp"), ("lang", "xx"), ("callback", "x"), ("resulttype", "tout"),
    ("skipGeometry", "peut-être"), ("q", "—"), ("ids", "1"),
]  # fmt: skip


def nonsense(hunt: Hunt, random: Random, member: Member) -> None:
    """Parameters that nobody understands: refused, never an error of the server's."""
    mine, _, visible = pick(hunt, random, member, "feature")
    given = random.sample(NONSENSE, random.choice((1, 1, 2)))
    response = hunt.ask(member, f"/collections/{mine.dataset}/items", given)
    if not member.organisation:
        return
    if hunt.oracle.has(member, mine.dataset, "feature"):
        hunt.expect(response.status_code == 400, f"{given} is answered")
    else:
        hunt.same(response, hunt.ask(member, "/collections/inconnu/items", given), response.status_code)


def conditional(hunt: Hunt, random: Random, member: Member) -> None:
    """The same address by one caller, then with its ETag by another: never 304 where the answers differ."""
    mine, _, _ = pick(hunt, random, member, "feature")
    path = random.choice(("", "/items", f"/items/{mine.id}", "/queryables"))
    params = [("f", random.choice(("json", "html")))]
    first = hunt.ask(member, f"/collections/{mine.dataset}{path}", params)
    tag = first.headers.get("etag")
    if not tag:
        return
    stranger = random.choice([each for each in hunt.members if each.organisation not in (None, member.organisation)])
    second = hunt.ask(stranger, f"/collections/{mine.dataset}{path}", params, headers={"If-None-Match": tag})
    if second.status_code == 304:
        plain = hunt.ask(stranger, f"/collections/{mine.dataset}{path}", params)
        hunt.expect(timeless(plain.content) == timeless(first.content), "304 for another caller's answer")


def timeless(body: bytes) -> bytes:
    """Return an answer without the moment that it was made at."""
    return re.sub(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", b"", body)
