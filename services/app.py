"""The application: every address, and what answers it. Everything is assembled here, from the top down."""

import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from pygeoapi import api as core
from pygeoapi.api import itemtypes, tiles
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from catalog.errors import NotFound
from catalog.settings import Settings
from catalog.settings import settings as read_settings
from services import explanations, jobs_routes, pages, parameters, parcel_search, static_files
from services.answers import finished
from services.apis import Apis
from services.documents import Document, closed, honest, identified, with_encodings
from services.doors import Described, Documented, Door, Item, Items
from services.encodings import ITEM, ITEMS
from services.gate import METHODS, Endpoint, Gate, wants_page
from services.problems import problem, refusal
from services.process_paths import with_links, with_paths
from services.providers import imagery
from services.sign_in import SignIn
from services.tile_paths import with_tiles


def lasting_app(settings: Settings | None = None) -> Starlette:
    """Assemble the services of a process that does nothing else: what it is made of is never looked over as garbage.

    A full collection, which falls into some request, then takes the time of what requests left alone.
    """
    app = create_app(settings)
    gc.collect()
    gc.freeze()
    return app


def create_app(settings: Settings | None = None) -> Starlette:
    """Assemble the services; the database need not answer yet."""
    settings = settings or read_settings()
    pages.install()
    gate, apis = Gate(settings), Apis(settings)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        gate.executor.submit(gate.look)
        yield
        gate.close()

    app = Starlette(
        routes=[
            *documents(gate, apis),
            *guarded(gate, jobs_routes.routes()),
            *collections(gate, apis),
            *vector_tiles(gate, apis),
            *guarded(gate, imagery.routes()),
            *guarded(gate, SignIn(gate.callers).routes()),
            *guarded(gate, explanations.routes()),
            *guarded(gate, parcel_search.routes()),
            *static_files.mounts(),
            route(gate, "/{path:path}", nowhere, *METHODS),
        ],
        exception_handlers={HTTPException: refused},
        lifespan=lifespan,
    )
    app.router.redirect_slashes = False
    return app


def documents(gate: Gate, apis: Apis) -> list[BaseRoute]:
    """What is served here, and how."""
    return [
        route(gate, "/", Door(apis, core.landing_page, amendment=with_links)),
        route(gate, "/conformance", Door(apis, core.conformance, amendment=honest)),
        route(gate, "/openapi", Documented(apis, core.openapi_, amendment=complete)),
    ]


def complete(document: Document) -> Document:
    """Return the OpenAPI document with what is served beside pygeoapi."""
    return with_tiles(with_paths(document))


def collections(gate: Gate, apis: Apis) -> list[BaseRoute]:
    """The collections that the caller may know of, and their features."""
    one = "/collections/{dataset}"
    return [
        route(gate, "/collections", Described(apis, core.describe_collections)),
        route(gate, one, Described(apis, core.describe_collections)),
        route(gate, f"{one}/schema", Door(apis, core.get_collection_schema, usage="feature", amendment=identified)),
        route(
            gate,
            f"{one}/queryables",
            Door(apis, itemtypes.get_collection_queryables, usage="feature", amendment=closed),
        ),
        route(gate, f"{one}/items", Items(apis, itemtypes.get_collection_items, ITEMS, usage="feature"), "GET", "POST"),
        route(
            gate,
            f"{one}/items/{{feature:path}}",
            Item(apis, itemtypes.get_collection_item, ITEM, "feature", parameters.ITEM, amendment=with_encodings),
        ),
    ]


def vector_tiles(gate: Gate, apis: Apis) -> list[BaseRoute]:
    """The tiles of each vector dataset, and the grid that they are cut by."""
    one, grid = "/collections/{dataset}/tiles", "/collections/{dataset}/tiles/{grid}"
    described = ("json", "html", "tilejson")
    return [
        route(gate, "/TileMatrixSets", Door(apis, tiles.tilematrixsets)),
        route(gate, "/TileMatrixSets/{grid}", Door(apis, tiles.tilematrixset)),
        route(gate, one, Door(apis, tiles.get_collection_tiles, usage="tile")),
        route(gate, grid, Door(apis, tiles.get_collection_tiles_metadata, described, usage="tile")),
        route(gate, f"{grid}/metadata", Door(apis, tiles.get_collection_tiles_metadata, described, usage="tile")),
        route(
            gate,
            f"{grid}/{{z}}/{{row}}/{{column}}",
            Door(apis, tiles.get_collection_tiles_data, ("mvt",), usage="tile"),
        ),
    ]


def route(gate: Gate, path: str, endpoint: Endpoint, *methods: str) -> Route:
    """Return a route behind the gate; other methods than its own are refused there, with the credential checked."""
    return Route(path, gate.guard(path, endpoint, *(methods or ("GET",))), methods=list(METHODS))


def guarded(gate: Gate, routes: list[Route]) -> list[BaseRoute]:
    """Return plain endpoints behind the gate."""
    return [
        route(gate, each.path, each.endpoint, *((each.methods or {"GET"}) - {"HEAD", "OPTIONS"})) for each in routes
    ]


def nowhere(_: Request) -> Response:
    """Answer every other address."""
    raise NotFound


async def refused(request: Request, error: Exception) -> Response:
    """Answer what Starlette refuses by itself, in our words."""
    status = error.status_code if isinstance(error, HTTPException) else 500
    return finished(problem(refusal(status), wants_page(request)), request, None)
