"""A dump of the private base holds all of it, and a new base filled from it is as the old one."""

import stat
import subprocess
from uuid import uuid4

import pytest
from typer.testing import CliRunner

from catalog.access import Right, add_agreement, add_organisation, authenticate, issue_token
from catalog.database import as_principal, connect, pool
from catalog.doctor import examine
from catalog.errors import ClusterError
from catalog.migrate import migrate
from catalog.settings import settings
from geosocle import dumps
from geosocle.main import app
from hunter.members import DAY, TODAY
from tests import clusters

TABLES = """
SELECT format('%I.%I', schemaname, tablename) FROM pg_tables
WHERE schemaname IN ('access', 'admin', 'cadastre', 'etl', 'imagerie', 'jobs', 'migrations', 'registre', 'reseaux')
ORDER BY 1
"""


def rows_of(own):
    """How many rows each table has."""
    with connect(own, "admin") as connection:
        tables = [name for (name,) in connection.execute(TABLES)]
        return {name: connection.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in tables}


@pytest.fixture(scope="module")
def dumped(cluster, loaded_template, tmp_path_factory):
    """The samples with a member, dumped: the file, how many rows each table has, and the member's token."""
    name, file = f"dumped_{uuid4().hex}", tmp_path_factory.mktemp("dumps") / "geosocle.dump"
    clusters.copied(cluster, name, loaded_template)
    own = settings(cluster.environment | {"GEOSOCLE_DSN": cluster.dsn_for(database=name)})
    migrate(own)
    with connect(own, "admin") as connection:
        add_organisation(connection, "mairie", "Mairie", "commune", ["85901"])
        right = Right("parcelles", "base", ("feature",), ("85901",))
        add_agreement(connection, "convention", "mairie", "Essai", TODAY, TODAY + DAY, [right])
        token = issue_token(connection, "mairie")
    seen = []
    assert dumps.dump(cluster, file, seen.append, name) == file.stat().st_size > 100_000
    assert seen[0] == file.with_name("geosocle.dump.part")
    yield file, rows_of(own), token
    cluster.drop_database(name)


@pytest.fixture(scope="module")
def restored(dumped):
    """A new cluster filled from the dump by the command."""
    with clusters.temporary() as other:
        words = run(other, "restore", str(dumped[0]))
        assert words == (0, f"Base restaurée de {dumped[0]}. « geosocle doctor » la vérifie.\n")
        yield other


def run(cluster, *words):
    """What a command about the private base says, and its code."""
    result = CliRunner().invoke(app, ("database", *words), env={"GEOSOCLE_STATE": str(cluster.state)})
    return result.exit_code, result.output


def test_a_dump_is_for_its_owner_alone_and_never_half_there(dumped):
    file = dumped[0]
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert list(file.parent.iterdir()) == [file]


def test_a_new_base_has_every_row_and_every_wall(dumped, restored):
    own = settings(restored.environment)
    assert rows_of(own) == dumped[1]
    assert [finding.check.name for finding in examine(own) if not finding.sound] == []


def test_a_member_comes_in_by_the_same_token_and_sees_its_own(dumped, restored):
    with pool(settings(restored.environment), "web") as web:
        member = authenticate(web, dumped[2])
        with as_principal(web, member, "feature") as connection:
            seen = connection.execute("SELECT DISTINCT commune FROM cadastre.parcelles").fetchall()
    assert (member.organisation, seen) == ("mairie", [("85901",)])


def test_what_is_held_is_never_overwritten(dumped, restored):
    code, words = run(restored, "restore", str(dumped[0]))
    assert (code, "n'est pas vide" in words) == (1, True), words
    assert rows_of(settings(restored.environment)) == dumped[1]


def test_a_dump_that_is_cut_is_told_and_leaves_a_base_that_can_be_filled(dumped, tmp_path):
    whole = dumped[0].read_bytes()
    (tmp_path / "nothing.dump").write_bytes(b"nothing")
    (tmp_path / "cut.dump").write_bytes(whole[: len(whole) * 2 // 3])
    with clusters.temporary() as other:
        assert "n'est pas une sauvegarde" in run(other, "restore", str(tmp_path / "nothing.dump"))[1]
        code, words = run(other, "restore", str(tmp_path / "cut.dump"))
        assert (code, "pg_restore a échoué" in words) == (1, True), words
        assert run(other, "restore", str(dumped[0]))[0] == 0


def test_what_cannot_be_written_is_said_in_french(restored, tmp_path):
    code, words = run(restored, "dump", str(tmp_path / "nowhere" / "x.dump"))
    assert (code, "nowhere : ce dossier n'existe pas." in words) == (1, True), words
    with clusters.temporary() as other:
        assert "pas encore ses rôles" in run(other, "dump", str(tmp_path / "x.dump"))[1]
        other.stop()
        assert "Erreur : La base privée est arrêtée" in run(other, "dump", str(tmp_path / "x.dump"))[1]
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_leaves_no_file_and_is_told(restored, tmp_path):
    mount = tmp_path / "small"
    mount.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(mount)]
    if subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("monter un petit disque n'est pas permis ici")
    try:
        with pytest.raises(ClusterError, match="pg_dump a échoué : le disque est plein"):
            dumps.dump(restored, mount / "x.dump")
        assert list(mount.iterdir()) == []
    finally:
        subprocess.run(["umount", str(mount)], check=True)
