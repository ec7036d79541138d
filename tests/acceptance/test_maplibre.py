"""MapLibre styles in a real browser, over our own tiles: no other host is asked, everything draws, words are turned.

MapLibre GL is none of our parts: `setup/maplibre.sh` puts it beside the tests' libraries where npm is there, or
GEOSOCLE_MAPLIBRE names the folder that holds it; the test is left out without it.
"""

import base64
import io
import json
import math
import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from pyproj import Transformer

from data_samples.edigeo import Lot
from tests.acceptance.browsing import CHROMIUM, launched
from tests.acceptance.conftest import EVERYTHING

ROOT = Path(__file__).parents[2]
INSTALLED = next(ROOT.glob(".venv/maplibre/*/dist"), Path("/usr/share/javascript/maplibre-gl"))
DIST = Path(os.environ.get("GEOSOCLE_MAPLIBRE", INSTALLED))
STYLES = ROOT / "styles"
SOFTWARE = ["--no-sandbox", "--use-angle=swiftshader", "--enable-unsafe-swiftshader", "--ignore-gpu-blocklist"]
SIDE = 600
SHOWN = ("parcelles", "batiments", "etiquettes", "sections", "communes", "troncons_route", "numeros_voirie")
PAGE = """<!doctype html><html lang="fr"><meta charset="utf-8"><title>essai</title>
<link rel="stylesheet" href="/essai/maplibre-gl.css"><script src="/essai/maplibre-gl.js"></script>
<style>body { margin: 0 } #carte { width: 600px; height: 600px }</style><div id="carte"></div>"""
DRAW = """([style, centre, zoom]) => new Promise((done, failed) => {
  for (const source of Object.values(style.sources)) {
    if (source.url) source.url = new URL(source.url, location).href;
    if (source.tiles) source.tiles = source.tiles.map((tile) => location.origin + tile);
  }
  const map = new maplibregl.Map({ container: "carte", style, center: centre, zoom, fadeDuration: 0,
    attributionControl: false, canvasContextAttributes: { preserveDrawingBuffer: true } });
  window.faults = [];
  map.on("error", (event) => window.faults.push(String(event.error && event.error.message || event)));
  map.once("idle", () => done({ faults: window.faults, image: map.getCanvas().toDataURL(),
    words: map.queryRenderedFeatures().filter((one) => one.layer.type === "symbol").map((one) => one.properties) }));
  setTimeout(() => failed(new Error("la carte n'a pas fini : " + window.faults.join(" ; "))), 40000);
})"""

pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium n'est pas installé"),
    pytest.mark.skipif(not (DIST / "maplibre-gl.js").is_file(), reason="maplibre-gl n'est pas là (setup/maplibre.sh)"),
]


@pytest.fixture(scope="module")
def browser() -> Iterator[object]:
    with launched(SOFTWARE) as chromium:
        yield chromium


class Map:
    """A browser of a commune's, on a page that holds MapLibre alone; all that it asked of anybody."""

    def __init__(self, browser, served, token):
        self.url, self.asked = served.url, []
        headers = {"Authorization": f"Bearer {token}"}
        self.context = browser.new_context(extra_http_headers=headers, viewport={"width": SIDE, "height": SIDE})
        self.context.on("request", lambda request: self.asked.append(request.url))
        self.context.route("**/essai/**", self.given)

    def given(self, route):
        """Give the page, and MapLibre's own files."""
        name = route.request.url.rpartition("/")[2]
        kinds = {"js": "text/javascript", "css": "text/css"}
        if name in ("maplibre-gl.js", "maplibre-gl.css"):
            route.fulfill(body=(DIST / name).read_bytes(), content_type=kinds[name.rpartition(".")[2]])
        else:
            route.fulfill(body=PAGE, content_type="text/html; charset=utf-8")

    def draw(self, style, centre, zoom):
        """Draw a style, and return the picture, the words on it and what went wrong."""
        page = self.context.new_page()
        page.goto(f"{self.url}/essai/page")
        answer = page.evaluate(DRAW, [style, centre, zoom])
        page.close()
        picture = Image.open(io.BytesIO(base64.b64decode(answer["image"].partition(",")[2])))
        return np.asarray(picture.convert("RGBA")), answer["words"], answer["faults"]

    def foreign(self):
        """What was asked of another host."""
        return [address for address in self.asked if not address.startswith((self.url, "data:", "blob:"))]


@pytest.fixture(scope="module")
def chart(browser, served):
    one = Map(browser, served, served.tokens[EVERYTHING])
    yield one
    one.context.close()


@pytest.fixture(scope="module")
def town(world, neighbours):
    """The commune's town: its sheet, and its middle in longitude and latitude."""
    sheet = next(one for one in world.feuilles if one.commune == neighbours[0] and one.section == "AB")
    point = sheet.geometry.representative_point()
    middle = Transformer.from_crs(2154, 4326, always_xy=True).transform(point.x, point.y)
    return sheet, middle, [label for _, label in Lot(world, sheet).labels()]


def style_of(name):
    return json.loads((STYLES / f"{name}.json").read_text("utf-8"))


@pytest.mark.parametrize("name", sorted(path.stem for path in STYLES.glob("*.json")))
def test_each_style_is_one_that_maplibre_takes_and_asks_our_host_alone(chart, town, name):
    picture, _, faults = chart.draw(style_of(name), town[1], 17.5)
    assert faults == chart.foreign() == []
    if name in SHOWN:
        assert (picture[:, :, 3] > 0).mean() > 0.0003


def test_a_parcels_number_is_written_once_where_tiles_meet_too(chart, town):
    picture, words, _ = chart.draw(style_of("parcelles"), town[1], 18)  # wider than one tile
    written = Counter(word["id"] for word in words)
    assert len(written) > 5
    assert [id for id, times in written.items() if times > 1] == []


def test_words_are_turned_as_the_sheet_has_them(chart, town):
    sheet, lots = town[0], town[2]
    to_degrees = Transformer.from_crs(2154, 4326, always_xy=True)
    long = [label for label in lots if len(label.text) > 7 and 10 < label.angle % 180 < 170]
    assert long, sheet.id
    for label in long[:3]:
        style = style_of("etiquettes")
        (layer,) = style["layers"]
        layer["filter"] = ["==", ["get", "texte"], label.text]
        picture, words, _ = chart.draw(style, to_degrees.transform(*label.place), 19)
        assert any(abs(word["angle"] - label.angle) < 0.1 for word in words if word["texte"] == label.text)
        rows, columns = np.nonzero((picture[:, :, 3] > 128) & (picture[:, :, :3].sum(axis=2) < 300))
        near = np.hypot(rows - SIDE / 2, columns - SIDE / 2) < SIDE / 2
        spread = np.cov(columns[near], -rows[near])
        drawn = math.degrees(math.atan2(*np.linalg.eigh(spread)[1][::-1, 1])) % 180
        assert abs((drawn - label.angle + 90) % 180 - 90) < 6, (label, drawn)  # letters' own shapes lean a little
