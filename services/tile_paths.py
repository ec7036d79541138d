"""Tiles in the OpenAPI document: the addresses of images, and the one format of vector tiles."""

from collections.abc import Iterator
from typing import Any

from catalog.loader import datasets
from services import context
from services.process_paths import JSON, operation, parameter
from services.providers.imagery import FORMATS
from services.tile_grid import GRID

Document = dict[str, Any]

PLACE = "{tileMatrix}/{tileRow}/{tileCol}"


def with_tiles(document: Document) -> Document:
    """Return the OpenAPI document with the map tiles that the caller may look at."""
    paths = {path: vector(path, about) for path, about in document["paths"].items()}
    images = [id for id in context.current().principal.profile.datasets("image") if datasets()[id].raster]
    return document | {"paths": paths | {path: about for id in images for path, about in image_paths(id)}}


def vector(path: str, about: Document) -> Document:
    """Return what is said of an address, with the format of vector tiles where it is one of theirs."""
    if not path.endswith(f"/tiles/{{tileMatrixSetId}}/{PLACE}"):
        return about
    kept = [each for each in about["get"]["parameters"] if each.get("$ref") != "#/components/parameters/f"]
    return about | {"get": about["get"] | {"parameters": [*kept, format_of("mvt")]}}


def image_paths(dataset: str) -> Iterator[tuple[str, Document]]:
    """Yield the addresses of one dataset's map tiles."""
    base = f"/collections/{dataset}/map/tiles"
    yield base, {"get": described(dataset, "TileSetsList", "Les tuiles d'image", {"200": JSON})}
    yield f"{base}/{GRID}", {"get": described(dataset, "TileSet", "La grille des tuiles d'image", {"200": JSON})}
    place = [
        parameter(name, "path", {"type": "integer", "minimum": 0}) for name in ("tileMatrix", "tileRow", "tileCol")
    ]
    tile = described(dataset, "MapTile", "Une tuile d'image", {"200": None}, *place, format_of(*FORMATS))
    tile["responses"]["200"]["content"] = {media: {"schema": {}} for media, _ in FORMATS.values()}
    yield f"{base}/{GRID}/{PLACE}", {"get": tile}


def described(dataset: str, what: str, words: str, answers: dict[str, str | None], *parameters: Document) -> Document:
    """Return one operation among those of its dataset."""
    return operation(f"get-{dataset}-{what}", words, answers, *parameters) | {"tags": [dataset]}


def format_of(*names: str) -> Document:
    """Return the parameter `f` of an address that has formats of its own."""
    return parameter("f", "query", {"type": "string", "enum": list(names)})
