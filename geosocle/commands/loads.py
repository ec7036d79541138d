"""`geosocle loads`: the loads that have not ended, how far they are; one of them to its end, or to its stop."""

import time
from typing import Annotated, Any

import typer

from catalog.database import available, connect, query
from catalog.errors import SettingsError
from geosocle.commands.context import administration, current_settings
from geosocle.commands.load import INTERRUPTED, shown_progress
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
POLLING = 0.5  # seconds
PATIENCE = 60.0  # seconds for a load to hear that it must stop

Number = Annotated[int | None, typer.Argument(metavar="LIVRAISON", help="Suivre celle-ci jusqu'au compte rendu.")]
Cancel = Annotated[bool, typer.Option("--cancel", help="L'arrêter, une fois lu ce qui est en main.")]


def loads(delivery: Number = None, cancel: Cancel = False, as_json: Json = False) -> None:
    """Dit les chargements qui ne sont pas finis : où ils en sont, à quel rythme, ce qui reste. En suit ou arrête un."""
    if delivery is not None:
        stop(delivery) if cancel else follow(delivery, as_json)
    elif cancel:
        raise typer.BadParameter("--cancel demande le numéro d'une livraison.")
    else:
        tell_all(as_json)


def tell_all(as_json: bool) -> None:
    """Print the loads that have not ended."""
    found = under_way()
    if as_json:
        show_json(found)
    elif not found:
        typer.echo("Aucun chargement en cours.")
    else:
        show([said(row) for row in found], HEADINGS, as_json=False)


def under_way() -> list[dict[str, Any]]:
    """Return the loads that have not ended."""
    with administration() as connection:
        return rows(connection, query("loads_under_way", package="etl"), {})


def at_work(delivery: int) -> dict[str, Any] | None:
    """Return how far a load is, or nothing where no command is at it any more."""
    return next((row for row in under_way() if row["livraison"] == delivery and row["en_cours"]), None)


def follow(delivery: int, as_json: bool) -> None:
    """Show how far a load is until it ends, then its report. Raises Exit with its code."""
    with shown_progress() as progress:
        while row := at_work(delivery):
            progress(row["fait"], row["total"] or 0, f"livraison {delivery} : {row['etape']}")
            time.sleep(POLLING)
    told = ended(delivery)
    if told is None:
        typer.echo(f"Livraison {delivery} : {STOPPED}.", err=True)
        raise typer.Exit(INTERRUPTED)
    if as_json:
        show_json(told)
    else:
        from etl.report import Report  # numpy: listing need not wait for it

        typer.echo(str(Report.recalled(told)))
    raise typer.Exit(told["code"])


def ended(delivery: int) -> dict[str, Any] | None:
    """Return the report of a load, if it has one. Raises SettingsError where there is no such load."""
    with available(), connect(current_settings(), "admin") as connection:
        row = connection.execute(query("load_ended", package="etl"), [delivery]).fetchone()
    if row is None:
        raise SettingsError(f"La livraison {delivery} n'existe pas : « geosocle loads » dit celles en cours.")
    return row[0]  # type: ignore[no-any-return]


def stop(delivery: int) -> None:
    """Ask a load to stop, and wait until it has."""
    if at_work(delivery) is None:
        raise SettingsError(f"La livraison {delivery} n'est pas en cours : « geosocle loads » dit celles qui le sont.")
    with administration() as connection:
        connection.execute(query("ask_to_stop", package="etl"), {"delivery": delivery})
    deadline = time.monotonic() + PATIENCE
    while stopping := at_work(delivery) is not None:
        if time.monotonic() > deadline:
            break
        time.sleep(POLLING)
    later = " dès que le fichier en main sera lu" if stopping else ""
    typer.echo(f"Livraison {delivery} : arrêtée{later}. Ce qui était servi l'est encore ; la même commande reprend.")


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
