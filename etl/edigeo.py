"""Read an EDIGEO lot: what its text says of itself, then its objects through GDAL in the confined child."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import shapely

from catalog.errors import DeliveryError
from etl import confinement
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
    """What the text of a lot says: its date, its coordinate system, its objects by class, and their links."""

    edition: date
    crs: str
    objects: Mapping[str, int]
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


def objects(vectors: list[tuple[str, str]]) -> Counter[str]:
    """Count the objects of each class in the text, before GDAL reads them."""
    counts: Counter[str] = Counter()
    kind = ""
    for name, value in vectors:
        if name == "RTY":
            kind = value
        elif name == "SCP" and kind == "FEA" and (match := IS_A.search(value)):
            counts[match[1]] += 1
    return counts


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
    """Read the objects of the layers that we take. Raises DeliveryError where GDAL lost some."""
    task = {"task": "vector", "path": str(lot.path), "drivers": ["EDIGEO"], "layers": list(LAYERS)}
    given: Counter[str] = Counter()
    faces: list[Thing] = []
    try:
        for frame in confinement.read(confinement.Job(task, lot.folder)):
            if frame.head["kind"] == "layer":
                given[str(frame.head["layer"])] += int(frame.head["count"])
            elif frame.head["kind"] == "row":
                faces.append(thing(frame))
    except DeliveryError as error:
        raise DeliveryError(error.reason, file=lot.name) from error
    rows = whole(faces)
    compare(lot, known, given, Counter(row.layer for row in rows))
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
    shape = shapely.union_all([shape for shape in shapes if shape is not None and shape.is_valid])
    return replace(faces[0], wkb=shapely.to_wkb(shape))


def compare(lot: Lot, known: Lead, given: Counter[str], rows: Counter[str]) -> None:
    """Raise DeliveryError where a layer is missing or an object was lost on the way."""
    if not given:
        raise DeliveryError("aucune couche lue : lot EDIGEO incomplet ou corrompu", file=lot.name)
    for layer, number in known.objects.items():
        if layer in LAYERS and number != rows[layer]:
            numbers = f"{number} objets {layer} dans le texte, {rows[layer]} lus par GDAL"
            raise DeliveryError(f"lot corrompu : {numbers}", file=lot.name)
    if not known.objects["PARCELLE_id"] and not known.objects["SUBDSECT_id"]:
        raise DeliveryError("ni feuille ni parcelle dans le lot", file=lot.name)
