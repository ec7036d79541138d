"""Every door, with how often it is drawn."""

from collections.abc import Collection
from importlib.util import find_spec

from hunter import documents, explanations, items, jobs, plans, rows, searches, tiles, words
from hunter.things import IMAGES, PARCELS

DOORS = {
    "items": (items.items, 20),
    "hits": (searches.hits, 6),
    "item": (items.item, 12),
    "html": (items.html, 5),
    "hidden property": (searches.hidden_property, 8),
    "encodings": (rows.encodings, 8),
    "words": (words.words, 6),
    "posted": (searches.posted, 5),
    "near": (searches.near, 5),
    "process": (documents.processes, 4),
    "list": (documents.lists, 4),
    "explanation": (explanations.explanation, 6),
    "described": (documents.described, 8),
    "tile set": (documents.tile_set, 2),
    "openapi": (documents.openapi, 2),
    "page": (documents.pages, 6),
    "nowhere": (documents.nowhere, 4),
    "nonsense": (documents.nonsense, 6),
    "conditional": (documents.conditional, 5),
    "vector tile": (tiles.vector, 14),
    "plan": (plans.plan, 5),
    "parcel": (plans.named, 5),
    "strangers": (jobs.strangers, 6),
    "map tile": (tiles.image, 8),
}

# With a worker beside the server.
WORKED = DOORS | {"export": (jobs.export, 3)}


def opened(held: Collection[str]) -> dict:
    """Return the doors that these datasets have, on a machine as it is: reading a plan asks for pypdf."""
    shut = set() if IMAGES in held else {"map tile"}
    if PARCELS not in held:
        shut.add("parcel")
    if PARCELS not in held or not find_spec("pypdf"):
        shut.add("plan")
    return {name: door for name, door in WORKED.items() if name not in shut}
