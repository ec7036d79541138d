"""What pygeoapi hands a page of items to, whatever its format; and one object in the formats that it does not know."""

from collections.abc import Callable
from typing import Any

from pygeoapi.formatter.base import BaseFormatter

from services import context
from services.encodings import ENCODINGS, ROWS
from services.formatters import flatgeobuf, geojson, linked_data, table
from services.rows import Table

DEFINITION = {"name": f"{__name__}.PageFormatter"}


class PageFormatter(BaseFormatter):
    """A page as its format wants it. It is made anew for each request; pages of HTML are pygeoapi's to draw."""

    def __init__(self, formatter_def: dict[str, Any]) -> None:
        super().__init__(formatter_def)
        asked = context.current().format
        self.f = self.name = "json" if asked == "html" else asked
        self.extension = ENCODINGS[self.f].suffix
        self.mimetype = ENCODINGS[self.f].media
        self.attachment = ENCODINGS[self.f].file

    def __repr__(self) -> str:
        return f"<PageFormatter {self.f}>"

    def write(self, options: dict[str, Any] | None = None, data: dict[str, Any] | None = None) -> bytes:
        """Return the document's bytes."""
        content = data or {}
        if self.f not in ROWS:
            return geojson.write(content)
        context.current().headers.update(told(content))
        return WRITERS[self.f](content["table"])


def linked(page: Table) -> bytes:
    """Return a page as linked data, under the public address of its dataset."""
    return linked_data.write(page, address(page))


def address(page: Table) -> str:
    """Return the public address of a table's dataset."""
    return f"{context.current().settings.public_url}/collections/{page.dataset.id}"


WRITERS: dict[str, Callable[[Table], bytes]] = {"csv": table.write, "fgb": flatgeobuf.write, "jsonld": linked}


def told(content: dict[str, Any]) -> dict[str, str]:
    """Return as headers what GeoJSON says beside its features: the counts, and where the next page is."""
    counts = {f"OGC-N{name[1:]}": str(content[name]) for name in ("numberReturned", "numberMatched") if name in content}
    following = next((each["href"] for each in content["page_links"] if each["rel"] == "next"), None)
    return counts | ({"Link": f'<{following}>; rel="next"'} if following else {})


def write_one(found: Table) -> bytes:
    """Return one object, in the format asked for."""
    return linked_data.write_one(found, address(found)) if context.current().format == "jsonld" else table.write(found)


def headers_of_one(found: Table) -> dict[str, str]:
    """Return the headers of one object, as pygeoapi has them for a page."""
    encoding = ENCODINGS[context.current().format]
    headers = {"Content-Type": encoding.media, "Content-Crs": found.page.crs.uri}
    if not encoding.file:
        return headers
    return headers | {"Content-Disposition": f'attachment; filename="{found.dataset.id}.{encoding.suffix}"'}
