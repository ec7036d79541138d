"""Named ways to spoil a layer of Etalab, a GeoJSON file: its text, or what it says."""

import gzip
import json
from collections.abc import Callable
from copy import deepcopy
from random import Random
from typing import Any

type Change = Callable[[Random, dict[str, Any]], object]
type Mutator = Callable[[Random, bytes], bytes]

MUTATORS: dict[str, Mutator] = {}
NUMBERS = ("NaN", "Infinity", "1e400", "-1e400", "1e308", '"46.6"', "null", "[]", "true", "9" * 400, "0.0", "1e-320")
VALUES = (
    None,
    [],
    {},
    True,
    -1,
    1e308,
    "",
    " ",
    "é\u0301",
    "\u0000",
    "\ud800",
    "a\nb",
    "\\N",
    "x" * 100_000,
    "-rf",
    2**70,
)
TYPES = ("Point", "LineString", "MultiPoint", "GeometryCollection", "CurvePolygon", "polygon", "", 3, None)


def some(random: Random, collection: dict[str, Any], most: int = 3) -> list[dict[str, Any]]:
    """Draw some features."""
    features = collection["features"]
    return random.sample(features, min(len(features), random.randint(1, most)))


def written(collection: Any) -> bytes:
    """A collection as text: what is no number stands there as Python writes it."""
    return json.dumps(collection).encode()


def by_feature(change: Change) -> Mutator:
    """A mutator that changes some features."""

    def mutate(random: Random, content: bytes) -> bytes:
        collection = json.loads(content)
        for feature in some(random, collection):
            change(random, feature)
        return written(collection)

    return mutate


def by_text(old: bytes, *new: str) -> Mutator:
    """A mutator that writes something else where a text first stands, from some place on."""

    def mutate(random: Random, content: bytes) -> bytes:
        place = content.find(old, random.randrange(len(content) // 2))
        return content[:place] + random.choice(new).encode() + content[place + len(old) :] if place >= 0 else content

    return mutate


def number(random: Random, content: bytes) -> bytes:
    """Another number in a place."""
    collection = json.loads(content)
    for feature in some(random, collection):
        ring(feature)[random.randrange(len(ring(feature)))][random.randrange(2)] = "@"
    return written(collection).replace(b'"@"', random.choice(NUMBERS).encode())


def ring(feature: dict[str, Any]) -> list[list[Any]]:
    """The first ring of a feature."""
    found = feature["geometry"]["coordinates"]
    while isinstance(found[0][0], list):
        found = found[0]
    return found


def properties(random: Random, feature: dict[str, Any]) -> None:
    """Other values of properties."""
    feature["properties"][random.choice(sorted(feature["properties"]))] = random.choice(VALUES)


def nested(depth: int) -> Change:
    """Lists in lists, as deep as is asked."""

    def change(_: Random, feature: dict[str, Any]) -> None:
        feature["properties"]["nom"] = "@"

    return change


def deep(random: Random, content: bytes) -> bytes:
    """Lists in lists, where a value or the coordinates should be."""
    depth = random.choice((50, 5_000, 200_000))
    return by_text(b'"coordinates": ', '"coordinates": ' + "[" * depth + "]" * depth + ', "x": ')(random, content)


def cut(random: Random, content: bytes) -> bytes:
    return content[: random.randrange(len(content))]


def flipped(random: Random, content: bytes) -> bytes:
    spoiled = bytearray(content)
    for _ in range(random.choice((1, 1, 10))):
        spoiled[random.randrange(len(spoiled))] ^= 1 << random.randrange(8)
    return bytes(spoiled)


def whole(change: Callable[[dict[str, Any]], Any]) -> Mutator:
    """A mutator of the collection itself."""
    return lambda _, content: written(change(deepcopy(json.loads(content))))


def twisted(random: Random, feature: dict[str, Any]) -> None:
    """A ring that crosses itself, or is not closed, or goes the other way."""
    points = ring(feature)
    random.choice((points.reverse, points.pop, lambda: random.shuffle(points), lambda: points.__setitem__(0, [0, 0])))()


def clipped(random: Random, feature: dict[str, Any]) -> None:
    """A ring of too few points."""
    del ring(feature)[random.randrange(4) :]


def many_points(number: int) -> Change:
    """A ring of many points."""

    def change(_: Random, feature: dict[str, Any]) -> None:
        x, y = ring(feature)[0][:2]
        ring(feature)[1:1] = [[x + one % 7 * 1e-6, y + one * 1e-9] for one in range(number)]

    return change


MUTATORS |= {
    "bytes_flipped": flipped,
    "cut": cut,
    "numbers_of_all_kinds": number,
    "deep": deep,
    "properties_of_all_kinds": by_feature(properties),
    "property_missing": by_feature(lambda random, one: one["properties"].pop(random.choice(sorted(one["properties"])))),
    "properties_missing": by_feature(lambda _, one: one.pop("properties")),
    "properties_null": by_feature(lambda _, one: one.update(properties=None)),
    "geometry_missing": by_feature(lambda _, one: one.pop("geometry")),
    "geometry_null": by_feature(lambda _, one: one.update(geometry=None)),
    "geometry_of_another_type": by_feature(lambda random, one: one["geometry"].update(type=random.choice(TYPES))),
    "coordinates_empty": by_feature(
        lambda random, one: one["geometry"].update(coordinates=random.choice(([], [[]], None)))
    ),
    "ring_twisted": by_feature(twisted),
    "ring_clipped": by_feature(clipped),
    "ring_of_many_points": by_feature(many_points(30_000)),
    "identifiers_of_all_kinds": by_feature(lambda random, one: one["properties"].update(id=random.choice(VALUES))),
    "another_commune": by_feature(lambda _, one: one["properties"].update(id="99999000AB0001", commune="99999")),
    "features_doubled": whole(lambda one: one | {"features": one["features"] + one["features"][:5]}),
    "no_features": whole(lambda one: one | {"features": []}),
    "features_null": whole(lambda one: one | {"features": None}),
    "features_that_are_none": whole(
        lambda one: one | {"features": [*one["features"][:3], 1, None, "x", [], {"type": "Feature"}]}
    ),
    "features_without_type": whole(lambda one: one | {"features": [*one["features"][:3], {}]}),
    "another_type": whole(lambda one: one | {"type": "Topology"}),
    "a_list": whole(lambda one: one["features"]),
    "a_feature_alone": whole(lambda one: one["features"][0]),
    "in_metres": whole(lambda one: one | {"crs": {"type": "name", "properties": {"name": "EPSG:2154"}}}),
    "crs_unknown": whole(lambda one: one | {"crs": {"type": "name", "properties": {"name": "urn:x:EPSG::999999"}}}),
    "crs_linked": whole(lambda one: one | {"crs": {"type": "link", "properties": {"href": "http://127.0.0.1/x"}}}),
    "keys_twice": by_text(b'"type": "Feature"', '"type": "Feature", "type": "x", "properties": {}, "type": "Feature"'),
    "with_a_mark": lambda _, content: b"\xef\xbb\xbf" + content,
    "in_utf_16": lambda _, content: content.decode().encode("utf-16"),
    "nul": by_text(b'"', "\0"),
    "two_documents": lambda _, content: content + content,
    "nothing": lambda *_: b"",
    "a_packed_cut": lambda random, content: cut(random, gzip.compress(content)),
    "packed_twice": lambda _, content: gzip.compress(gzip.compress(content)),
    "packed_spoiled": lambda random, content: flipped(random, gzip.compress(content)),
}
LONG: dict[str, Mutator] = {"ring_of_a_million_points": by_feature(many_points(1_000_000))}
