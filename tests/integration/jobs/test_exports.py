"""Exports: what was asked, as far as it is given, and no more."""

import csv
import io
import json

import pyogrio
import pyogrio.raw
import pytest

from catalog import access
from catalog.database import as_loader
from catalog.errors import BadRequest, NotFound
from catalog.loader import datasets
from services import jobs, results
from services.crs import systems
from services.export_files import FORMATS
from services.exports import read_export
from services.running import run
from tests.integration.jobs.desk import A, B, ask, read, sql, wait_for, worker


def test_a_worker_writes_what_was_asked_and_no_more(world, web, ici):
    job = ask(web, ici)
    with worker(world):
        done = wait_for(web, ici, job, "successful", "failed")
    assert (done.status, done.progress, done.file, done.message) == ("successful", 100, "parcelles.gpkg", "")
    path = results.result(world, job.id)
    rows = read(path)
    assert done.size == path.stat().st_size
    assert [row["id"] for row in rows] == [f"{A}000AA{i:04}" for i in range(1, 31)]
    assert {row["commune"] for row in rows} == {A}
    assert list(rows[0]) == ["fid", "geom", "id", *datasets()["parcelles"].columns()]


def test_nulls_dates_and_numbers_are_what_the_table_holds(running, web, ici):
    job = ask(web, ici)
    run(running, job.id, lambda: False)
    first, second, third = read(results.result(running.settings, job.id))[:3]
    assert (first["contenance"], second["contenance"]) == (None, 2)
    assert (second["arpente"], third["arpente"]) == (None, 1)
    assert (first["edition"], first["creation"]) == ("2026-01-01", None)


def test_a_group_that_is_held_in_one_commune_is_null_in_the_other(running, web, ici):
    job = ask(web, ici, dataset="canalisations_eau")
    run(running, job.id, lambda: False)
    rows = read(results.result(running.settings, job.id), "canalisations_eau")
    assert {row["id"]: row["materiau"] for row in rows} == {"C1.85901": "PVC <110", "C1.85902": None}
    assert {row["exploitant"] for row in rows} == {"Régie d'Été"}


def test_a_group_that_is_not_given_has_no_column(world, running, web, tokens):
    sql(world, "DELETE FROM access.rights WHERE attribute_group = 'technical'")
    ici = access.authenticate(web, tokens["ici"])
    job = ask(web, ici, dataset="canalisations_eau")
    run(running, job.id, lambda: False)
    rows = read(results.result(running.settings, job.id), "canalisations_eau")
    assert "exploitant" in rows[0] and "materiau" not in rows[0]


@pytest.mark.parametrize("crs", systems())
def test_coordinates_are_in_the_crs_that_was_asked_longitude_first(running, web, ici, crs):
    job = ask(web, ici, crs=crs)
    run(running, job.id, lambda: False)
    srid = systems()[crs].srid
    info = pyogrio.read_info(str(results.result(running.settings, job.id)))
    expected = {4326: (-1.5, 46.6), 2154: (360010, 6630000), 3947: (None, None), 3857: (-161489, 5870000)}[srid]
    assert info["crs"] == f"EPSG:{srid}"
    assert info["features"] == 30
    for found, wanted in zip(info["total_bounds"][:2], expected, strict=True):
        assert wanted is None or found == pytest.approx(wanted, rel=0.05)


def test_an_export_without_objects_is_an_empty_layer(world, running, web, ici):
    with as_loader(world) as connection:
        connection.execute("DELETE FROM cadastre.parcelles")
    job = ask(web, ici)
    run(running, job.id, lambda: False)
    info = pyogrio.read_info(str(results.result(world, job.id)))
    assert (info["features"], "numero" in info["fields"]) == (0, True)


def test_more_rows_than_one_batch_all_come_once(world, running, web, ici, monkeypatch):
    monkeypatch.setattr("services.exports.BATCH", 7)
    job = ask(web, ici)
    run(running, job.id, lambda: False)
    rows = read(results.result(world, job.id))
    assert [row["numero"] for row in rows] == [f"{i:04}" for i in range(1, 31)]


def test_a_commune_that_is_not_given_does_not_exist(web, ici):
    for communes in ([B], [A, B], ["99999"], ["x"], [""], ["8590"]):
        with pytest.raises(NotFound) as raised:
            read_export({"dataset": "parcelles", "communes": communes}, web, ici)
        assert str(raised.value) == str(NotFound())


def test_a_dataset_that_is_not_given_does_not_exist(web, ici):
    for dataset in ("batiments", "rien", "", "parcelles; DROP"):
        with pytest.raises(NotFound) as raised:
            read_export({"dataset": dataset}, web, ici)
        assert str(raised.value) == str(NotFound())


WRONG_INPUTS = [
    {}, {"dataset": 1}, {"dataset": "parcelles", "communes": A}, {"dataset": "parcelles", "communes": []},
    {"dataset": "parcelles", "communes": [1]}, {"dataset": "parcelles", "communes": {}}, {"dataset": ["parcelles"]},
    {"dataset": "parcelles", "crs": "EPSG:9999"}, {"dataset": "parcelles", "crs": []}, {"dataset": "parcelles", "x": 1},
]  # fmt: skip


def test_inputs_of_the_wrong_kind_are_refused(web, ici):
    for inputs in WRONG_INPUTS:
        with pytest.raises(BadRequest):
            read_export(inputs, web, ici)


# pyogrio's own, where it reads a day that is null
@pytest.mark.filterwarnings("ignore:The 'generic' unit:DeprecationWarning")
@pytest.mark.parametrize("form", ["fgb", "csv", "geojson"])
def test_every_format_holds_the_rows_of_the_geopackage(running, web, ici, monkeypatch, form):
    monkeypatch.setattr("services.exports.BATCH", 7)
    job = ask(web, ici, format=form)
    run(running, job.id, lambda: False)
    done = jobs.find(web, ici, str(job.id))
    assert (done.status, done.file, done.media_type) == ("successful", f"parcelles.{form}", FORMATS[form])
    path = results.result(running.settings, job.id)
    rows = written(path.read_bytes(), form)
    assert sorted(row["id"] for row in rows) == [f"{A}000AA{i:04}" for i in range(1, 31)]
    by_id = {row["id"]: row for row in rows}
    assert by_id[f"{A}000AA0001"]["contenance"] in (None, "")
    assert float(by_id[f"{A}000AA0002"]["contenance"]) == 2
    assert str(by_id[f"{A}000AA0002"]["edition"]).startswith("2026-01-01")
    assert [each.name for each in results.folder(running.settings).iterdir()] == [path.name]


def written(body, form):
    """The rows of a file."""
    if form == "csv":
        return list(csv.DictReader(io.StringIO(body.decode(), newline="")))
    if form == "geojson":
        return [{"id": each["id"], **each["properties"]} for each in json.loads(body)["features"]]
    meta, _, _, columns = pyogrio.raw.read(io.BytesIO(body))
    rows = [dict(zip(meta["fields"], row, strict=True)) for row in zip(*columns, strict=True)]
    return [{name: None if value != value else value for name, value in row.items()} for row in rows]


@pytest.mark.parametrize("form", ["fgb", "csv", "geojson"])
def test_no_format_holds_a_group_that_is_not_given(world, running, web, tokens, form):
    for given in (True, False):
        if not given:
            sql(world, "DELETE FROM access.rights WHERE attribute_group = 'technical'")
        job = ask(web, access.authenticate(web, tokens["ici"]), dataset="canalisations_eau", format=form)
        run(running, job.id, lambda: False)
        body = results.result(running.settings, job.id).read_bytes()
        assert (b"materiau" in body) == (b"PVC <110" in body) == given
        assert b"exploitant" in body


@pytest.mark.parametrize("form", ["shp", "", 1, None, ["csv"]])
def test_a_format_that_is_not_offered_is_refused(web, ici, form):
    with pytest.raises(BadRequest):
        read_export({"dataset": "parcelles", "format": form}, web, ici)
