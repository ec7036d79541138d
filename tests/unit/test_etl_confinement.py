"""The child that opens deliveries can do nothing but read them."""

import errno
import json
import os
import select
import socket
import time
from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from catalog.errors import DeliveryError, SettingsError
from etl import confinement, landlock, seccomp
from etl.child import pack
from etl.confinement import Frame, Job, Limits
from etl.nursery import Nursery, pidfds
from tests.conftest import let_others_in

PROGRAM = """
import json, sys, os
sys.path.insert(0, {etl!r})
import child
import ctypes, socket, subprocess, pathlib, resource, time, threading
task = child.told(sys.stdin.buffer)
child.confine(task)
try:
    answer = {{"kind": "did", "answer": repr(eval(task["code"]))}}
except BaseException as error:
    answer = {{"kind": "failed", "answer": type(error).__name__ + " " + str(error)}}
child.send(answer)
child.send({{"kind": "end"}})
sys.stdout.buffer.flush()
"""


works = cache(confinement.works)


@pytest.fixture(params=["bwrap", "seccomp", "bwrap, forked", "seccomp, forked"])
def how(request: pytest.FixtureRequest) -> str:
    """Each way of confining that this machine has: a child that is started, and one that is forked."""
    method, _, forked = request.param.partition(", ")
    if not works(method) or forked and not pidfds():
        pytest.skip(f"{request.param} ne fonctionne pas ici")
    return request.param


@pytest.fixture
def job(tmp_path: Path) -> Path:
    """The folder of a job, with a program that tries what it is told, once confined."""
    folder = tmp_path / "job"
    folder.mkdir()
    let_others_in(folder)
    (folder / "program.py").write_text(PROGRAM.format(etl=str(confinement.CHILD.parent)), "utf-8")
    (folder / "delivery").write_text("content", "utf-8")
    return folder


@pytest.fixture(params=["bwrap", "seccomp"])
def nursery(job: Path, request: pytest.FixtureRequest) -> Iterator[Nursery]:
    method = request.param
    if not works(method) or not pidfds():
        pytest.skip(f"{method}, ou un descripteur de processus, manque ici")
    with Nursery(method, job / "program.py", ()) as own:
        yield own


def attempt(job: Path, how: str, code: str, limits: Limits | None = None, imports: tuple[str, ...] = ()) -> str:
    """Let a confined child try something, and return what came of it."""
    with tried(job, how, code, limits or Limits(seconds=10), imports) as frames:
        frame = next(frames)
    return f"{frame.head['kind']} {frame.head['answer']}"


@contextmanager
def tried(job: Path, how: str, code: str, limits: Limits, imports: tuple[str, ...] = ()) -> Iterator[Generator[Frame]]:
    """Give what a confined child hands back, that was told to try something."""
    task, program = {"task": "", "code": code}, job / "program.py"
    method, _, forked = how.partition(", ")
    if forked:
        with Nursery(method, program, imports) as nursery, closing(nursery.read(task, program, [], limits)) as frames:
            yield frames
    else:
        order = Job(task, job, limits, imports=imports, program=program)
        with confinement.started(order, method) as process, closing(confinement.frames(process)) as frames:
            yield frames


def test_a_started_child_reads_its_delivery_and_a_forked_one_cannot_open_even_that(job: Path, how: str) -> None:
    answer = attempt(job, how, f"pathlib.Path({str(job / 'delivery')!r}).read_text()")
    if "forked" not in how:
        assert answer == "did 'content'"
    elif "bwrap" in how or landlock.available():
        assert answer.startswith("failed PermissionError")


def test_a_forked_child_is_handed_its_delivery(job: Path, nursery: Nursery) -> None:
    files = [job / "delivery", job / "program.py"]
    code = "task['files'], sys.stdin.buffer.read(task['files'][0][1])"
    (frame,) = nursery.read({"task": "", "code": code}, job / "delivery", files)
    size = files[1].stat().st_size
    assert frame.head["answer"] == f"([['delivery', 7], ['program.py', {size}]], b'content')"


def test_it_has_no_network(job: Path, how: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        code = f"socket.create_connection(('127.0.0.1', {server.getsockname()[1]}), 2)"
        assert attempt(job, how, code).startswith("failed")


def test_it_opens_no_socket_of_any_family(job: Path, how: str) -> None:
    for family in ("AF_INET", "AF_INET6", "AF_UNIX", "AF_NETLINK"):
        assert "PermissionError" in attempt(job, how, f"socket.socket(socket.{family})")


def test_it_starts_no_program(job: Path, how: str) -> None:
    assert attempt(job, how, "subprocess.run(['/bin/true'], check=True)").startswith("failed")
    assert "PermissionError" in attempt(job, how, "os.execv('/bin/true', ['true'])")


def test_it_starts_no_other_process(job: Path, how: str) -> None:
    assert "PermissionError" in attempt(job, how, "os.fork()")


def test_the_newer_call_that_starts_processes_is_absent(job: Path, how: str) -> None:
    code = f"ctypes.CDLL(None, use_errno=True).syscall({seccomp.CLONE3[0]}, None, 0), ctypes.get_errno()"
    assert attempt(job, how, code) == f"did (-1, {errno.ENOSYS})"


THREADS = """(
    thread := threading.Thread(target=os.getpid), thread.start(), thread.join(),
    gdal := sys.modules["osgeo.gdal"], gdal.UseExceptions(),
    source := gdal.GetDriverByName("MEM").Create("", 1024, 1024, 1), source.GetRasterBand(1).Fill(7),
    source.SetGeoTransform([0, 1, 0, 1024, 0, -1]),
    options := ["COMPRESS=DEFLATE", "TILED=YES", "NUM_THREADS=2"],
    tiles := gdal.Translate("/vsimem/a.tif", source, creationOptions=options),
    warped := gdal.Warp("", tiles, format="MEM", multithread=True, warpOptions=["NUM_THREADS=2"]),
    warped.GetRasterBand(1).ComputeRasterMinMax(False),
)[-1]"""


def test_threads_still_start_those_of_gdal_too(job: Path, how: str) -> None:
    assert attempt(job, how, THREADS, imports=confinement.READER) == "did (7.0, 7.0)"


def test_a_process_that_it_could_start_does_not_hold_us(job: Path) -> None:
    begin = time.monotonic()
    with pytest.raises(DeliveryError, match="limites de temps"):
        attempt_all(job, "none", "os.fork(), time.sleep(20)", Limits(seconds=1))
    assert time.monotonic() - begin < 10


def test_it_signals_no_process(job: Path, how: str) -> None:
    assert "PermissionError" in attempt(job, how, f"os.kill({os.getpid()}, 0)")


def test_it_writes_no_file(job: Path, how: str) -> None:
    for place in (str(job / "mine"), "/tmp/geosocle-escaped", str(confinement.CHILD.parent / "escaped")):
        assert attempt(job, how, f"pathlib.Path({place!r}).write_text('x')").startswith("failed")
        assert not Path(place).exists() or not Path(place).read_text("utf-8")
        Path(place).unlink(missing_ok=True)


def test_its_environment_is_empty(job: Path, how: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GEOSOCLE_DSN", "secret")
    assert "secret" not in attempt(job, how, "dict(os.environ)")


def test_it_inherits_no_descriptor(job: Path, how: str) -> None:
    with (job / "open").open("w") as secret:
        os.set_inheritable(secret.fileno(), True)
        assert "OSError" in attempt(job, how, f"os.fstat({secret.fileno()})")


@pytest.mark.skipif(os.geteuid() != 0, reason="seul root peut changer d'utilisateur")
def test_called_by_root_it_is_another_user_without_any_power(job: Path, how: str) -> None:
    assert int(attempt(job, how, "os.getuid()").removeprefix("did ")) in confinement.USERS
    assert attempt(job, how, "os.setuid(0)").startswith("failed")
    assert attempt(job, how, "os.getgroups()") == "did []"


@pytest.mark.skipif(os.geteuid() != 0, reason="root lit tout")
def test_it_cannot_read_what_is_for_root_alone(job: Path, how: str, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("secret", "utf-8")
    secret.chmod(0o600)
    assert attempt(job, how, f"pathlib.Path({str(secret)!r}).read_text()").startswith("failed")


def test_in_its_own_namespace_other_files_are_not_even_there(job: Path, how: str, tmp_path: Path) -> None:
    if "bwrap" not in how:
        pytest.skip("seul bwrap donne un espace de noms")
    (tmp_path / "other").write_text("x", "utf-8")
    for place in (tmp_path / "other", Path("/etc/passwd"), Path("/proc/1/environ"), Path("/root")):
        assert attempt(job, how, f"open({str(place)!r})").startswith("failed")


def test_where_the_kernel_can_it_reads_no_other_file_of_its_own_user(job: Path, how: str, tmp_path: Path) -> None:
    if not landlock.available():
        pytest.skip("ce noyau n'a pas Landlock")
    (tmp_path / "other").write_text("x", "utf-8")
    (tmp_path / "other").chmod(0o644)
    for place in (tmp_path / "other", Path("/etc/passwd"), Path("/proc/self/environ")):
        assert attempt(job, how, f"open({str(place)!r}).read()").startswith("failed")


def test_more_objects_than_any_file_has_are_refused(monkeypatch: pytest.MonkeyPatch, job: Path, how: str) -> None:
    monkeypatch.setattr(confinement, "ALL_BYTES", 1500)
    with pytest.raises(DeliveryError, match="trop d'objets"):
        attempt_all(job, how, "child.send({'kind': 'row'}, bytes(700))", Limits(seconds=10))


def test_its_memory_is_limited(job: Path, how: str) -> None:
    answer = attempt(job, how, "len(bytearray(900 * 2**20))", Limits(seconds=10, memory=512 * 2**20))
    assert "MemoryError" in answer


def test_its_time_is_limited_by_the_clock(job: Path, how: str) -> None:
    begin = time.monotonic()
    with pytest.raises(DeliveryError, match="limites de temps"):
        attempt_all(job, how, "time.sleep(60)", Limits(seconds=1))
    assert time.monotonic() - begin < 10


def attempt_all(job: Path, how: str, code: str, limits: Limits) -> list[Frame]:
    """Like `attempt`, to the child's end."""
    with tried(job, how, code, limits) as frames:
        return list(frames)


def ended(descriptor: int) -> bool:
    """Whether the process behind a descriptor has ended."""
    return bool(select.select([descriptor], [], [], 0)[0])


def test_a_forked_child_that_hides_its_end_is_killed_with_its_lot(job: Path, nursery: Nursery) -> None:
    with nursery.child() as child, confinement.within(10, child.end):
        task = {"task": "", "code": "os.close(1), time.sleep(60)"}
        confinement.tell(child, confinement.order(Job(task, job), nursery.method()))
        assert child.stdout.read() == b""
        kept = os.dup(child.process)
        assert not ended(kept)
    assert ended(kept)
    os.close(kept)


def test_what_a_forked_child_does_is_unknown_to_the_next(job: Path, nursery: Nursery) -> None:
    def told(code: str) -> str:
        (frame,) = nursery.read({"task": "", "code": code}, job / "delivery", [])
        return str(frame.head["answer"])

    assert told("setattr(child, 'mine', 1)") == "None"
    assert told("hasattr(child, 'mine')") == "False"


def test_a_forked_child_holds_nothing_but_its_own_input_and_output(job: Path, nursery: Nursery) -> None:
    codes = [f"os.fstat({number})" for number in range(3, 12)]
    for code in codes:
        (frame,) = nursery.read({"task": "", "code": code}, job / "delivery", [])
        assert "Bad file descriptor" in frame.head["answer"]


def test_another_process_forks_after_a_child_that_failed_and_after_its_own_death(job: Path, nursery: Nursery) -> None:
    def parent() -> str:
        (frame,) = nursery.read({"task": "", "code": "id(child), __import__('sys').flags.isolated"}, job, [])
        return str(frame.head["answer"])

    first = parent()
    assert parent() == first
    with pytest.raises(DeliveryError):
        list(nursery.read({"task": "", "code": "os._exit(3)"}, job / "delivery", []))
    assert nursery.line is None
    assert parent() != first
    nursery.line.shutdown(socket.SHUT_RDWR)
    assert parent()


def test_its_processor_is_limited(job: Path, how: str) -> None:
    with pytest.raises(DeliveryError):
        attempt_all(job, how, "[0 for _ in iter(int, 1)]", Limits(seconds=1))


class Stream:
    """What a child may have written."""

    def __init__(self, content: bytes) -> None:
        self.content = content

    def read(self, size: int) -> bytes:
        """Take the next bytes."""
        taken, self.content = self.content[:size], self.content[size:]
        return taken


def frame(content: bytes) -> Frame | None:
    return confinement.read_frame(Stream(content))  # type: ignore[arg-type]


def test_a_frame_is_read_as_it_was_packed() -> None:
    assert frame(pack({"é": 1}, b"\x00\x01")) == Frame({"é": 1}, b"\x00\x01")
    assert frame(b"") is None


@pytest.mark.parametrize("cut", [3, 9, 14])
def test_a_frame_that_is_cut_is_the_end(cut: int) -> None:
    assert frame(pack({"kind": "row"}, b"0123")[:cut]) is None


def test_a_frame_that_announces_too_much_is_refused() -> None:
    with pytest.raises(DeliveryError, match="trop grand"):
        frame(b"\xff" * 8)


@pytest.mark.parametrize("head", [b"nonsense", b"[1, 2]", b"\xff\xfe"])
def test_a_head_that_is_no_object_is_refused(head: bytes) -> None:
    with pytest.raises(DeliveryError, match="incompréhensible"):
        frame(len(head).to_bytes(4) + bytes(4) + head)


def test_the_folders_of_the_platform_are_not_told() -> None:
    words = str(confinement.refusal("RuntimeError", "cannot open '/tmp/geosocle-x/lot0/E000AB01.THF'"))
    assert words == "fichier illisible ou tronqué (cannot open 'E000AB01.THF') : demandez-le de nouveau"


def test_without_any_confinement_loading_is_refused_unless_accepted_aloud(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(confinement, "works", lambda _how: False)
    method = confinement.method.__wrapped__
    monkeypatch.delenv("GEOSOCLE_UNCONFINED", raising=False)
    with pytest.raises(SettingsError, match="bubblewrap"):
        method()
    monkeypatch.setenv("GEOSOCLE_UNCONFINED", "yes")
    assert method() == "none"
    assert "sans confinement" in capsys.readouterr().err


@pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
def test_the_filter_is_well_formed(machine: str) -> None:
    code = seccomp.program(machine)
    column, audit = seccomp.ARCHITECTURES[machine]
    denied = list(filter(None, (numbers[column] for numbers in seccomp.CALLS.values())))
    instructions = list(unpacked(code))
    assert instructions[1] == (seccomp.JUMP_EQUAL, 1, 0, audit)
    assert instructions[-1] == (seccomp.RETURN, 0, 0, seccomp.ALLOW)
    compared = [value for kind, _, _, value in instructions if kind == seccomp.JUMP_EQUAL][1:]
    assert compared == [*denied, seccomp.CLONE3[column], seccomp.CLONE[column]]
    assert len(denied) == len(set(denied))


def unpacked(code: bytes) -> Iterator[tuple[Any, ...]]:
    return seccomp.struct.iter_unpack("HBBI", code)


def test_the_order_holds_no_more_than_the_task(tmp_path: Path) -> None:
    line = json.loads(confinement.order(Job({"task": "ping"}, tmp_path), "none"))
    assert set(line) == {"task", "limits", "packages", "imports", "filter", "user", "readable", "writable"}
    assert line["filter"] is False
    assert line["user"] is None
