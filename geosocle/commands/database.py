"""`geosocle database …`: the private PostgreSQL of this checkout."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from catalog.errors import ClusterError
from geosocle import cluster, dumps
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


@app.command()
def dump(file: Annotated[Path, typer.Argument(metavar="FICHIER", dir_okay=False, help="Fichier à écrire.")]) -> None:
    """Sauvegarder la base dans un fichier, services en marche ; les images sont dans le dossier des fichiers."""
    with watching("Sauvegarde") as watch:
        size = dumps.dump(running(), file, watch)
    typer.echo(f"Base sauvegardée : {file} ({french_size(size)}).")


@app.command()
def restore(
    file: Annotated[Path, typer.Argument(metavar="FICHIER", exists=True, dir_okay=False, help="Une sauvegarde.")],
) -> None:
    """Remplir une base neuve d'une sauvegarde, et la mettre à jour."""
    with watching("Restauration") as watch:
        dumps.restore(cluster.start(), file, watch)
    typer.echo(f"Base restaurée de {file}. « geosocle doctor » la vérifie.")


def running() -> cluster.Cluster:
    """Return the private cluster, which runs. Raises ClusterError where it does not."""
    found = current()
    if found.status() != "running":
        raise ClusterError(f"La base privée est {STATUS[found.status()]} : « geosocle database start ».")
    return found


@contextmanager
def watching(words: str) -> Iterator[dumps.Watch]:
    """Show on a terminal that something goes on: the size of its file, and how long it has taken."""
    with Console(stderr=True).status(f"{words}…") as status:
        began = time.monotonic()
        yield lambda file: status.update(
            f"{words} : {french_size(file.stat().st_size)}, {time.monotonic() - began:.0f} s"
        )


def french_size(size: int) -> str:
    """Return a number of bytes in mebibytes."""
    return f"{size / 2**20:.1f} Mio".replace(".", ",")


def current() -> cluster.Cluster:
    """Return the private cluster of this checkout, made or not."""
    return cluster.Cluster(cluster.state_directory().resolve())
