"""Read a vector file through the confined child: its driver is told by what it holds, and named to GDAL."""

import codecs
import re
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
    "GeoJSON": (b"\xef\xbb\xbf{",),
    "GTiff": (b"II*\x00", b"MM\x00*", b"II+\x00", b"MM\x00+"),
    "JPEG": (b"\xff\xd8\xff",),
    "PNG": (b"\x89PNG\r\n\x1a\n",),
    "JP2OpenJPEG": (b"\x00\x00\x00\x0cjP  ", b"\xff\x4f\xff\x51"),
}
OPTIONS = {"GPKG": ["IMMUTABLE=YES"], "ESRI Shapefile": ["ENCODING="]}  # texts as they are: GDAL trusts the .cpg
CODE_PAGES = {0x01: "cp437", 0x02: "cp850", 0x03: "cp1252", 0x04: "mac_roman", 0x57: "cp1252"}
CODE_PAGE_OFFSET = 29
USUAL = "cp1252"


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
        start = file.read(START)
    for name in allowed:
        if start.startswith(SIGNATURES[name]) or (name == "GeoJSON" and start.lstrip(b" \r\n\t").startswith(b"{")):
            return name
    expected = " ni du ".join(allowed)
    raise DeliveryError(
        f"le contenu n'est pas du {expected}, quel que soit le nom du fichier : demandez-le de nouveau", file=lot.name
    )


def read(lot: Lot, name: str, encoding: str | None = None) -> list[Layer]:
    """Read every layer of a file. Raises DeliveryError, naming the file."""
    task: dict[str, Any] = {"task": "vector", "path": str(lot.path), "drivers": [name]}
    task["options"] = OPTIONS.get(name, [])
    if name == "ESRI Shapefile":
        task |= {"encoding": codec(encoding) if encoding else announced(lot), "forced": bool(encoding)}
    layers: dict[str, Layer] = {}
    try:
        for frame in confinement.read(confinement.Job(task, lot.folder)):
            take(layers, frame)
    except DeliveryError as error:
        raise DeliveryError(error.reason, file=lot.name) from error
    if not layers:
        raise DeliveryError("aucune couche dans le fichier : demandez-le de nouveau", file=lot.name)
    return list(layers.values())


def refuse_empty(layers: list[Layer], lot: Lot) -> None:
    """Raise DeliveryError where there is no object in any of some layers."""
    if not any(layer.rows for layer in layers):
        names = ", ".join(layer.name for layer in layers)
        words = f"la couche {names} est vide" if len(layers) == 1 else f"les couches {names} sont vides"
        raise DeliveryError(f"{words} : vérifiez le fichier", file=lot.name)


def announced(lot: Lot) -> str:
    """Return the encoding that a Shapefile announces in its .cpg or its .dbf, else the usual one.

    It only counts for texts that are not UTF-8: many an announced `1252` has UTF-8 inside, and the reverse.
    """
    side = {suffix(path): path for path in lot.files}
    if ".cpg" in side:
        return codec(side[".cpg"].read_bytes()[:START].decode("ascii", "replace").strip(), USUAL)
    if ".dbf" in side:
        with side[".dbf"].open("rb") as file:
            return CODE_PAGES.get((file.read(CODE_PAGE_OFFSET + 1) + b"\0" * START)[CODE_PAGE_OFFSET], USUAL)
    return USUAL


def codec(name: str, otherwise: str | None = None) -> str:
    """Return the encoding behind the many ways of writing it: `1252`, `88591`, `ISO 8859-1`, `latin1`, `UTF-8`.

    Raises DeliveryError for an unknown one where no other is given.
    """
    digits = re.sub(r"[^0-9]", "", name)
    candidates = [name, f"cp{digits}", f"iso8859-{digits.removeprefix('8859')}"] if digits else [name]
    for candidate in candidates if not digits.startswith("8859") else reversed(candidates):
        try:
            found = codecs.lookup(candidate).name
        except (LookupError, ValueError):
            continue
        return USUAL if found in ("iso8859-1", "ascii", "utf-8") and otherwise else found
    if otherwise is None:
        raise DeliveryError(f"encodage inconnu : {name} ; voyez --encodage (cp1252, utf-8)")
    return otherwise


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
