"""GeoJSON as PostgreSQL wrote it: the features are one text, never parsed."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any


def write(content: Mapping[str, Any]) -> bytes:
    """Return a page as a feature collection."""
    rest = {"links": content["page_links"], "numberReturned": content["numberReturned"]}
    if "numberMatched" in content:
        rest["numberMatched"] = content["numberMatched"]
    rest["timeStamp"] = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    end = json.dumps(rest, ensure_ascii=False, separators=(",", ":"))
    return b'{"type":"FeatureCollection","features":[%s],%s' % (content["features"], end[1:].encode())
