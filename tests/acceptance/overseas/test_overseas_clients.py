"""The programs that people have — a browser, QGIS, ogr2ogr — find an installation overseas where it is."""

import shutil
import subprocess
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pyogrio
import pytest
import shapely

from services.static_files import LEAFLET
from tests.acceptance import test_pages, test_qgis
from tests.acceptance.overseas.conftest import HERE, NOTHING
from tests.acceptance.test_pages import CHROMIUM, Visit

LA_REUNION = shapely.box(54.5, -22, 56.5, -20)
browser = test_pages.browser


@pytest.fixture
def visit(browser, island, request):
    """A member's browser, connected by the page that asks for a token."""
    token = island.tokens[request.param]
    context = browser.new_context(http_credentials={"username": "mairie", "password": token})
    one = Visit(context, island.url)
    one.page("/connexion")
    one.complaints.clear()
    yield one
    context.close()


def boxes(visit):
    """The boxes that the maps asked for the objects of."""
    asked = [parse_qs(urlsplit(address).query).get("bbox") for address in visit.asked]
    return [shapely.box(*map(float, box[0].split(","))) for box in asked if box]


@pytest.mark.skipif(CHROMIUM is None or not Path(LEAFLET).is_dir(), reason="Chromium ou libjs-leaflet n'est pas là")
@pytest.mark.parametrize(
    ("visit", "dataset", "degrees"),
    [("commune", "parcelles", 0.1), ("vide", NOTHING, 6)],
    indirect=["visit"],
    ids=["what is seen", "nothing"],
)
def test_the_map_of_a_page_shows_the_island(visit, island, dataset, degrees):
    page = visit.page(f"/collections/{dataset}")
    shown = boxes(visit)[-1]
    assert shown.intersects(LA_REUNION)
    assert LA_REUNION.buffer(degrees).contains(shown)
    assert visit.complaints == visit.foreign() == []
    drawn = page.evaluate("document.querySelectorAll('#carte path').length")
    assert (drawn > 20) == (dataset != NOTHING)


@pytest.mark.skipif(test_qgis.NOT_THERE is not None, reason=test_qgis.NOT_THERE or "")
def test_qgis_zooms_to_the_commune_and_draws_it(island, tmp_path):
    system = f"EPSG:{HERE.srid}"
    session = test_qgis.asked(island, island.tokens["commune"], tmp_path, system=system)
    parcels = [one for one in island.world.parcelles if one.commune == island.code]
    assert set(session.layer["ids"]) == {one.id for one in parcels}
    whole = shapely.union_all([one.geometry for one in parcels])
    shown = shapely.box(*session.layer["extent_in_metres"])
    assert shown.buffer(1).contains(whole)
    assert shown.area < 1.4 * shapely.box(*whole.bounds).area
    assert session.picture.stat().st_size > 10_000


@pytest.mark.skipif(shutil.which("ogr2ogr") is None, reason="ogr2ogr (paquet gdal-bin) n'est pas là")
def test_ogr2ogr_takes_the_parcels_home_in_the_island_s_system(island, tmp_path):
    target = tmp_path / "parcelles.gpkg"
    credential = [
        "--config",
        "GDAL_HTTP_USERPWD",
        f"x:{island.tokens['commune']}",
        "--config",
        "GDAL_HTTP_AUTH",
        "BASIC",
    ]
    command = ["ogr2ogr", "-f", "GPKG", target, f"OAPIF:{island.url}", "parcelles", "-t_srs", f"EPSG:{HERE.srid}"]
    done = subprocess.run([*command, *credential], capture_output=True, text=True, timeout=120)
    assert (done.returncode, "Warning" in done.stderr) == (0, False), done.stderr
    meta, _, shapes, columns = pyogrio.raw.read(target)
    assert meta["crs"] == f"EPSG:{HERE.srid}"
    wanted = {one.id: one.geometry for one in island.world.parcelles if one.commune == island.code}
    found = dict(zip(columns[list(meta["fields"]).index("id")], shapely.from_wkb(shapes), strict=True))
    assert set(found) == set(wanted)
    assert max(shapely.hausdorff_distance(found[id], shape) for id, shape in wanted.items()) < 0.006
