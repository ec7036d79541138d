"""`python -m bench.loading`: seconds a sheet, ours against who else reads EDIGEO; or a whole département."""

import os
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from bench import readers
from bench.readers import Reading
from catalog.database import Connection, connect, query
from catalog.migrate import migrate
from catalog.settings import Settings, settings
from data_samples.department_sheets import PER_SHEET, write_department
from geosocle.cluster import Cluster, state_directory

THEIRS = "ogr2ogr"
DURABLE: dict[str, str] = {}  # no setting changed: what is committed is on the disk, as for who uses it
EDGES = 0.2  # of the time: memory at the start, at the end
console = Console(width=None if sys.stdout.isatty() else 140)


def main(
    sheets: Annotated[int, typer.Option(min=1, help="Feuilles à comparer.")] = 34,
    folder: Annotated[Path | None, typer.Option(exists=True, help="Archives à lire, au lieu d'en inventer.")] = None,
    jobs: Annotated[int, typer.Option(min=1, help="Processus de lecture de Géosocle.")] = 1,
    department: Annotated[bool, typer.Option("--department", help="Charger seulement, tout le dossier.")] = False,
) -> None:
    """Mesure le chargement de feuilles EDIGEO : les mêmes feuilles, une seule machine, un seul tour."""
    with tempfile.TemporaryDirectory(prefix="geosocle-bench-") as temporary, Cluster.temporary(DURABLE) as cluster:
        own = settings(dict(cluster.environment))
        migrate(own)
        if folder is None:
            folder = Path(temporary)
            write_department(folder, sheets * PER_SHEET)
        found = sorted(folder.rglob("*.tar.bz2"))
        console.print(f"charge de la machine au départ : {os.getloadavg()[0]:.1f} pour {os.cpu_count()} cœurs")
        if department:
            show_department(own, folder, len(found), jobs)
        else:
            show_comparison(own, cluster, found[:sheets], jobs)


def show_comparison(own: Settings, cluster: Cluster, sheets: list[Path], jobs: int) -> None:
    """Have everybody read the same sheets, and print what it took."""
    seconds = load(own, [str(path) for path in sheets], jobs)
    readings = [Reading(f"Géosocle, {jobs} processus, publié", seconds, rows(own, "cadastre"), len(sheets))]
    cluster.create_database(THEIRS)
    theirs = replace(own, dsn=cluster.dsn_for(database=THEIRS))
    with connect(theirs, "admin") as connection:
        connection.execute("CREATE EXTENSION postgis")
    reading = readers.ogr2ogr(sheets, theirs.dsn)
    readings.append(replace(reading, objects=rows(theirs, "public")))
    if (parsed := readers.etalab(sheets, state_directory() / "bench-npm")) is not None:
        readings.append(parsed)
    table = Table(title=f"{len(sheets)} feuilles")
    for name in ("lecteur", "s par feuille", "objets"):
        table.add_column(name, justify="left" if name == "lecteur" else "right")
    for one in readings:
        table.add_row(one.name, f"{one.each:.2f}", str(one.objects))
    console.print(table)


def show_department(own: Settings, folder: Path, sheets: int, jobs: int) -> None:
    """Load a whole folder, and print how long it took and what memory."""
    watched = Watched()
    seconds = load(own, [str(folder)], jobs, watched)
    with connect(own, "admin") as connection:
        (parcels,) = connection.execute("SELECT count(*) FROM cadastre.parcelles").fetchone()
    console.print(
        f"{sheets} feuilles, {parcels} parcelles : {seconds:.0f} s, {sheets / seconds:.1f} feuilles/s, {jobs} processus"
    )
    if watched.read is not None:
        console.print(f"  lecture {watched.read:.0f} s, publication {seconds - watched.read:.0f} s")
    for program in sorted({program for _, program, _ in watched.samples}):
        first, last = (watched.highest(program, *part) / 1024 for part in ((0, EDGES), (1 - EDGES, 1)))
        console.print(f"  mémoire, {program} : au plus {first:.0f} Mio au début, {last:.0f} Mio à la fin")


@dataclass
class Watched:
    """What was seen of a load: after which second all was read, and now and then the memory of each program, in KiB."""

    read: float | None = None
    samples: list[tuple[float, str, int]] = field(default_factory=list)

    def look(self, connection: Connection, process: int, second: float) -> None:
        """Look once."""
        self.samples += [(second, program, size) for program, size in memory_of(process)]
        if self.read is None and connection.execute(query("published_yet", "bench")).fetchone() == (True,):
            self.read = second

    def highest(self, program: str, start: float, end: float) -> int:
        """Return the highest memory of a program in a part of the time, 0 to 1."""
        whole = max(second for second, _, _ in self.samples)
        return max((s for t, p, s in self.samples if p == program and start * whole <= t <= end * whole), default=0)


def load(own: Settings, paths: list[str], jobs: int, watched: Watched | None = None) -> float:
    """Run the command, and return its seconds."""
    environment = os.environ | {"GEOSOCLE_DSN": own.dsn, "GEOSOCLE_STATE": str(own.state)}
    command = [sys.executable, "-m", "geosocle", "load", "cadastre", *paths, "--jobs", str(jobs)]
    start = time.monotonic()
    with connect(own, "admin") as connection:
        process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
        while process.poll() is None:
            if watched is not None:
                watched.look(connection, process.pid, time.monotonic() - start)
            with suppress(subprocess.TimeoutExpired):
                process.wait(1)
    if process.returncode:
        raise RuntimeError(f"le chargement a fini par {process.returncode}")
    return time.monotonic() - start


def memory_of(root: int) -> list[tuple[str, int]]:
    """Return the programs of a process and its descendants, each with its memory, in KiB."""
    parents: dict[int, int] = {}
    for place in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            parents[int(place.name)] = int((place / "stat").read_text().rpartition(")")[2].split()[1])
    family, found = {root}, []
    while more := {child for child, parent in parents.items() if parent in family} - family:
        family |= more
    for one in family:
        with suppress(OSError, StopIteration):
            command = Path(f"/proc/{one}/cmdline").read_bytes()
            lines = Path(f"/proc/{one}/status").read_text().splitlines()
            peak = int(next(line for line in lines if line.startswith("VmRSS")).split()[1])
            program = (
                "la commande" if one == root else "un lecteur" if b"etl.member" in command else "un enfant confiné"
            )
            found.append((program, peak))
    return found


def rows(own: Settings, schema: str) -> int:
    """Return how many rows the tables of a schema hold."""
    with connect(own, "admin") as connection:
        (count,) = connection.execute(query("count_everything", "bench"), [schema]).fetchone()
    return int(count)


if __name__ == "__main__":
    typer.run(main)
