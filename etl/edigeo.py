"""Read an EDIGEO lot: what its text says of itself, then its objects through GDAL in the confined child."""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import shapely

from catalog.errors import DeliveryError
from etl import confinement, relsa
from etl.deliveries import Lot
from etl.edigeo_classes import LABEL, LAYERS, MAIN
from etl.edigeo_text import Content, Line, lines, meanings, text
from etl.edigeo_whole import AGAIN, absent, nameless
from etl.geometry import from_wkb
from etl.nursery import Nursery

MEMBERS = (".GEN", ".GEO", ".SCD", ".DIC", ".QAL", ".VEC")
DATES = {"ODA": "CREAT_DATE", "UDA": "UPDATE_DATE"}  # as the .QAL writes them, and as GDAL does
QUALITY = "Actualite_"  # in a .QAL, before the RID of the object that is dated


@dataclass(frozen=True, slots=True)
class Lead:
    """What the text of a lot says: its date, its coordinate system, its objects and links, the sense of its codes."""

    edition: date
    crs: str
    content: Content = field(default_factory=Content)
    words: Mapping[tuple[str, str], str] = field(default_factory=dict)
    dates: Mapping[str, Mapping[str, str]] = field(default_factory=dict)  # by RID, those that are none: GDAL drops them

    @property
    def objects(self) -> dict[str, list[str]]:
        """The objects' RID by class."""
        return self.content.objects

    @property
    def sheets(self) -> tuple[str, ...]:
        """The sheets' own identifiers: there should be one."""
        return tuple(self.content.sheets)


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
    refuse_incomplete(lot, [suffix for suffix in MEMBERS if suffix not in members.values()])
    content, words, named = Content(), {}, list[Line]()
    for path, suffix in members.items():
        if suffix not in (*MEMBERS, ".THF"):
            continue
        said = text(path, lot.name)
        if suffix == ".VEC":
            take_in(content, said, lot, path.name)
        elif suffix == ".DIC":
            words = meanings(lines(said))
        else:
            named += lines(said)
    refuse_incomplete(lot, absent(named, [path.name for path in lot.files]))
    return Lead(edition(named, lot.name), crs(named, lot.name), content, words, no_days(named))


def refuse_incomplete(lot: Lot, missing: list[str]) -> None:
    """Raise DeliveryError where something of the lot is missing."""
    if missing:
        raise DeliveryError(f"lot EDIGEO incomplet : il manque {', '.join(missing)} ; {AGAIN}", file=lot.name)


def take_in(content: Content, said: str, lot: Lot, name: str) -> None:
    """Take in a vector member. Raises DeliveryError where it has signs of objects that it does not describe."""
    before = content.number
    content.add(said)
    if fault := nameless(said, content.number - before):
        raise DeliveryError(fault, file=lot.name, obj=name)


def no_days(texts: list[Line]) -> dict[str, dict[str, str]]:
    """Return what stands where a day should, such as `Absent`, by the object that it is said of."""
    found: dict[str, dict[str, str]] = {}
    rid = ""
    for name, value in texts:
        if name == "RID":
            rid = value.removeprefix(QUALITY) if value.startswith(QUALITY) else ""
        elif rid and name in DATES and value.strip() and not value.strip().isdigit():
            found.setdefault(rid, {})[DATES[name]] = value.strip()
    return found


def edition(texts: list[Line], lot: str) -> date:
    """Return the day of export, which is the edition."""
    value = next((value for name, value in texts if name == "TDA"), "")
    day = parse_date(value)
    if day is None:
        raise DeliveryError(f"date d'export (TDASD) absente ou fausse dans le .THF ; {AGAIN}", file=lot)
    return day


def crs(texts: list[Line], lot: str) -> str:
    """Return the EPSG code of the lot's coordinate system."""
    code = next((value.strip() for name, value in texts if name == "REL"), None)
    return relsa.system(code, lot)


def parse_date(value: object) -> date | None:
    """Return a day written YYYYMMDD; real sheets also write `Absent`, or nothing."""
    text = str(value or "").strip()
    if not re.fullmatch(r"\d{8}", text):
        return None
    try:
        return date(int(text[:4]), int(text[4:6]), int(text[6:]))
    except ValueError:
        return None


def things(lot: Lot, known: Lead, nursery: Nursery) -> list[Thing]:
    """Read the objects of the layers that we take. Raises DeliveryError where GDAL lost a whole class."""
    task = {"task": "vector", "drivers": ["EDIGEO"], "layers": list(LAYERS)}
    try:
        answers = nursery.read(task, lot.path, lot.files)
        faces = [thing(frame) for frame in answers if frame.head["kind"] == "row"]
    except DeliveryError as error:
        raise DeliveryError(error.reason, file=lot.name) from error
    rows = [replace(one, fields={**one.fields, **known.dates.get(one.rid, {})}) for one in whole(faces)]
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
    """Return the object that has these faces; of lines or points, the collection."""
    shapes = from_wkb([face.wkb for face in faces])
    parts = [part for shape in shapes if shape is not None for part in shapely.get_parts(shape)]
    areas = all(part.geom_type == "Polygon" for part in parts)
    if areas and all(part.is_valid for part in parts):
        return replace(faces[0], wkb=shapely.to_wkb(shapely.union_all(parts)))
    together = shapely.MultiPolygon(parts) if areas else shapely.line_merge(shapely.GeometryCollection(parts))
    return replace(faces[0], wkb=shapely.to_wkb(together))


def refuse_lost_layers(lot: Lot, known: Lead, rows: list[Thing]) -> None:
    """Raise DeliveryError where nothing comes back of a main class that the text holds, or where it has no parcel."""
    given = {row.layer for row in rows}
    if not given - {LABEL}:
        raise DeliveryError(f"aucune couche lue : lot EDIGEO incomplet ou corrompu ; {AGAIN}", file=lot.name)
    for layer, names in known.objects.items():
        if layer in MAIN and layer not in given:
            raise DeliveryError(
                f"lot corrompu : {len(names)} objets {layer} dans le texte, aucun lu par GDAL ; {AGAIN}", file=lot.name
            )
    if not given & {"PARCELLE_id", "SUBDSECT_id"}:
        raise DeliveryError(f"ni feuille ni parcelle dans le lot ; {AGAIN}", file=lot.name)


def lost(known: Lead, rows: list[Thing]) -> list[tuple[str, str]]:
    """Return the objects, layer and RID, that stand in the text and that GDAL does not give, or not so often."""
    given = {(row.layer, row.rid) for row in rows}
    told = Counter((layer, rid) for layer, rids in known.objects.items() for rid in rids)
    return list((told - Counter(dict.fromkeys(given, 1))).elements())
