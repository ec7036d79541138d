"""The water network as a GeoPackage in the words of StaR-Eau."""

from pathlib import Path

import numpy as np
import pyogrio
import shapely

from data_samples.model import Canalisation, World

LAYER = "canalisation"


def write_network(world: World, path: Path) -> Path:
    """Write the pipes; the commune that a pipe is attributed to is the one it starts in, as operators do."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": f"{world.edition}T00:00:00.000Z"})
    try:
        _write(world, path)
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": None})
    return path


def _write(world: World, path: Path) -> None:
    columns = _columns(world)
    pyogrio.raw.write(
        path,
        geometry=shapely.to_wkb([one.geometry for one in world.canalisations]),
        field_data=[np.array(values, dtype=type_) for values, type_ in columns.values()],
        fields=list(columns),
        layer=LAYER,
        driver="GPKG",
        geometry_type="LineString",
        crs=f"EPSG:{world.country.srid}",
    )


def _columns(world: World) -> dict[str, tuple[list[object], type]]:
    def texts(name: str) -> tuple[list[object], type]:
        return [getattr(one, name) for one in world.canalisations], object

    def integers(name: str) -> tuple[list[object], type]:
        return [getattr(one, name) for one in world.canalisations], np.int32

    return {
        "id_canalisation": texts("id"),
        "type_reseau": (["aep" for _ in world.canalisations], object),
        "etat_service": texts("etat_service"),
        "insee_commune": ([_commune(world, one) for one in world.canalisations], object),
        "maitre_ouvrage": texts("maitre_ouvrage"),
        "exploitant": texts("exploitant"),
        "an_pose_sup": integers("an_pose_sup"),
        "materiau": texts("materiau"),
        "diametre_equivalent": integers("diametre_equivalent"),
    }


def _commune(world: World, one: Canalisation) -> str:
    start = shapely.Point(one.geometry.coords[0])
    return min(world.communes, key=lambda commune: (commune.geometry.distance(start), commune.code)).code
