"""Parcels as Etalab publishes them: one gzipped GeoJSON a commune, in WGS 84."""

import gzip
import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from pyproj import Transformer

from data_samples.model import Parcelle, World

DECIMALS = 7


def write_parcelles(world: World, folder: Path) -> Iterator[Path]:
    """Write `cadastre-<commune>-parcelles.json.gz` for each commune, yielding each as it is done."""
    folder.mkdir(parents=True, exist_ok=True)
    for commune in world.communes:
        parcelles = [one for one in world.parcelles if one.commune == commune.code]
        path = folder / f"cadastre-{commune.code}-parcelles.json.gz"
        collection = {"type": "FeatureCollection", "features": [_feature(one) for one in parcelles]}
        content = json.dumps(collection, ensure_ascii=False, separators=(",", ":")).encode()
        path.write_bytes(gzip.compress(content, mtime=0))
        yield path


def _feature(one: Parcelle) -> dict[str, Any]:
    properties = {
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
    geometry = shapely.transform(one.geometry, _to_wgs84)
    return {"type": "Feature", "id": one.id, "geometry": _rounded(geometry), "properties": properties}


def _day(day: date) -> str:
    return day.isoformat()


_LAMBERT_TO_WGS84 = Transformer.from_crs(2154, 4326, always_xy=True)


def _to_wgs84(points: np.ndarray) -> np.ndarray:
    return np.column_stack(_LAMBERT_TO_WGS84.transform(points[:, 0], points[:, 1])).round(DECIMALS)


def _rounded(polygon: shapely.Polygon) -> dict[str, Any]:
    oriented = shapely.normalize(polygon)
    rings = [oriented.exterior, *oriented.interiors]
    return {"type": "Polygon", "coordinates": [[list(point) for point in ring.coords][::-1] for ring in rings]}
