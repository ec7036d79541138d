"""The system's PostgreSQL programs, and the unprivileged account that runs them when root calls."""

import fcntl
import os
import pwd
import shutil
import subprocess
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from catalog.errors import ClusterError

ACCOUNT = "geosocle"
PASSWD = Path("/etc/passwd")  # useradd puts a new one in its place: who waited on the old one asks again
DEBIAN_VERSIONS = Path("/usr/lib/postgresql")
SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
ENVIRONMENT = {"PATH": SYSTEM_PATH, "LC_ALL": "C.UTF-8"}  # nothing of the caller's PG… variables


def program(name: str, version: str | None = None) -> str:
    """Return the path of a PostgreSQL program: of that major version, or of the newest that has PostGIS."""
    for folder in _folders():
        if (folder / name).exists() and version in (None, _major(folder)):
            return str(folder / name)
    raise ClusterError(f"PostgreSQL {version or ''} avec PostGIS est introuvable : « make install » l'installe.")


def system_account() -> pwd.struct_passwd | None:
    """Return the account that owns the cluster when root calls, made at first; None for anybody else."""
    if os.geteuid() != 0:
        return None
    try:
        return pwd.getpwnam(ACCOUNT)
    except KeyError:
        return _make_account()


def give(path: Path) -> Path:
    """Hand a file or folder over to the account that owns the cluster."""
    if account := system_account():
        os.chown(path, account.pw_uid, account.pw_gid)
    return path


def run(arguments: Sequence[str], cwd: Path, **options: object) -> None:
    """Run a program as the cluster's account, and raise with its last words if it fails."""
    result = subprocess.run(
        arguments, cwd=cwd, stdin=subprocess.DEVNULL, capture_output=True, text=True, **identity(), **options
    )
    if result.returncode:
        raise ClusterError(f"{Path(arguments[0]).name} a échoué : {result.stderr.strip() or result.stdout.strip()}")


def identity() -> dict[str, object]:
    """Return what subprocess needs to leave root and the caller's environment behind."""
    account = system_account()
    if account is None:
        return {"env": ENVIRONMENT}
    return {"env": ENVIRONMENT, "user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}


def _folders() -> list[Path]:
    versions = [path for path in DEBIAN_VERSIONS.glob("*/bin") if _has_postgis(path.parent.name)]
    versions.sort(key=lambda path: float(path.parent.name), reverse=True)
    on_path = shutil.which("initdb")
    return versions + ([Path(on_path).parent] if on_path else [])


def _major(folder: Path) -> str:
    """Return the version of the programs in a folder, as Debian names it or as they say it themselves."""
    if folder.parent.parent == DEBIAN_VERSIONS:
        return folder.parent.name
    words = subprocess.run([folder / "postgres", "--version"], capture_output=True, text=True, check=True).stdout
    return words.split()[2].split(".")[0]


def _has_postgis(version: str) -> bool:
    return Path(f"/usr/share/postgresql/{version}/extension/postgis.control").exists()


def _make_account() -> pwd.struct_passwd:
    """Make the account, one process at a time: of two `useradd` at once, the second gives it another number."""
    with PASSWD.open("rb") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        with suppress(KeyError):
            return pwd.getpwnam(ACCOUNT)
        _useradd()
    return pwd.getpwnam(ACCOUNT)


def _useradd() -> None:
    command = ["useradd", "--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent"]
    result = subprocess.run(
        [*command, "--shell", "/usr/sbin/nologin", ACCOUNT], env=ENVIRONMENT, capture_output=True, text=True
    )
    if result.returncode:
        raise ClusterError(f"Le compte système « {ACCOUNT} » n'a pu être créé : {result.stderr.strip()}")
