"""An installation in La Réunion from an empty base, by the commands alone: migrate, make, load, agree, serve, work."""

import os
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from bench import peers
from data_samples import make
from data_samples.country import COUNTRIES
from data_samples.model import World
from data_samples.territory import make_world
from hunter.members import ALL_USAGES, TODAY
from hunter.things import CADASTRE
from tests.conftest import let_others_in

HERE = COUNTRIES["974"]
LAYERS = ("communes", "sections", "feuilles", "parcelles", "batiments", "lieux_dits", "subdivisions_fiscales")
OWN = f"http://www.opengis.net/def/crs/EPSG/0/{HERE.srid}"
USAGES = ",".join(ALL_USAGES)
DAY = timedelta(days=1)
NOTHING = "troncons_cours_eau"  # which Etalab has not


@dataclass(frozen=True)
class Command:
    """What a command said, and how it ended."""

    code: int
    said: str


@dataclass(frozen=True)
class Installation:
    """A running installation: who is asked, as whom, what it holds."""

    url: str
    world: World
    samples: Path
    environment: dict[str, str] = field(repr=False)
    tokens: dict[str, str] = field(repr=False)

    def command(self, *words: object) -> Command:
        """Run one of our commands there."""
        return command(self.environment, *words)

    def get(self, path: str, who: str = "commune", **parameters: Any) -> httpx.Response:
        """What a member is answered."""
        headers = {"Authorization": f"Bearer {self.tokens[who]}"}
        named = {name.replace("_", "-"): value for name, value in parameters.items()}
        return httpx.get(self.url + path, params=named or None, headers=headers, timeout=60)

    @property
    def code(self) -> str:
        """The first commune's."""
        return self.world.communes[0].code


def command(environment: dict[str, str], *words: object) -> Command:
    """Run one of our commands, and return what it said."""
    line = [sys.executable, "-m", "geosocle", *map(str, words)]
    done = subprocess.run(line, env=os.environ | environment, capture_output=True, text=True, timeout=300)
    return Command(done.returncode, done.stdout + done.stderr)


def done(environment: dict[str, str], *words: object) -> str:
    """Run a command that must succeed, and return what it said."""
    answer = command(environment, *words)
    assert answer.code == 0, answer.said
    return answer.said


@pytest.fixture(scope="session")
def samples(tmp_path_factory) -> Path:
    """The samples of La Réunion, as the command that makes them writes them."""
    folder = tmp_path_factory.mktemp("reunion")
    line = [sys.executable, make.__file__, "--territory", HERE.departement, "--output", str(folder)]
    subprocess.run(line, check=True, capture_output=True, timeout=120)
    for path in [folder, *folder.rglob("*")]:
        let_others_in(path)
    return folder


@pytest.fixture(scope="session")
def island(cluster, samples) -> Iterator[Installation]:
    """La Réunion, loaded and served: sheets for three communes, Etalab's layers for the fourth."""
    cluster.create_database("reunion")
    port = peers.free_port()
    url = f"http://127.0.0.1:{port}"
    environment = {
        **cluster.environment,
        "GEOSOCLE_SRID": str(HERE.srid),
        "GEOSOCLE_DSN": cluster.dsn_for(database="reunion"),
        "GEOSOCLE_FILES": str(cluster.state / "files" / "reunion"),
        "GEOSOCLE_PUBLIC_URL": url,
    }
    world = make_world(country=HERE)
    done(environment, "migrate")
    load_all(environment, samples, world)
    first, *_, last = (commune.code for commune in world.communes)
    tokens = {
        "commune": agreed(environment, "commune", first, (*CADASTRE, "canalisations_eau", "orthophotos")),
        "vide": agreed(environment, "vide", last, [NOTHING]),
    }
    programs = [sys.executable, "-m", "geosocle"]
    with ExitStack() as stack:
        stack.enter_context(peers.served([*programs, "serve", "--port", str(port)], url, environment))
        worker = subprocess.Popen(["setpriv", "--pdeathsig", "TERM", *programs, "worker"], env=os.environ | environment)
        stack.callback(worker.wait, 15)
        stack.callback(worker.terminate)
        yield Installation(url, world, samples, environment, tokens)
    cluster.drop_database("reunion")


def load_all(environment: dict[str, str], samples: Path, world: World) -> None:
    """Load everything as it would be."""
    last = world.communes[-1].code
    sheets = [path for path in sorted((samples / "cadastre").iterdir()) if last not in path.name]
    done(environment, "load", "cadastre", *sheets)
    done(environment, "load", "cadastre", *sorted((samples / "etalab").glob(f"cadastre-{last}-*")))
    for kind in ("eau", "personnes_morales", "orthophotos"):
        done(environment, "load", kind, *sorted((samples / kind).iterdir()))


def agreed(environment: dict[str, str], who: str, code: str, datasets: Iterable[str]) -> str:
    """Make a member that has everything of some datasets in a commune, and return its token."""
    done(environment, "organisation", "add", who, "--name", who, "--kind", "commune", "--commune", code)
    rights = [word for one in datasets for word in ("--right", f"{one}:base:{USAGES}:{code}")]
    dates = ("--from", TODAY - DAY, "--to", TODAY + DAY)
    done(environment, "agreement", "add", f"c-{who}", "--organisation", who, "--purpose", "essai", *dates, *rights)
    return done(environment, "token", "issue", who).split()[-1]
