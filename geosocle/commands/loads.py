"""`geosocle loads`: the loads that have not ended, and how far they are."""

from typing import Any

import typer

from catalog.database import query
from geosocle.commands.context import administration
from geosocle.commands.output import Json, show, show_json
from geosocle.commands.rows import rows

HEADINGS = {
    "livraison": "Livraison",
    "nom": "Nom",
    "etape": "Étape",
    "avance": "Fait",
    "rythme": "Rythme",
    "reste": "Reste",
    "etat": "État",
}
STOPPED = "arrêté : relancez la même commande pour reprendre"


def loads(as_json: Json = False) -> None:
    """Dit les chargements qui ne sont pas finis : où ils en sont, à quel rythme, ce qui reste."""
    with administration() as connection:
        found = rows(connection, query("loads_under_way", package="etl"), {})
    if as_json:
        show_json(found)
    elif not found:
        typer.echo("Aucun chargement en cours.")
    else:
        show([said(row) for row in found], HEADINGS, as_json=False)


def said(row: dict[str, Any]) -> dict[str, Any]:
    """Return a load as it is shown."""
    rate, left = row["debit"], row["secondes_restantes"]
    return row | {
        "avance": f"{row['fait']} sur {row['total'] or '?'}",
        "rythme": f"{rate} par seconde".replace(".", ",") if rate is not None else None,
        "reste": duration(left) if left is not None else None,
        "etat": "en cours" if row["en_cours"] else STOPPED,
    }


def duration(seconds: int) -> str:
    """Return how long something takes: `8 min 05 s`."""
    minutes, rest = divmod(seconds, 60)
    return f"{minutes} min {rest:02d} s" if minutes else f"{rest} s"
