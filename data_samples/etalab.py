"""The plan as Etalab publishes it: a gzipped GeoJSON a layer and a commune, in WGS 84."""

import gzip
import json
from collections.abc import Callable, Iterator
from datetime import date
from functools import cache, partial
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from pyproj import Transformer

from data_samples.country import VENDEE
from data_samples.model import Parcelle, World

DECIMALS = 7


def write_layers(world: World, folder: Path) -> Iterator[Path]:
    """Write `cadastre-<commune>-<layer>.json.gz` for each layer of each commune, yielding each as it is done."""
    folder.mkdir(parents=True, exist_ok=True)
    for layer, described in LAYERS.items():
        for commune in world.communes:
            own = [one for one in getattr(world, layer) if getattr(one, "commune", commune.code) == commune.code]
            features = [
                _feature(one, described(one), world.country.srid)
                for one in own
                if layer != "communes" or one is commune
            ]
            path = folder / f"cadastre-{commune.code}-{layer}.json.gz"
            content = json.dumps(
                {"type": "FeatureCollection", "features": features}, ensure_ascii=False, separators=(",", ":")
            )
            path.write_bytes(gzip.compress(content.encode(), mtime=0))
            yield path


def _feature(one: Any, properties: dict[str, Any], srid: int) -> dict[str, Any]:
    known = {"id": properties["id"]} if "id" in properties else {}
    geometry = _rounded(shapely.transform(one.geometry, partial(to_wgs84, srid=srid)))
    return {"type": "Feature", **known, "geometry": geometry, "properties": properties}


def _parcelle(one: Parcelle) -> dict[str, Any]:
    return {
        "id": one.id,
        "commune": one.commune,
        "prefixe": one.prefixe,
        "section": one.section.lstrip("0"),
        "numero": one.numero.lstrip("0"),
        "contenance": one.contenance,
        "arpente": one.arpente,
        "created": _day(one.creation),
        "updated": _day(one.mise_a_jour),
    }


def _of_section(one: Any) -> dict[str, Any]:
    return {"id": one.id, "commune": one.commune, "prefixe": one.prefixe}


LAYERS: dict[str, Callable[[Any], dict[str, Any]]] = {
    "parcelles": _parcelle,
    "communes": lambda one: {"id": one.code, "nom": one.name},
    "sections": lambda one: _of_section(one) | {"code": one.section.lstrip("0")},
    "feuilles": lambda one: (
        _of_section(one)
        | {
            "section": one.section.lstrip("0"),
            "numero": one.numero.lstrip("0"),
            "qualite": one.qualite,
            "modeConfection": one.mode_confection,
            "echelle": one.echelle,
        }
    ),
    "batiments": lambda one: {"type": one.type, "nom": one.nom, "commune": one.commune},
    "lieux_dits": lambda one: {"nom": one.nom, "commune": one.commune},
    "subdivisions_fiscales": lambda one: {"parcelle": one.parcelle, "lettre": one.lettre},
}


def _day(day: date) -> str:
    return day.isoformat()


@cache
def _transformer(srid: int) -> Transformer:
    return Transformer.from_crs(srid, 4326, always_xy=True)


def to_wgs84(points: np.ndarray, srid: int = VENDEE.srid) -> np.ndarray:
    """Return places of a system as longitudes and latitudes, to the centimetre."""
    return np.column_stack(_transformer(srid).transform(points[:, 0], points[:, 1])).round(DECIMALS)


def _rounded(shape: shapely.Polygon | shapely.MultiPolygon) -> dict[str, Any]:
    parts = [_rings(part) for part in shapely.get_parts(shapely.normalize(shape))]
    if shape.geom_type == "Polygon":
        return {"type": "Polygon", "coordinates": parts[0]}
    return {"type": "MultiPolygon", "coordinates": parts}


def _rings(oriented: shapely.Polygon) -> list[list[list[float]]]:
    return [[list(point) for point in ring.coords][::-1] for ring in (oriented.exterior, *oriented.interiors)]
