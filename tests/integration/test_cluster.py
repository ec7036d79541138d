"""The private cluster starts from nothing, stays closed, and survives being killed."""

import os
import pwd
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from geosocle import cluster as clusters
from geosocle.cluster import ADMIN, Cluster

NOBODY = {"user": 65534, "group": 65534, "extra_groups": []}
CHECKOUT = Path(clusters.__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def server() -> Iterator[Cluster]:
    with Cluster.temporary() as cluster:
        yield cluster


def ask(cluster: Cluster, question: str) -> object:
    with psycopg.connect(cluster.dsn) as connection:
        return connection.execute(question).fetchone()[0]


def pid(cluster: Cluster) -> int:
    return int((cluster.data / "postmaster.pid").read_text().split()[0])


def wait_for(condition: object, seconds: float = 10) -> bool:
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.05)
    return condition()


def test_it_gives_a_utf8_database_with_checksums_and_postgis_at_hand(server):
    assert ask(server, "SHOW server_encoding") == "UTF8"
    assert ask(server, "SHOW data_checksums") == "on"
    assert ask(server, "SELECT count(*) FROM pg_available_extensions WHERE name = 'postgis'") == 1


def test_it_listens_on_no_address(server):
    assert ask(server, "SHOW listen_addresses") == ""


def test_its_socket_is_in_a_short_folder_that_others_cannot_enter(server):
    found = server.socket.stat()
    assert stat.S_IMODE(found.st_mode) == 0o700
    assert len(str(server.socket / ".s.PGSQL.5432")) < 100


def test_its_process_is_never_root(server):
    owner = Path(f"/proc/{pid(server)}").stat().st_uid
    assert owner != 0
    assert owner == (pwd.getpwnam("geosocle").pw_uid if os.geteuid() == 0 else os.geteuid())


def test_nobody_enters_without_a_password(server):
    with pytest.raises(psycopg.OperationalError, match="no password supplied"):
        psycopg.connect(f"host={server.socket} user={ADMIN} dbname=postgres passfile=/nonexistent")


def test_a_wrong_password_is_refused(server):
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(f"host={server.socket} user={ADMIN} dbname=postgres password=geosocle")


def test_every_rule_of_access_asks_for_a_password(server):
    methods = "SELECT array_agg(DISTINCT auth_method) FROM pg_hba_file_rules"
    assert ask(server, methods) == ["scram-sha-256"]


def test_the_password_file_is_readable_by_its_owner_alone(server):
    secret = server.state / "secrets" / f"{ADMIN}.pgpass"
    assert stat.S_IMODE(secret.stat().st_mode) == 0o600
    assert stat.S_IMODE(secret.parent.stat().st_mode) == 0o700


def test_no_password_is_left_beside_the_password_file(server):
    secret = (server.state / "secrets" / f"{ADMIN}.pgpass").read_text().strip().rsplit(":", 1)[1]
    texts = [path for path in server.state.rglob("*") if path.is_file() and path.parent.name != "secrets"]
    assert [path for path in texts if secret.encode() in path.read_bytes()] == []


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
def test_another_user_cannot_reach_the_socket(server):
    attempt = f"import socket; socket.socket(socket.AF_UNIX).connect('{server.socket}/.s.PGSQL.5432')"
    command = ["/usr/bin/python3", "-I", "-c", attempt]
    result = subprocess.run(command, cwd="/", capture_output=True, text=True, **NOBODY)
    assert "PermissionError" in result.stderr


def test_starting_again_changes_nothing(server):
    before = pid(server)
    assert clusters.start(server.state) == server
    assert pid(server) == before


def test_a_database_is_made_once_and_can_be_a_copy(server):
    server.create_database("first")
    with psycopg.connect(server.dsn_for(database="first")) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 7 AS value")
    server.create_database("second", template="first")
    server.create_database("second", template="first")
    with psycopg.connect(server.dsn_for(database="second")) as connection:
        assert connection.execute("SELECT value FROM kept").fetchone() == (7,)


def test_a_database_goes_away_even_when_somebody_is_in_it(server):
    server.create_database("leaving")
    with psycopg.connect(server.dsn_for(database="leaving")):
        server.drop_database("leaving")
    server.drop_database("leaving")
    assert ask(server, "SELECT count(*) FROM pg_database WHERE datname = 'leaving'") == 0


def test_what_was_written_is_there_after_a_stop_and_a_start(server):
    with psycopg.connect(server.dsn) as connection:
        connection.execute("CREATE TABLE through_a_stop AS SELECT 7 AS value")
    server.stop()
    assert server.status() == "stopped"
    clusters.start(server.state, attached=True)
    assert server.status() == "running"
    assert ask(server, "SELECT value FROM through_a_stop") == 7


def test_stopping_twice_is_fine(server):
    server.stop()
    server.stop()
    clusters.start(server.state, attached=True)


def test_it_starts_after_having_been_killed(server):
    os.kill(pid(server), signal.SIGKILL)
    assert wait_for(lambda: server.status() == "stopped")
    assert (server.data / "postmaster.pid").exists()
    clusters.start(server.state, attached=True)
    assert ask(server, "SELECT 1") == 1


def test_the_number_of_a_dead_server_given_to_another_program_does_not_hinder(server):
    server.stop()
    (server.data / "postmaster.pid").write_text(f"{os.getpid()}\n{server.data}\n")
    assert server.status() == "stopped"
    clusters.start(server.state, attached=True)
    assert ask(server, "SELECT 1") == 1


def test_a_socket_folder_that_was_swept_away_is_made_again(server):
    for path in server.socket.iterdir():
        path.unlink()
    server.socket.rmdir()
    clusters.start(server.state, attached=True)
    assert ask(server, "SELECT 1") == 1


def test_a_socket_folder_remade_by_somebody_else_is_not_used(server):
    before = server.socket
    server.stop()
    before.chmod(0o755)
    clusters.start(server.state, attached=True)
    assert server.socket != before
    before.rmdir()


def test_an_interrupted_creation_is_begun_again():
    with Cluster.temporary() as cluster:
        cluster.stop()
        cluster.data.rename(cluster.state / "data.part")
        assert cluster.status() == "absent"
        clusters.start(cluster.state, attached=True)
        assert ask(cluster, "SELECT 1") == 1


def test_a_server_that_cannot_start_says_why():
    with Cluster.temporary() as cluster:
        cluster.stop()
        with (cluster.data / "postgresql.conf").open("a") as settings:
            settings.write("\nnonsense_setting = on\n")
        with pytest.raises(clusters.ClusterError, match="nonsense_setting"):
            clusters.start(cluster.state, attached=True)


def test_an_attached_server_dies_with_the_process_that_started_it():
    code = (
        "import time; from geosocle.cluster import Cluster\n"
        "with Cluster.temporary() as c: print(c.state, flush=True); time.sleep(60)"
    )
    child = subprocess.Popen([sys.executable, "-c", code], cwd=CHECKOUT, stdout=subprocess.PIPE, text=True)
    cluster = Cluster(Path(child.stdout.readline().strip()))
    child.stdout.close()
    assert cluster.status() == "running"
    child.kill()
    child.wait()
    assert wait_for(lambda: cluster.status() == "stopped")
    clusters.remove(cluster)


def test_a_temporary_cluster_leaves_nothing():
    with Cluster.temporary() as cluster:
        folders = [cluster.state, cluster.socket]
    assert [folder for folder in folders if folder.exists()] == []


def test_its_log_can_be_emptied_while_it_runs():
    with Cluster.temporary() as cluster:
        os.truncate(cluster.log, 0)
        with pytest.raises(psycopg.OperationalError):
            psycopg.connect(cluster.dsn_for(database="nowhere"))
        assert wait_for(lambda: b"nowhere" in cluster.log.read_bytes())
        assert not cluster.log.read_bytes().startswith(b"\0")
