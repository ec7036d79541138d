"""A copy of the samples of one's own, what commands make of its agreements, and what one member reads."""

import json
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import shapely
from typer.testing import CliRunner

from catalog.access import add_organisation, authenticate, issue_token
from catalog.database import as_principal, connect, pool
from geosocle.main import app
from tests.conftest import clone
from tests.hunting.world import A

TODAY = datetime.now(ZoneInfo("Europe/Paris")).date()
DAY = timedelta(days=1)


class Bank:
    """A copy of the samples, its commands, and what one member reads."""

    def __init__(self, settings, admin, web, folder):
        self.settings, self.admin, self.web, self.folder = settings, admin, web, folder
        add_organisation(admin, "eaux", "Eaux", "exploitant", [A])
        self.token = issue_token(admin, "eaux")

    def run(self, *words, code=0):
        environment = {"GEOSOCLE_DSN": self.settings.dsn, "GEOSOCLE_STATE": str(self.settings.state)}
        result = CliRunner().invoke(app, list(map(str, words)), env=environment)
        assert result.exit_code == code, result.output
        return result.stderr or result.stdout

    def file(self, id="c-1", last=TODAY + DAY, right='communes = "territoire"', more=""):
        path = self.folder / f"{id}.toml"
        days = f"first_day = {TODAY - DAY}\nlast_day = {last}"
        head = f'id = "{id}"\norganisation = "eaux"\npurpose = "Essai"\n{days}\n{more}\n'
        block = '[[rights]]\ndataset = "canalisations_eau"\ngroups = ["base", "technical"]\nusages = ["feature"]\n'
        path.write_text(f"{head}{block}{right}\n", "utf-8")
        return path

    def sees(self, group="base"):
        """The communes of which the member reads pipes, by their last figure."""
        table = "reseaux.canalisations_eau" + ("" if group == "base" else f"_{group}")
        with as_principal(self.web, authenticate(self.web, self.token), "feature") as connection:
            found = connection.execute(f"SELECT DISTINCT commune FROM {table} ORDER BY 1").fetchall()
        return "".join(code[-1] for (code,) in found)

    def state(self, id="c-1"):
        listed = json.loads(self.run("agreement", "list", "--json"))
        return {agreement["id"]: agreement["state"] for agreement in listed}.get(id)


@pytest.fixture
def bank(cluster, loaded_template, tmp_path):
    with clone(cluster, loaded_template) as own, connect(own, "admin") as admin, pool(own, "web") as web:
        yield Bank(own, admin, web, tmp_path)


def bordering(world, code):
    """The communes of the invented world that share more than a point with one."""
    here = next(one.geometry for one in world.communes if one.code == code)
    return {
        one.code
        for one in world.communes
        if one.code != code and shapely.intersection(one.geometry.boundary, here.boundary).length > 1
    }


def last(codes):
    """Communes by their last figure, as `Bank.sees` tells them."""
    return "".join(sorted(code[-1] for code in codes))
