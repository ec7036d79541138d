"""Vector tiles: one statement makes the tile, under the caller's own rights, with the attributes it may see."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from psycopg import sql
from pygeoapi.models.provider.base import TileMatrixSetEnum
from pygeoapi.provider.base_mvt import BaseMVTProvider

from catalog import quotas, register
from catalog.database import Connection, Pool, as_principal
from catalog.errors import NotFound
from catalog.loader import datasets
from catalog.model import BASE, Dataset, Principal
from services import context, sharing
from services.answers import gzipped
from services.reading import PLACES, note
from services.statements import near, template
from services.tile_grid import GRID, Box, Tile, tile
from services.tile_store import TileStore

MVT = "application/vnd.mapbox-vector-tile"
TILEJSON_TYPES = {"integer": "Number", "double precision": "Number", "boolean": "Boolean"}

# The buffer that ST_AsMVTGeom keeps around a tile (64 of 4096), also asked of the index.
MARGIN = 64 / 4096
# From this zoom on a tile holds everything. Before it, it is capped and leaves out what is smaller than two pixels.
WHOLE_ZOOM = 14
MAX_ZOOM = 20
# From this zoom on names are written: a surface has a point of its own for its name, which no tile cuts.
NAMES_ZOOM = 17
# Further in, a tile is made about as fast as its copy is found.
SHARED_ZOOM = 16
SMALLEST_PIXELS = 2
CAP = 5_000
# Points have no size: below the first zoom there is none, then one for every few pixels.
POINTS_ZOOM = 12
APART_PIXELS = 8
NOTHING = gzipped(b"")


def definition(dataset: Dataset) -> dict[str, Any]:
    """Return the part of pygeoapi's configuration that makes it serve a dataset's tiles."""
    return {
        "type": "tile",
        "name": f"{__name__}.TileProvider",
        "data": dataset.id,
        "options": {"zoom": {"min": 0, "max": MAX_ZOOM}, "schemes": [GRID]},
        "format": {"name": "mvt", "mimetype": MVT},
    }


def vector_tile(pool: Pool, principal: Principal, dataset: Dataset, place: Tile) -> bytes:
    """Return the tile of what `principal` sees of a dataset: no bytes where that is nothing, whatever is hidden."""
    question = asked(principal, dataset, place)
    if question is None:
        return b""
    groups, values = question
    with as_principal(pool, principal, "tile") as connection:
        if register.audited(dataset):
            note(connection, principal, dataset, "tile", groups, statement(dataset, groups, whole(place), True), values)
        wanted = named(dataset, groups) if is_named(dataset, place) else statement(dataset, groups, whole(place))
        return made(connection, wanted, values)


def shared_tile(pool: Pool, principal: Principal, dataset: Dataset, place: Tile, store: TileStore) -> bytes:
    """Return the same, compressed: the one copy of all who are given the same there, made where there is none yet."""
    question = asked(principal, dataset, place)
    if question is None:
        return NOTHING
    groups, values = question
    with as_principal(pool, principal, "tile") as connection:
        sight = sharing.sight(connection, dataset, groups, values)
        if sight is None:
            return NOTHING
        wanted = statement(dataset, sight.groups, whole(place))
        name = sight.name(wanted, values)
        kept = store.get(name)
        tile = made(connection, wanted, values) if kept is None else b""
    if kept is None:
        kept = gzipped(tile)
        store.put(name, kept)
    return kept


def is_shared(dataset: Dataset, place: Tile) -> bool:
    """True for a tile of which a copy is kept: of an audited dataset, each read names the features first."""
    return place.z <= SHARED_ZOOM and not register.audited(dataset)


def is_named(dataset: Dataset, place: Tile) -> bool:
    """True for a tile with points for names beside what it draws; no copy is kept of one."""
    return place.z >= NAMES_ZOOM and dataset.geometry == "MultiPolygon"


def points_of(dataset: Dataset) -> str:
    """Return the name of the layer of points for names."""
    return f"{dataset.id}_noms"


def asked(principal: Principal, dataset: Dataset, place: Tile) -> tuple[tuple[str, ...], dict[str, float]] | None:
    """Count a request, and return the groups and the values to ask for; None where there can be nothing."""
    quotas.request(principal, dataset.id, "tile")
    groups = principal.profile.groups(dataset.id, "tile")
    box = place.box(dataset.srid, MARGIN)
    if not groups or box is None or (dataset.geometry == "Point" and place.z < POINTS_ZOOM):
        return None
    return groups, arguments(dataset, place, box)


def made(connection: Connection, wanted: sql.Composed, values: Mapping[str, Any]) -> bytes:
    """Make a tile."""
    row = connection.execute(wanted, values).fetchone()
    return bytes(row[0]) if row and row[0] else b""


def whole(place: Tile) -> bool:
    """True for a tile that holds everything."""
    return place.z >= WHOLE_ZOOM


def arguments(dataset: Dataset, place: Tile, box: Box) -> dict[str, float]:
    """Return the values bound to the statement of a tile, whose box is in the dataset's system."""
    bound: dict[str, float] = {"z": place.z, "x": place.x, "y": place.y}
    bound |= dict(zip(("west", "south", "east", "north"), box, strict=True))
    generalised = {"smallest": SMALLEST_PIXELS * place.pixel, "apart": APART_PIXELS * place.pixel}
    return bound | (place.affinity(dataset.srid) if whole(place) else generalised)


@cache
def statement(dataset: Dataset, groups: tuple[str, ...], whole: bool, places: bool = False) -> sql.Composed:
    """Return the statement of a tile, whole or generalised for a low zoom; there are few, written once each.

    `places`: the commune and id of its features instead, for the register.
    """
    generalised = "tile_points" if dataset.geometry == "Point" else "tile_overview"
    return template("tile" if whole else generalised).format(
        wanted=PLACES if places else sql.SQL("ST_AsMVT(shape, {}, 4096, 'geom')").format(sql.Literal(dataset.id)),
        cap=sql.Literal(CAP),
        **read(dataset, groups),
    )


@cache
def named(dataset: Dataset, groups: tuple[str, ...]) -> sql.Composed:
    """Return the statement of a whole tile with points for names: as many attributes there as in what is drawn."""
    return template("tile_named").format(
        layer=sql.Literal(dataset.id),
        points=sql.Literal(points_of(dataset)),
        names=sql.SQL(", ").join(map(sql.Identifier, dataset.columns(groups))),
        **read(dataset, groups),
    )


def read(dataset: Dataset, groups: tuple[str, ...]) -> dict[str, sql.Composable]:
    """Return the columns and tables of a tile, and where."""
    aliases = {group: "t" if group == BASE else f"g{number}" for number, group in enumerate(groups)}
    return {
        "columns": sql.SQL(", ").join(
            sql.Identifier(alias, column) for group, alias in aliases.items() for column in dataset.columns((group,))
        ),
        "table": sql.Identifier(*dataset.group_table()),
        "joins": sql.SQL(" ").join(join(dataset, group, alias) for group, alias in aliases.items() if group != BASE),
        **within(dataset),
    }


def within(dataset: Dataset) -> dict[str, sql.Composable]:
    """Return the box of a tile, and the condition that what the caller sees of a dataset is near it."""
    area = sharing.area(dataset)
    return {"area": area, "near": near(dataset, area)}


def join(dataset: Dataset, group: str, alias: str) -> sql.Composed:
    """Return the join of one side table."""
    return template("tile_group").format(table=sql.Identifier(*dataset.group_table(group)), alias=sql.Identifier(alias))


class TileProvider(BaseMVTProvider):
    """pygeoapi's door to the tiles of one dataset; it is made anew for each request."""

    def __init__(self, provider_def: dict[str, Any]) -> None:
        super().__init__(provider_def)
        self.dataset = datasets()[self.data]

    def __repr__(self) -> str:
        return f"<TileProvider {self.data}>"

    def get_layer(self) -> str:
        """Return the name of the tile's one layer: the dataset's id."""
        return self.dataset.id

    def get_fields(self) -> dict[str, dict[str, str]]:
        """Return the attributes that the caller's tiles bear."""
        groups = context.current().principal.profile.groups(self.dataset.id, "tile")
        return {"id": {"type": "text"}} | {name: {"type": kind} for name, kind in self.dataset.columns(groups).items()}

    def get_tiling_schemes(self) -> list[Any]:
        """Return the one grid that is served."""
        return [TileMatrixSetEnum[GRID.upper()].value]

    def get_tiles_service(self, baseurl=None, servicepath=None, dirpath=None, tile_type=None) -> dict[str, Any]:
        """Return the links to the tiles and to what describes them."""
        tileset = f"{baseurl}/collections/{self.dataset.id}/tiles/{GRID}"
        return {
            "links": [
                link("item", MVT, "Tuiles vectorielles", f"{tileset}/{{tileMatrix}}/{{tileRow}}/{{tileCol}}?f=mvt"),
                link("describedby", "application/json", "Description (TileJSON)", f"{tileset}/metadata?f=tilejson"),
            ]
        }

    def get_tiles(self, layer=None, tileset=None, z=None, y=None, x=None, format_=None) -> bytes:
        """Return one tile. Raises NotFound for a place outside the grid."""
        place = tile(str(tileset), str(z), str(y), str(x))
        if place.z > MAX_ZOOM:
            raise NotFound
        here = context.current()
        if here.tiles is None or not is_shared(self.dataset, place):
            return vector_tile(here.pool, here.principal, self.dataset, place)
        here.headers["Content-Encoding"] = "gzip"
        return shared_tile(here.pool, here.principal, self.dataset, place, here.tiles)

    def get_metadata(
        self,
        dataset: str,
        server_url: str,
        layer: str | None = None,
        tileset: str | None = None,
        metadata_format: str | None = None,
        title: str | None = None,
        description: str | None = None,
        **_: object,
    ) -> dict[str, Any]:
        """Describe the tileset: TileJSON, OGC tileset metadata, or what its page shows."""
        if tileset != GRID:
            raise NotFound
        base = f"{server_url}/collections/{dataset}/tiles/{GRID}"
        tiles = f"{base}/{{tileMatrix}}/{{tileRow}}/{{tileCol}}?f=mvt"
        match (metadata_format or "json").lower():
            case "tilejson":
                return self.tilejson(tiles.format(tileMatrix="{z}", tileRow="{y}", tileCol="{x}"), title, description)
            case "html":
                return {
                    "id": dataset,
                    "title": title,
                    "tileset": GRID,
                    "collections_path": tiles,
                    "json_url": f"{base}/metadata?f=json",
                }
            case _:
                return tileset_metadata(server_url, tiles, title, description)

    def tilejson(self, tiles: str, title: str | None, description: str | None) -> dict[str, Any]:
        """Return what MapLibre and QGIS need to draw the tiles."""
        fields = {name: TILEJSON_TYPES.get(field["type"], "String") for name, field in self.get_fields().items()}
        layer = {"id": self.dataset.id, "description": description, "fields": fields, "minzoom": 0, "maxzoom": MAX_ZOOM}
        names = layer | {"id": points_of(self.dataset), "description": "Où écrire les noms", "minzoom": NAMES_ZOOM}
        layers = [layer, names] if self.dataset.geometry == "MultiPolygon" else [layer]
        return {
            "tilejson": "3.0.0",
            "name": title,
            "description": description,
            "attribution": self.dataset.source.attribution,
            "scheme": "xyz",
            "tiles": [tiles],
            "minzoom": 0,
            "maxzoom": MAX_ZOOM,
            "vector_layers": layers,
        }


def tileset_metadata(server_url: str, tiles: str, title: str | None, description: str | None) -> dict[str, Any]:
    """Return the tileset metadata of OGC API - Tiles."""
    scheme = TileMatrixSetEnum[GRID.upper()].value
    return {
        "title": title,
        "description": description,
        "dataType": "vector",
        "crs": scheme.crs,
        "tileMatrixSetURI": scheme.tileMatrixSetURI,
        "links": [
            link("item", MVT, "Tuiles vectorielles", tiles),
            link(
                "http://www.opengis.net/def/rel/ogc/1.0/tiling-scheme",
                "application/json",
                "Grille des tuiles",
                f"{server_url}/TileMatrixSets/{GRID}?f=json",
            ),
        ],
    }


def link(relation: str, media_type: str, title: str, address: str) -> dict[str, Any]:
    """Return one link of a JSON document; an address with braces says that it is a template."""
    parts = {"rel": relation, "type": media_type, "title": title, "href": address}
    return parts | {"templated": True} if "{" in address else parts
