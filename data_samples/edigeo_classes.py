"""The table of EDIGEO classes and attributes that the lots use, and the .DIC and .SCD files written from it."""

from dataclasses import dataclass

from data_samples.edigeo_records import Record, pointer

LABEL = "ID_S_OBJ_Z_1_2_2"
_TEXTS = ("TEX", *(f"TEX{number}" for number in range(2, 11)))


@dataclass(frozen=True, slots=True)
class Class:
    """A class of objects: its code in the nomenclature, the kind of its geometry, its attributes."""

    code: str
    kind: str
    attributes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Attribute:
    """An attribute: T text, A code or R number; how long, and with how many decimals."""

    type: str
    length: int
    decimals: int | None = None

    @property
    def nature(self) -> str:
        """Return the nature and type that its values are announced by."""
        return f"S{self.type}"


CLASSES = {
    "BATIMENT_id": Class("E_2_1_0", "ARE", ("DUR", "TEX")),
    "BORNE_id": Class("I_2_4_0", "PCT", ()),
    "BOULON_id": Class("I_2_4_1", "PCT", ("ORI",)),
    "CHARGE_id": Class("H_11_6_0", "ARE", ("TEX",)),
    "COMMUNE_id": Class("H_1_6_0", "ARE", ("IDU", "TEX2")),
    "CROIX_id": Class("I_2_4_2", "PCT", ()),
    "LIEUDIT_id": Class("H_1_7_0", "ARE", _TEXTS),
    "NUMVOIE_id": Class("H_11_8_0", "PCT", ("TEX",)),
    "PARCELLE_id": Class("H_11_4_0", "ARE", ("COAR", "IDU", "INDP", "SUPF", "TEX")),
    "PTCANV_id": Class("I_1_0_0", "PCT", ("CAN", "IDU", "MAP", "ORI", "PALT", "PPLN", "SYM")),
    "SECTION_id": Class("H_11_1_0", "ARE", ("IDU", "TEX")),
    "SUBDFISC_id": Class("H_11_5_0", "ARE", ("TEX",)),
    "SUBDSECT_id": Class("H_11_2_0", "ARE", ("COPL", "DEDI", "DIS", "DRED", "EOR", "ICL", "IDU", "INP", "QUPL")),
    "SYMBLIM_id": Class("Z_1_0_1", "PCT", ("ORI", "SYM")),
    "TLINE_id": Class("Z_1_0_2", "LIN", ("SYM", "TEX")),
    "TPOINT_id": Class("Z_1_0_1", "PCT", ("ORI", "SYM", "TEX")),
    "TRONFLUV_id": Class("D_1_0_8", "ARE", _TEXTS),
    "TRONROUTE_id": Class("A_1_0_0", "ARE", ("RCAD", *_TEXTS)),
    "TSURF_id": Class("Z_1_0_3", "ARE", ("SYM", "TEX")),
    "VOIEP_id": Class("H_11_7_0", "PCT", ("TEX",)),
    "ZONCOMMUNI_id": Class("A_1_0_5", "LIN", _TEXTS),
}

ATTRIBUTES = {
    "CAN": Attribute("A", 2),
    "COAR": Attribute("T", 1),
    "COPL": Attribute("A", 2),
    "DEDI": Attribute("T", 10),
    "DIS": Attribute("T", 10),
    "DRED": Attribute("T", 10),
    "DUR": Attribute("A", 2),
    "EOR": Attribute("T", 6),
    "ICL": Attribute("R", 7, 0),
    "IDU": Attribute("T", 12),
    "INDP": Attribute("A", 2),
    "INP": Attribute("A", 2),
    "MAP": Attribute("A", 2),
    "ORI": Attribute("R", 9, 2),
    "PALT": Attribute("A", 2),
    "PPLN": Attribute("A", 2),
    "QUPL": Attribute("A", 2),
    "RCAD": Attribute("T", 10),
    "SUPF": Attribute("R", 10, 2),
    "SYM": Attribute("A", 2),
    **{name: Attribute("T", 255) for name in _TEXTS},
}

MEANINGS = {  # what the codes that the samples use stand for
    "CAN": {"02": "Cadastre"},
    "MAP": {"03": "Rivet ou boulon", "07": "Borne"},
    "PALT": {"00": "Inconnu"},
    "PPLN": {"20": "Canevas pérenne ou de précision (depuis 2001)", "21": "Canevas ordinaire (depuis 2001)"},
    "SYM": {
        "12": "Calvaire", "21": "Chemin", "23": "Trottoirs et sentiers", "30": "Flèche de cours d'eau",
        "31": "Flèche de rattachement d'un numéro de parcelle", "32": "Limite surfacique ne formant pas parcelle",
        "34": "Etang, lac, mare", "39": "Mur mitoyen", "40": "Mur non mitoyen", "41": "Fossé mitoyen",
        "42": "Fossé non mitoyen", "43": "Clôture mitoyenne", "44": "Clôture non mitoyenne", "45": "Haie mitoyenne",
        "46": "Haie non mitoyenne", "62": "Terrain de sports, petits ruisseaux", "63": "Puits", "65": "Piscine",
        "73": "Point borné de canevas cadastral ordinaire", "74": "Point borné de canevas pérenne ou de précision",
    },
}  # fmt: skip

LABEL_ATTRIBUTES = {
    "FON": Attribute("T", 256),
    "HEI": Attribute("R", 32, 3),
    "TYU": Attribute("A", 10),
    "CEF": Attribute("R", 32, 3),
    "CSP": Attribute("R", 32, 3),
    "DI1": Attribute("R", 32, 3),
    "DI2": Attribute("R", 32, 3),
    "DI3": Attribute("R", 32, 3),
    "DI4": Attribute("R", 32, 3),
    "TPA": Attribute("A", 10),
    "HTA": Attribute("A", 10),
    "VTA": Attribute("A", 10),
    "ATR": Attribute("P", 256),
}

BELONGINGS = {
    **{f"{one}_PARCELLE": (f"{one}_id", "PARCELLE_id")
       for one in ("BATIMENT", "BORNE", "BOULON", "CHARGE", "CROIX", "NUMVOIE", "SYMBLIM")},
    "DETOPO_COMMUNE": ("TLINE_id", "COMMUNE_id"),
    "PARCELLE_SUBDSECT": ("PARCELLE_id", "SUBDSECT_id"),
    "PTCANVS_COMMUNE": ("PTCANV_id", "COMMUNE_id"),
    "SECTION_COMMUNE": ("SECTION_id", "COMMUNE_id"),
    "SUBDFISC_PARCELLE": ("SUBDFISC_id", "PARCELLE_id"),
    "SUBDSECT_SECTION": ("SUBDSECT_id", "SECTION_id"),
}  # fmt: skip

PRIMITIVES = {"ID_S_PRI_NOD": "NOD", "ID_S_PRI_ARC": "ARC", "ID_S_PRI_FAC": "FAC"}
_MADE_OF = {"ARE": "ID_S_PRI_FAC", "LIN": "ID_S_PRI_ARC", "PCT": "ID_S_PRI_NOD"}
_ENDS = {
    "ID_S_RCO_FAC_GCHE": ("LPO", "ID_S_PRI_FAC"),
    "ID_S_RCO_FAC_DRTE": ("RPO", "ID_S_PRI_FAC"),
    "ID_S_RCO_NOD_INI": ("IND", "ID_S_PRI_NOD"),
    "ID_S_RCO_NOD_FIN": ("FND", "ID_S_PRI_NOD"),
}


def dictionary() -> list[Record]:
    """Return the .DIC: what each class, attribute and relation is called."""
    codes = [one.code for one in CLASSES.values()] + [LABEL.removeprefix("ID_S_OBJ_")]
    objects = [_entry("DID", f"ID_N_OBJ_{code}", code) for code in codes]
    attributes = [
        _entry("DIA", f"ID_N_ATT_{name}", name)
        + [("CATSA", "P" if name in MEANINGS else "G"), ("TYPSA", one.type), ("UNIST", "m2" if name == "SUPF" else "")]
        + _meanings(name)
        for name, one in (LABEL_ATTRIBUTES | ATTRIBUTES).items()
    ]
    relations = [_entry("DIR", f"ID_N_REL_{name}", name) + [("CATSA", "G")] for name in ("IWW", "APP")]
    return objects + attributes + relations


def _meanings(attribute: str) -> Record:
    """Return what each code of an attribute stands for."""
    codes = MEANINGS.get(attribute, {})
    told = [[("AVLSA", code), ("TEXT ", "8859-1"), ("AVDST", words)] for code, words in codes.items()]
    return [("AVCSN", str(len(codes))), *(field for one in told for field in one)]


def schema(lot: str) -> list[Record]:
    """Return the .SCD: which attributes and which geometry each class has, and how objects are related."""
    label = Class(LABEL.removeprefix("ID_S_OBJ_"), "PCT", ())
    return [
        *(_object(lot, name, one, [f"{key}_id" for key in one.attributes]) for name, one in CLASSES.items()),
        _object(lot, LABEL, label, [f"ID_S_ATT_{key}" for key in LABEL_ATTRIBUTES]),
        *(_head("PGE", name) + [("KNDSA", kind), *_NOTHING] for name, kind in PRIMITIVES.items()),
        *(_attribute(lot, f"ID_S_ATT_{name}", name, one) for name, one in LABEL_ATTRIBUTES.items()),
        *(_attribute(lot, f"{name}_id", name, one) for name, one in ATTRIBUTES.items()),
        *(_belonging(lot, "ASS", name, "APP", ends) for name, ends in BELONGINGS.items()),
        _belonging(lot, "ASS", "IS_S_REL_IWW", "IWW", (LABEL, *CLASSES)),
        *(_composition(lot, name, one.kind) for name, one in CLASSES.items()),
        _composition(lot, LABEL, "PCT"),
        *(_construction(lot, name, *one) for name, one in _ENDS.items()),
    ]


def composition(class_: str) -> str:
    """Return the name of the relation between an object of a class and its geometry."""
    return f"ID_S_RCO_{class_.removeprefix('ID_S_OBJ_')}"


_NOTHING = [("AACSN", "0"), ("QACSN", "0")]


def _head(kind: str, name: str) -> Record:
    return [("RTYSA", kind), ("RIDSA", name), ("", "")]


def _entry(kind: str, name: str, label: str) -> Record:
    return [*_head(kind, name), ("LABSA", label), ("DEFST", ""), ("ORIST", "CNIG")]


def _object(lot: str, name: str, one: Class, attributes: list[str]) -> Record:
    return [
        *_head("OBJ", name),
        ("DIPCP", pointer(lot, "SeNM", "DID", f"ID_N_OBJ_{one.code}")),
        ("KNDSA", one.kind),
        ("AACSN", str(len(attributes))),
        *(("AAPCP", pointer(lot, "SeSD", "ATT", key)) for key in attributes),
        ("QACSN", "0"),
    ]


def _attribute(lot: str, name: str, entry: str, one: Attribute) -> Record:
    decimals = [] if one.decimals is None else [("CADSN", str(one.decimals))]
    nature = "CP" if one.type == "P" else one.nature
    return [
        *_head("ATT", name),
        ("DIPCP", pointer(lot, "SeNM", "DIA", f"ID_N_ATT_{entry}")),
        ("CANSN", str(one.length)),
        *decimals,
        ("UNIST", ""),
        (f"AV1{nature}", ""),
        (f"AV2{nature}", ""),
    ]


def _belonging(lot: str, kind: str, name: str, entry: str, ends: tuple[str, ...]) -> Record:
    linked = [(("SCPCP", pointer(lot, "SeSD", "OBJ", end)), ("OCCSN", "1")) for end in ends]
    return [
        *_head(kind, name),
        ("DIPCP", pointer(lot, "SeNM", "DIR", f"ID_N_REL_{entry}")),
        ("CA1SN", "0"),
        ("CA2SN", "0"),
        ("SCCSN", str(len(ends))),
        *(field for pair in linked for field in pair),
        *_NOTHING,
    ]


def _composition(lot: str, name: str, kind: str) -> Record:
    return [
        *_head("REL", composition(name)),
        ("KNDSA", "IDR" if kind == "LIN" else "IDB"),
        ("CA1SN", "1"),
        ("CA2SN", "0"),
        ("SCCSN", "2"),
        ("SCPCP", pointer(lot, "SeSD", "OBJ", name)),
        ("OCCSN", "1"),
        ("SCPCP", pointer(lot, "SeSD", "PGE", _MADE_OF[kind])),
        ("OCCSN", "0"),
        *_NOTHING,
    ]


def _construction(lot: str, name: str, kind: str, primitive: str) -> Record:
    return [
        *_head("REL", name),
        ("KNDSA", kind),
        ("CA1SN", "0"),
        ("CA2SN", "1" if primitive == "ID_S_PRI_NOD" else "0"),
        ("SCCSN", "2"),
        ("SCPCP", pointer(lot, "SeSD", "PGE", "ID_S_PRI_ARC")),
        ("OCCSN", "1"),
        ("SCPCP", pointer(lot, "SeSD", "PGE", primitive)),
        ("OCCSN", "1"),
        *_NOTHING,
    ]
