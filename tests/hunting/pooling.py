"""A real PgBouncer in transaction mode before the tests' cluster: same roles, same SCRAM secrets."""

import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from catalog.database import connect
from catalog.settings import Settings
from geosocle import postgresql

PATIENCE = 10  # seconds
CONFIGURATION = """[databases]
{database} = host={socket} dbname={database} pool_size={size}
[pgbouncer]
listen_addr =
unix_socket_dir = {folder}
auth_type = scram-sha-256
auth_file = {folder}/users
pool_mode = transaction
max_client_conn = 200
{prepared}
logfile = {folder}/log
"""


def program() -> str | None:
    """Where PgBouncer is, if it is installed: Debian keeps it out of users' paths."""
    return shutil.which("pgbouncer", path=postgresql.SYSTEM_PATH)


def prepared() -> str:
    """The line by which a PgBouncer that knows prepared statements (1.21) does without, as those before it."""
    told = subprocess.run([str(program()), "-V"], capture_output=True, text=True, check=True).stdout
    version = tuple(map(int, told.split()[1].split(".")[:2]))
    return "max_prepared_statements = 0" if version >= (1, 21) else ""


@contextmanager
def pooling(settings: Settings, size: int) -> Iterator[str]:
    """Run PgBouncer on `size` connections to a database for a block, and give how the web services reach it."""
    folder = Path(tempfile.mkdtemp(prefix="bouncer-", dir="/tmp"))
    try:
        write(folder, settings, size)
        command = ["setpriv", "--pdeathsig", "TERM", program(), str(folder / "ini")]
        process = subprocess.Popen(command, cwd=folder, stderr=subprocess.DEVNULL, **postgresql.identity())
        try:
            dsn = make_conninfo(settings.dsn_for("web"), host=str(folder), port=6432)
            wait_for(dsn)
            yield dsn
        finally:
            process.terminate()
            process.wait(PATIENCE)
    finally:
        shutil.rmtree(folder)


def write(folder: Path, settings: Settings, size: int) -> None:
    """Write the configuration, and the secret of the web role as the server itself keeps it."""
    place = conninfo_to_dict(settings.dsn)
    words = CONFIGURATION.format(
        database=place["dbname"], socket=place["host"], folder=folder, size=size, prepared=prepared()
    )
    with connect(settings, "admin") as connection:
        secret = connection.execute("SELECT rolpassword FROM pg_authid WHERE rolname = 'geosocle_web'").fetchone()[0]
    assert secret.startswith("SCRAM-SHA-256$")
    for name, text in (("ini", words), ("users", f'"geosocle_web" "{secret}"\n')):
        (folder / name).write_text(text, "utf-8")
        postgresql.give(folder / name).chmod(0o600)
    postgresql.give(folder)


def wait_for(dsn: str) -> None:
    """Wait until it lets somebody in."""
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            psycopg.connect(dsn).close()
            return
        except psycopg.OperationalError:
            assert time.monotonic() < deadline, "PgBouncer did not start"
            time.sleep(0.05)
