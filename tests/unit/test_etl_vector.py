"""A vector file is read by the driver that its content says, in the encoding that its texts have."""

import json
from datetime import date
from pathlib import Path

import numpy as np
import pyogrio.raw
import pytest
import shapely

from catalog.errors import DeliveryError
from etl import vector
from etl.deliveries import Lot
from etl.networks import integer, mapping
from etl.rows import printable, slug, text
from tests.conftest import let_others_in


def lot(path: Path, content: bytes | None = None) -> Lot:
    if content is not None:
        path.write_bytes(content)
    let_others_in(path.parent)
    return Lot(path.name, path, (path,), date(2026, 11, 23))


def test_the_content_says_the_driver_and_not_the_name(tmp_path: Path) -> None:
    assert vector.driver(lot(tmp_path / "a.txt", b"SQLite format 3\x00..."), ("GPKG", "ESRI Shapefile")) == "GPKG"
    assert (
        vector.driver(lot(tmp_path / "b.txt", b"\x00\x00\x27\x0a..."), ("GPKG", "ESRI Shapefile")) == "ESRI Shapefile"
    )
    assert vector.driver(lot(tmp_path / "c.txt", b' \n{"type"'), ("GeoJSON",)) == "GeoJSON"
    assert vector.driver(lot(tmp_path / "d.txt", b"II*\x00"), ("GTiff",)) == "GTiff"


@pytest.mark.parametrize(
    "content", [b"<VRTDataset/>", b"<OGRVRTDataSource/>", b"", b"<?xml?>", b"GIF89a", b"PK\x03\x04"]
)
def test_anything_else_is_refused(content: bytes, tmp_path: Path) -> None:
    with pytest.raises(DeliveryError, match="quel que soit le nom du fichier"):
        vector.driver(lot(tmp_path / "a.tif", content), ("GTiff", "GPKG", "GeoJSON"))


def test_a_layer_comes_with_its_fields_its_system_and_its_rows(tmp_path: Path) -> None:
    path = tmp_path / "a.gpkg"
    shapes = np.array(shapely.to_wkb([shapely.Point(360_000, 6_630_000), None]), dtype=object)
    columns = [np.array(["é", None], dtype=object), np.array([1, 2]), np.array([1.5, np.nan])]
    pyogrio.raw.write(path, shapes, columns, ["nom", "n", "x"], geometry_type="Point", crs="EPSG:2154")
    (layer,) = vector.read(lot(path), "GPKG")
    assert (layer.name, layer.count, layer.fields, layer.crs) == ("a", 2, ["nom", "n", "x"], "EPSG:2154")
    (_, first, body), (_, second, empty) = layer.rows
    assert first == {"nom": "é", "n": 1, "x": 1.5}
    assert shapely.from_wkb(body).x == 360_000
    assert (second["n"], empty) == (2, b"")


def test_curves_are_made_of_segments(tmp_path: Path, shared_data: Path) -> None:
    original = shared_data / "edgy" / "curves" / "curvepolygon.gpkg"
    layers = vector.read(lot(tmp_path / "curve.gpkg", original.read_bytes()), "GPKG")
    assert shapely.from_wkb(layers[0].rows[0][2]).geom_type in ("Polygon", "MultiPolygon")


def test_another_driver_than_the_one_named_is_never_tried(tmp_path: Path) -> None:
    content = {"type": "FeatureCollection", "features": []}
    with pytest.raises(DeliveryError, match="a.gpkg"):
        vector.read(lot(tmp_path / "a.gpkg", json.dumps(content).encode()), "GPKG")


@pytest.mark.parametrize(
    ("name", "codec"),
    [("1252", "cp1252"), ("ANSI 1252", "cp1252"), ("88591", "iso8859-1"), ("ISO 88591", "iso8859-1"),
     ("ISO-8859-15", "iso8859-15"), ("latin1", "iso8859-1"), ("UTF-8", "utf-8"), ("cp850", "cp850")],
)  # fmt: skip
def test_an_encoding_is_known_by_each_of_its_names(name: str, codec: str) -> None:
    assert vector.codec(name) == codec


def test_an_unknown_encoding_is_refused_where_it_is_asked_for_and_else_ignored() -> None:
    with pytest.raises(DeliveryError, match="encodage inconnu"):
        vector.codec("klingon")
    assert vector.codec("klingon", "cp1252") == "cp1252"


def test_a_text_is_freed_of_control_characters_and_an_empty_one_is_nothing() -> None:
    assert text(" a\x00b\x1f ") == "ab"
    assert text("  ") is text(None) is None
    assert printable("\udce9") == "?"


def test_a_name_becomes_an_identifier() -> None:
    assert slug("Été 2026 (bis)") == "ete-2026-bis"
    assert slug("…") == "sans-nom"


@pytest.mark.parametrize(
    ("value", "number"),
    [
        (1987, 1987),
        ("1987", 1987),
        ("12,6", 13),
        (-9999, None),
        ("inconnu", None),
        (None, None),
        ("inf", None),
        (10**12, None),
    ],
)
def test_a_number_is_whole_or_nothing(value: object, number: int | None) -> None:
    assert integer(value, (-9999,)) == number


def test_the_mapping_of_water_names_each_column_of_the_dataset() -> None:
    from catalog.loader import datasets

    known = mapping("eau")
    dataset = datasets()[known.dataset]
    ours = {name for group in dataset.groups.values() for name in group} - {"commune", "edition"}
    assert set(known.columns) == ours
