"""What datasets are grouped by where somebody looks for one: a closed list, in the order of its use."""

from collections.abc import Iterable

from catalog.model import Dataset

THEMES = {
    "parcelles": "Parcelles et bâtiments",
    "proprietaires": "Propriétés des sociétés et des collectivités",
    "limites": "Communes, sections et feuilles",
    "adresses": "Adresses, voies et lieux-dits",
    "images": "Photographies aériennes",
    "reseaux": "Réseaux",
    "details": "Détails du plan cadastral",
    "suivi": "Qualité et suivi du plan",
}


def by_theme(datasets: Iterable[Dataset]) -> dict[str, list[Dataset]]:
    """Return some datasets by their theme, in the order of `THEMES`, the most used first; no theme without any."""
    ordered = sorted(datasets, key=lambda dataset: (dataset.rank, dataset.id))
    found = {theme: [dataset for dataset in ordered if dataset.theme == theme] for theme in THEMES}
    return {theme: held for theme, held in found.items() if held}
