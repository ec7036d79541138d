"""Every door, with how often it is drawn."""

from hunter import documents, items, jobs, plans, searches, tiles

DOORS = {
    "items": (items.items, 20),
    "hits": (searches.hits, 6),
    "item": (items.item, 12),
    "html": (items.html, 5),
    "hidden property": (searches.hidden_property, 8),
    "posted": (searches.posted, 5),
    "near": (searches.near, 5),
    "process": (documents.processes, 4),
    "list": (documents.lists, 4),
    "described": (documents.described, 8),
    "openapi": (documents.openapi, 2),
    "page": (documents.pages, 4),
    "nowhere": (documents.nowhere, 4),
    "nonsense": (documents.nonsense, 6),
    "conditional": (documents.conditional, 5),
    "vector tile": (tiles.vector, 14),
    "plan": (plans.plan, 5),
    "strangers": (jobs.strangers, 6),
    "map tile": (tiles.image, 8),
}

# With a worker beside the server.
WORKED = DOORS | {"export": (jobs.export, 2)}
