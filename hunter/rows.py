"""The doors of files: objects as rows of CSV, FlatGeobuf, GeoPackage, GeoJSON or JSON-LD, on a page or as an export."""

from collections.abc import Mapping
from functools import partial
from random import Random
from typing import Any

import numpy as np

from hunter import decoders, ground
from hunter.hunt import Hunt
from hunter.items import add_box, add_filter, add_output, as_of_a_day, pick, placed
from hunter.members import Member
from hunter.things import Thing

MOST = 10_000  # objects on a page: as the services' settings have it by default
READ = {"csv": decoders.table, "fgb": partial(decoders.geopackage, suffix="fgb"), "jsonld": decoders.linked_data}
READ_EXPORT = READ | {"gpkg": decoders.geopackage, "geojson": partial(decoders.geopackage, suffix="geojson")}


def encodings(hunt: Hunt, random: Random, member: Member) -> None:
    """A page of a dataset as a file, with random parameters: the same objects, no column of a group not had there."""
    mine, other, visible = pick(hunt, random, member, "feature")
    path, form = f"/collections/{mine.dataset}/items", random.choice(list(READ))
    params, optional = {"f": form, "limit": str(MOST)}, set[str]()
    if not hunt.oracle.has(member, mine.dataset, "feature"):
        response = hunt.ask(member, path, sorted(params.items()))
        if member.organisation:
            hunt.same(response, hunt.ask(member, "/collections/inconnu/items", sorted(params.items())), 404)
        return
    expected = as_of_a_day(hunt, random, member, params, mine.dataset, visible)
    if random.random() < 0.3:
        optional = add_box(random, params, random.choice((mine, other)), expected)
    if random.random() < 0.3:
        add_filter(hunt, random, member, params, mine, other, expected)
    crs = add_output(hunt, random, member, params, mine)
    response = hunt.ask(member, path, sorted(params.items()), basic=random.random() < 0.5)
    hunt.expect(response.status_code == 200, "a permitted file is refused")
    seen = READ[form](response.content)
    required = {id: thing for id, thing in expected.items() if id not in optional}
    hunt.compare(seen, expected, whole=False)
    hunt.compare([each for each in seen if each.id in required], required, whole=len(expected) <= MOST)
    systems = ground.systems()
    srid, flipped = systems[ground.CRS84 if form == "fgb" and systems[crs][1] else crs]  # FlatGeobuf has x before y
    for each in seen:
        row(hunt, each, expected[each.id], hunt.oracle.groups_of(member, expected[each.id], "feature"), params)
        if params.get("skipGeometry") != "true":
            placed(hunt, each, expected[each.id], srid, flipped)


def row(
    hunt: Hunt, seen: decoders.Seen, thing: Thing, given: frozenset[str], params: Mapping[str, str] | None = None
) -> None:
    """Judge one row: what it should hold, and nothing in a column of a group that the caller has elsewhere only."""
    known = hunt.oracle.columns(thing.dataset, given)
    if params and "properties" in params:
        known &= set(params["properties"].split(","))
    held = {name: value for name, value in seen.attributes.items() if decoders.filled(value)}
    hunt.expect(set(held) <= known, f"foreign columns of {thing.id}: {sorted(set(held) - known)}")
    for name, value in thing.attributes(given).items():
        told = name not in known or alike(held.get(name), value)
        hunt.expect(told, f"{name} of {thing.id}: {held.get(name)!r}, not {value!r}")


def alike(found: Any, value: Any) -> bool:
    """True where a cell holds a value, as far as its format can: an empty text is as nothing."""
    if value is None or value == "":
        return found is None or found == ""
    if found is None:
        return False
    if isinstance(value, bool):
        return str(found).lower() == str(value).lower()
    if isinstance(value, int | float):
        return float(found) == value
    text = str(found.astype("datetime64[D]") if isinstance(found, np.datetime64) else found)
    return text in (value, f"'{value}")  # an apostrophe keeps a spreadsheet from running it
