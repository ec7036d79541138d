"""Rights of legal persons on premises, as DGFiP publishes them: one line a right on a local."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from data_samples.model import World
from data_samples.personnes_morales import NEW as NEW_PARCELS
from data_samples.personnes_morales import OLD as OLD_PARCELS
from data_samples.personnes_morales import QUOTED_UNTIL, YEAR, Droit, coded, droits, write_table

LOCAL = ["Bâtiment", "Entrée", "Niveau", "Porte"]
ROAD = ["N° voirie", "Indice de répétition", "Code voie MAJIC", "Code voie rivoli", "Nature voie", "Nom voie"]
WHO = ["Code droit", "N° MAJIC", "N° SIREN", "Groupe personne", "Forme juridique", "Forme juridique abrégée"]
OLD = [
    *OLD_PARCELS[:7],
    *(f"{name} (Identification du local)" for name in LOCAL),
    *(f"{name} (Adresse du local)" for name in ROAD),
    *(f"{name} (Propriétaire(s) du local)" for name in [*WHO, "Dénomination"]),
]
NEW = [*NEW_PARCELS[:7], *LOCAL, *ROAD, *WHO, "Dénomination"]


@dataclass(frozen=True, slots=True)
class Local:
    """A local of a legal person: the right that it has there, and where in the building this is."""

    droit: Droit
    niveau: str
    porte: str


def locaux(world: World) -> Iterator[Local]:
    """Yield the premises that are invented: one where a person has a right, two on some parcels."""
    for place, droit in enumerate(droits(world)):
        yield Local(droit, "00", "01001")
        if place % 3 == 0:
            yield Local(droit, "01", "01002")


def write_premises(world: World, path: Path, year: int = YEAR) -> Path:
    """Write the file of a year, in that year's headings, quotes and encoding."""
    old = year <= QUOTED_UNTIL
    return write_table(path, OLD if old else NEW, (line(world, local, old) for local in locaux(world)), old)


def line(world: World, local: Local, old: bool) -> list[str]:
    """Return one line of the file."""
    parcelle, person, droit = local.droit.parcelle, local.droit.person, local.droit
    name = next(one.name for one in world.communes if one.code == parcelle.commune)
    prefixe = parcelle.prefixe if parcelle.prefixe != "000" else "   " * old
    place = [parcelle.commune[:2], "0", parcelle.commune[2:], name.upper(), prefixe, parcelle.section.lstrip("0")]
    where = ["A", "01", local.niveau, local.porte, "0012", "B", "00035", "A026", "RUE", "DU PUITS"]
    right = [coded(droit.code, droit.libelle, old), person.majic, person.siren]
    who = [coded(str(person.groupe), person.groupe_libelle, old), person.forme, person.abregee, person.denomination]
    return [*place, parcelle.numero, *where, *right, *who]
