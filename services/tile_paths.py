"""Tiles in the OpenAPI document: the addresses of images, and the one format of vector tiles."""

from collections.abc import Iterator
from typing import Any

from catalog.loader import datasets
from services import context
from services.process_paths import JSON, operation, parameter
from services.providers.imagery import FORMATS
from services.providers.tiles import MVT
from services.tile_grid import GRID

Document = dict[str, Any]

PLACE = "{tileMatrix}/{tileRow}/{tileCol}"


def with_tiles(document: Document) -> Document:
    """Return the OpenAPI document with the map tiles that the caller may look at."""
    paths = {path: about for known, of in document["paths"].items() for path, about in vector_paths(known, of)}
    images = [id for id in context.current().principal.profile.datasets("image") if datasets()[id].raster]
    return document | {"paths": paths | {path: about for id in images for path, about in image_paths(id)}}


def vector_paths(path: str, about: Document) -> Iterator[tuple[str, Document]]:
    """Yield an address and what is said of it; before that of vector tiles, those of the set that they make."""
    set_of_tiles = path.removesuffix(f"/{PLACE}")
    if not set_of_tiles.endswith("/tiles/{tileMatrixSetId}"):
        yield path, about
        return
    dataset = path.split("/")[2]
    for end, words in SETS.items():
        told = described(dataset, f"VectorTileSet{end.title().replace('/', '')}", words, {"200": JSON}, *SET)
        told["responses"]["200"]["content"]["text/html"] = {"schema": {"type": "string"}}
        yield set_of_tiles + end, {"get": told}
    kept = [each for each in about["get"]["parameters"] if each.get("$ref") != "#/components/parameters/f"]
    good = {"200": {"description": about["get"]["summary"], "content": {MVT: {"schema": BINARY}}}}
    tile = {"parameters": [*kept, format_of("mvt")], "responses": about["get"]["responses"] | good}
    yield path, {"get": about["get"] | tile}


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


SETS = {"": "Un jeu de tuiles vectorielles", "/metadata": "La description d'un jeu de tuiles vectorielles"}
SET = (
    {"$ref": "#/components/parameters/tileMatrixSetId"},
    format_of("json", "html", "tilejson"),
    {"$ref": "#/components/parameters/lang"},
)
BINARY = {"type": "string", "format": "binary"}
