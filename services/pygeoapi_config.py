"""Catalogue + profile → pygeoapi's configuration: an API object knows no collection that its profile has not."""

from importlib.resources import files
from typing import Any

from catalog.loader import datasets
from catalog.model import Dataset, Profile
from catalog.settings import Settings
from catalog.territories import LAMBERT_93, installation
from catalog.themes import THEMES
from services.crs import CRS84, extent
from services.formatters import writing
from services.parameters import DEFAULT_LIMIT
from services.providers import features, tiles

TITLE = "Géosocle"
DESCRIPTION = "La banque de données géographiques partagée du département : cadastre, réseaux, photographies aériennes."
# Metropolitan France in CRS84: its ground in Lambert-93 is wider.
FRANCE = [-5.2, 41.3, 9.6, 51.1]
LANGUAGE = "fr-FR"
TILESETS = "http://www.opengis.net/def/rel/ogc/1.0/tilesets-map"


def configuration(profile: Profile, settings: Settings) -> dict[str, Any]:
    """Return the whole configuration for the callers of one profile."""
    return {
        "server": server(settings),
        "logging": {"level": "ERROR"},
        "metadata": metadata(settings.public_url),
        "resources": resources(profile, settings.public_url),
    }


def server(settings: Settings) -> dict[str, Any]:
    """Return what concerns the server."""
    return {
        "url": settings.public_url,
        "mimetype": "application/json; charset=UTF-8",
        "encoding": "utf-8",
        "languages": [LANGUAGE],
        "limits": {"default_items": DEFAULT_LIMIT, "max_items": settings.max_items, "on_exceed": "throttle"},
        "map": {"url": "", "attribution": ""},  # pages draw our own tiles
        "templates": {"path": str(files("services").joinpath("templates"))},
        "pretty_print": False,
        "gzip": False,
    }


def metadata(url: str) -> dict[str, Any]:
    """Return who publishes this, and under which terms."""
    return {
        "identification": {
            "title": TITLE,
            "description": DESCRIPTION,
            "keywords": ["cadastre", "réseaux", "orthophotographies"],
            "keywords_type": "theme",
            "terms_of_service": url,
            "url": url,
        },
        "license": {"name": "Selon le jeu de données et la convention", "url": url},
        "provider": {"name": TITLE, "url": url},
        "contact": {"name": TITLE, "url": url},
    }


def resources(profile: Profile, url: str) -> dict[str, Any]:
    """Return the collections of a profile: what it has by any usage."""
    return {id: resource(datasets()[id], profile, url) for id in profile.datasets() if id in datasets()}


def resource(dataset: Dataset, profile: Profile, url: str) -> dict[str, Any]:
    """Return one collection."""
    usages = profile.usages(dataset.id)
    return {
        "type": "collection",
        "title": dataset.title,
        "description": dataset.description,
        "keywords": [*(dataset.keywords or [dataset.kind]), THEMES[dataset.theme]],
        "extents": extents(around()),
        "links": links(dataset, usages, url),
        "providers": providers(dataset, usages),
        "formatters": [dict(writing.DEFINITION)] if "feature" in usages else [],
    }


def providers(dataset: Dataset, usages: tuple[str, ...]) -> list[dict[str, Any]]:
    """Return what answers for a dataset: features, vector tiles. Images and files have doors of their own."""
    found: list[dict[str, Any]] = []
    if "feature" in usages:
        found.append(features.definition(dataset))
    if "tile" in usages and not dataset.raster:
        found.append(tiles.definition(dataset))
    return found or [{"type": "none", "name": "none", "data": dataset.id}]  # pygeoapi wants one, whatever it is


def around() -> list[float]:
    """Return what is shown where a caller sees nothing: the ground of the installation, in CRS84."""
    here = installation()
    return FRANCE if here.srid == LAMBERT_93 else extent(here.ground, here.srid)


def extents(bbox: list[float]) -> dict[str, Any]:
    """Return the extent of a collection."""
    return {"spatial": {"bbox": bbox, "crs": CRS84.uri}}


def links(dataset: Dataset, usages: tuple[str, ...], url: str) -> list[dict[str, str]]:
    """Return the links that a dataset has beside pygeoapi's own: the tiles of its images."""
    if not dataset.raster or "image" not in usages:
        return []
    title, address = f"Tuiles : {dataset.title}", f"{url}/collections/{dataset.id}/map/tiles"
    return [{"rel": TILESETS, "type": "application/json", "title": title, "href": address}]
