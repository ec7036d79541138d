"""`make bench`: one run, one machine, the same rows; a table of requests a second and of ratios."""

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from bench import answers, client, database, ours, peers, race, raw, report
from bench.database import Base
from bench.peers import Peer
from bench.questions import Question, questions
from bench.race import Floor, Runner, Server
from catalog.database import connect
from geosocle.cluster import state_directory

SAVED = Path(__file__).with_name("results.md")
console = Console(width=None if sys.stdout.isatty() else 160)


def main(
    parcels: Annotated[int, typer.Option(min=20_000, help="Parcelles du département inventé.")] = 200_000,
    rounds: Annotated[int, typer.Option(min=1, help="Tours ; la médiane compte.")] = 3,
    seconds: Annotated[float, typer.Option(min=1, help="Durée d'une salve.")] = 2,
    connections: Annotated[int, typer.Option(min=1, help="Demandes à la fois.")] = 8,
    peer: Annotated[list[str] | None, typer.Option(help="Autre serveur : NOM=PAGE|BOÎTE|TUILE (modèles).")] = None,
    only: Annotated[str, typer.Option(help="Questions à garder, par la fin de leur nom : « 1000,z16 ».")] = "",
    save: Annotated[bool, typer.Option(help="Écrire aussi bench/results.md.")] = False,
) -> None:
    """Mesure Géosocle, règles en place, contre pygeoapi, TiPg, le SQL nu et ceux qui se trouvent là."""
    others = [peers.by_address(text) for text in peer or []]
    with ExitStack() as stack:
        with progress("Parcelles", parcels) as advance:
            base = stack.enter_context(database.filled(parcels, advance))
        runners = entered(stack, base, others, only)
        compare(runners)
        with progress("Salves", rounds * sum(1 for _ in race.turns(runners))) as advance:
            results = race.run(runners, rounds, seconds, connections, advance)
    machine = f"{os.cpu_count()} cœurs, {base.versions}, {peers.WORKERS} processus"
    title = f"{parcels} parcelles, {machine} ; client : {client.name()}"
    console.print(report.table(results, title))
    console.print(report.rules(results))
    console.print(" · ".join(versions(runners)))
    if save:
        SAVED.write_text(
            report.markdown(results, title)
            + "\n"
            + report.rules(results)
            + "\n\n"
            + " · ".join(versions(runners))
            + "\n",
            "utf-8",
        )


def entered(stack: ExitStack, base: Base, others: list[Peer], only: str) -> list[Runner]:
    """Start everybody who takes part; all stop with the stack."""
    whole, town = base.members["departement"], base.members["ville"]
    everywhere, in_town = asked(base, whole.communes, only), asked(base, town.communes, only)
    features = tuple(question for question in everywhere if question.kind != "tile")
    url = stack.enter_context(ours.server(base))
    unruled = stack.enter_context(ours.server(base, ruled=False))
    started = [stack.enter_context(server) for server in servers(base)]
    return [
        Server(report.DEPARTMENT, everywhere, ours.as_member(url, whole)),
        Server(report.COMMUNE, in_town, ours.as_member(url, town)),
        Server(report.UNRULED, everywhere, ours.as_member(unruled, whole)),
        Floor(report.FLOOR, everywhere, ours.floor(base), ours.statement),
        Floor(report.PLAIN, features, base.peers_dsn, raw.plain),
        *(Server(peer.name, everywhere, peer) for peer in started + others),
    ]


def servers(base: Base) -> Iterator[object]:
    """Yield the peers that can be run here, each to be entered."""
    console.print("→ environnement des autres serveurs (une fois)")
    python = peers.environment_of_peers(state_directory() / "bench")
    yield peers.stock_pygeoapi(python, base.peers)
    yield peers.tipg(python, base.peers)
    for name, run in peers.ON_PATH.items():
        if program := shutil.which(name):
            yield run(program, base.peers)


def asked(base: Base, communes: tuple[str, ...], only: str) -> tuple[Question, ...]:
    """Return the questions for a tenant of these communes."""
    with connect(base.settings, "admin") as connection:
        return tuple(one for one in questions(connection, communes) if one.label.endswith(tuple(only.split(","))))


def compare(runners: list[Runner]) -> None:
    """Say so where servers do not answer the same: their figures cannot be compared."""
    for label, counts in race.counts(runners).items():
        counts.pop(report.COMMUNE, None)  # asked elsewhere
        for name, count, wanted in answers.unfair(counts):
            console.print(f"! {label} : {name} rend {count} objets, les autres {wanted}")


def versions(runners: list[Runner]) -> list[str]:
    """Name the servers with their versions."""
    return list(
        dict.fromkeys(f"{one.peer.name} {one.peer.version}".strip() for one in runners if isinstance(one, Server))
    )


@contextmanager
def progress(label: str, total: int) -> Iterator[Callable[[int], object]]:
    """Show how far a long step is."""
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()
    with Progress(*columns, console=console) as shown:
        task = shown.add_task(label, total=total)
        yield lambda more: shown.advance(task, more)


if __name__ == "__main__":
    typer.run(main)
