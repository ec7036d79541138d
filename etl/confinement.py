"""Run the child that opens deliveries with as little as it needs: `bwrap` where it works, else a call filter."""

import importlib.util
import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from functools import cache, partial
from pathlib import Path
from typing import IO, Any, Literal, NamedTuple, Protocol

from catalog.errors import DeliveryError, SettingsError
from etl import seccomp
from etl.child import LENGTHS

Method = Literal["bwrap", "seccomp", "none"]

CHILD = Path(__file__).with_name("child.py")
PACKAGES = ("osgeo", "numpy", "shapely")
READER = ("osgeo.gdal", "osgeo.ogr", "osgeo.osr")
USERS = range(61184, 65520)  # nobody has these: each child is a user of its own
HEAD_BYTES, BODY_BYTES, ALL_BYTES = 4 * 2**20, 64 * 2**20, 4 * 2**30
STOPPED = "le lecteur confiné s'est arrêté : relancez la même commande"
INTERRUPTED = (
    "lecture interrompue : le fichier est corrompu, ou il dépasse les limites de temps ou de mémoire ; "
    "demandez-le de nouveau"
)
FRAME_BYTES = 1000  # what a row weighs here beside its geometry
FOLDERS = re.compile(r"(?:/[^/\s'`\"]+)+/")
SYSTEM = ("/usr", "/lib", "/lib64", "/bin", "/etc/ld.so.cache", "/etc/alternatives")


@dataclass(frozen=True, slots=True)
class Limits:
    """What a child may use: seconds of clock and of processor, bytes of memory and of each file it writes."""

    seconds: int = 120
    memory: int = 2 * 2**30
    file_size: int = 0


class TooHeavy(DeliveryError):
    """La lecture demande plus de mémoire qu'elle n'en a."""


class Frame(NamedTuple):
    """One message of the child."""

    head: Mapping[str, Any]
    body: bytes


class Process(Protocol):
    """A child that is told its order and hands frames back."""

    @property
    def stdin(self) -> IO[bytes] | None:
        """Where it is told."""

    @property
    def stdout(self) -> IO[bytes] | None:
        """Where it answers."""


@dataclass(frozen=True, slots=True)
class Job:
    """What a child does, in which folder, and what it imports before it is confined."""

    task: dict[str, Any]
    folder: Path
    limits: Limits = Limits()
    imports: tuple[str, ...] = READER
    writable: Path | None = None
    program: Path = CHILD


def read(job: Job) -> Iterator[Frame]:
    """Run a job to its end and yield what the child hands back. Raises DeliveryError where it fails."""
    with started(job, method()) as process:
        yield from frames(process)


@contextmanager
def started(job: Job, how: Method) -> Iterator[subprocess.Popen[bytes]]:
    """Start a child that never outlives the block nor its time."""
    process = launched(job, how)
    try:
        with within(job.limits.seconds, partial(end, process)):
            tell(process, order(job, how))
            yield process
    finally:
        end(process)
        process.communicate()


def launched(job: Job, how: Method, stdin: int = subprocess.PIPE) -> subprocess.Popen[bytes]:
    """Start a child, which waits for its order."""
    folders = [job.folder, *([job.writable] if job.writable else [])]
    command = [*(sandbox(job, folders) if how == "bwrap" else []), interpreter(), "-I", "-S", "-B", str(job.program)]
    return subprocess.Popen(
        command, stdin=stdin, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        env={}, cwd="/", close_fds=True, start_new_session=True,
    )  # fmt: skip


def end(process: subprocess.Popen[bytes]) -> None:
    """Kill a child not yet waited for and what it may have started: one of those could hold its output open."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


@contextmanager
def within(seconds: float, end: Callable[[], None]) -> Iterator[None]:
    """End a child that is still at work after some seconds."""
    deadline = threading.Timer(seconds, end)
    deadline.start()
    try:
        yield
    finally:
        deadline.cancel()
        deadline.join()  # it shall not kill once the process is waited for and its number another's


def order(job: Job, how: Method, own_folder: bool = True) -> bytes:
    """Return the line that tells the child its task and its limits; it may be left without a folder to read."""
    task = job.task | {
        "limits": asdict(job.limits),
        "packages": packages(),
        "imports": job.imports,
        "filter": seccomp.available() and how != "none",
        "readable": [*places(job), *([str(job.folder)] if own_folder else [])],
        "writable": [str(job.writable)] if job.writable else [],
        "user": random.choice(USERS) if os.geteuid() == 0 and how != "none" else None,
    }
    if task["user"] and job.writable:
        os.chown(job.writable, task["user"], task["user"])
    return json.dumps(task).encode() + b"\n"


def tell(process: Process, line: bytes) -> None:
    """Hand bytes to the child; one that has already died says so by its silence."""
    assert process.stdin is not None
    try:
        process.stdin.write(line)
        process.stdin.flush()
    except BrokenPipeError as error:
        raise DeliveryError(STOPPED) from error


def sandbox(job: Job, folders: list[Path]) -> list[str]:
    """Return the command that gives a child its own namespaces, without network, and no file but those it needs.

    As root there is no user namespace: the child takes another user by itself, and then has no capability left.
    """
    root = os.geteuid() == 0
    privileges = ["--cap-drop", "ALL", "--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"]
    shared = ["--unshare-ipc", "--unshare-pid", "--unshare-net", "--unshare-uts", "--unshare-cgroup-try"]
    command = ["bwrap", *(shared + privileges if root else ["--unshare-all"]), "--die-with-parent", "--new-session"]
    for folder in ancestors([*places(job), *map(str, folders)]):
        command += ["--perms", "0755", "--dir", folder]
    for path in places(job):
        command += ["--ro-bind-try", path, path]
    for folder in folders:
        command += ["--bind" if folder == job.writable else "--ro-bind", str(folder), str(folder)]
    return [*command, "--dev", "/dev", "--chdir", "/", "--"]


def places(job: Job) -> list[str]:
    """Return what any child reads: the system's libraries, this Python and its packages, its own program."""
    return list(dict.fromkeys([*SYSTEM, *prefixes(), *packages(), str(job.program.parent), str(CHILD.parent)]))


def ancestors(paths: list[str]) -> list[str]:
    """Return the folders above these, the highest first: `bwrap` alone would make them for root's eyes only."""
    above = {str(parent) for path in paths for parent in Path(path).parents}
    return sorted(above - {"/"}, key=len)


def interpreter() -> str:
    """Return this Python itself, not the link to it in a virtual environment."""
    return os.path.realpath(sys.executable)


def prefixes() -> list[str]:
    """Return the folders of this Python and its standard library."""
    return [os.path.realpath(sys.base_prefix), str(Path(interpreter()).parents[1])]


@cache
def packages() -> list[str]:
    """Return the folders that the libraries of the child are in."""
    found = (importlib.util.find_spec(name) for name in PACKAGES)
    folders = {str(Path(spec.origin).parents[1]) for spec in found if spec and spec.origin}
    return sorted(folders)


@cache
def method() -> Method:
    """Return how children are confined here. Raises SettingsError where they cannot be and nobody accepted that."""
    for how in ("bwrap", "seccomp"):
        if works(how):  # type: ignore[arg-type]
            return how  # type: ignore[return-value]
    if os.environ.get("GEOSOCLE_UNCONFINED") == "yes":
        print("ATTENTION : livraisons lues sans confinement (GEOSOCLE_UNCONFINED=yes).", file=sys.stderr)
        return "none"
    raise SettingsError(
        "Aucun confinement possible : installez bubblewrap, "
        "ou acceptez de lire les livraisons sans protection par GEOSOCLE_UNCONFINED=yes."
    )


def works(how: Method) -> bool:
    """True where a child confined that way starts and answers."""
    if how == "bwrap" and not shutil.which("bwrap") or how == "seccomp" and not seccomp.available():
        return False
    try:
        with started(Job({"task": "ping"}, CHILD.parent, Limits(seconds=20)), how) as process:
            return any(frame.head.get("kind") == "pong" for frame in frames(process))
    except DeliveryError:
        return False


def frames(process: Process) -> Generator[Frame]:
    """Yield the frames of a child until its end. Raises DeliveryError for its error, or where it was killed."""
    assert process.stdout is not None
    left = ALL_BYTES
    while (frame := read_frame(process.stdout)) is not None:
        left -= len(frame.body) + FRAME_BYTES
        if left < 0:
            raise DeliveryError("le fichier contient trop d'objets : demandez-le en plusieurs")
        if frame.head.get("kind") == "end":
            return
        if frame.head.get("kind") == "error":
            raise refusal(str(frame.head.get("error")), str(frame.head.get("message")))
        yield frame
    raise DeliveryError(INTERRUPTED)


def refusal(error: str, message: str) -> DeliveryError:
    """Say in French why the child failed; GDAL's own words follow, without folders."""
    if error == "MemoryError":
        return TooHeavy("le fichier demande trop de mémoire")
    if error in ("ImportError", "ModuleNotFoundError"):
        return DeliveryError(f"le lecteur confiné n'atteint pas son programme ({message}) : ouvrez le dossier à tous")
    words = FOLDERS.sub("", message)
    refused = f"fichier illisible ou tronqué ({words or 'un objet y est mal formé'}) : demandez-le de nouveau"
    return DeliveryError(words if error == "ValueError" else refused)


def read_frame(stream: IO[bytes]) -> Frame | None:
    """Read one frame, trusting nothing of it: None at the end. Raises DeliveryError for what is no frame."""
    lengths = stream.read(LENGTHS.size)
    if len(lengths) < LENGTHS.size:
        return None
    head_bytes, body_bytes = LENGTHS.unpack(lengths)
    if head_bytes > HEAD_BYTES or body_bytes > BODY_BYTES:
        raise DeliveryError("un objet du fichier est trop grand : demandez-le de nouveau")
    text, body = stream.read(head_bytes), stream.read(body_bytes)
    if len(text) < head_bytes or len(body) < body_bytes:
        return None
    try:
        head = json.loads(text)
    except ValueError as error:
        raise DeliveryError("réponse incompréhensible du lecteur confiné : signalez ce fichier") from error
    if not isinstance(head, dict):
        raise DeliveryError("réponse incompréhensible du lecteur confiné : signalez ce fichier")
    return Frame(head, body)
