"""The rules of quality that dataset files may declare: what each finds, and what to do about it. Values only."""

from collections.abc import Mapping
from dataclasses import dataclass

WEIGHTS: Mapping[str, float] = {"bloquante": 10.0, "majeure": 3.0, "mineure": 0.2}  # by severity, against one object


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule that the rows of a dataset are held to, with its threshold and its severity (one of `WEIGHTS`)."""

    rule: str
    severity: str
    threshold: float | None = None
    column: str | None = None


@dataclass(frozen=True, slots=True)
class Sense:
    """What a rule finds, what to do then, and what its declaration needs: the unit of a threshold, a column."""

    finds: str
    advice: str
    unit: str | None = None
    column: bool = False


SURVEY = "à signaler au service du cadastre"
AGAIN = "demandez la feuille de nouveau"
RULES: Mapping[str, Sense] = {
    "vide": Sense("attribut obligatoire vide", SURVEY, column=True),
    "encodage": Sense("texte mal encodé", AGAIN),
    "date_illisible": Sense("date illisible", SURVEY),
    "date_future": Sense("date postérieure à l'édition", SURVEY, column=True),
    "dates_inversees": Sense("création postérieure à la mise à jour", SURVEY),
    "contenance_nulle": Sense("contenance nulle ou absente", SURVEY),
    "contenance_ecart": Sense(
        "contenance éloignée de la surface", "rapprochez-la de l'acte ; n'en corrigez aucune", "part de la surface"
    ),
    "numero_nul": Sense("numéro nul", SURVEY),
    "numero_incoherent": Sense("numéro différent de l'identifiant", SURVEY),
    "objet_absent": Sense("étiquette d'un objet absent", AGAIN),
    "etiquette_discordante": Sense("étiquette différente du numéro de la parcelle", SURVEY),
    "etiquette_eloignee": Sense("étiquette loin de l'objet qu'elle nomme", SURVEY, "m"),
    "parcelle_absente": Sense("objet rattaché à aucune parcelle de la feuille", SURVEY),
    "hors_parcelle": Sense("objet hors de la parcelle qui le porte", SURVEY, "part de la surface"),
    "section_absente": Sense("parcelle d'une section que la feuille ne porte pas", AGAIN),
    "feuille_absente": Sense("feuille sans contour", AGAIN),
    "objet_rejete": Sense("objet non chargé", "corrigez la source ou demandez la feuille de nouveau"),
    "geometrie_reparee": Sense("contour invalide, réparé", SURVEY),
    "eclat": Sense("surface minuscule", SURVEY, "m²"),
    "filiforme": Sense("objet filiforme", SURVEY, "m de large"),
    "pointe": Sense("pointe dans le contour", SURVEY, "degrés"),
    "sommets_doubles": Sense("sommets confondus", SURVEY, "m"),
    "trou_minuscule": Sense("trou minuscule dans le contour", SURVEY, "m²"),
    "doublon": Sense("même géométrie qu'un autre objet", SURVEY),
    "recouvrement": Sense("recouvre un autre objet", SURVEY, "m²"),
    "interstice": Sense("vide entre parcelles", SURVEY, "m de large"),
    "hors_feuille": Sense("objet hors de sa feuille", AGAIN, "m"),
    "hors_section": Sense("feuille hors de sa section", SURVEY, "m²"),
    "hors_commune": Sense("feuille hors de sa commune", SURVEY, "m²"),
    "deux_communes": Sense("objet à cheval sur la limite de la commune", SURVEY, "m²"),
    "feuille_manquante": Sense("feuille non tenue", "demandez-la au service du cadastre", "part de la section"),
    "feuilles_recouvertes": Sense("feuille qui en recouvre une autre", SURVEY, "m²"),
    "identifiant_double": Sense("identifiant porté par deux feuilles", SURVEY),
}
