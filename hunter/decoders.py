"""Answers brought back to objects: id, attributes, geometry. What no decoder knows is searched for marks of objects."""

import csv
import json
import struct
from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass, field
from html.parser import HTMLParser
from io import BytesIO, StringIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import numpy as np
import pyogrio.raw
import rasterio
import shapely

from hunter.things import WORD


@dataclass(frozen=True, slots=True)
class Seen:
    """An object as an answer shows it; `geometry` is in the answer's own system, None where it shows none."""

    id: str
    attributes: Mapping[str, Any]
    geometry: shapely.Geometry | None = field(default=None, compare=False)


def words(text: str) -> set[str]:
    """Return the words of any text, among which ids would be."""
    return set(WORD.findall(text))


def marks(body: bytes, ids: Set[str]) -> set[str]:
    """Return the ids that an answer of any type holds, as text."""
    return words(body.decode("utf-8", "replace")) & ids


def feature(document: Mapping[str, Any]) -> Seen:
    """Return a GeoJSON feature."""
    geometry = document["geometry"]
    shape = None if geometry is None else shapely.geometry.shape(geometry)
    return Seen(document["id"], document["properties"], shape)


def collection(body: bytes) -> tuple[list[Seen], dict[str, Any]]:
    """Return the features of a page of items, and the page."""
    page = json.loads(body)
    return [feature(each) for each in page["features"]], page


def query(address: str) -> list[tuple[str, str]]:
    """Return the parameters of a link."""
    return parse_qsl(urlsplit(address).query, keep_blank_values=True)


class _Text(HTMLParser):
    """Gathers what a page shows and where it leads."""

    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []
        self.links: list[str] = []

    def handle_data(self, data: str) -> None:
        self.parts.append(data)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.links += [value for name, value in attrs if name in ("href", "src") and value]


def page(body: bytes) -> tuple[str, list[str]]:
    """Return the text of an HTML page, scripts included, and its links."""
    parser = _Text()
    parser.feed(body.decode("utf-8"))
    return "\n".join(parser.parts), parser.links


def fields(data: bytes) -> Iterator[tuple[int, Any]]:
    """Yield the fields of a protobuf message: number and value."""
    place = 0

    def varint() -> int:
        nonlocal place
        value = shift = 0
        while True:
            byte = data[place]
            place += 1
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return value

    while place < len(data):
        key = varint()
        kind, size = key & 7, {1: 8, 5: 4}.get(key & 7)
        if kind == 0:
            yield key >> 3, varint()
            continue
        size = varint() if kind == 2 else size
        yield key >> 3, data[place : place + size]
        place += size


def packed(data: bytes) -> list[int]:
    """Return a packed list of unsigned numbers."""
    values, value, shift = [], 0, 0
    for byte in data:
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            values.append(value)
            value = shift = 0
    return values


def tile_value(data: bytes) -> Any:
    """Return a value of a vector tile's table."""
    number, value = next(iter(fields(data)))
    match number:
        case 1:
            return value.decode()
        case 2:
            return struct.unpack("<f", value)[0]
        case 3:
            return struct.unpack("<d", value)[0]
        case 6:
            return (value >> 1) ^ -(value & 1)
        case 7:
            return bool(value)
    return value


def vector_tile(data: bytes) -> Iterator[Seen]:
    """Yield the features of a vector tile; their geometry is the points of its lines, in 4096ths of the tile."""
    for number, layer in fields(data):
        assert number == 3, "not a layer"
        parts: dict[int, list[Any]] = {}
        for key, value in fields(layer):
            parts.setdefault(key, []).append(value)
        keys = [key.decode() for key in parts.get(3, [])]
        values = [tile_value(value) for value in parts.get(4, [])]
        for each in parts.get(2, []):
            yield tile_feature(dict(fields(each)), keys, values)


def tile_feature(parts: Mapping[int, Any], keys: list[str], values: list[Any]) -> Seen:
    """Return one feature of a layer."""
    tags = packed(parts.get(2, b""))
    attributes = {keys[key]: values[value] for key, value in zip(tags[::2], tags[1::2], strict=True)}
    points, x, y, numbers = [], 0, 0, iter(packed(parts.get(4, b"")))
    for command in numbers:
        for _ in range(command >> 3 if command & 7 in (1, 2) else 0):
            dx, dy = next(numbers), next(numbers)
            x, y = x + ((dx >> 1) ^ -(dx & 1)), y + ((dy >> 1) ^ -(dy & 1))
            points.append((x, y))
    return Seen(str(attributes.pop("id", "")), attributes, shapely.MultiPoint(points))


def alpha(body: bytes) -> np.ndarray:
    """Return where an image shows something: its fourth band, or everywhere."""
    with rasterio.MemoryFile(body) as memory, memory.open() as image:
        return image.read(image.count) > 0 if image.count in (2, 4) else np.ones(image.shape, dtype=bool)


def pdf_words(body: bytes) -> list[str]:
    """Return the words of a PDF."""
    from pypdf import PdfReader  # comes with the tests: the door of plans is left out without it

    return [word for page in PdfReader(BytesIO(body)).pages for word in page.extract_text().split()]


def geopackage(body: bytes, suffix: str = "gpkg") -> list[Seen]:
    """Return the features of every layer of a GeoPackage, or of another file of GDAL's."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / f"export.{suffix}"
        path.write_bytes(body)
        layers = [name for name, _ in pyogrio.list_layers(path)]
        return [seen for layer in layers for seen in geopackage_layer(path, layer)]


def table(body: bytes) -> list[Seen]:
    """Return the rows of a CSV by their ids; an empty cell is nothing."""
    rows = csv.DictReader(StringIO(body.decode("utf-8-sig")))
    return [line({name: value for name, value in row.items() if value}) for row in rows]


def line(row: dict[str, str]) -> Seen:
    """Return a row of a CSV, whose geometry is text."""
    shape = row.pop("geom", None)
    return Seen(row.pop("id"), row, shape and shapely.from_wkt(shape))


def linked_data(body: bytes) -> list[Seen]:
    """Return the objects of a JSON-LD page."""
    return [linked(one) for one in json.loads(body)["rdfs:member"]]


def linked(one: Mapping[str, Any]) -> Seen:
    """Return one object of JSON-LD: what has no prefix is an attribute, its system stands before its geometry."""
    attributes = {name: value for name, value in one.items() if not set(name) & set("@:")}
    shape = one.get("geo:hasDefaultGeometry")
    text = shape and shape["geo:asWKT"]["@value"].partition("> ")[2]
    return Seen(one["dct:identifier"], attributes, text and shapely.from_wkt(text))


def geopackage_layer(path: Path, layer: str) -> Iterator[Seen]:
    """Yield the features of one layer."""
    meta, _, geometries, columns = pyogrio.raw.read(path, layer=layer)
    for geometry, *row in zip(geometries, *columns, strict=True):
        attributes = dict(zip(meta["fields"], row, strict=True))
        yield Seen(str(attributes.pop("id")), attributes, shapely.from_wkb(geometry))


def filled(value: Any) -> bool:
    """True for a value of a column that is not null: numbers have NaN for it, days NaT."""
    return value is not None and value == value and not (isinstance(value, np.datetime64) and np.isnat(value))
