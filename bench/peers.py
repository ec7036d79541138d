"""The servers we are measured against, each with the question it understands."""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from string import Template

WORKERS = 2
READY_SECONDS = 60
LOCK = Path(__file__).with_name("requirements.lock")
PYGEOAPI_CONFIG = Path(__file__).with_name("pygeoapi.yml")
TABLE = "parcelles"


@dataclass(frozen=True, slots=True)
class Peer:
    """A server that runs, and how it is asked for a page, a box or a tile; an empty template: it cannot."""

    name: str
    page: str = ""
    box: str = ""
    tile: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    version: str = ""


@contextmanager
def stock_pygeoapi(python: Path, database: Mapping[str, str]) -> Iterator[Peer]:
    """Run pygeoapi with its own PostgreSQL and MVT providers, and without the count that slows it."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    with tempfile.TemporaryDirectory(prefix="geosocle-bench-") as folder:
        config, openapi = Path(folder, "config.yml"), Path(folder, "openapi.yml")
        config.write_text(
            Template(PYGEOAPI_CONFIG.read_text("utf-8")).substitute(database, url=url, port=port), "utf-8"
        )
        config.chmod(0o600)
        environment = {"PYGEOAPI_CONFIG": str(config), "PYGEOAPI_OPENAPI": str(openapi)}
        generate = [python.with_name("pygeoapi"), "openapi", "generate", config, "--output-file", openapi]
        subprocess.run(generate, check=True, capture_output=True, env={**os.environ, **environment})
        with uvicorn(python, "pygeoapi.starlette_app:APP", port, environment):
            items = f"{url}/collections/{TABLE}/items?f=json&limit={{limit}}"
            tile = f"{url}/collections/{TABLE}/tiles/WebMercatorQuad/{{z}}/{{y}}/{{x}}?f=mvt"
            yield Peer("pygeoapi", items, items + "&bbox={box}", tile, version=installed(python, "pygeoapi"))


@contextmanager
def tipg(python: Path, database: Mapping[str, str]) -> Iterator[Peer]:
    """Run TiPg as it comes."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    environment = {"DATABASE_URL": address(database), "TIPG_DB_SCHEMAS": '["public"]', "TIPG_CATALOG_TTL": "100000"}
    with uvicorn(python, "tipg.main:app", port, environment):
        items = f"{url}/collections/public.{TABLE}/items?f=geojson&limit={{limit}}"
        tile = f"{url}/collections/public.{TABLE}/tiles/WebMercatorQuad/{{z}}/{{x}}/{{y}}"
        yield Peer("TiPg", items, items + "&bbox={box}", tile, version=installed(python, "tipg"))


@contextmanager
def pg_featureserv(program: str, database: Mapping[str, str]) -> Iterator[Peer]:
    """Run pg_featureserv, found on the PATH."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    environment = {
        "DATABASE_URL": keywords(database),
        "PGFS_SERVER_HTTPPORT": str(port),
        "PGFS_PAGING_LIMITMAX": "10000",
    }
    with served([program], url + "/", environment):
        items = f"{url}/collections/public.{TABLE}/items.json?limit={{limit}}"
        yield Peer("pg_featureserv", items, items + "&bbox={box}", version=said(program, "--version"))


@contextmanager
def pg_tileserv(program: str, database: Mapping[str, str]) -> Iterator[Peer]:
    """Run pg_tileserv, found on the PATH."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    environment = {"DATABASE_URL": keywords(database), "TS_HTTPPORT": str(port)}
    with served([program], url + "/", environment):
        yield Peer(
            "pg_tileserv", tile=f"{url}/public.{TABLE}/{{z}}/{{x}}/{{y}}.pbf", version=said(program, "--version")
        )


@contextmanager
def martin(program: str, database: Mapping[str, str]) -> Iterator[Peer]:
    """Run Martin, found on the PATH, without its cache: we have none either."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    command = [program, "--listen-addresses", f"127.0.0.1:{port}", "--workers", str(WORKERS), "--cache-size", "0"]
    with served(command, url + "/health", {"DATABASE_URL": keywords(database)}):
        yield Peer("Martin", tile=f"{url}/{TABLE}/{{z}}/{{x}}/{{y}}", version=said(program, "--version"))


ON_PATH = {"pg_featureserv": pg_featureserv, "pg_tileserv": pg_tileserv, "martin": martin}


def by_address(text: str) -> Peer:
    """Read `NAME=PAGE[|BOX[|TILE]]`, templates with {limit}, {box}, {z}, {x} and {y}: a peer that runs elsewhere."""
    name, separator, templates = text.partition("=")
    if not separator or not templates.startswith(("http", "|")):
        raise ValueError(f"« {text} » : NOM=ADRESSE est attendu.")
    return Peer(name, *templates.split("|")[:3])


def environment_of_peers(folder: Path) -> Path:
    """Return the Python of the peers' own environment, made or renewed from its lock."""
    python, stamp = folder / "bin" / "python", folder / "requirements.lock"
    if not stamp.exists() or stamp.read_bytes() != LOCK.read_bytes():
        subprocess.run([sys.executable, "-m", "venv", "--clear", folder], check=True)
        install = ["-m", "pip", "--disable-pip-version-check", "install", "--quiet", "--only-binary", ":all:"]
        subprocess.run([python, *install, "--require-hashes", "-r", LOCK], check=True)
        shutil.copy(LOCK, stamp)
    return python


@contextmanager
def uvicorn(python: Path, application: str, port: int, environment: Mapping[str, str], *options: str) -> Iterator[None]:
    """Run an ASGI application: ours or a peer's, under the same server with as many workers."""
    command = [str(python), "-m", "uvicorn", application, *options, "--port", str(port), "--workers", str(WORKERS)]
    with served([*command, "--no-access-log", "--log-level", "warning"], f"http://127.0.0.1:{port}/", environment):
        yield


@contextmanager
def served(command: list[str], url: str, environment: Mapping[str, str]) -> Iterator[Callable[[], str]]:
    """Run a server for the time of a block, which starts once it answers; gives what reads its words so far."""
    with tempfile.TemporaryFile("w+") as log:
        process = subprocess.Popen(
            ["setpriv", "--pdeathsig", "TERM", *command],  # it does not outlive us, even killed
            env={**os.environ, **environment},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            wait_until_ready(process, url, log)
            yield lambda: os.pread(log.fileno(), 10_000_000, 0).decode()  # the server writes where the file stands
        finally:
            process.terminate()
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def wait_until_ready(process: subprocess.Popen[bytes], url: str, log: object) -> None:
    """Wait for the first answer, whatever it says; raise with the server's last words if it ends or stays silent."""
    deadline = time.monotonic() + READY_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        try:
            urllib.request.urlopen(url, timeout=5).close()
            return
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.2)
    log.seek(0)
    raise RuntimeError(f"{url} ne répond pas :\n{log.read()[-2000:]}")


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def address(database: Mapping[str, str]) -> str:
    """Return a database's address as a URL; its host is a socket's folder."""
    host = database["host"].replace("/", "%2F")
    return f"postgresql://{database['user']}:{database['password']}@{host}/{database['dbname']}"


def keywords(database: Mapping[str, str]) -> str:
    """Return a database's address in libpq's own words."""
    return " ".join(f"{name}={value}" for name, value in database.items())


def installed(python: Path, package: str) -> str:
    """Return the version of a package in the peers' environment."""
    return said(str(python), "-c", f"import importlib.metadata as m; print(m.version({package!r}))")


def said(*command: str) -> str:
    """Return the last word that a program says of its version."""
    result = subprocess.run(command, capture_output=True, text=True)
    words = (result.stdout or result.stderr).split()
    return words[-1] if words else "?"
