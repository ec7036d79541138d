"""Every door: what somebody is given there, what is hidden there from another, and what is not there at all."""

from dataclasses import dataclass

from services.processes import plan_cadastral
from tests.hunting.world import A, B

AGAIN, NEVER = "private, no-cache", "private, no-store"
PARCELS, GRID = "/collections/parcelles", "WebMercatorQuad"


@dataclass(frozen=True)
class Door:
    """What somebody is given at a door, if anything; what is hidden there from another, and what is not at all."""

    given: str | None = None
    hidden: str | None = None
    missing: str | None = None
    who: str | None = "departement"
    stranger: str = "commune-a"
    kept: str = AGAIN
    status: int = 200
    method: str = "GET"


def of_dataset(end):
    """A door to one dataset, of which commune-a has no pipes."""
    return Door(f"{PARCELS}{end}", f"/collections/canalisations_eau{end}", f"/collections/inconnu{end}")


PLAN = f"/processes/{plan_cadastral.ID}"
TILE, PLACE = "14/{tile.y}/{tile.x}", "{z}/{row}/{column}"
MAPS = "/collections/orthophotos/map/tiles"
DOORS = {
    "/": Door("/"),
    "/conformance": Door("/conformance"),
    "/openapi": Door("/openapi"),
    "/processes": Door("/processes"),
    "/processes/{process}": Door(PLAN, PLAN, "/processes/inconnu", stranger="eaux"),
    "/processes/{process}/execution": Door(
        None, f"{PLAN}/execution", "/processes/inconnu/execution", stranger="eaux", method="POST"
    ),
    "/jobs": Door("/jobs"),
    "/jobs/{job}": Door("/jobs/{job}", "/jobs/{job}", "/jobs/{unknown}"),
    "/jobs/{job}/results": Door(None, "/jobs/{job}/results", "/jobs/{unknown}/results"),
    "/collections/parcelles/items/{parcel}/plan.pdf": Door(
        f"{PARCELS}/items/{A}0000A0001/plan.pdf",
        f"{PARCELS}/items/{B}0000A0001/plan.pdf",
        f"{PARCELS}/items/{B}0000A9999/plan.pdf",
        kept=NEVER,
    ),
    "/collections": Door("/collections"),
    "/collections/{dataset}": of_dataset(""),
    "/collections/{dataset}/schema": of_dataset("/schema"),
    "/collections/{dataset}/queryables": of_dataset("/queryables"),
    "/collections/{dataset}/items": of_dataset("/items?limit=2"),
    "/collections/{dataset}/items/{feature:path}": Door(
        f"{PARCELS}/items/{A}0000A0001", f"{PARCELS}/items/{B}0000A0001", f"{PARCELS}/items/{B}0000A9999"
    ),
    "/TileMatrixSets": Door("/TileMatrixSets"),
    "/TileMatrixSets/{grid}": Door(f"/TileMatrixSets/{GRID}"),
    "/collections/{dataset}/tiles": of_dataset("/tiles"),
    "/collections/{dataset}/tiles/{grid}": of_dataset(f"/tiles/{GRID}"),
    "/collections/{dataset}/tiles/{grid}/metadata": of_dataset(f"/tiles/{GRID}/metadata"),
    f"/collections/{{dataset}}/tiles/{{grid}}/{PLACE}": of_dataset(f"/tiles/{GRID}/{TILE}"),
    "/collections/{dataset}/map/tiles": Door(MAPS, MAPS, "/collections/inconnu/map/tiles"),
    "/collections/{dataset}/map/tiles/{grid}": Door(
        f"{MAPS}/{GRID}", f"{MAPS}/{GRID}", f"/collections/inconnu/map/tiles/{GRID}"
    ),
    f"/collections/{{dataset}}/map/tiles/{{grid}}/{PLACE}": Door(
        f"{MAPS}/{GRID}/{TILE}", f"{MAPS}/{GRID}/{TILE}", f"/collections/inconnu/map/tiles/{GRID}/{TILE}"
    ),
    "/connexion": Door("/connexion", kept=NEVER, status=303),
    "/connexion-par-jeton": Door("/connexion-par-jeton", kept=NEVER, status=303),
    "/connexion/compte": Door(None, "/connexion/compte", "/nulle-part"),
    "/connexion/retour": Door(None, "/connexion/retour", "/nulle-part"),
    "/deconnexion": Door("/deconnexion", kept=NEVER, method="POST"),
    "/parcelle": Door(f"/parcelle?parcelle={A}0000A0001", kept=NEVER, status=303),
    "/access/explain": Door("/access/explain?f=html", "/access/explain", "/nulle-part", who="association", kept=NEVER),
    "/{path:path}": Door("/nulle-part", kept=NEVER, status=404),
}
GIVEN = {name: door for name, door in DOORS.items() if door.given}
HIDDEN = {name: door for name, door in DOORS.items() if door.hidden}


def ask(site, who, door, path, names, **headers):
    """The answer to somebody at a door, whatever it is sent to next."""
    with site.client(who) as client:
        return sent(client, door, path, names, **headers)


def sent(client, door, path, names, **headers):
    """The answer to a client, which many may ask by: making one takes longer than an answer."""
    path = path.format(**names) if "{" in path else path
    return client.request(door.method, path, headers={n.replace("_", "-"): v for n, v in headers.items()})


def told(response):
    """What an answer says: all but when it says it."""
    lines = [(name, value) for name, value in response.headers.multi_items() if name != "date"]
    return response.status_code, sorted(lines), response.content
