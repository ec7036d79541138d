"""The links of a page of items: the caller's own parameters, repeated only where they were understood."""

from urllib.parse import urlencode

from catalog.model import Dataset
from services.context import Context
from services.encodings import ENCODINGS
from services.parameters import Cursor


def page_links(dataset: Dataset, asked: Context, following: Cursor | int | None) -> list[dict[str, str]]:
    """Return the links of a page: itself, its other formats, the next page, the collection."""
    collection = f"{asked.settings.public_url}/collections/{dataset.id}"
    kept = {name: value for name, value in asked.query if name != "f"}
    same = f"&{urlencode(kept)}" if kept else ""
    links = [
        link(
            "self" if name == asked.format else "alternate",
            each.media,
            f"Cette page en {each.name}",
            f"{collection}/items?f={name}{same}",
        )
        for name, each in ENCODINGS.items()
    ]
    if following is not None:
        more = urlencode({"f": asked.format} | moved(kept, following))
        links.append(link("next", ENCODINGS[asked.format].media, "Page suivante", f"{collection}/items?{more}"))
    links.append(link("collection", "application/json", dataset.title, collection))
    return links


def moved(kept: dict[str, str], following: Cursor | int) -> dict[str, str]:
    """Return the parameters of the next page."""
    rest = {name: value for name, value in kept.items() if name not in ("after", "offset")}
    return rest | ({"after": following.encode()} if isinstance(following, Cursor) else {"offset": str(following)})


def link(relation: str, media_type: str, title: str, address: str) -> dict[str, str]:
    """Return one link."""
    return {"rel": relation, "type": media_type, "title": title, "href": address}
