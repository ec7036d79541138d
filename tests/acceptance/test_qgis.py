"""QGIS opens a commune's parcels with a credential from its own store, counts what it may see, and draws it."""

import json
import math
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
import shapely
from osgeo import gdal

from data_samples.edigeo import Lot

gdal.UseExceptions()

ROOT = Path(__file__).parents[2]
CLIENT = Path(__file__).with_name("qgis_client.py")
PYTHON = "/usr/bin/python3"  # the one that the distribution's bindings are for

FILTERS = {
    '"contenance" > 1000': lambda parcel: parcel.contenance is not None and parcel.contenance > 1000,
    '"contenance" * 2 > 1000': lambda parcel: parcel.contenance is not None and parcel.contenance * 2 > 1000,
    "\"numero\" IN ('0001', '0002')": lambda parcel: parcel.numero in ("0001", "0002"),
    '"section" LIKE \'%A\' AND NOT "arpente" = true': lambda p: p.section.endswith("A") and not p.arpente,
}


def missing() -> str | None:
    """Say what is not there, if anything."""
    if shutil.which("xvfb-run") is None:
        return "xvfb-run (paquet xvfb) n'est pas là"
    look = [PYTHON, "-c", "import qgis.core"]
    if subprocess.run(look, env=environment(), capture_output=True).returncode:
        return "QGIS (paquet python3-qgis) n'est pas là"
    return None


def environment() -> dict[str, str]:
    """Nothing of this test's own Python; a home of QGIS's own."""
    return {"PATH": "/usr/bin:/bin", "HOME": os.environ.get("TMPDIR", "/tmp"), "LC_ALL": "C.UTF-8"}


NOT_THERE = missing()
pytestmark = pytest.mark.skipif(NOT_THERE is not None, reason=NOT_THERE or "")


@dataclass(frozen=True)
class Session:
    """What one commune's QGIS showed."""

    layer: dict[str, Any]
    picture: Path


def asked(served, token: str, home: Path, collection: str = "parcelles", **more: Any) -> Session:
    """Have QGIS open a collection with a token, and draw it in its style."""
    picture = home / "carte.png"
    order = {"url": served.url, "collection": collection, "token": token, "picture": str(picture)}
    order |= {"filters": [], "system": "EPSG:2154"}
    order |= {"style": str(ROOT / "styles" / f"{collection}.qml"), **more}
    command = ["xvfb-run", "--auto-servernum", PYTHON, str(CLIENT)]
    own = environment() | {"HOME": str(home), "XDG_RUNTIME_DIR": str(home)}
    result = subprocess.run(command, input=json.dumps(order), env=own, capture_output=True, text=True, timeout=180)
    assert result.returncode == 0, result.stderr
    return Session(json.loads(result.stdout.strip().splitlines()[-1]), picture)


@pytest.fixture(scope="module")
def sessions(served, neighbours, tmp_path_factory) -> dict[str, Session]:
    """One QGIS a commune."""
    return {
        code: asked(served, served.tokens[code], tmp_path_factory.mktemp(code), filters=list(FILTERS))
        for code in neighbours
    }


def test_each_commune_counts_its_own_parcels(sessions, held):
    assert {code: session.layer["count"] for code, session in sessions.items()} == {
        code: len(parcels) for code, parcels in held.items()
    }


def test_each_commune_gets_its_own_parcels_each_once_and_none_of_its_neighbours(sessions, held):
    for code, session in sessions.items():
        found = session.layer["ids"]
        assert len(found) == len(set(found))
        assert set(found) == held[code]


def test_a_layer_filter_leaves_what_it_says(sessions, world):
    for code, session in sessions.items():
        for text, holds in FILTERS.items():
            wanted = {one.id for one in world.parcelles if one.commune == code and holds(one)}
            assert set(session.layer["filtered"][text]) == wanted, text


def test_attributes_have_their_types(sessions, neighbours):
    fields = sessions[neighbours[0]].layer["fields"]
    assert fields["commune"] == "String"
    assert fields["contenance"] == "Integer"
    assert fields["edition"] == "Date"


def test_zooming_to_the_layer_goes_to_the_commune(sessions, world):
    for code, session in sessions.items():
        parcels = shapely.union_all([one.geometry for one in world.parcelles if one.commune == code])
        shown = shapely.box(*session.layer["extent_in_metres"])
        assert shown.buffer(1).contains(parcels)
        assert shown.area < 1.4 * shapely.box(*parcels.bounds).area  # a box in degrees is askew in metres


def test_the_map_is_drawn(sessions):
    for session in sessions.values():
        bands = gdal.Open(str(session.picture)).ReadAsArray()[:3]
        drawn = (bands != 255).any(axis=0).mean()
        assert drawn > 0.2


def test_words_are_written_where_the_sheet_has_them_turned_as_it_has_them(served, neighbours, world, tmp_path):
    sheet = next(one for one in world.feuilles if one.commune == neighbours[0])
    x, y = sheet.geometry.centroid.coords[0]
    box = shapely.box(x - 60, y - 60, x + 60, y + 60)
    known = [label for _, label in Lot(world, sheet).labels() if box.contains(shapely.Point(label.place))]
    assert any(label.angle for label in known)
    token = served.tokens[neighbours[0]]
    drawn = asked(served, token, tmp_path, "etiquettes", box=box.bounds).layer["labels"]
    assert len(drawn) > len(known) / 2  # QGIS leaves out those that would lie on others
    for text, (start, end, *_) in drawn:
        bearing = math.degrees(math.atan2(end[1] - start[1], end[0] - start[0])) % 360
        near = [label for label in known if label.text == text and math.dist(label.place, start) < 0.5]
        assert any(abs((bearing - label.angle + 180) % 360 - 180) < 1 for label in near), (text, bearing)


def test_neighbours_do_not_draw_the_same(sessions, neighbours):
    first, second = (sessions[code].picture.read_bytes() for code in neighbours)
    assert first != second


def test_a_bad_token_gives_no_layer(served, tmp_path):
    session = asked(served, "geosocle_faux", tmp_path)
    assert not session.layer["valid"]
    assert not session.picture.exists()


def test_the_size_of_a_page_stands_where_qgis_looks_for_it(served):
    limit = httpx.get(f"{served.url}/openapi").json()["components"]["parameters"]["limit"]["schema"]
    assert limit["maximum"] >= 1000  # QGIS then asks for pages of 1000, else of 100
