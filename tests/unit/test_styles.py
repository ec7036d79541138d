"""Styles are named as their datasets and speak of columns that those have."""

import json
import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

from catalog.loader import datasets
from etl import lineage
from services.providers.tiles import NAMES_ZOOM, points_of

STYLES = Path(__file__).parents[2] / "styles"


@pytest.mark.parametrize("dataset", datasets().values(), ids=datasets())
def test_every_dataset_has_its_styles_for_qgis_and_for_maplibre(dataset):
    assert (STYLES / f"{dataset.style}.qml").is_file()
    assert (STYLES / f"{dataset.style}.json").is_file()


def is_written_once(dataset, layer):
    """True for names that tiles have points for: those of surfaces, from the zoom where these are."""
    return layer["type"] == "symbol" and dataset.geometry == "MultiPolygon" and layer["minzoom"] >= NAMES_ZOOM


def test_no_style_is_without_a_dataset():
    assert {path.stem for path in STYLES.glob("*.*")} <= {dataset.style for dataset in datasets().values()}


@pytest.mark.parametrize("dataset", datasets().values(), ids=datasets())
def test_a_maplibre_style_draws_the_datasets_own_tiles_and_columns(dataset):
    text = (STYLES / f"{dataset.style}.json").read_text("utf-8")
    style = json.loads(text)
    assert style["version"] == 8
    assert "://" not in text
    assert all(layer["source"] in style["sources"] for layer in style["layers"])
    for layer in style["layers"]:
        assert layer.get("source-layer", dataset.id) == (
            points_of(dataset) if is_written_once(dataset, layer) else dataset.id
        )
    assert set(re.findall(r'"get",\s*"(\w+)"', text)) <= set(dataset.columns())


@pytest.mark.parametrize("dataset", datasets().values(), ids=datasets())
def test_a_qgis_style_suits_the_datasets_geometry_and_columns(dataset):
    root = ElementTree.parse(STYLES / f"{dataset.style}.qml").getroot()
    kind = {"Point": "marker", "MultiLineString": "line", "MultiPolygon": "fill"}[dataset.geometry]
    assert {symbol.get("type") for symbol in root.iterfind(".//symbols/symbol")} == {kind}
    assert {text.get("fieldName") for text in root.iter("text-style")} <= set(dataset.columns())


def test_both_styles_of_mutations_tell_their_natures_apart():
    natures = {
        lineage.CREATION,
        lineage.SUPPRESSION,
        lineage.DIVISION,
        lineage.MERGER,
        lineage.ATTRIBUTES,
        lineage.FUSION,
    }
    root = ElementTree.parse(STYLES / "mutations.qml").getroot()
    named = {one.get("value") for one in root.iter("category")}
    assert named == natures | {lineage.RESHAPING, lineage.RENUMBERING, lineage.REWORK}
    assert len({one.get("symbol") for one in root.iter("category")}) == len(named)
    for layer in json.loads((STYLES / "mutations.json").read_text("utf-8"))["layers"]:
        if layer["type"] in ("fill", "line"):
            (colour,) = (value for value in layer["paint"].values() if isinstance(value, list) and value[0] == "match")
            assert set(colour[2:-1:2]) == natures
