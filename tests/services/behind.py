"""A real nginx before the services: a master and its worker, of an unprivileged account, in a folder of their own."""

import os
import pwd
import re
import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

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
  {{server}}
}}}}
"""
SERVER = """server {{
  listen 127.0.0.1:{port};
  {location}
}}"""
HOST = "127.0.0.1"
DAY = timedelta(days=1)


@contextmanager
def nginx(folder: Path, location: str) -> Iterator[str]:
    """Keep nginx before something for the time of a block, and give its address; `location` says before what."""
    port = free_port()
    with running(folder, SERVER.format(port=port, location=location), port):
        yield f"http://{HOST}:{port}"


@contextmanager
def nginx_with_tls(folder: Path, server: str) -> Iterator[tuple[str, ssl.SSLContext]]:
    """Keep a server as an administrator would write it, and give its address and what trusts its certificate.

    Its port and the paths of its certificate are this test's, as no test has theirs.
    """
    port = free_port()
    ours = {
        r"listen 443 ssl": f"listen {HOST}:{port} ssl",
        r"ssl_certificate \S+;": f"ssl_certificate {folder}/cert.pem;",
        r"ssl_certificate_key \S+;": f"ssl_certificate_key {folder}/cert.pem;",
    }
    for theirs, replacement in ours.items():
        server, count = re.subn(theirs, replacement, server)
        assert count == 1, theirs
    (folder / "cert.pem").write_bytes(certificate())
    with running(folder, server, port):
        yield f"https://{HOST}:{port}", ssl.create_default_context(cafile=folder / "cert.pem")


def certificate() -> bytes:
    """Return a certificate of this machine's loopback address, signed by itself, with its key."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOST)])
    signed = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), now - DAY, now + DAY)
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address(HOST))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    form = Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
    return signed.public_bytes(Encoding.PEM) + key.private_bytes(*form)


@contextmanager
def running(folder: Path, server: str, port: int) -> Iterator[None]:
    """Keep an nginx of one server for the time of a block."""
    if NGINX is None:
        pytest.skip("nginx n'est pas installé")
    account = unprivileged(folder)
    file = folder / "nginx.conf"
    file.write_text(CONFIGURATION.format(folder=folder, server=server), "utf-8")
    command = ["setpriv", "--pdeathsig", "TERM", NGINX, "-e", f"{folder}/error.log", "-p", str(folder), "-c", str(file)]
    process = subprocess.Popen(command, **account)
    try:
        wait_for(port, process, folder)
        yield
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
