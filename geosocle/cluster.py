"""The private PostgreSQL cluster: made at first use, reached by its socket alone, never trusting anybody."""

import fcntl
import hashlib
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from catalog.errors import ClusterError
from geosocle import postgresql
from geosocle.passwords import passfile, password

ADMIN = "geosocle_admin"
DATABASE = "geosocle"
READY_SECONDS = 300  # a killed server first replays its journal
STOP_SECONDS = 60
HBA = "local all all scram-sha-256\n"
SETTINGS = """
# Géosocle: a modest server, beside other programs. Edit and restart.
shared_buffers = '{shared_buffers}'
max_connections = 100
jit = off                       # every page is one short statement
random_page_cost = 1.1          # solid-state disks
effective_io_concurrency = 32
max_wal_size = '4GB'
log_line_prefix = '%m [%p] %u@%d '
"""
THROWAWAY = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}

Status = Literal["absent", "stopped", "running"]
_attached: dict[Path, subprocess.Popen[bytes]] = {}  # servers that stop with this process


@dataclass(frozen=True)
class Cluster:
    """A PostgreSQL server of our own, and the folder that keeps all it needs."""

    state: Path

    @property
    def data(self) -> Path:
        """Where PostgreSQL keeps its files."""
        return self.state / "data"

    @property
    def log(self) -> Path:
        """What the server said since its last start."""
        return self.state / "postgresql.log"

    @property
    def socket(self) -> Path:
        """The folder of the server's socket, which nobody else may enter."""
        return Path((self.state / "socket").read_text("utf-8"))

    @property
    def dsn(self) -> str:
        """How the superuser reaches the platform's database."""
        return self.dsn_for()

    def dsn_for(self, role: str = ADMIN, database: str = DATABASE) -> str:
        """Return how a role reaches a database, its password file included."""
        secret = str(passfile(self.state, role))
        return make_conninfo(host=str(self.socket), user=role, dbname=database, passfile=secret)

    @property
    def environment(self) -> dict[str, str]:
        """The settings that make the product use this cluster."""
        return {"GEOSOCLE_DSN": self.dsn, "GEOSOCLE_STATE": str(self.state)}

    def status(self) -> Status:
        """Say whether the cluster was made, and whether its server runs."""
        if not self.data.is_dir():
            return "absent"
        return "running" if _server_pid(self.data) else "stopped"

    def create_database(self, name: str, template: str = "template0") -> None:
        """Make a database, as a copy of another; do nothing if it is there."""
        with psycopg.connect(self.dsn_for(database="postgres"), autocommit=True) as connection:
            if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
                return
            statement = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
            connection.execute(statement.format(sql.Identifier(name), sql.Identifier(template)))

    def drop_database(self, name: str) -> None:
        """Remove a database and whoever is in it, if it is there."""
        with psycopg.connect(self.dsn_for(database="postgres"), autocommit=True) as connection:
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    def stop(self) -> None:
        """Stop the server, ending what runs in it; do nothing if it is stopped."""
        with _locked(self.state):
            _stop(self)

    @classmethod
    @contextmanager
    def temporary(cls, options: Mapping[str, str] = THROWAWAY, folder: Path | None = None) -> Iterator["Cluster"]:
        """Give a cluster for the time of a block (tests): it stops and goes away with it, or with this process."""
        state = Path(tempfile.mkdtemp(prefix="geosocle-test-", dir=folder or _short_folder()))
        state.chmod(0o711)
        try:
            yield start(state, attached=True, options=options)
        finally:
            remove(cls(state))


def start(state: Path | None = None, *, attached: bool = False, options: Mapping[str, str] | None = None) -> Cluster:
    """Make the cluster if need be, start it if need be, and return it ready; `attached`: it stops with this process."""
    cluster = Cluster((state or state_directory()).resolve())
    _make_folder(cluster.state)
    with _locked(cluster.state):
        if cluster.status() == "absent":
            _create(cluster)
        if cluster.status() == "stopped" or not _is_ours(cluster.socket):
            _stop(cluster)
            _launch(cluster, attached, options or {})
        _wait_until_ready(cluster)
    cluster.create_database(DATABASE)
    return cluster


def state_directory() -> Path:
    """Return where this checkout's cluster is: inside it, or for root where an unprivileged account can go."""
    checkout = Path(__file__).resolve().parents[1]
    if chosen := os.environ.get("GEOSOCLE_STATE"):
        return Path(chosen)
    if os.geteuid() != 0:
        return checkout / ".geosocle"
    return Path("/var/lib/geosocle") / hashlib.sha256(bytes(checkout)).hexdigest()[:12]


def _make_folder(state: Path) -> None:
    missing = [folder for folder in (state, *state.parents) if not folder.exists()]
    for folder in reversed(missing):
        folder.mkdir()
        folder.chmod(0o711)  # the cluster's account passes through, whatever root's umask


def _create(cluster: Cluster) -> None:
    draft = cluster.state / "data.part"  # renamed when complete: an interrupted initdb leaves no half cluster
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(mode=0o700)
    postgresql.give(draft)
    with tempfile.NamedTemporaryFile("w", dir=cluster.state, prefix="password-") as secret:
        secret.write(password(cluster.state, ADMIN))
        secret.flush()
        postgresql.give(Path(secret.name))
        _initdb(draft, secret.name)
    (draft / "pg_hba.conf").write_text(HBA, "ascii")
    with (draft / "postgresql.conf").open("a", encoding="utf-8") as settings:
        settings.write(SETTINGS.format(shared_buffers=os.environ.get("GEOSOCLE_SHARED_BUFFERS", "512MB")))
    draft.rename(cluster.data)


def _initdb(data: Path, secret: str) -> None:
    command = [postgresql.program("initdb"), "--pgdata", str(data), "--username", ADMIN, "--pwfile", secret]
    command += ["--auth=scram-sha-256", "--encoding=UTF8", "--locale=C.UTF-8", "--data-checksums"]
    postgresql.run(command, cwd=data)


def _launch(cluster: Cluster, attached: bool, options: Mapping[str, str]) -> None:
    (cluster.data / "postmaster.pid").unlink(missing_ok=True)  # no server runs here: it is a dead one's
    chosen = {"listen_addresses": "", "unix_socket_directories": str(_socket_folder(cluster)), **options}
    version = (cluster.data / "PG_VERSION").read_text("ascii").strip()
    command = [postgresql.program("postgres", version), "-D", str(cluster.data)]
    command += [word for name, value in chosen.items() for word in ("-c", f"{name}={value}")]
    if cluster.log.exists():
        cluster.log.rename(cluster.log.with_suffix(".log.1"))
    with cluster.log.open("ab") as log:  # or who rotates it by emptying it would leave a hole
        streams = {"stdin": subprocess.DEVNULL, "stdout": log, "stderr": log, "cwd": cluster.data}
        if attached:
            # a group of its own, or the terminal's Ctrl-C would stop it before those who use it
            command = ["setpriv", "--pdeathsig", "INT", *command]
            process = subprocess.Popen(command, process_group=0, **streams, **postgresql.identity())
            _attached[cluster.state] = process
        else:
            subprocess.run(["setsid", "--fork", *command], check=True, **streams, **postgresql.identity())


def _wait_until_ready(cluster: Cluster) -> None:
    deadline = time.monotonic() + READY_SECONDS
    grace = time.monotonic() + 5  # a server just launched has not written its pid yet
    while time.monotonic() < deadline:
        try:
            psycopg.connect(cluster.dsn_for(database="postgres"), connect_timeout=5).close()
            return
        except psycopg.OperationalError:
            if _died(cluster, time.monotonic() > grace):
                break
            time.sleep(0.05)
    raise ClusterError(f"PostgreSQL n'a pas démarré ({cluster.log}) :\n{_last_lines(cluster.log)}")


def _died(cluster: Cluster, certain: bool) -> bool:
    process = _attached.get(cluster.state)
    return process.poll() is not None if process else certain and not _server_pid(cluster.data)


def _stop(cluster: Cluster) -> None:
    for order in (signal.SIGINT, signal.SIGQUIT):  # end the sessions; if it cannot, stop at once
        if pid := _server_pid(cluster.data):
            os.kill(pid, order)
            _wait_until_gone(cluster.data)
    if _server_pid(cluster.data):
        raise ClusterError(f"PostgreSQL ne s'arrête pas ({cluster.log}).")
    if process := _attached.pop(cluster.state, None):
        process.wait()


def _wait_until_gone(data: Path) -> None:
    deadline = time.monotonic() + STOP_SECONDS
    while _server_pid(data) and time.monotonic() < deadline:
        time.sleep(0.02)


def _server_pid(data: Path) -> int | None:
    """Return the running server's process: its own word is checked, as another program may have got its number."""
    try:
        pid = int((data / "postmaster.pid").read_text("ascii").split("\n", 1)[0])
        arguments = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except (FileNotFoundError, ProcessLookupError, ValueError):
        return None
    return pid if bytes(data) in arguments else None


def remove(cluster: Cluster) -> None:
    """Stop the cluster and delete all that it holds, data and passwords: for those of tests."""
    cluster.stop()
    if (cluster.state / "socket").exists():
        shutil.rmtree(cluster.socket, ignore_errors=True)
    shutil.rmtree(cluster.state)


def _socket_folder(cluster: Cluster) -> Path:
    record = cluster.state / "socket"
    if not record.exists() or not _is_ours(cluster.socket):
        folder = Path(tempfile.mkdtemp(prefix="geosocle-", dir=_short_folder()))
        record.write_text(str(postgresql.give(folder)), "utf-8")
    return cluster.socket


def _is_ours(folder: Path) -> bool:
    """Say whether the folder is still the one we made: /tmp is emptied, and others write there too."""
    try:
        found = folder.lstat()
    except FileNotFoundError:
        return False
    account = postgresql.system_account()
    return found.st_mode == 0o40700 and found.st_uid == (account.pw_uid if account else os.geteuid())


def _short_folder() -> str:
    """Return a folder for temporary ones short enough for a socket's path (108 bytes at most)."""
    chosen = tempfile.gettempdir()
    return chosen if len(os.fsencode(chosen)) < 50 else "/tmp"


@contextmanager
def _locked(state: Path) -> Iterator[None]:
    with (state / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _last_lines(path: Path, count: int = 10) -> str:
    return "\n".join(path.read_text("utf-8", errors="replace").splitlines()[-count:])
