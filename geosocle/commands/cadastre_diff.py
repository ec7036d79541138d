"""`geosocle cadastre diff`: the parcels of a commune in two states, and what differs."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from geosocle.commands.context import current_settings
from geosocle.commands.output import Json, show, show_json

if TYPE_CHECKING:
    from etl.comparison import Difference

HELD = "tenu"
SHOWN = 3  # identifiers of each kind in the table
DIFFERENT = 1
HEADINGS = {
    "commune": "Commune",
    "section": "Section",
    "avant": "Avant",
    "apres": "Après",
    "creees": "Créées",
    "supprimees": "Supprimées",
    "modifiees": "Modifiées",
    "exemples": "Exemples (+ dans B seul, - dans A seul, ~ modifiée)",
}
SIDE = "Un jour (AAAA-MM-JJ), « tenu » (aujourd'hui), ou une livraison : archive, dossier, fichier d'Etalab."

First = Annotated[str, typer.Argument(metavar="A", help=SIDE)]
Second = Annotated[str, typer.Argument(metavar="B", help="De même.")]
Commune = Annotated[str | None, typer.Option(help="Code INSEE ; sans lui, les communes de la livraison comparée.")]
Departement = Annotated[str | None, typer.Option(help="Département (85), si le nom d'une feuille ne le dit pas.")]


def diff(a: First, b: Second, commune: Commune = None, departement: Departement = None, as_json: Json = False) -> None:
    """Dire ce qui change d'un état du plan à l'autre : parcelles créées, supprimées, modifiées, par section.

    Rien n'est écrit. Codes de retour : 0 rien ne change, 1 différences, 2 mauvais usage, 4 livraison illisible.
    """
    from etl.comparison import compare
    from etl.sources import Options

    sides = [side(words) for words in (a, b)]
    if commune is None and not any(isinstance(one, Path) for one in sides):
        raise typer.BadParameter("entre deux jours, --commune est à donner : « geosocle cadastre status » les dit.")
    options = Options(departement=departement, dry_run=True)
    found = compare(sides, commune, options, current_settings())
    nothing = [code for code, sections in found.items() if not sections]
    if nothing:
        raise typer.BadParameter(
            f"rien de {', '.join(nothing)} dans aucun des deux : voir « geosocle cadastre status »."
        )
    if as_json:
        show_json([told(code, one) for code, sections in found.items() for one in sections])
    else:
        tell(found, a, b)
    if not all(one.same for sections in found.values() for one in sections):
        raise typer.Exit(DIFFERENT)


def side(words: str) -> date | Path | None:
    """Return what one side is. Raises BadParameter where it is nothing."""
    if words == HELD:
        return None
    path = Path(words)
    if path.exists():
        return path
    try:
        return date.fromisoformat(words)
    except ValueError as error:
        raise typer.BadParameter(f"« {words} » n'est ni un jour, ni « {HELD} », ni un fichier qui existe.") from error


def told(commune: str, one: Difference) -> dict[str, Any]:
    """Return what differs in a section, for programs."""
    return {
        "commune": commune,
        "section": one.section,
        "avant": one.before,
        "apres": one.after,
        "creees": list(one.created),
        "supprimees": list(one.deleted),
        "modifiees": [
            {"id": each.id, "contour": each.reshaped, "contenance": [each.before, each.after]} for each in one.changed
        ],
    }


def tell(found: dict[str, list[Difference]], a: str, b: str) -> None:
    """Print the sections that differ in a table, and the sum of each commune; of two sources none made the other's."""
    rows = [counted(code, one) for code, sections in found.items() for one in sections if not one.same]
    if rows:
        show(rows, HEADINGS, as_json=False)
    for code, sections in found.items():
        sums = {name: sum(counted(code, one)[name] for one in sections) for name in list(HEADINGS)[2:7]}
        words = (
            "rien ne change."
            if all(one.same for one in sections)
            else (f"{sums['creees']} dans B seul, {sums['supprimees']} dans A seul, {sums['modifiees']} modifiée(s).")
        )
        sides = f"{sums['avant']} parcelles dans A ({Path(a).name}), {sums['apres']} dans B ({Path(b).name})"
        typer.echo(f"{code} : {sides} ; {words}")


def counted(commune: str, one: Difference) -> dict[str, Any]:
    """Return a section as a line of the table."""
    kinds = {"+": one.created, "-": one.deleted, "~": [each.id for each in one.changed]}
    some = [f"{sign}{id[10:]}" for sign, ids in kinds.items() for id in ids[:SHOWN]]
    more = sum(max(0, len(ids) - SHOWN) for ids in kinds.values())
    return {
        "commune": commune,
        "section": one.section[5:],
        "avant": one.before,
        "apres": one.after,
        "creees": len(one.created),
        "supprimees": len(one.deleted),
        "modifiees": len(one.changed),
        "exemples": " ".join(some) + (f" et {more} autres" if more else ""),
    }
