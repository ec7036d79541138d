"""`make demo`: from an empty database to addresses and tokens that work, until Ctrl-C."""

import fcntl
import os
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from psycopg.conninfo import conninfo_to_dict, make_conninfo
from rich.console import Console
from rich.table import Table

from catalog.errors import ClusterError, GeosocleError
from catalog.migrate import migrate
from catalog.settings import Settings, settings
from geosocle.children import ChildDied, child, ended_by_signals, pause, wait_until
from geosocle.cluster import Cluster, start, state_directory
from geosocle.members import Member, prepare_members
from geosocle.samples import load_samples, own_environment

HOST = "127.0.0.1"
FIRST_PORT = 5000
READY_SECONDS = 120

console = Console(stderr=True, highlight=False)


def main() -> int:
    """Run the demonstration until somebody ends it; return the exit code."""
    try:
        with ended_by_signals(), ExitStack() as stack:
            run(stack)
    except KeyboardInterrupt:
        with suppress(OSError):  # the terminal may be gone
            console.print("Arrêté : les services et la base de démonstration ne tournent plus.")
    except GeosocleError as error:
        console.print(f"[red]Géosocle :[/] {error}", markup=True)
        return error.exit_code
    return 0


def run(stack: ExitStack) -> None:
    """Do each step in order; what was started is stopped in the reverse order when the stack unwinds."""
    step("Base PostgreSQL")
    own = stack.enter_context(database())
    step("Structure de la base")
    migrate(own)
    step("Données d'exemple")
    load_samples(own)
    step("Organisations, conventions et jetons")
    members = prepare_members(own)
    step("Services")
    running = stack.enter_context(services(own))
    show(running.address, members)
    while running.alive():
        pause(1)
    raise ChildDied(f"{ChildDied.__doc__} Voir {own.state}/*.log.")


def step(words: str) -> None:
    """Tell what begins."""
    console.print(f"→ {words}")


@contextmanager
def database() -> Iterator[Settings]:
    """Give the database's settings: those of the environment, or of the private cluster, which stops after us."""
    if os.environ.get("GEOSOCLE_DSN"):
        yield settings()
        return
    cluster = Cluster(state_directory())
    found_running = cluster.status() == "running"
    start(cluster.state, attached=True)
    try:
        with alone(cluster.state):
            yield settings({**os.environ, **cluster.environment})
    finally:
        if not found_running:
            cluster.stop()


@contextmanager
def alone(state: Path) -> Iterator[None]:
    """Hold the demonstration's place: two of them would stop each other's database."""
    with (state / "demo.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise ClusterError("Une démonstration tourne déjà ici : arrêtez-la (Ctrl-C) d'abord.") from error
        yield


@dataclass(frozen=True, slots=True)
class Running:
    """The services' address and processes."""

    address: str
    processes: tuple[subprocess.Popen[bytes], ...]

    def alive(self) -> bool:
        """Say whether none has ended by itself."""
        return all(process.poll() is None for process in self.processes)


@contextmanager
def services(own: Settings) -> Iterator[Running]:
    """Run the web services and the worker, and give them once they answer."""
    port = free_port()
    address = f"http://{HOST}:{port}"
    environment = services_environment(own, address)
    log = own.state / "services.log"
    command = [sys.executable, "-m", "geosocle"]
    with (
        child([*command, "worker"], environment, own.state / "worker.log", "KILL") as worker,
        child([*command, "serve", "--host", HOST, "--port", str(port)], environment, log) as server,
    ):
        wait_until(lambda: answers(address), server, log, READY_SECONDS)
        yield Running(address, (server, worker))


def services_environment(own: Settings, address: str) -> dict[str, str]:
    """Return the children's environment: where the database is, but not the superuser's way in."""
    parts = conninfo_to_dict(own.dsn)
    place = {key: value for key, value in parts.items() if key in ("host", "hostaddr", "port", "dbname", "sslmode")}
    public_url = os.environ.get("GEOSOCLE_PUBLIC_URL", address)
    ours = {**own_environment(own), "GEOSOCLE_DSN": make_conninfo(**place), "GEOSOCLE_PUBLIC_URL": public_url}
    return {**os.environ, **ours}


def free_port() -> int:
    """Return the usual port, or the next one that nobody listens on."""
    for port in range(FIRST_PORT, FIRST_PORT + 100):
        with socket.socket() as attempt, suppress(OSError):
            attempt.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            attempt.bind((HOST, port))
            return port
    raise GeosocleError(f"Aucun port libre entre {FIRST_PORT} et {FIRST_PORT + 99}.")


def answers(address: str) -> bool:
    """Say whether the services answer."""
    try:
        with urllib.request.urlopen(f"{address}/conformance?f=json", timeout=5) as response:
            return response.status == 200
    except (urllib.error.URLError, OSError):
        return False


def show(address: str, members: list[Member]) -> None:
    """Print the address and who may enter with what."""
    out = Console(highlight=False, soft_wrap=True)
    table = Table(box=None, pad_edge=False)
    table.add_column("Qui")
    table.add_column("Jeton", no_wrap=True, min_width=max(len(member.token) for member in members))
    table.add_row("Tout le monde", "aucun : communes et sections")
    for member in members:
        table.add_row(member.name, member.token)
    out.print(f"\n[bold]Géosocle : {address}/[/]\n")
    out.print(table)
    out.print("\nDans QGIS ou un navigateur : n'importe quel nom d'utilisateur, le jeton comme mot de passe. Ou bien :")
    out.print(f"curl -H 'Authorization: Bearer {members[0].token}' '{address}/collections/parcelles/items?limit=1'")
    out.print("\nCtrl-C arrête tout.")


if __name__ == "__main__":
    sys.exit(main())
