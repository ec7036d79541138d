"""Rights outlive the catalogue: one on a dataset that is no longer in it is as if it were not there."""

import pytest

from catalog.access import Right
from catalog.database import connect
from catalog.model import USAGES
from tests.conftest import clone
from tests.hunting.world import A
from tests.services.conftest import Served, granted, serving


@pytest.fixture(scope="module")
def aged(cluster, loaded_template):
    """A server where a member has parcels, and what was called `cimetieres` once."""
    with clone(cluster, loaded_template) as own:
        tokens = granted(own, {"ancienne": [Right("parcelles", "base", USAGES, (A,))]})
        with connect(own, "admin") as connection:
            connection.execute(
                "INSERT INTO access.rights (agreement, dataset, attribute_group, usage, communes)"
                " SELECT agreement, 'cimetieres', attribute_group, usage, communes FROM access.rights"
                " WHERE dataset = 'parcelles'"
            )
            connection.execute(
                "INSERT INTO access.statistics (dataset, commune, objects, extent, edition)"
                " SELECT 'cimetieres', commune, objects, extent, edition FROM access.statistics"
                " WHERE dataset = 'parcelles'"
            )
        with serving(own) as url:
            yield Served(url, own, tokens)


@pytest.mark.parametrize("path", ["/", "/collections", "/collections/parcelles", "/openapi", "/processes"])
@pytest.mark.parametrize("format", ["json", "html"])
def test_every_page_is_answered_and_does_not_name_it(aged, path, format):
    answer = aged.get("ancienne", path, f=format)
    assert answer.status_code == 200
    assert "cimetieres" not in answer.text


def test_it_does_not_exist(aged):
    assert aged.get("ancienne", "/collections/cimetieres").status_code == 404
