"""A real nginx before the services: a master and its worker, of an unprivileged account, in a folder of their own."""

import os
import pwd
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.conftest import let_others_in

PATIENCE = 30
NGINX = shutil.which("nginx", path=f"{os.environ.get('PATH', os.defpath)}:/usr/sbin")
TEMPORARY = "\n".join(
    f"  {kind}_temp_path {{folder}}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
)
CONFIGURATION = f"""
daemon off;
worker_processes 1;
pid {{folder}}/pid;
error_log {{folder}}/error.log;
events {{{{ worker_connections 64; }}}}
http {{{{
  access_log off;
{TEMPORARY}
  proxy_cache_path {{folder}}/cache keys_zone=answers:1m;
  server {{{{
    listen 127.0.0.1:{{port}};
    {{location}}
  }}}}
}}}}
"""


@contextmanager
def nginx(folder: Path, location: str) -> Iterator[str]:
    """Keep nginx before something for the time of a block, and give its address; `location` says before what."""
    if NGINX is None:
        pytest.skip("nginx n'est pas installé")
    port, account = free_port(), unprivileged(folder)
    file = folder / "nginx.conf"
    file.write_text(CONFIGURATION.format(folder=folder, port=port, location=location), "utf-8")
    command = ["setpriv", "--pdeathsig", "TERM", NGINX, "-e", f"{folder}/error.log", "-p", str(folder), "-c", str(file)]
    process = subprocess.Popen(command, **account)
    try:
        wait_for(port, process, folder)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(PATIENCE)


def unprivileged(folder: Path) -> dict:
    """Return whom nginx runs as, and give it its folder: nobody where the tests are root, else whom they are."""
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    let_others_in(folder)
    os.chown(folder, nobody.pw_uid, nobody.pw_gid)
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def free_port() -> int:
    """Return a port that nothing listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


def wait_for(port: int, process: subprocess.Popen, folder: Path) -> None:
    """Wait until nginx listens."""
    deadline = time.monotonic() + PATIENCE
    while True:
        log = folder / "error.log"
        reason = log.read_text("utf-8") if log.is_file() else ""
        assert process.poll() is None and time.monotonic() < deadline, f"nginx did not start: {reason}"
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            time.sleep(0.01)
