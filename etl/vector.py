"""Read a vector file through the confined child: its driver is told by what it holds, and named to GDAL."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from catalog.errors import DeliveryError
from etl import confinement
from etl.deliveries import Lot

START = 64
SIGNATURES = {
    "GPKG": (b"SQLite format 3\x00",),
    "ESRI Shapefile": (b"\x00\x00\x27\x0a",),
    "GeoJSON": (b"{", b"\xef\xbb\xbf{"),
}
OPTIONS = {"GPKG": ["IMMUTABLE=YES"]}


@dataclass(slots=True)
class Layer:
    """One layer as GDAL gives it."""

    name: str
    count: int
    fields: list[str]
    crs: str | None
    rows: list[tuple[int, Mapping[str, Any], bytes]] = field(default_factory=list)


def driver(lot: Lot, allowed: tuple[str, ...]) -> str:
    """Return the driver for what a file holds. Raises DeliveryError for anything else, whatever its name."""
    with lot.path.open("rb") as file:
        start = file.read(START).lstrip(b" \r\n\t") or b""
    for name in allowed:
        if start.startswith(SIGNATURES[name]):
            return name
    raise DeliveryError(f"le contenu n'est pas du {' ni du '.join(allowed)}", file=lot.name)


def read(lot: Lot, name: str, options: list[str] | None = None) -> list[Layer]:
    """Read every layer of a file. Raises DeliveryError, naming the file."""
    opening = [*OPTIONS.get(name, []), *(options or [])]
    task = {"task": "vector", "path": str(lot.path), "drivers": [name], "options": opening}
    layers: dict[str, Layer] = {}
    try:
        for frame in confinement.read(confinement.Job(task, lot.folder)):
            take(layers, frame)
    except DeliveryError as error:
        raise DeliveryError(error.reason, file=lot.name) from error
    if not layers:
        raise DeliveryError("aucune couche dans le fichier", file=lot.name)
    return list(layers.values())


def take(layers: dict[str, Layer], frame: confinement.Frame) -> None:
    """Put one answer of the child where it belongs."""
    head = frame.head
    if head["kind"] == "layer":
        layers[head["layer"]] = Layer(head["layer"], head["count"], head["fields"], head["crs"])
    elif head["kind"] == "row":
        layers[head["layer"]].rows.append((head["fid"], head["fields"], frame.body))


def suffix(path: Path) -> str:
    """Return the suffix of a file, in small letters."""
    return path.suffix.lower()
