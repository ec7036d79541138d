import re
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from services import static_files
from services.static_files import mounts

STYLE = Path(static_files.__file__).with_name("static").joinpath("geosocle.css").read_text("utf-8")
COLOURS = dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6});", STYLE))


def test_leaflet_is_served_from_the_folder_that_is_named(monkeypatch, tmp_path):
    (tmp_path / "leaflet.js").write_text("// Leaflet")
    monkeypatch.setenv("GEOSOCLE_LEAFLET", str(tmp_path))
    client = TestClient(Starlette(routes=mounts()))
    assert client.get("/static/leaflet/leaflet.js").text == "// Leaflet"
    assert client.get("/static/geosocle.css").status_code == 200


def test_without_leaflet_its_files_do_not_exist_and_ours_do(monkeypatch, tmp_path):
    monkeypatch.setenv("GEOSOCLE_LEAFLET", str(tmp_path / "absent"))
    client = TestClient(Starlette(routes=mounts()))
    assert client.get("/static/leaflet/leaflet.js").status_code == 404
    assert client.get("/static/geosocle.css").status_code == 200


def test_nothing_beside_the_folder_is_served():
    client = TestClient(Starlette(routes=mounts()))
    for path in (
        "/static/../app.py",
        "/static/%2e%2e/app.py",
        "/static/..%2fapp.py",
        "/static//etc/passwd",
        "/static/",
    ):
        assert client.get(path).status_code == 404, path


def luminance(colour):
    """The relative luminance of a colour, as WCAG defines it."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("ground", ["fond", "pale"])
@pytest.mark.parametrize("text", ["encre", "discret", "vif", "vif-fonce"])
def test_texts_stand_out_from_their_ground(text, ground):
    dark, light = sorted([luminance(COLOURS[text]), luminance(COLOURS[ground])])
    assert (light + 0.05) / (dark + 0.05) >= 4.5


def test_the_style_loads_nothing():
    assert "url(" not in STYLE and "@import" not in STYLE
