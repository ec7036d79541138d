"""The invented world as answers should show it: every object with its commune, its attributes and its place.

It is made from `data_samples` in memory alone. No table, no module of the product: a wrong load must be seen too.
"""

from collections.abc import Iterator
from itertools import chain

import shapely

from data_samples.aerial import RESOLUTION, limits, town
from data_samples.edigeo import FIRST_SURVEY, Lot
from data_samples.edigeo_classes import MEANINGS
from data_samples.labels import TEXTS
from data_samples.model import Batiment, Canalisation, Detail, World
from data_samples.personnes_morales import Droit, droits
from hunter.things import BASE, IMAGES, PERSONAL, PERSONS, TECHNICAL, WATER, Thing, Things, by_dataset, plain

DAYS = ("creation", "mise_a_jour")
SIGN = ("symbole", "libelle", "orientation")
GEODESY = {"materialisation": "MAP", "canevas": "CAN", "planimetrie": "PPLN", "altimetrie": "PALT"}
DETAILS = {
    "NUMVOIE_id": "numeros_voirie", "VOIEP_id": "ensembles_immobiliers", "ZONCOMMUNI_id": "zones_communication",
    "CHARGE_id": "charges", "TSURF_id": "surfaces", "TLINE_id": "lignes", "TPOINT_id": "points_divers",
    "SYMBLIM_id": "symboles_limites", "BORNE_id": "bornes", "BOULON_id": "bornes", "CROIX_id": "bornes",
    "PTCANV_id": "points_canevas",
}  # fmt: skip
COLUMNS = {
    "numeros_voirie": ("numero", "parcelles", *DAYS),
    "ensembles_immobiliers": ("nom", *DAYS),
    "zones_communication": ("nom", *DAYS),
    "charges": ("nom", "parcelles", *DAYS),
    "surfaces": ("symbole", "libelle", "nom", *DAYS),
    "lignes": ("symbole", "libelle", "nom", *DAYS),
    "points_divers": (*SIGN, "nom", *DAYS),
    "symboles_limites": (*SIGN, "parcelles", *DAYS),
    "bornes": ("type", "orientation", "parcelles", *DAYS),
    "points_canevas": ("numero", *SIGN, *GEODESY, *DAYS),
}
A, B, C, D = COMMUNES = ("85901", "85902", "85903", "85904")
SHORTEST = 0.5  # metres of a pipe in a commune: below, the piece may or may not be there
UNKNOWN_YEAR = -9999
BEFORE, BETWEEN, LATER = "2026-06-30", "2026-08-15", "2999-01-01"  # the two editions are of July and October


def things(world: World, past: World | None = None) -> Things:
    """Return every object of the world, and of the one that was before the newest edition, where one was delivered."""
    first = by_dataset(rights(past or world))  # of January, joined to the parcels of the first edition
    now = by_dataset(held(world)) | first
    days = {BEFORE: first, BETWEEN: by_dataset(held(past)) | first if past else now, LATER: now}
    return Things("le monde inventé des exemples", now, frozenset(COMMUNES), days)


def held(world: World) -> Iterator[Thing]:
    """Yield every object."""
    return chain(cadastre(world), details(world), labels(world), pipes(world), images(world))


def cadastre(world: World) -> Iterator[Thing]:
    """Yield the objects of the cadastral plan."""
    for one in world.communes:
        yield plain("communes", one.code, one.code, one.geometry, nom=one.name.upper())
    for one in world.sections:
        yield plain("sections", one.id, one.commune, one.geometry, prefixe=one.prefixe, section=one.section)
    for one in world.feuilles:
        named = {name: getattr(one, name) for name in ("prefixe", "section", "qualite", "mode_confection", "echelle")}
        yield plain("feuilles", one.id, one.commune, one.geometry, feuille=one.numero, **named)
    for one in world.parcelles:
        named = {name: getattr(one, name) for name in ("prefixe", "section", "numero", "contenance", "arpente")}
        days = {"creation": str(one.creation), "mise_a_jour": str(one.mise_a_jour)}
        yield plain("parcelles", one.id, one.commune, one.geometry, **named, **days)
    for one in world.batiments:
        yield plain(
            "batiments", one.id, one.commune, one.geometry, type=one.type, nom=one.nom, parcelles=parcels(world, one)
        )
    for one in world.lieux_dits:
        yield plain("lieux_dits", one.id, one.commune, one.geometry, nom=one.nom)
    for one in world.subdivisions_fiscales:
        yield plain(
            "subdivisions_fiscales", one.id, one.commune, one.geometry, parcelle=one.parcelle, lettre=one.lettre
        )


def parcels(world: World, one: Batiment | Detail) -> str | None:
    """Return the parcels that the lot ties an object to: those that its sheet still has."""
    known = {parcel.id for parcel in world.of_sheet(one.sheet, world.parcelles)}
    return ",".join(sorted(known.intersection(one.parcelles))) or None


def details(world: World) -> Iterator[Thing]:
    """Yield the other objects of the sheets."""
    edition = {sheet.id: str(sheet.edition) for sheet in world.feuilles}
    for dataset, kind in (("troncons_route", world.routes), ("troncons_cours_eau", world.cours_eau)):
        for one in kind:
            days = {"creation": str(FIRST_SURVEY), "mise_a_jour": edition[one.sheet]}
            rcad = {"rcad": None} if dataset == "troncons_route" else {}
            yield plain(dataset, one.id, one.commune, one.geometry, nom=one.nom, **rcad, **days)
    for one in world.details:
        dataset, attributes = DETAILS[one.class_], one.attributes
        texts = " ".join(attributes[name] for name in TEXTS if name in attributes) or None
        code, turned = attributes.get("SYM"), attributes.get("ORI")
        known = {
            "creation": str(FIRST_SURVEY), "mise_a_jour": edition[one.sheet], "nom": texts,
            "parcelles": parcels(world, one), "symbole": code, "libelle": MEANINGS["SYM"].get(code or ""),
            "orientation": float(turned) if turned else None,
            "type": one.class_.removesuffix("_id").lower(), "numero": texts or attributes.get("IDU"),
            **{name: MEANINGS[key].get(attributes.get(key, "")) for name, key in GEODESY.items()},
        }  # fmt: skip
        yield plain(dataset, one.id, one.commune, one.geometry, **{name: known[name] for name in COLUMNS[dataset]})


def labels(world: World) -> Iterator[Thing]:
    """Yield the words of the sheets, each with the object that it names."""
    for sheet in world.feuilles:
        for thing, label in Lot(world, sheet).labels():
            named = thing.attributes.get("IDU")
            written = {
                "texte": label.text, "attribut": label.attribute, "classe": thing.class_,
                "objet": sheet.commune[:2] + named if named else f"{sheet.id}-{thing.rid}",
                "angle": label.angle, "police": "Times New Roman", "hauteur": label.height, "expansion": 1.0,
                "espacement": label.spacing, "sens": "1", "alignement_horizontal": "1", "alignement_vertical": "1",
            }  # fmt: skip
            id = f"{sheet.id}-{thing.rid}-{label.attribute}"
            yield plain("etiquettes", id, sheet.commune, shapely.Point(label.place), **written)


def pipes(world: World) -> Iterator[Thing]:
    """Yield the pieces of the pipes: one for each commune that a pipe lies in."""
    for pipe in world.canalisations:
        for commune in world.communes:
            piece = shapely.intersection(pipe.geometry, commune.geometry)
            if not pipe.along_border and piece.length > 0:
                yield piece_of(pipe, commune.code, piece, sure=piece.length > SHORTEST)
            elif pipe.along_border and shapely.distance(pipe.geometry, commune.geometry) < 1:
                yield piece_of(pipe, commune.code, pipe.geometry, sure=False)


def piece_of(pipe: Canalisation, commune: str, geometry: shapely.Geometry, sure: bool) -> Thing:
    """Return what lies of a pipe in one commune, with the attributes of both groups."""
    base = {name: getattr(pipe, name) for name in ("etat_service", "maitre_ouvrage", "exploitant")}
    technical = {
        "materiau": pipe.materiau,
        "diametre_equivalent": pipe.diametre_equivalent,
        "an_pose": None if pipe.an_pose_sup == UNKNOWN_YEAR else pipe.an_pose_sup,
    }
    groups = {BASE: {"commune": commune, "objet": pipe.id, "type_reseau": "aep", **base}, TECHNICAL: technical}
    return Thing(WATER, f"{pipe.id}.{commune}", commune, geometry, groups, sure)


def images(world: World) -> Iterator[Thing]:
    """Yield the pieces of the two aerial images: one for each commune that an image shows."""
    for name, frame in (("orthophoto_limites", limits(world)), ("orthophoto_bourg", town(world))):
        for commune in world.communes:
            piece = shapely.intersection(frame, commune.geometry)
            if piece.area:
                named = {"objet": name, "nom": name, "resolution": RESOLUTION}
                yield plain(IMAGES, f"{name}.{commune.code}", commune.code, piece, **named)


def rights(world: World) -> Iterator[Thing]:
    """Yield the rights of legal persons: those on a parcel are numbered by who has them, then by which they are."""
    ranks: dict[str, int] = {}
    for one in sorted(droits(world), key=lambda one: (one.parcelle.id, one.person.majic, one.code)):
        rank = ranks[one.parcelle.id] = ranks.get(one.parcelle.id, 0) + 1
        yield right(one, f"{one.parcelle.id}-{rank}")


def right(one: Droit, id: str) -> Thing:
    """Return a right, with what both groups say of it."""
    person, (letters, natures, sizes) = one.person, zip(*one.subdivisions, strict=True)
    base = {
        "commune": one.parcelle.commune,
        "parcelle": one.parcelle.id,
        "droit": one.code,
        "droit_libelle": one.libelle.strip(),
        "groupe": person.groupe,
        "groupe_libelle": person.groupe_libelle.strip(),
        "forme_juridique": person.forme,
        "contenance": one.parcelle.contenance or None,
        "contenance_droit": sum(sizes) or None,
        "subdivisions": ", ".join(filter(None, letters)) or None,
        "natures_culture": ", ".join(dict.fromkeys(natures)),
        "adresse": "12 RUE DU PUITS",
    }
    personal = {
        "denomination": person.denomination,
        "forme_abregee": person.abregee,
        "siren": None if person.siren.startswith("U") else person.siren,
        "numero_majic": person.majic,
    }
    return Thing(PERSONS, id, one.parcelle.commune, one.parcelle.geometry, {BASE: base, PERSONAL: personal})


def borders(world: World) -> dict[str, tuple[str, ...]]:
    """Return the communes that share a border with each: more than a point."""
    return {
        one.code: tuple(
            other.code
            for other in world.communes
            if other is not one and shapely.intersection(one.geometry, other.geometry).length > 1
        )
        for one in world.communes
        if one.code in COMMUNES
    }
