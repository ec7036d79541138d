"""An installation overseas: set up in its own system, once, and loaded with lots of its own ground."""

import re
import tarfile
from pathlib import Path

import pytest

from catalog.database import connect, query
from catalog.doctor import examine
from catalog.errors import SettingsError
from catalog.loader import datasets
from catalog.migrate import migrate
from etl.pipeline import load
from etl.sources import Options
from tests.conftest import settings_of

SAMPLE = Path(__file__).parents[2] / "data_samples" / "output" / "cadastre" / "edigeo-85901000AB01.tar.bz2"
EAST, SOUTH = 300_000, -4_830_000  # from the invented communes to Guadeloupe


def forget() -> None:
    """Forget what is kept of the installation's system."""
    query.cache_clear()
    datasets.cache_clear()


@pytest.fixture
def overseas(monkeypatch, cluster):
    """A database that is set up in Guadeloupe."""
    monkeypatch.setenv("GEOSOCLE_SRID", "5490")
    forget()
    cluster.create_database("outremer")
    own = settings_of(cluster, "outremer")
    migrate(own)
    yield own
    monkeypatch.undo()
    forget()
    cluster.drop_database("outremer")


@pytest.fixture
def lot(tmp_path):
    """A sheet of the samples, carried to Guadeloupe."""
    folder = tmp_path / "edigeo-97101000AB01"
    with tarfile.open(SAMPLE) as archive:
        archive.extractall(folder, filter="data")
    for path in folder.iterdir():
        text = path.read_bytes().replace(b"RELSA06:LAMB93", b"RELSA11:RGAF09UTM20")
        text = text.replace(b":901000", b":101000").replace(b"ATVST03:901", b"ATVST03:101")
        path.write_bytes(re.sub(rb":\+(\d+\.\d+);\+(\d+\.\d+);", carried, text))
    return folder


def carried(match: re.Match) -> bytes:
    return b":+%.3f;+%.3f;" % (float(match[1]) + EAST, float(match[2]) + SOUTH)


def ask(settings, statement):
    with connect(settings, "admin") as connection:
        return connection.execute(statement).fetchall()


def test_everything_is_stored_in_the_installation_s_system(overseas, lot):
    report = load("cadastre", [lot], Options(), overseas)
    assert report.exit_code == 0, report
    assert ask(overseas, "SELECT DISTINCT ST_SRID(geom) FROM cadastre.parcelles") == [(5490,)]
    assert ask(overseas, "SELECT count(*) > 50, min(left(id, 5)) FROM cadastre.parcelles") == [(True, "97101")]
    middle = "SELECT ST_Transform(ST_Centroid(ST_Union(geom)), 4326) AS p FROM cadastre.parcelles"
    ((west, north),) = ask(overseas, f"SELECT ST_X(p), ST_Y(p) FROM ({middle}) AS middle")
    assert (-62 < west < -61, 15.5 < north < 17) == (True, True)
    stored = "SELECT DISTINCT srid FROM geometry_columns WHERE f_table_schema IN ('cadastre', 'admin', 'reseaux')"
    assert ask(overseas, stored) == [(5490,)]
    assert {dataset.srid for dataset in datasets().values()} == {5490}


def test_a_lot_of_metropolitan_france_is_refused_there(overseas):
    report = load("cadastre", [SAMPLE], Options(), overseas)
    assert report.exit_code == 4
    assert "autre territoire : LAMB93 (France métropolitaine)" in str(report)


def test_the_system_of_a_database_never_changes_and_the_doctor_says_so(overseas, monkeypatch):
    assert ask(overseas, "SELECT srid FROM migrations.installation") == [(5490,)]
    assert all(finding.sound for finding in examine(overseas) if finding.check.name == "territory")
    monkeypatch.setenv("GEOSOCLE_SRID", "2154")
    with pytest.raises(SettingsError, match="vaut 2154.*EPSG:5490"):
        migrate(overseas)
    (finding,) = [finding for finding in examine(overseas) if finding.check.name == "territory"]
    assert not finding.sound
