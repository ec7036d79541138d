"""The .VEC files: faces, nodes and arcs, the objects made of them, their labels and what they belong to."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from shapely import Polygon

from data_samples.edigeo_classes import ATTRIBUTES, LABEL, LABEL_ATTRIBUTES, composition
from data_samples.edigeo_records import Record, coordinates, pointer
from data_samples.topology import OUTSIDE, Arc, arcs, rings

SUBSETS = {"T1": "SeTOP_1", "T2": "SeTOP_2", "T3": "SeTOP_3", "S1": "SeSPA_1"}
_NO_ATTRIBUTE = [("ATCSN", "0"), ("QACSN", "0")]


@dataclass(frozen=True, slots=True)
class Thing:
    """An object to be written: its class, number, attributes, geometry and what it belongs to."""

    subset: str
    class_: str
    rid: int
    attributes: dict[str, str]
    geometry: Polygon
    created: date
    updated: date
    belongs: tuple[str, str, int] | None = None  # relation, subset, number

    @property
    def name(self) -> str:
        """Return the object's identifier in the lot."""
        return f"Objet_{self.rid}"


class VectorWriter:
    """Writes the records of one .VEC file."""

    def __init__(self, lot: str, subset: str) -> None:
        self.lot, self.subset = lot, subset

    def partition(self, things: list[Thing]) -> Iterator[Record]:
        """Yield faces, nodes and arcs that objects share, each arc with its two faces; then the objects."""
        faces = {number: thing.geometry for number, thing in enumerate(things, 1)}
        lines = arcs(faces)
        ends = sorted({point for line in lines for point in (line.points[0], line.points[-1])})
        nodes = {point: f"Noeud_{number}" for number, point in enumerate(ends, 1)}
        yield from (self._face(f"Face_{number}") for number in (OUTSIDE, *faces))
        yield from (self._node(name, point) for point, name in nodes.items())
        for number, line in enumerate(lines, 1):
            yield self._arc(f"Arc_{number}", line.points)
            yield from self._ends(f"Arc_{number}", line, nodes)
        for number, thing in enumerate(things, 1):
            yield from self._object(thing, f"Face_{number}")

    def loose(self, thing: Thing) -> Iterator[Record]:
        """Yield an object with arcs and a face of its own."""
        for number, ring in enumerate(rings(thing.geometry)):
            name = f"Arc_{thing.rid}" + (f"_{number}" if number else "")
            yield self._arc(name, ring)
            yield self._link(f"Compo_LPO_{name}_Face_{thing.rid}", ("REL", "ID_S_RCO_FAC_GCHE"),
                             (self.subset, "PAR", name), (self.subset, "PFE", f"Face_{thing.rid}"))  # fmt: skip
        yield self._face(f"Face_{thing.rid}")
        yield from self._object(thing, f"Face_{thing.rid}")

    def _ends(self, name: str, arc: Arc, nodes: dict[tuple[float, float], str]) -> Iterator[Record]:
        ends = (
            ("IND", "ID_S_RCO_NOD_INI", "PNO", nodes[arc.points[0]]),
            ("FND", "ID_S_RCO_NOD_FIN", "PNO", nodes[arc.points[-1]]),
            ("LPO", "ID_S_RCO_FAC_GCHE", "PFE", f"Face_{arc.left}"),
            ("RPO", "ID_S_RCO_FAC_DRTE", "PFE", f"Face_{arc.right}"),
        )
        for short, relation, kind, other in ends:
            yield self._link(f"Compo_{short}_{name}_{other}", ("REL", relation),
                             (self.subset, "PAR", name), (self.subset, kind, other))  # fmt: skip

    def _object(self, thing: Thing, face: str) -> Iterator[Record]:
        values = [field for name, value in thing.attributes.items() for field in self._value(f"{name}_id", name, value)]
        yield [
            *self._feature(thing.name, thing.class_, len(thing.attributes)), *values, ("QACSN", "1"),
            ("QAPCP", pointer(self.lot, "SeQL", "QUP", f"Actualite_{thing.name}")),
        ]  # fmt: skip
        if "TEX" in thing.attributes:
            yield from self._label(thing)
        yield self._link(f"Compo_IDB_{thing.name}", ("REL", composition(thing.class_)),
                         (self.subset, "FEA", thing.name), (self.subset, "PFE", face))  # fmt: skip
        if thing.belongs:
            relation, subset, rid = thing.belongs
            yield self._link(f"Rel_{relation}_{thing.name}_Objet_{rid}", ("ASS", relation),
                             (self.subset, "FEA", thing.name), (SUBSETS[subset], "FEA", f"Objet_{rid}"))  # fmt: skip

    def _label(self, thing: Thing) -> Iterator[Record]:
        """Yield the text TEX as a label that lies in the object."""
        name, node = f"Attribut_TEX_id_{thing.name}", f"Noeud_Attribut_TEX_id_{thing.name}"
        point = thing.geometry.representative_point()
        values = {
            "FON": "Times New Roman", "HEI": "+2.000000", "TYU": "1", "CEF": "+1.000000", "CSP": "+0.200000",
            "DI1": "+0.000000", "DI2": "+1.000000", "DI3": "+1.000000", "DI4": "+0.000000",
            "TPA": "1", "HTA": "1", "VTA": "1", "ATR": pointer(self.lot, "SeSD", "ATT", "TEX_id"),
        }  # fmt: skip
        fields = [field for key, value in values.items() for field in self._value(f"ID_S_ATT_{key}", key, value)]
        yield self._node(node, (point.x, point.y), kind="2")
        yield [*self._feature(name, LABEL, len(values)), *fields, ("QACSN", "0")]
        yield self._link(f"Compo_IDB_{name}", ("REL", composition(LABEL)),
                         (self.subset, "FEA", name), (self.subset, "PNO", node))  # fmt: skip
        yield self._link(f"Rel_IWW_{name}", ("ASS", "IS_S_REL_IWW"),
                         (self.subset, "FEA", name), (self.subset, "FEA", thing.name))  # fmt: skip

    def _feature(self, name: str, class_: str, attributes: int) -> Record:
        return [
            ("RTYSA", "FEA"), ("RIDSA", name), ("", ""), ("SCPCP", pointer(self.lot, "SeSD", "OBJ", class_)),
            ("CM1CC", ""), ("CM2CC", ""), ("REFCC", ""), ("ATCSN", str(attributes)),
        ]  # fmt: skip

    def _value(self, attribute: str, name: str, value: str) -> Record:
        described = (ATTRIBUTES | LABEL_ATTRIBUTES)[name]
        nature = "CP" if described.type == "P" else described.nature
        text = [("TEXT ", "8859-1")] if described.type == "T" else []
        return [("ATPCP", pointer(self.lot, "SeSD", "ATT", attribute)), *text, (f"ATV{nature}", value)]

    def _face(self, name: str) -> Record:
        return [*self._primitive("PFE", name, "ID_S_PRI_FAC"), ("CM1CC", ""), ("CM2CC", ""), *_NO_ATTRIBUTE]

    def _node(self, name: str, point: tuple[float, float], kind: str = "1") -> Record:
        return [*self._primitive("PNO", name, "ID_S_PRI_NOD"), ("TYPSN", kind), ("CORCC", coordinates(point)),
                *_NO_ATTRIBUTE]  # fmt: skip

    def _arc(self, name: str, points: Iterable[tuple[float, float]]) -> Record:
        places = [("CORCC", coordinates(point)) for point in points]
        return [
            *self._primitive("PAR", name, "ID_S_PRI_ARC"), ("CM1CC", ""), ("CM2CC", ""), ("TYPSN", "1"),
            ("PTCSN", str(len(places))), *places, *_NO_ATTRIBUTE,
        ]  # fmt: skip

    def _primitive(self, kind: str, name: str, class_: str) -> Record:
        return [("RTYSA", kind), ("RIDSA", name), ("", ""), ("SCPCP", pointer(self.lot, "SeSD", "PGE", class_))]

    def _link(self, name: str, relation: tuple[str, str], *ends: tuple[str, str, str]) -> Record:
        return [
            ("RTYSA", "LNK"), ("RIDSA", name), ("", ""), ("SCPCP", pointer(self.lot, "SeSD", *relation)),
            ("FTCSN", str(len(ends))), *(("FTPCP", pointer(self.lot, *end)) for end in ends), *_NO_ATTRIBUTE,
        ]  # fmt: skip
