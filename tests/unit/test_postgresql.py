"""Which PostgreSQL is taken, and where the private cluster is kept."""

import os
from pathlib import Path

import pytest

from catalog.errors import ClusterError
from geosocle import cluster, postgresql


@pytest.fixture
def installed(tmp_path, monkeypatch):
    """Pretend that some versions are installed, some of them with PostGIS, as Debian lays them out."""

    def install(version: str, postgis: bool) -> None:
        folder = tmp_path / version / "bin"
        folder.mkdir(parents=True)
        (folder / "initdb").touch()
        with_postgis.update({version} if postgis else ())

    with_postgis: set[str] = set()
    monkeypatch.setattr(postgresql, "DEBIAN_VERSIONS", tmp_path)
    monkeypatch.setattr(postgresql, "_has_postgis", with_postgis.__contains__)
    monkeypatch.setenv("PATH", "")
    return install


def test_the_newest_version_is_taken(installed, tmp_path):
    installed("9.6", postgis=True)
    installed("15", postgis=True)
    installed("17", postgis=True)
    assert Path(postgresql.program("initdb")) == tmp_path / "17" / "bin" / "initdb"


def test_a_newer_version_without_postgis_is_left_aside(installed, tmp_path):
    installed("15", postgis=True)
    installed("17", postgis=False)
    assert Path(postgresql.program("initdb")) == tmp_path / "15" / "bin" / "initdb"


def test_a_cluster_keeps_its_version_after_a_newer_one_came(installed, tmp_path):
    installed("15", postgis=True)
    installed("17", postgis=True)
    assert Path(postgresql.program("initdb", "15")) == tmp_path / "15" / "bin" / "initdb"


def test_a_cluster_whose_version_went_away_is_told(installed):
    installed("17", postgis=True)
    with pytest.raises(ClusterError, match="PostgreSQL 15 .*introuvable"):
        postgresql.program("initdb", "15")


def test_without_postgresql_the_user_is_told_what_installs_it(installed):
    with pytest.raises(ClusterError, match="make install"):
        postgresql.program("initdb")


def test_the_callers_variables_do_not_reach_the_server(monkeypatch):
    monkeypatch.setenv("PGDATA", "/elsewhere")
    monkeypatch.setenv("LD_PRELOAD", "/elsewhere.so")
    assert set(postgresql.identity()["env"]) == {"PATH", "LC_ALL"}


def test_the_state_is_in_the_checkout(monkeypatch):
    monkeypatch.delenv("GEOSOCLE_STATE", raising=False)
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert cluster.state_directory() == Path(cluster.__file__).resolve().parents[1] / ".geosocle"


def test_roots_state_is_where_an_unprivileged_account_can_go(monkeypatch):
    monkeypatch.delenv("GEOSOCLE_STATE", raising=False)
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    assert cluster.state_directory().parent == Path("/var/lib/geosocle")


def test_the_state_may_be_chosen(monkeypatch):
    monkeypatch.setenv("GEOSOCLE_STATE", "/srv/base")
    assert cluster.state_directory() == Path("/srv/base")
