"""GeoJSON as PostgreSQL wrote it: pygeoapi lets a formatter named `json` take its JSON output over."""

import json
from datetime import UTC, datetime
from typing import Any

from pygeoapi.formatter.base import BaseFormatter

DEFINITION = {"name": f"{__name__}.GeoJsonFormatter"}


class GeoJsonFormatter(BaseFormatter):
    """A feature collection whose features are one text, never parsed."""

    def __init__(self, formatter_def: dict[str, Any]) -> None:
        super().__init__(formatter_def)
        self.name = "GeoJSON"
        self.f = "json"
        self.extension = "geojson"
        self.mimetype = "application/geo+json"

    def __repr__(self) -> str:
        return "<GeoJsonFormatter>"

    def write(self, options: dict[str, Any] | None = None, data: dict[str, Any] | None = None) -> bytes:
        """Return the document's bytes."""
        content = data or {}
        rest = {"links": content["page_links"], "numberReturned": content["numberReturned"]}
        if "numberMatched" in content:
            rest["numberMatched"] = content["numberMatched"]
        rest["timeStamp"] = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        end = json.dumps(rest, ensure_ascii=False, separators=(",", ":"))
        return b'{"type":"FeatureCollection","features":[%s],%s' % (content["features"], end[1:].encode())
