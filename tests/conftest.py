"""What tests share: a private cluster for the session, a migrated template, a clone of it a test."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import gettempdir
from uuid import uuid4

import pytest
from hypothesis import settings as hypothesis_settings

from catalog.migrate import migrate
from catalog.settings import Settings, settings
from data_samples.model import World
from data_samples.territory import make_world
from etl.pipeline import load
from etl.sources import Options
from geosocle.cluster import Cluster
from tests import clusters

SHARED_DATA = Path(__file__).parents[2] / "shared" / "data"
SAMPLES = Path(__file__).parents[1] / "data_samples" / "output"
TEMPLATE = "geosocle_template"

# Tests assert what is done, not how long it takes: a busy machine is no fault.
hypothesis_settings.register_profile("geosocle", deadline=None)
hypothesis_settings.load_profile("geosocle")


def let_others_in(path: Path) -> None:
    """Let another account reach a path under the temporary folder by its name, as a confined child does."""
    for folder in (path, *path.parents):
        if folder.is_dir() and folder != Path(gettempdir()) and folder.is_relative_to(gettempdir()):
            folder.chmod(0o711 if folder != path else 0o755)


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """A private PostgreSQL for this session, stopped and removed after it."""
    with clusters.temporary() as running:
        yield running


@pytest.fixture(scope="session")
def template(cluster: Cluster) -> str:
    """The name of a migrated database that nobody stays connected to."""
    cluster.create_database(TEMPLATE)
    migrate(settings_of(cluster, TEMPLATE))
    return TEMPLATE


@pytest.fixture
def database(cluster: Cluster, template: str) -> Iterator[Settings]:
    """The settings of a freshly migrated database of this test's own."""
    with clone(cluster, template) as own:
        yield own


@contextmanager
def clone(cluster: Cluster, template: str) -> Iterator[Settings]:
    """A copy of a database for the time of a block."""
    name = f"test_{uuid4().hex}"
    clusters.copied(cluster, name, template)
    own = settings_of(cluster, name)
    migrate(own)  # what belongs to a database rather than to its content is not copied
    try:
        yield own
    finally:
        cluster.drop_database(name)
        shutil.rmtree(own.files, ignore_errors=True)


def settings_of(cluster: Cluster, name: str) -> Settings:
    """The settings that address one database of the cluster, with a folder of files of its own."""
    files = cluster.state / "files" / name
    own = {
        "GEOSOCLE_DSN": cluster.dsn_for(database=name),
        "GEOSOCLE_FILES": str(files),
        "GEOSOCLE_LOGIN_FAILURES": "1000000",
    }
    return settings(cluster.environment | own)


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real files; tests that need it are skipped where it is not."""
    if not SHARED_DATA.is_dir():
        pytest.skip("les fichiers réels de ../shared/data ne sont pas là")
    return SHARED_DATA


@pytest.fixture(scope="session")
def world() -> World:
    """The invented territory as it was made: what the committed samples hold."""
    return make_world()


@pytest.fixture(scope="session")
def loaded_template(cluster: Cluster, template: str) -> str:
    """The name of a database that holds the samples, loaded as deliveries are."""
    name = f"{template}_loaded"
    clusters.copied(cluster, name, template)
    own = settings_of(cluster, name)
    migrate(own)
    for kind in ("cadastre", "eau", "personnes_morales", "orthophotos"):
        report = load(kind, [SAMPLES / kind], Options(), own)
        assert report.exit_code == 0, report
    return name


@pytest.fixture(scope="session")
def loaded(cluster: Cluster, loaded_template: str) -> Settings:
    """The settings of the database that holds the samples: to read only."""
    return settings_of(cluster, loaded_template)
