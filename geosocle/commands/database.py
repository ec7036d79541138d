"""`geosocle database …`: the private PostgreSQL of this checkout."""

import typer

from geosocle import cluster
from geosocle.commands.output import Json, show_json

app = typer.Typer(help="La base PostgreSQL privée de ce dossier.", no_args_is_help=True)

STATUS = {"absent": "pas encore créée", "stopped": "arrêtée", "running": "en marche"}


@app.command()
def start() -> None:
    """Démarrer la base privée, créée au besoin."""
    cluster.start()
    status()


@app.command()
def stop() -> None:
    """Arrêter la base privée."""
    current().stop()
    status()


@app.command()
def status(as_json: Json = False) -> None:
    """Dire où est la base privée et si elle est en marche."""
    private = current()
    if as_json:
        show_json({"state": str(private.state), "status": private.status()})
    else:
        typer.echo(f"Base privée {STATUS[private.status()]} : {private.state}")


def current() -> cluster.Cluster:
    """Return the private cluster of this checkout, made or not."""
    return cluster.Cluster(cluster.state_directory().resolve())
