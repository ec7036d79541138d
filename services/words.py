"""Columns and systems in the words of a reader; a dataset needs none: its column's own name is the fallback."""

from catalog.territories import TERRITORIES

LABELS = {  # in the order of a list's columns
    "gravite": "Gravité",
    "message": "Ce qui ne va pas, et que faire",
    "regle": "Règle",
    "commune": "Commune (INSEE)",
    "prefixe": "Préfixe",
    "section": "Section",
    "feuille": "Feuille",
    "numero": "Numéro",
    "nom": "Nom",
    "contenance": "Contenance (m²)",
    "parcelle": "Parcelle",
    "lettre": "Lettre",
    "type": "Type",
    "arpente": "Arpentée",
    "creation": "Créé le",
    "mise_a_jour": "Mis à jour le",
    "objet": "Objet",
    "type_reseau": "Réseau",
    "etat_service": "État",
    "maitre_ouvrage": "Maître d'ouvrage",
    "exploitant": "Exploitant",
    "materiau": "Matériau",
    "diametre_equivalent": "Diamètre (mm)",
    "an_pose": "Année de pose",
    "resolution": "Résolution (m)",
    "parcelles": "Parcelles",
    "symbole": "Signe (code)",
    "libelle": "Signe",
    "orientation": "Orientation (degrés)",
    "rcad": "RCAD",
    "materialisation": "Matérialisation",
    "canevas": "Maître d'ouvrage du canevas",
    "planimetrie": "Planimétrie",
    "altimetrie": "Altimétrie",
    "texte": "Texte",
    "attribut": "Attribut écrit",
    "classe": "Classe de l'objet",
    "angle": "Angle (degrés)",
    "police": "Police",
    "hauteur": "Hauteur",
    "expansion": "Expansion",
    "espacement": "Espacement",
    "sens": "Sens d'écriture",
    "alignement_horizontal": "Alignement horizontal",
    "alignement_vertical": "Alignement vertical",
    "qualite": "Qualité",
    "mode_confection": "Mode de confection",
    "echelle": "Échelle",
    "edition": "Édition",
    "droit_libelle": "Nature du droit",
    "groupe_libelle": "Groupe de personnes",
    "contenance_droit": "Contenance du droit (m²)",
    "natures_culture": "Natures de culture",
    "denomination": "Dénomination",
    "forme_abregee": "Forme abrégée",
    "siren": "SIREN",
    "numero_majic": "Numéro MAJIC",
    "edition_precedente": "Édition précédente",
    "parcelles_avant": "Parcelles avant",
    "parcelles_apres": "Parcelles après",
    "surface_avant": "Surface avant (m²)",
    "surface_apres": "Surface après (m²)",
    "attributs": "Attributs changés",
    "attributs_avant": "Valeurs avant",
    "attributs_apres": "Valeurs après",
}

SYSTEMS = {
    **{str(one.srid): one.system_name for one in TERRITORIES.values()},
    "3947": "Conique conforme CC47 (EPSG:3947)",
    "3857": "Mercator des sites (EPSG:3857)",
    "4326": "Latitude, longitude (EPSG:4326)",
    "CRS84": "Longitude, latitude (CRS84)",
}


def label(column: str) -> str:
    """Return the label of a column."""
    return LABELS.get(column) or column.replace("_", " ").capitalize()


def system(uri: str) -> str:
    """Return the name of a system of coordinates."""
    return SYSTEMS.get(uri.rpartition("/")[2], uri)
