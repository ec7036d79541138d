"""Invented proper names, with the accents and hyphens that real ones have."""

from itertools import product

_COMMUNES = ("Bréhaudière-les-Étangs", "Saint-Aubrain-du-Marais", "La Chénelière-Dorée", "Montcervé-l'Ormeau")
_FIRST = ("Saint-Aubrain", "Montcervé", "Villorgeais", "Corpérieux", "Noirfontel", "Le Gué-d'Ysoire", "Brandelière")
_SECOND = ("sur-Vironne", "du-Bocage", "les-Ormeaux", "la-Forêt", "aux-Prés", "le-Château", "d'Outremont")

_PLACES = (
    "LES PRÉS HAUTS", "LA GARENNE", "LE CHÊNE VERT", "L'ÉCHALIER", "LA MÉTAIRIE NEUVE", "LES LANDES DE L'ÂNE",
    "LE PÂTIS", "LA CROIX BLANCHE", "LE BOIS GUÉRIN", "LES OUCHES", "LA PIÈCE DU MOULIN", "LE FIEF À L'ABBÉ",
)  # fmt: skip
_STREETS = (
    "Rue des Tilleuls", "Rue de l'Église", "Rue du Lavoir", "Chemin des Chênes", "Impasse du Four",
    "Rue de la Forge", "Rue Émile-Baudroux", "Place du Marché",
)  # fmt: skip

RIVER = "La Vironne"


def commune_names(count: int) -> list[str]:
    """Return `count` different names of communes that do not exist."""
    more = (f"{first}-{second}" for first, second in product(_FIRST, _SECOND))
    return [*_COMMUNES, *more][:count]


def place_name(index: int) -> str:
    """Return the name of a commune's `index`-th place."""
    return _PLACES[index % len(_PLACES)]


def street_name(index: int) -> str:
    """Return the name of a commune's `index`-th street in town."""
    return _STREETS[index % len(_STREETS)]


def road_name(index: int) -> str:
    """Return the name of a commune's `index`-th road in the country."""
    return f"Voie communale no {index + 1}"
