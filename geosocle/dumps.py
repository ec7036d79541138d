"""A copy of the private cluster's database in one file, and back: what `pg_dump` and `pg_restore` do, and the roles.

Roles belong to the cluster, not to the database: a dump lacks them, and `migrate` makes them. Images, exports and
passwords are files of the state's folder, beside the dump.
"""

import errno
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryFile

from catalog.database import connect, query
from catalog.errors import ClusterError
from catalog.migrate import migrate
from catalog.settings import Settings, settings
from geosocle import postgresql
from geosocle.cluster import DATABASE, Cluster

READER = "geosocle_backup"
POLL_SECONDS = 0.2
REASONS = {
    errno.ENOENT: "ce dossier n'existe pas",
    errno.EACCES: "ce dossier ne vous est pas ouvert",
    errno.ENOSPC: "le disque est plein",
}
MOST_SAID = 500  # characters of a program's last words

Watch = Callable[[Path], None]


def dump(cluster: Cluster, file: Path, watch: Watch = lambda _: None, database: str = DATABASE) -> int:
    """Write the database into a file that only its owner reads, whole or not at all; return its size in bytes.

    `watch` is called with the unfinished file now and then. Raises ClusterError where it cannot be written.
    """
    if not settings(cluster.environment).knows("backup"):
        raise ClusterError("La base n'a pas encore ses rôles : « geosocle migrate ».")
    draft = file.with_name(file.name + ".part")
    try:
        draft.unlink(missing_ok=True)
        draft.touch(mode=0o600)
        copy = ["--format=custom", "--file", str(draft), "--dbname", cluster.dsn_for(READER, database)]
        finish([postgresql.program("pg_dump", version(cluster)), *copy], lambda: watch(draft))
        draft.replace(file)
    except OSError as error:
        reason = REASONS.get(error.errno or 0, error.strerror)
        raise ClusterError(f"La sauvegarde ne peut être écrite dans {file.parent} : {reason}.") from error
    finally:
        draft.unlink(missing_ok=True)
    return file.stat().st_size


def restore(cluster: Cluster, file: Path, watch: Watch = lambda _: None) -> None:
    """Fill the cluster's database, where nothing was ever loaded or agreed, from a dump; then bring it up to date.

    `watch` is called with the file now and then. Raises ClusterError for what is no dump, and where anything is held;
    where it fails half-way the database is empty again.
    """
    program = postgresql.program("pg_restore", version(cluster))
    if subprocess.run([program, "--list", str(file)], capture_output=True, check=False).returncode:
        raise ClusterError(f"« {file} » n'est pas une sauvegarde de « geosocle database dump », ou elle est tronquée.")
    own = settings(cluster.environment)
    migrate(own)
    if holds(own):
        raise ClusterError("La base privée n'est pas vide : restaurez dans un GEOSOCLE_STATE neuf, puis échangez-les.")
    command = [program, "--exit-on-error", "--no-password", "--dbname", cluster.dsn, str(file)]
    empty(cluster)
    try:
        finish(command, lambda: watch(file))
    except BaseException:
        empty(cluster)
        raise
    migrate(own)


def version(cluster: Cluster) -> str:
    """Return the major version of the cluster's server."""
    return (cluster.data / "PG_VERSION").read_text("ascii").strip()


def holds(own: Settings) -> bool:
    """Say whether anything was ever loaded into the database, or anybody has ever been a member."""
    with connect(own, "admin") as connection:
        return connection.execute(query("holds_anything", "geosocle")).fetchone() == (True,)


def empty(cluster: Cluster) -> None:
    """Put a new database in the place of the one that is there; the roles stay."""
    cluster.drop_database(DATABASE)
    cluster.create_database(DATABASE)


def finish(command: Sequence[str], watch: Callable[[], None]) -> None:
    """Run a program of PostgreSQL to its end, as who calls. Raises ClusterError with its last words."""
    with TemporaryFile("w+") as said, subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=said) as process:
        try:
            while process.poll() is None:
                watch()
                time.sleep(POLL_SECONDS)
        finally:
            process.kill()
        said.seek(0)
        if process.returncode:
            words = said.read().strip()[-MOST_SAID:]
            reason = "le disque est plein" if "No space left" in words else words
            raise ClusterError(f"{Path(command[0]).name} a échoué : {reason}")
