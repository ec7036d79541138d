"""Columns in the words of a reader: a dataset needs none of them, its column's own name is the fallback."""

LABELS = {
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
    "qualite": "Qualité",
    "mode_confection": "Mode de confection",
    "echelle": "Échelle",
    "edition": "Édition",
}


def label(column: str) -> str:
    """Return the label of a column."""
    return LABELS.get(column) or column.replace("_", " ").capitalize()
