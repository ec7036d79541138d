"""A table as JSON-LD: GeoSPARQL for objects and their geometry, our own schema for their properties.

The context is inside the document: nobody is asked for it. Its only names are those of the caller's own properties.
"""

import json
from typing import Any
from urllib.parse import quote

from services.rows import Row, Table

XSD = "http://www.w3.org/2001/XMLSchema#"
TYPES = {"text": "string", "integer": "integer", "double precision": "double", "date": "date", "boolean": "boolean"}
PREFIXES = {
    "geo": "http://www.opengis.net/ont/geosparql#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "dct": "http://purl.org/dc/terms/",
}


def write(table: Table, collection: str) -> bytes:
    """Return a page as one collection of objects; `collection` is the address of the dataset's."""
    members = [feature(table, row, collection) for row in table.rows]
    return document(table, collection, {"@type": "geo:FeatureCollection", "rdfs:member": members})


def write_one(table: Table, collection: str) -> bytes:
    """Return the one object of a table."""
    return document(table, collection, feature(table, table.rows[0], collection))


def document(table: Table, collection: str, content: dict[str, Any]) -> bytes:
    """Return a document with its context."""
    terms = {
        column.name: {"@id": f"{collection}/schema#{column.name}", "@type": f"{XSD}{TYPES[column.kind]}"}
        for column in table.columns
    }
    whole = {"@context": PREFIXES | terms} | content
    return json.dumps(whole, ensure_ascii=False, separators=(",", ":")).encode()


def feature(table: Table, row: Row, collection: str) -> dict[str, Any]:
    """Return one object: what it has not is not said."""
    id, *values, wkt = row
    node = {"@id": f"{collection}/items/{quote(id, safe='')}", "@type": "geo:Feature", "dct:identifier": id}
    node |= said(table, values)
    if wkt is None:
        return node
    literal = {"@type": "geo:wktLiteral", "@value": f"<{table.page.crs.uri}> {wkt}"}
    return node | {"geo:hasDefaultGeometry": {"@type": "geo:Geometry", "geo:asWKT": literal}}


def said(table: Table, values: Row) -> dict[str, Any]:
    """Return the properties that an object has."""
    named = zip(table.columns, values, strict=True)
    return {column.name: value for column, value in named if value is not None}
