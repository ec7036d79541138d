"""The .VEC files: faces, nodes and arcs, the objects made of them, their labels and what they belong to."""

from collections.abc import Iterable, Iterator
from math import cos, radians, sin

from shapely import Polygon, get_parts

from data_samples.edigeo_classes import ATTRIBUTES, LABEL, LABEL_ATTRIBUTES, composition
from data_samples.edigeo_records import Record, coordinates, pointer
from data_samples.edigeo_things import Thing
from data_samples.labels import Label, labels
from data_samples.topology import OUTSIDE, Arc, arcs, rings

SUBSETS = {"T1": "SeTOP_1", "T2": "SeTOP_2", "T3": "SeTOP_3", "S1": "SeSPA_1"}
_NO_ATTRIBUTE = [("ATCSN", "0"), ("QACSN", "0")]


class VectorWriter:
    """Writes the records of one .VEC file."""

    def __init__(self, lot: str, subset: str, scale: int) -> None:
        self.lot, self.subset, self.scale = lot, subset, scale

    def partition(self, things: list[Thing]) -> Iterator[Record]:
        """Yield faces, nodes and arcs that objects share, each arc with its two faces; then the objects."""
        parts = [(thing, part) for thing in things for part in get_parts(thing.geometry)]
        faces = {number: part for number, (_, part) in enumerate(parts, 1)}
        lines = arcs(faces)
        ends = sorted({point for line in lines for point in (line.points[0], line.points[-1])})
        nodes = {point: f"Noeud_{number}" for number, point in enumerate(ends, 1)}
        yield from (self._face(f"Face_{number}") for number in (OUTSIDE, *faces))
        yield from (self._node(name, point) for point, name in nodes.items())
        for number, line in enumerate(lines, 1):
            yield self._arc(f"Arc_{number}", line.points)
            yield from self._ends(f"Arc_{number}", line, nodes)
        for thing in things:
            own = [f"Face_{number}" for number, (one, _) in enumerate(parts, 1) if one is thing]
            yield from self._object(thing, "PFE", own)

    def loose(self, thing: Thing) -> Iterator[Record]:
        """Yield an object with a node, with arcs, or with arcs and faces of its own."""
        names = [f"{thing.rid}" + (f"_{number}" if number else "") for number in range(len(get_parts(thing.geometry)))]
        parts = list(zip(names, get_parts(thing.geometry), strict=True))
        match parts[0][1].geom_type:
            case "Point":
                yield from (self._node(f"Noeud_{name}", (part.x, part.y)) for name, part in parts)
                yield from self._object(thing, "PNO", [f"Noeud_{name}" for name in names])
            case "LineString":
                yield from (self._arc(f"Arc_{name}", part.coords) for name, part in parts)
                yield from self._object(thing, "PAR", [f"Arc_{name}" for name in names])
            case _:
                for name, part in parts:
                    yield from self._outline(name, part)
                yield from self._object(thing, "PFE", [f"Face_{name}" for name in names])

    def _outline(self, face: str, part: Polygon) -> Iterator[Record]:
        """Yield one face, with an arc for each of its rings."""
        for number, ring in enumerate(rings(part)):
            name = f"Arc_{face}" + (f"_{number}" if number else "")
            yield self._arc(name, ring)
            yield self._link(f"Compo_LPO_{name}_Face_{face}", ("REL", "ID_S_RCO_FAC_GCHE"),
                             (self.subset, "PAR", name), (self.subset, "PFE", f"Face_{face}"))  # fmt: skip
        yield self._face(f"Face_{face}")

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

    def _object(self, thing: Thing, kind: str, made_of: list[str]) -> Iterator[Record]:
        values = [field for name, value in thing.attributes.items() for field in self._value(f"{name}_id", name, value)]
        yield [
            *self._feature(thing.name, thing.class_, len(thing.attributes)), *values, ("QACSN", "1"),
            ("QAPCP", pointer(self.lot, "SeQL", "QUP", f"Actualite_{thing.name}")),
        ]  # fmt: skip
        for label in labels(thing, self.scale):
            yield from self._label(thing, label)
        for number, name in enumerate(made_of):
            yield self._link(f"Compo_IDB_{thing.name}" + (f"_{number}" if number else ""),
                             ("REL", composition(thing.class_)),
                             (self.subset, "FEA", thing.name), (self.subset, kind, name))  # fmt: skip
        for relation, subset, rid in thing.links:
            yield self._link(f"Rel_{relation}_{thing.name}_Objet_{rid}", ("ASS", relation),
                             (self.subset, "FEA", thing.name), (SUBSETS[subset], "FEA", f"Objet_{rid}"))  # fmt: skip

    def _label(self, thing: Thing, label: Label) -> Iterator[Record]:
        """Yield a word and the object that it names; DI1 to DI4 are the axes that its letters stand on."""
        name, turn = f"Attribut_{label.attribute}_id_{thing.name}", radians(label.angle)
        values = {
            "FON": "Times New Roman", "HEI": f"{label.height:+f}", "TYU": "1", "CEF": "+1.000000",
            "CSP": f"{label.spacing:+f}", "DI1": f"{-sin(turn):+f}", "DI2": f"{cos(turn):+f}",
            "DI3": f"{cos(turn):+f}", "DI4": f"{sin(turn):+f}",
            "TPA": "1", "HTA": "1", "VTA": "1", "ATR": pointer(self.lot, "SeSD", "ATT", f"{label.attribute}_id"),
        }  # fmt: skip
        fields = [field for key, value in values.items() for field in self._value(f"ID_S_ATT_{key}", key, value)]
        yield self._node(f"Noeud_{name}", label.place, kind="2")
        yield [*self._feature(name, LABEL, len(values)), *fields, ("QACSN", "0")]
        yield self._link(f"Compo_IDB_{name}", ("REL", composition(LABEL)),
                         (self.subset, "FEA", name), (self.subset, "PNO", f"Noeud_{name}"))  # fmt: skip
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
