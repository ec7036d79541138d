"""The links of a page of items: the caller's own parameters, repeated only where they were understood."""

from typing import Any
from urllib.parse import urlencode

from catalog.model import Dataset
from services.context import Context
from services.parameters import Cursor

TITLES = {"json": ("application/geo+json", "Cette page en GeoJSON"), "html": ("text/html", "Cette page en HTML")}


def page_links(dataset: Dataset, asked: Context, following: Cursor | int | None) -> list[dict[str, str]]:
    """Return the links of a page: itself, its other format, the next page, the collection."""
    collection = f"{asked.settings.public_url}/collections/{dataset.id}"
    kept = {name: value for name, value in asked.query if name != "f"}
    links = [
        link("self" if name == asked.format else "alternate", media, title, f"{collection}/items", {"f": name} | kept)
        for name, (media, title) in TITLES.items()
    ]
    if following is not None:
        media, _ = TITLES[asked.format]
        links.append(
            link("next", media, "Page suivante", f"{collection}/items", {"f": asked.format} | moved(kept, following))
        )
    links.append(link("collection", "application/json", dataset.title, collection))
    return links


def moved(kept: dict[str, str], following: Cursor | int) -> dict[str, str]:
    """Return the parameters of the next page."""
    rest = {name: value for name, value in kept.items() if name not in ("after", "offset")}
    return rest | ({"after": following.encode()} if isinstance(following, Cursor) else {"offset": str(following)})


def link(
    relation: str, media_type: str, title: str, address: str, parameters: dict[str, Any] | None = None
) -> dict[str, str]:
    """Return one link."""
    query = f"?{urlencode(parameters)}" if parameters else ""
    return {"rel": relation, "type": media_type, "title": title, "href": address + query}
