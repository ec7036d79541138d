"""An installation overseas: set up in its own system, once, and loaded with lots of its own ground."""

import math
import re
import tarfile
from io import BytesIO
from pathlib import Path

import pypdf
import pytest
from typer.testing import CliRunner

from catalog.access import Right, add_agreement, add_organisation, issue_token
from catalog.database import connect, query
from catalog.doctor import examine
from catalog.errors import SettingsError
from catalog.loader import datasets
from catalog.migrate import migrate
from etl.pipeline import load
from etl.sources import Options
from geosocle.main import app
from hunter import decoders
from hunter.members import ALL_USAGES as USAGES
from hunter.members import DAY, TODAY
from hunter.things import CADASTRE
from services.crs import systems
from services.tile_grid import Tile
from tests.conftest import settings_of
from tests.hunting.serving import serving

SAMPLE = Path(__file__).parents[2] / "data_samples" / "output" / "cadastre" / "edigeo-85901000AB01.tar.bz2"
EAST, SOUTH = 300_000, -4_830_000  # from the invented communes to Guadeloupe


def forget() -> None:
    """Forget what is kept of the installation's system."""
    for kept in (query, datasets, systems):
        kept.cache_clear()


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
        path.write_bytes(re.sub(rb"(\d\d):\+(\d+\.\d+);\+(\d+\.\d+);", carried, text))
    return folder


def carried(match: re.Match) -> bytes:
    value = b"+%.3f;+%.3f;" % (float(match[2]) + EAST, float(match[3]) + SOUTH)
    return b"%02d:" % len(value) + value


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


def test_its_doors_speak_of_its_own_system(overseas, lot):
    assert load("cadastre", [lot], Options(), overseas).exit_code == 0
    with connect(overseas, "admin") as connection:
        add_organisation(connection, "ici", "Ici", "commune", ["97101"])
        rights = [Right(dataset, "base", USAGES, ("97101",)) for dataset in CADASTRE]
        add_agreement(connection, "c", "ici", "essai", TODAY, TODAY + DAY, rights)
        headers = {"Authorization": f"Bearer {issue_token(connection, 'ici')}"}
    with serving(overseas) as client:
        client.headers.update(headers)
        own = "http://www.opengis.net/def/crs/EPSG/0/5490"
        document = client.get("/collections/parcelles?f=json").json()
        assert own in document["crs"]
        assert not any("2154" in uri or "3947" in uri for uri in document["crs"])
        assert "RGAF09 / UTM 20 Nord (EPSG:5490)" in client.get("/collections/parcelles?f=html").text
        one = client.get("/collections/etiquettes/items", params={"f": "json", "limit": 1, "crs": own}).json()
        x, y = one["features"][0]["geometry"]["coordinates"]
        assert (600_000 < x < 700_000, 1_700_000 < y < 1_900_000) == (True, True)
        one = client.get("/collections/etiquettes/items?f=json&limit=1").json()
        west, south = one["features"][0]["geometry"]["coordinates"]
        tile = Tile(16, int((west + 180) / 360 * 2**16), row(south, 16))
        path = f"/collections/parcelles/tiles/WebMercatorQuad/{tile.z}/{tile.y}/{tile.x}?f=mvt"
        assert len(list(decoders.vector_tile(client.get(path).content))) > 5
        plan = pypdf.PdfReader(BytesIO(client.get("/collections/parcelles/items/97101000AB0012/plan.pdf").content))
        text = plan.pages[0].extract_text()
        assert "RGAF09 / UTM 20 Nord (EPSG:5490)" in text
        assert "Lambert" not in text


def row(latitude, zoom):
    """The row of tiles of a latitude."""
    return int((1 - math.asinh(math.tan(math.radians(latitude))) / math.pi) / 2 * 2**zoom)


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


def test_a_hunt_judges_what_is_served_there(overseas, lot, tmp_path):
    archive = tmp_path / f"{lot.name}.tar.bz2"
    with tarfile.open(archive, "w:bz2") as packed:
        packed.add(lot, ".")
    assert load("cadastre", [lot], Options(), overseas).exit_code == 0
    environment = {
        "GEOSOCLE_DSN": overseas.dsn,
        "GEOSOCLE_STATE": str(overseas.state),
        "GEOSOCLE_FILES": str(overseas.files),
    }
    result = CliRunner().invoke(app, ["hunt", "--requests", "300", "--deliveries", str(archive)], env=environment)
    assert result.exit_code == 0, result.output
    assert "0 fuite, 0 manquant" in result.stdout
    with connect(overseas, "admin") as connection:
        connection.execute("UPDATE cadastre.parcelles SET geom = ST_Translate(geom, 30, 0)")
    moved = CliRunner().invoke(app, ["hunt", "--requests", "2000", "--deliveries", str(archive)], env=environment)
    assert moved.exit_code == 1, moved.output
