"""What the text of an EDIGEO lot says, read once: its objects, their links, and the outlines that they are made of.

GDAL reads the objects; the text tells what there was to read. Both are compared, object by object.
"""

import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import shapely
from shapely import Geometry

from catalog.errors import DeliveryError
from etl.edigeo_whole import altered

Line = tuple[str, str]
Points = list[tuple[float, float]]

LINE = re.compile(r"^([A-Z0-9]{3})[A-Z ]{2}[0-9]{2}:(.*)", re.MULTILINE)
RECORD = re.compile(r"\nRTY[A-Z ]{2}[0-9]{2}:")
POINTER = re.compile(  # `lot;member;type;name`
    r"\n(SCP|FTP)[A-Z ]{2}[0-9]{2}:[^;\n]*;[^;\n]*;([^;\n]*);([^;\n]*)$", re.MULTILINE
)
NAME = re.compile(r"\nRID[A-Z ]{2}[0-9]{2}:(.*)")
PLACE = re.compile(r"\nCOR[A-Z ]{2}[0-9]{2}:(.*)")
WRITTEN = re.compile(rb"([A-Z0-9]{3})[A-Z ]{2}(\d\d):(.*)")
END = b"EOM"
CUT = "fichier coupé : la fin (EOM) manque ; demandez la feuille de nouveau"
UTF_8 = "lot réenregistré en UTF-8 : surfaces et noms y sont perdus ; demandez l'original en ISO 8859-1"
TEXT_LIMIT = 64 * 2**20  # the largest real member has some ten; what is read of it takes ten times its size
LEFT, RIGHT, COMPOSED = "ID_S_RCO_FAC_GCHE", "ID_S_RCO_FAC_DRTE", "ID_S_RCO_"


def text(path: Path, lot: str) -> str:
    """Return what one member says. Raises DeliveryError where it was cut or saved again.

    Each line announces the length of its value: a text saved again in UTF-8 no longer has it, and GDAL then loses
    areas and names without a word.
    """
    if path.stat().st_size > TEXT_LIMIT:
        raise DeliveryError(
            "fichier trop grand pour une feuille ; demandez la feuille de nouveau", file=lot, obj=path.name
        )
    content = path.read_bytes().replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    written = content.split(b"\n")
    for line in map(WRITTEN.match, () if content.isascii() else (one for one in written if not one.isascii())):
        if line and len(line[3]) != int(line[2]) and saved_again(line[3]):
            raise DeliveryError(UTF_8, file=lot, obj=path.name)
    last = next(filter(None, map(WRITTEN.match, reversed(written))), None)
    if last is None or last[1] != END:
        raise DeliveryError(CUT, file=lot, obj=path.name)
    if fault := altered(content):
        raise DeliveryError(fault, file=lot, obj=path.name)
    return content.decode("latin-1")


def lines(content: str) -> list[Line]:
    """Return the lines of one member as name and value."""
    return LINE.findall(content)


def saved_again(value: bytes) -> bool:
    """True where a value that has not its announced length is UTF-8."""
    try:
        return not value.isascii() and bool(value.decode("utf-8"))
    except UnicodeDecodeError:
        return False


@dataclass(slots=True)
class Shapes:
    """What the objects of one vector member are made of: arcs, the faces on their two sides, and nodes."""

    arcs: dict[str, Points] = field(default_factory=dict)
    sides: dict[str, list[str]] = field(default_factory=dict)  # face → the arcs along it, once a side
    made_of: dict[str, list[tuple[str, str]]] = field(default_factory=dict)  # object → kind and name of its parts

    def outline(self, rid: str) -> list[Points]:
        """Return the arcs that an object is, or that bound it: one between two of its own faces is no bound."""
        parts = self.made_of.get(rid, [])
        along = Counter(arc for kind, name in parts if kind == "PFE" for arc in self.sides.get(name, []))
        bounds = [arc for arc, times in along.items() if times % 2]
        return [self.arcs.get(arc, []) for arc in (*bounds, *(name for kind, name in parts if kind == "PAR"))]

    def length(self, rid: str) -> float | None:
        """Return the length of an object's outline in the lot's own unit; None for one made of nodes."""
        if not self.made_of.get(rid) or any(kind == "PNO" for kind, _ in self.made_of[rid]):
            return None
        return sum(math.dist(a, b) for arc in self.outline(rid) for a, b in zip(arc, arc[1:], strict=False))

    def geometry(self, rid: str) -> Geometry:
        """Return an object's geometry made from the text alone."""
        arcs = [shapely.LineString(arc) for arc in self.outline(rid) if len(arc) > 1]
        if any(kind == "PFE" for kind, _ in self.made_of.get(rid, [])):
            return shapely.build_area(shapely.GeometryCollection(arcs))
        return shapely.MultiLineString(arcs)


@dataclass(slots=True)
class Content:
    """The objects of a lot by class, their links by relation, and the shapes of each member that holds them."""

    objects: dict[str, list[str]] = field(default_factory=dict)
    links: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    sheets: list[str] = field(default_factory=list)
    members: dict[str, Shapes] = field(default_factory=dict)  # object → the shapes of its member

    @property
    def number(self) -> int:
        """How many objects there are."""
        return sum(map(len, self.objects.values()))

    def add(self, content: str) -> None:
        """Take in one vector member. A sheet has 7,000 descriptors, most of them links: each is searched for no more
        than it is read for.
        """
        shapes = Shapes()
        for record in RECORD.split(content):
            match record[: record.find("\n")]:
                case "LNK":
                    self._link(record, shapes)
                case "FEA":
                    self._object(record, shapes)
                case "PAR":
                    shapes.arcs[name(record)] = [place(value) for value in PLACE.findall(record)]

    def _object(self, record: str, shapes: Shapes) -> None:
        rid, (_, kind, layer) = name(record), next(iter(POINTER.findall(record)), ("", "", ""))
        if kind != "OBJ":
            return
        self.objects.setdefault(layer, []).append(rid)
        self.members[rid] = shapes
        if layer == "SUBDSECT_id":
            self.sheets += attribute(lines(record), "IDU_id")

    def _link(self, record: str, shapes: Shapes) -> None:
        pointers = POINTER.findall(record)
        if len(pointers) < 3 or pointers[0][0] != "SCP":
            return
        (_, kind, name), *ends = pointers
        first, *rest = [(kind, name) for _, kind, name in ends]
        if name in (LEFT, RIGHT):
            shapes.sides.setdefault(rest[0][1], []).append(first[1])
        elif kind == "ASS":
            self.links.setdefault(name, []).append((first[1], rest[0][1]))
        elif name.startswith(COMPOSED) and first[0] == "FEA":
            shapes.made_of.setdefault(first[1], []).extend(rest)


def name(record: str) -> str:
    """Return the name of a descriptor."""
    found = NAME.search(record)
    return found[1] if found else ""


def attribute(record: list[Line], wanted: str) -> Iterator[str]:
    """Yield the values of one attribute of an object."""
    current = ""
    for name, value in record:
        if name == "ATP":
            current = value.rpartition(";")[2]
        elif name == "ATV" and current == wanted:
            yield value


def place(value: str) -> tuple[float, float]:
    """Return coordinates written `+957010.730;+6694040.120;`; what is no number is not a number."""
    try:
        x, y, *_ = value.split(";")
        return float(x), float(y)
    except ValueError:
        return math.nan, math.nan


def meanings(dictionary: Iterable[Line]) -> dict[tuple[str, str], str]:
    """Return what the codes of a lot's attributes stand for, by attribute and code, as its dictionary says."""
    found: dict[tuple[str, str], str] = {}
    label = code = last = ""
    for name, value in dictionary:
        if name == "LAB":
            label = value
        elif name == "AVL":
            code = value
        elif name == "AVD":
            found[label, code] = value
        elif name == "NEX" and last in ("AVD", "NEX"):  # a value that is too long for one line goes on
            found[label, code] += value
        last = name
    return found
