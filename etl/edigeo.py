"""Read an EDIGEO lot: what its text says of itself, then its objects through GDAL in the confined child."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import shapely

from catalog.errors import DeliveryError
from etl import confinement
from etl.confinement import Job
from etl.deliveries import Lot

MEMBERS = (".GEN", ".GEO", ".SCD", ".DIC", ".QAL", ".VEC")
LAYERS = {
    "COMMUNE_id": "communes",
    "SECTION_id": "sections",
    "SUBDSECT_id": "feuilles",
    "PARCELLE_id": "parcelles",
    "BATIMENT_id": "batiments",
    "LIEUDIT_id": "lieux_dits",
    "SUBDFISC_id": "subdivisions_fiscales",
}
RELSA = {
    "LAMB93": "EPSG:2154",
    **{f"RGF93CC{zone}": f"EPSG:39{zone}" for zone in range(42, 51)},
    "LAMB1": "EPSG:27561",
    "LAMB2": "EPSG:27562",
    "LAMB3": "EPSG:27563",
    "LAMB4": "EPSG:27564",
    "LAMB1C": "EPSG:27571",
    "LAMB2C": "EPSG:27572",
    "LAMB3C": "EPSG:27573",
    "LAMB4C": "EPSG:27574",
    "LAMBE": "EPSG:27572",
}
NTF = {code for name, code in RELSA.items() if name != "LAMB93" and not name.startswith("RGF93")}
LINE = re.compile(rb"^([A-Z0-9]{3})([A-Z ])([A-Z ])(\d\d):(.*)$")
END = b"EOM"
IS_A = re.compile(r";OBJ;(\w+)$")
LINKED = re.compile(r";FEA;(\w+)$")
CUT = "fichier coupé : la fin (EOM) manque ; demandez la feuille de nouveau"
UTF_8 = "lot réenregistré en UTF-8 : surfaces et noms y sont perdus ; demandez l'original en ISO 8859-1"
TEXT_LIMIT = 256 * 2**20


@dataclass(frozen=True, slots=True)
class Lead:
    """What the text of a lot says: its date, its coordinate system, its objects' RID by class, and their links."""

    edition: date
    crs: str
    objects: Mapping[str, list[str]]
    parcel_of: Mapping[str, str]
    sheets: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Thing:
    """One object as GDAL gives it."""

    layer: str
    rid: str
    fields: Mapping[str, Any]
    wkb: bytes


def lead(lot: Lot) -> Lead:
    """Read what the lot says of itself. Raises DeliveryError for one that is not whole."""
    members = {path: path.suffix.upper() for path in lot.files}
    if missing := [suffix for suffix in MEMBERS if suffix not in members.values()]:
        raise DeliveryError(f"lot EDIGEO incomplet : il manque {', '.join(missing)}", file=lot.name)
    texts = {path: list(lines(path, lot.name)) for path, suffix in members.items() if suffix in (*MEMBERS, ".THF")}
    named = [line for path in texts for line in texts[path]]
    vectors = [line for path in texts if members[path] == ".VEC" for line in texts[path]]
    return Lead(
        edition=edition(named, lot.name),
        crs=crs(named, lot.name),
        objects=objects(vectors),
        parcel_of=links(vectors, "SUBDFISC_PARCELLE"),
        sheets=tuple(attributes(vectors, "SUBDSECT_id", "IDU_id")),
    )


def lines(path: Path, lot: str) -> Iterator[tuple[str, str]]:
    """Yield the lines of one member as name and value. Raises DeliveryError where it was cut or saved again.

    Each line announces the length of its value: a text saved again in UTF-8 no longer has it, and GDAL then loses
    areas and names without a word.
    """
    if path.stat().st_size > TEXT_LIMIT:
        raise DeliveryError("fichier trop grand pour une feuille", file=lot, obj=path.name)
    last = b""
    for line in path.read_bytes().splitlines():
        if (match := LINE.match(line)) is None:
            continue
        name, _, _, length, value = match.groups()
        if len(value.rstrip(b"\r")) != int(length) and saved_again(value):
            raise DeliveryError(UTF_8, file=lot, obj=path.name)
        last = name
        yield name.decode("ascii"), value.decode("latin-1")
    if last != END:
        raise DeliveryError(CUT, file=lot, obj=path.name)


def saved_again(value: bytes) -> bool:
    """True where a value that has not its announced length is UTF-8."""
    try:
        return not value.isascii() and bool(value.decode("utf-8"))
    except UnicodeDecodeError:
        return False


def edition(texts: list[tuple[str, str]], lot: str) -> date:
    """Return the day of export, which is the edition."""
    value = next((value for name, value in texts if name == "TDA"), "")
    day = parse_date(value)
    if day is None:
        raise DeliveryError("date d'export (TDASD) absente ou fausse dans le .THF", file=lot)
    return day


def crs(texts: list[tuple[str, str]], lot: str) -> str:
    """Return the EPSG code of the lot's coordinate system."""
    code = next((value.strip() for name, value in texts if name == "REL"), None)
    if code not in RELSA:
        raise DeliveryError(f"système de coordonnées {code or '(absent)'} inconnu (RELSA du .GEO)", file=lot)
    return RELSA[code]


def objects(vectors: list[tuple[str, str]]) -> dict[str, list[str]]:
    """Return the objects of each class that the text holds, before GDAL reads them."""
    found: dict[str, list[str]] = {}
    kind = rid = ""
    for name, value in vectors:
        if name == "RTY":
            kind = value
        elif name == "RID":
            rid = value
        elif name == "SCP" and kind == "FEA" and (match := IS_A.search(value)):
            found.setdefault(match[1], []).append(rid)
    return found


def attributes(vectors: list[tuple[str, str]], layer: str, attribute: str) -> Iterator[str]:
    """Yield the values of one attribute of a class, as the text has them."""
    kind = current = wanted = ""
    for name, value in vectors:
        if name == "RTY":
            kind, current = value, ""
        elif name == "SCP" and kind == "FEA":
            current = value
        elif name == "ATP":
            wanted = value
        elif name == "ATV" and current.endswith(f";OBJ;{layer}") and wanted.endswith(f";ATT;{attribute}"):
            yield value


def links(vectors: list[tuple[str, str]], relation: str) -> dict[str, str]:
    """Return, for each object that a relation ties to another, that other."""
    found: dict[str, str] = {}
    pair: list[str] = []
    inside = False
    for name, value in vectors:
        if name == "SCP":
            pair, inside = [], value.endswith(f";ASS;{relation}")
        elif name == "FTP" and inside and (match := LINKED.search(value)):
            pair.append(match[1])
            if len(pair) == 2:
                found[pair[0]] = pair[1]
    return found


def parse_date(value: object) -> date | None:
    """Return a day written YYYYMMDD; real sheets also write `Absent`, or nothing."""
    text = str(value or "").strip()
    if not re.fullmatch(r"\d{8}", text):
        return None
    try:
        return date(int(text[:4]), int(text[4:6]), int(text[6:]))
    except ValueError:
        return None


def things(lot: Lot, known: Lead) -> list[Thing]:
    """Read the objects of the layers that we take. Raises DeliveryError where GDAL lost a whole class."""
    task = {"task": "vector", "path": str(lot.path), "drivers": ["EDIGEO"], "layers": list(LAYERS)}
    try:
        faces = [thing(frame) for frame in confinement.read(Job(task, lot.folder)) if frame.head["kind"] == "row"]
    except DeliveryError as error:
        raise DeliveryError(error.reason, file=lot.name) from error
    rows = whole(faces)
    refuse_lost_layers(lot, known, rows)
    return rows


def thing(frame: confinement.Frame) -> Thing:
    """Return one object of the child's answer."""
    fields = dict(frame.head["fields"])
    return Thing(str(frame.head["layer"]), str(fields.get("OBJECT_RID", "")), fields, frame.body)


def whole(rows: list[Thing]) -> list[Thing]:
    """Put the objects together that GDAL gives once a face."""
    objects: dict[tuple[str, str], list[Thing]] = {}
    for number, row in enumerate(rows):
        objects.setdefault((row.layer, row.rid or f"#{number}"), []).append(row)
    return [faces[0] if len(faces) == 1 else united(faces) for faces in objects.values()]


def united(faces: list[Thing]) -> Thing:
    """Return the object that has these faces."""
    shapes = shapely.from_wkb([face.wkb for face in faces], on_invalid="ignore")
    parts = [part for shape in shapes if shape is not None for part in shapely.get_parts(shape)]
    whole_one = shapely.union_all(parts) if all(part.is_valid for part in parts) else shapely.MultiPolygon(parts)
    return replace(faces[0], wkb=shapely.to_wkb(whole_one))


def refuse_lost_layers(lot: Lot, known: Lead, rows: list[Thing]) -> None:
    """Raise DeliveryError where nothing comes back of a class that the text holds, or where it holds no parcel."""
    given = {row.layer for row in rows}
    if not given:
        raise DeliveryError("aucune couche lue : lot EDIGEO incomplet ou corrompu", file=lot.name)
    for layer, names in known.objects.items():
        if layer in LAYERS and layer not in given:
            raise DeliveryError(
                f"lot corrompu : {len(names)} objets {layer} dans le texte, aucun lu par GDAL", file=lot.name
            )
    if not given & {"PARCELLE_id", "SUBDSECT_id"}:
        raise DeliveryError("ni feuille ni parcelle dans le lot", file=lot.name)


def lost(known: Lead, rows: list[Thing]) -> list[tuple[str, str]]:
    """Return the objects, layer and RID, that stand in the text and that GDAL does not give."""
    given = {(row.layer, row.rid) for row in rows}
    return [(layer, rid) for layer in LAYERS for rid in known.objects.get(layer, ()) if (layer, rid) not in given]
