"""The columns that each class of object fills, from its attributes, its links and the dictionary of its lot. Pure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from etl.edigeo import Lead, Thing, parse_date
from etl.rows import text
from etl.sheets import Sheet

NAMES = ("TEX", *(f"TEX{number}" for number in range(2, 11)))


@dataclass(frozen=True, slots=True)
class Reading:
    """All that making the rows of one sheet needs; `loaded` grows with them: OBJECT_RID → published id."""

    sheet: Sheet
    known: Lead
    linked: Mapping[str, list[str]]  # OBJECT_RID → those of its parcels
    loaded: dict[str, str] = field(default_factory=dict)

    def parcels(self, rid: str) -> list[str]:
        """Return the published ids of the loaded parcels that the lot ties an object to, in order."""
        return sorted({self.loaded[parcel] for parcel in self.linked.get(rid, ()) if parcel in self.loaded})

    def word(self, attribute: str, code: object) -> str | None:
        """Return what a code stands for in this lot's dictionary."""
        return text(self.known.words.get((attribute, str(code))))


Columns = Callable[[Thing, str, Reading], dict[str, Any]]


def commune(one: Thing, _name: str, _reading: Reading) -> dict[str, Any]:
    """Return the columns of a commune."""
    return {"nom": text(one.fields.get("TEX2"))}


def section(_one: Thing, name: str, _reading: Reading) -> dict[str, Any]:
    """Return the columns of a section."""
    return {"prefixe": name[5:8], "section": name[8:10]}


def feuille(one: Thing, name: str, reading: Reading) -> dict[str, Any]:
    """Return the columns of a sheet."""
    scale = str(one.fields.get("EOR") or "")
    return section(one, name, reading) | {
        "feuille": name[10:12],
        "qualite": text(one.fields.get("QUPL")),
        "mode_confection": text(one.fields.get("COPL")),
        "echelle": int(scale) if scale.isdigit() and int(scale) < 10**9 else None,
    }


def parcelle(one: Thing, name: str, reading: Reading) -> dict[str, Any]:
    """Return the columns of a parcel; `contenance` is what the lot says, never the geometric area."""
    return section(one, name, reading) | {
        "numero": name[10:14],
        "contenance": whole(one.fields.get("SUPF")),
        "arpente": one.fields.get("COAR") == "A",
        **dated(one),
    }


def batiment(one: Thing, _name: str, reading: Reading) -> dict[str, Any]:
    """Return the columns of a building, with the parcels that it stands on."""
    return {"type": text(one.fields.get("DUR")), "nom": named(one), **on_parcels(one, reading)}


def lieu_dit(one: Thing, _name: str, _reading: Reading) -> dict[str, Any]:
    """Return the columns of a named place."""
    return {"nom": named(one)}


def subdivision(one: Thing, _name: str, reading: Reading) -> dict[str, Any]:
    """Return the columns of a tax subdivision, with the parcel that the lot ties it to."""
    return {"parcelle": next(iter(reading.parcels(one.rid)), None), "lettre": text(one.fields.get("TEX"))}


def charge(one: Thing, _name: str, reading: Reading) -> dict[str, Any]:
    """Return the columns of a charge."""
    return {"nom": named(one), **on_parcels(one, reading), **dated(one)}


def numero_voirie(one: Thing, _name: str, reading: Reading) -> dict[str, Any]:
    """Return the columns of a number in a street."""
    return {"numero": text(one.fields.get("TEX")), **on_parcels(one, reading), **dated(one)}


def nommee(one: Thing, _name: str, _reading: Reading) -> dict[str, Any]:
    """Return the columns of what has but a name: a road, a river, a building of several."""
    return {"nom": named(one), "rcad": text(one.fields.get("RCAD")), **dated(one)}


def detail(one: Thing, _name: str, reading: Reading) -> dict[str, Any]:
    """Return the columns of a detail drawn by a sign: its code, its sense, its direction, its parcels."""
    return {**sign(one, reading), "nom": named(one), **on_parcels(one, reading), **dated(one)}


def borne(one: Thing, _name: str, reading: Reading) -> dict[str, Any]:
    """Return the columns of a mark on a limit; its type is the class that it is of."""
    type_ = one.layer.removesuffix("_id").lower()
    return {"type": type_, "orientation": number(one.fields.get("ORI")), **on_parcels(one, reading), **dated(one)}


def point_canevas(one: Thing, _name: str, reading: Reading) -> dict[str, Any]:
    """Return the columns of a point of the geodetic network."""
    codes = {"materialisation": "MAP", "canevas": "CAN", "planimetrie": "PPLN", "altimetrie": "PALT"}
    senses = {name: reading.word(code, one.fields.get(code)) for name, code in codes.items()}
    return {"numero": text(one.fields.get("IDU")), **sign(one, reading), **senses, **dated(one)}


def etiquette(one: Thing, _name: str, reading: Reading) -> dict[str, Any]:
    """Return the columns of a label: what it writes, how, and the object that it names."""
    fields = one.fields
    return {
        "texte": text(fields.get("OGR_ATR_VAL")),
        "attribut": (text(fields.get("ATR")) or "").removesuffix("_id") or None,
        "classe": text(fields.get("OGR_OBJ_LNK_LAYER")),
        "objet": reading.loaded.get(str(fields.get("OGR_OBJ_LNK"))),
        "angle": angle(fields.get("OGR_ANGLE")),
        "police": text(fields.get("FON")),
        "hauteur": number(fields.get("HEI")),
        "expansion": number(fields.get("CEF")),
        "espacement": number(fields.get("CSP")),
        "sens": text(fields.get("TPA")),
        "alignement_horizontal": text(fields.get("HTA")),
        "alignement_vertical": text(fields.get("VTA")),
    }


VALUES: dict[str, Columns] = {
    "communes": commune,
    "sections": section,
    "feuilles": feuille,
    "parcelles": parcelle,
    "batiments": batiment,
    "lieux_dits": lieu_dit,
    "subdivisions_fiscales": subdivision,
    "charges": charge,
    "numeros_voirie": numero_voirie,
    "ensembles_immobiliers": nommee,
    "zones_communication": nommee,
    "troncons_route": nommee,
    "troncons_cours_eau": nommee,
    "surfaces": detail,
    "lignes": detail,
    "points_divers": detail,
    "symboles_limites": detail,
    "bornes": borne,
    "points_canevas": point_canevas,
    "etiquettes": etiquette,
}


def dated(one: Thing) -> dict[str, Any]:
    """Return the two days that the quality file gives of an object."""
    return {
        "creation": parse_date(one.fields.get("CREAT_DATE")),
        "mise_a_jour": parse_date(one.fields.get("UPDATE_DATE")),
    }


def sign(one: Thing, reading: Reading) -> dict[str, Any]:
    """Return the sign that an object is drawn by, and which way it is turned."""
    code = text(one.fields.get("SYM"))
    return {"symbole": code, "libelle": reading.word("SYM", code), "orientation": number(one.fields.get("ORI"))}


def on_parcels(one: Thing, reading: Reading) -> dict[str, Any]:
    """Return the parcels that an object is tied to, as one text."""
    return {"parcelles": ",".join(reading.parcels(one.rid)) or None}


def named(one: Thing) -> str | None:
    """Return the name that the lot cuts into TEX, TEX2 … TEX10."""
    return text(" ".join(part for part in (text(one.fields.get(name)) for name in NAMES) if part))


def whole(value: object) -> int | None:
    """Return a number of square metres, or None where there is none."""
    found = number(value)
    return round(found) if found is not None and 0 <= found < 2**31 else None


def number(value: object) -> float | None:
    """Return a number, or None for what is none."""
    try:
        found = float(str(value))
    except ValueError:
        return None
    return found if abs(found) < float("inf") else None


def angle(value: object) -> float | None:
    """Return an angle between 0 and 360 degrees, to the thousandth."""
    found = number(value)
    return None if found is None else round(found % 360, 3) % 360 + 0.0
