"""The département for measuring: of the shape that real parcels have, and quickly made."""

import gzip
import json
from io import StringIO

import numpy as np
import pytest
import shapely
from pyproj import Transformer

from data_samples.department import department_batches, department_parcels, write_parcels_copy, write_parcels_etalab


@pytest.fixture(scope="module")
def rows() -> list[tuple]:
    return list(department_parcels(communes=30, total=20_000))


@pytest.fixture(scope="module")
def geometries(rows) -> np.ndarray:
    return shapely.from_wkb([row[-1] for row in rows])


def test_as_many_parcels_as_asked_in_as_many_communes_each_id_once(rows):
    assert len(rows) == 20_000
    assert len({row[0] for row in rows}) == 20_000
    assert len({row[1] for row in rows}) == 30
    assert {len(row[0]) for row in rows} == {14}
    assert all(row[0] == "".join(row[1:5]) for row in rows)


def test_a_million_parcels_have_a_town_of_63_000():
    first = next(iter(department_batches(total=1_000_000)))
    assert len(first) == 63_000


def test_a_department_of_one_commune_is_one_town():
    assert [len(batch) for batch in department_batches(communes=1, total=500)] == [500]


def test_geometries_are_valid_in_lambert_93_with_eight_vertices(geometries):
    assert shapely.is_valid(geometries).all()
    assert set(shapely.get_srid(geometries)) == {2154}
    assert set(shapely.get_num_coordinates(geometries)) == {9}


def test_no_parcel_overlaps_another_and_communes_touch(rows, geometries):
    codes = np.array([row[1] for row in rows])
    left, right = shapely.STRtree(geometries).query(geometries, predicate="intersects")
    left, right = left[left < right], right[left < right]
    assert shapely.area(shapely.intersection(geometries[left], geometries[right])).max() == 0
    assert (codes[left] != codes[right]).sum() > 1_000


def test_a_box_of_150_metres_holds_about_35_parcels_and_one_of_600_about_420(geometries):
    tree = shapely.STRtree(geometries)
    middle = shapely.centroid(geometries[len(geometries) // 2])
    small, large = (len(tree.query(middle.buffer(side / 2, cap_style="square"))) for side in (150, 600))
    assert 25 <= small <= 55
    assert 350 <= large <= 650


def test_the_same_seed_gives_the_same_rows():
    assert list(department_parcels(seed=3, communes=4, total=300)) == list(department_parcels(3, 4, 300))
    assert list(department_parcels(seed=4, communes=4, total=300)) != list(department_parcels(3, 4, 300))


def test_rows_are_written_as_copy_text_and_progress_is_told():
    file, told = StringIO(), []
    assert write_parcels_copy(file, communes=4, total=1_000, advance=told.append) == 1_000
    assert sum(told) == 1_000
    lines = file.getvalue().splitlines()
    assert {line.count("\t") for line in lines} == {6}


def test_a_department_is_written_as_etalabs_one_layer_of_it(tmp_path):
    path = tmp_path / "cadastre-85-parcelles.json.gz"
    assert write_parcels_etalab(path, communes=4, total=300) == 300
    features = json.loads(gzip.decompress(path.read_bytes()))["features"]
    rows = list(department_parcels(communes=4, total=300))
    assert [one["properties"]["id"] for one in features] == [row[0] for row in rows]
    degrees = shapely.from_geojson(json.dumps(features[0]["geometry"]))
    back = shapely.transform(degrees, Transformer.from_crs(4326, 2154, always_xy=True).transform, interleaved=False)
    assert back.hausdorff_distance(shapely.from_wkb(rows[0][-1])) < 0.02
