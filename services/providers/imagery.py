"""Map tiles of images, masked to the pixel outside what the caller sees.

pygeoapi has no route for the tiles of a map, so that these are plain Starlette endpoints; `routes()` lists them.
A tile of which the caller sees nothing is one and the same transparent image, whether or not there is an image.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from inspect import getsource
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from psycopg import sql
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from catalog import quotas, register
from catalog.database import Connection, Pool, as_principal
from catalog.errors import BadRequest, NotFound
from catalog.loader import datasets
from catalog.model import BASE, Dataset, Principal
from services import context, rasters, sharing
from services.providers.tiles import link, tileset_metadata, within
from services.rasters import Piece, mosaic, render
from services.reading import PLACES, note
from services.statements import template
from services.tile_grid import GRID, SIDE, Box, Tile, tile
from services.tile_store import TileStore

# What `f` may be → media type and the encoder's name.
FORMATS = {"png": ("image/png", "PNG"), "webp": ("image/webp", "WEBP"), "jpeg": ("image/jpeg", "JPEG")}
# A piece narrower than this is not drawn, and a tile is made of so many pieces at most: small scales stay cheap.
SMALLEST_PIXELS = 16
CAP = 256
PNG = b"\x89PNG"
# The mask of an image is laid by our own lines: once they change, copies are others.
DRAWN_BY = sha256(getsource(rasters).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Picture:
    """An encoded tile."""

    media_type: str
    content: bytes


def routes() -> list[Route]:
    """Return the endpoints of map tiles."""
    base = "/collections/{dataset}/map/tiles"
    return [
        Route(base, tilesets),
        Route(f"{base}/{{grid}}", tileset),
        Route(f"{base}/{{grid}}/{{z}}/{{row}}/{{column}}", map_tile),
    ]


def image_tile(
    pool: Pool,
    principal: Principal,
    folder: Path,
    dataset: Dataset,
    place: Tile,
    wanted: str,
    store: TileStore | None = None,
) -> Picture:
    """Return the tile of what `principal` sees, as `wanted` (a key of FORMATS); JPEG only where it is covered.

    With a store, all who are given the same there share one copy; of an audited dataset none is kept.
    """
    quotas.request(principal, dataset.id, "image")
    box = place.box(dataset.srid)
    if box is None:
        return nothing(wanted)
    values = arguments(place, box)
    name = None
    with as_principal(pool, principal, "image") as connection:
        if register.audited(dataset):
            note(connection, principal, dataset, "image", (BASE,), statement(dataset, places=True), values)
        elif store:
            sight = sharing.sight(connection, dataset, (BASE,), values)
            if sight is None:
                return nothing(wanted)
            name = sight.name(statement(dataset), values, f"{place} {wanted} {DRAWN_BY}")
            if (kept := store.get(name)) is not None:
                return picture(kept, wanted)
        found = pieces(connection, folder, dataset, values)
    drawn, sound = draw(found, place, dataset, wanted)
    if store and name and sound:
        store.put(name, drawn.content)
    return drawn


def arguments(place: Tile, box: Box) -> dict[str, float]:
    """Return the values bound to the statement of the pieces in a box."""
    sides = dict(zip(("west", "south", "east", "north"), box, strict=True))
    return sides | {"smallest": SMALLEST_PIXELS * place.pixel}


def draw(found: Sequence[Piece], place: Tile, dataset: Dataset, wanted: str) -> tuple[Picture, bool]:
    """Draw a tile, and return it with whether every image of it could be read."""
    unread: list[Path] = []
    pixels = mosaic(found, place, dataset.srid, unread) if found else None
    if pixels is None or not pixels[3].any():
        return nothing(wanted), not unread
    media_type, encoder = FORMATS["png" if wanted == "jpeg" and not pixels[3].all() else wanted]
    return Picture(media_type, render(pixels, encoder)), not unread


def picture(content: bytes, wanted: str) -> Picture:
    """Return a copy as a picture: what was wanted as JPEG may be PNG."""
    return Picture(FORMATS["png" if content.startswith(PNG) else wanted][0], content)


@cache
def nothing(wanted: str) -> Picture:
    """Return the tile of nothing, which a JPEG cannot show."""
    media_type, encoder = FORMATS["png" if wanted == "jpeg" else wanted]
    return Picture(media_type, render(np.zeros((4, SIDE, SIDE), dtype="uint8"), encoder))


def pieces(connection: Connection, folder: Path, dataset: Dataset, values: Mapping[str, float]) -> list[Piece]:
    """Return what the caller of a transaction sees of each image in a box, newest first."""
    return by_file(connection.execute(statement(dataset), values).fetchall(), folder)


@cache
def statement(dataset: Dataset, places: bool = False) -> sql.Composed:
    """Return the statement of the pieces in a tile; `places`: of their commune and id instead, for the register."""
    wanted = PLACES if places else sql.SQL("fichier, ST_AsBinary(geom)")
    table = sql.Identifier(*dataset.group_table())
    return template("image_pieces").format(wanted=wanted, table=table, cap=sql.Literal(CAP), **within(dataset))


def by_file(rows: Sequence[tuple[str, bytes]], folder: Path) -> list[Piece]:
    """Unite the pieces of each image; one whose file would be outside the images' folder is left out."""
    outlines: dict[str, list[shapely.Geometry]] = {}
    for name, geometry in rows:
        outlines.setdefault(name, []).append(shapely.from_wkb(geometry))
    root = folder.resolve()
    paths = {name: (root / name).resolve() for name in outlines}
    return [
        Piece(paths[name], shapely.union_all(parts))
        for name, parts in outlines.items()
        if paths[name].is_relative_to(root)
    ]


def map_tile(request: Request) -> Response:
    """Answer one map tile."""
    dataset = visible(request)
    place = tile(*(request.path_params[name] for name in ("grid", "z", "row", "column")))
    wanted = image_format(request)
    here = context.current()
    folder = here.settings.files / "orthophotos"
    drawn = image_tile(here.pool, here.principal, folder, dataset, place, wanted, here.tiles)
    return Response(drawn.content, media_type=drawn.media_type)


def visible(request: Request) -> Dataset:
    """Return the dataset of the address, if it is one of images that the caller may look at."""
    dataset = datasets().get(request.path_params["dataset"])
    if dataset is None or not dataset.raster or dataset.id not in context.current().principal.profile.datasets("image"):
        raise NotFound
    return dataset


def image_format(request: Request) -> str:
    """Return the format asked for by `f`, else by `Accept`: a browser's WebP, else PNG."""
    wanted = single_format(request)
    if wanted is None:
        return "webp" if "image/webp" in request.headers.get("accept", "") else "png"
    if wanted not in FORMATS:
        raise BadRequest(parameter="f")
    return wanted


def single_format(request: Request) -> str | None:
    """Return the one parameter that is known here. Raises BadRequest for any other, or for two."""
    parameters = request.query_params.multi_items()
    if len(parameters) > 1 or any(name != "f" for name, _ in parameters):
        raise BadRequest
    return parameters[0][1] if parameters else None


def tilesets(request: Request) -> Response:
    """List the one tileset of a dataset's images."""
    dataset = visible(request)
    metadata = describe(dataset, request)
    address = f"{context.current().settings.public_url}/collections/{dataset.id}/map/tiles"
    mine = link("self", "application/json", "Jeu de tuiles", f"{address}/{GRID}")
    tileset = {name: metadata[name] for name in ("title", "dataType", "crs", "tileMatrixSetURI")} | {"links": [mine]}
    return JSONResponse({"links": [link("self", "application/json", "Ce document", address)], "tilesets": [tileset]})


def tileset(request: Request) -> Response:
    """Describe the one tileset of a dataset's images."""
    dataset = visible(request)
    if request.path_params["grid"] != GRID:
        raise NotFound
    return JSONResponse(describe(dataset, request))


def describe(dataset: Dataset, request: Request) -> dict[str, Any]:
    """Return the metadata of the tileset, with a link for each format."""
    if single_format(request) not in (None, "json"):
        raise BadRequest(parameter="f")
    server = context.current().settings.public_url
    address = f"{server}/collections/{dataset.id}/map/tiles/{GRID}/{{tileMatrix}}/{{tileRow}}/{{tileCol}}"
    metadata = tileset_metadata(server, address, dataset.title, dataset.description)
    pictures = [link("item", media, f"Tuiles {name}", f"{address}?f={name}") for name, (media, _) in FORMATS.items()]
    kept = [each for each in metadata["links"] if each["rel"] != "item"]
    return metadata | {"dataType": "map", "links": pictures + kept}
