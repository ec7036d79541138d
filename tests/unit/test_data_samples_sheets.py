"""The département of sheets is one: communes side by side, sheets that cover them, lots that GDAL reads whole."""

from collections import Counter
from pathlib import Path

import pytest
import shapely
from typer.testing import CliRunner

from data_samples.department_sheets import PER_SHEET, Place, places, worlds, write_commune, write_department
from data_samples.make import main
from etl import deliveries, edigeo, kinds
from etl.edigeo import lead, lost
from etl.nursery import Nursery


def test_a_departement_has_whole_sheets_and_no_two_communes_in_one_place() -> None:
    communes = places(1_204_000)
    assert sum(place.sheets for place in communes) == 4300
    assert len({place.code for place in communes}) == len({(place.column, place.row) for place in communes}) == 252


@pytest.mark.parametrize("sheets", [1, 3, 5])
def test_sheets_cover_their_commune_and_hold_their_parcels(sheets: int) -> None:
    made = list(worlds(Place(85, "85500", sheets, 0, 0)))
    commune = made[0].communes[0].geometry
    grounds = shapely.union_all([world.feuilles[0].geometry for world in made])
    assert commune.is_valid
    assert commune.difference(grounds).area < 0.05 * commune.area  # the roads between
    for world in made:
        ground = world.feuilles[0].geometry.buffer(0.01)
        assert len(world.parcelles) == PER_SHEET
        assert all(ground.covers(parcel.geometry) and parcel.geometry.is_valid for parcel in world.parcelles)
        assert commune.buffer(0.01).covers(world.feuilles[0].geometry)


def test_gdal_reads_each_object_of_a_lot(tmp_path: Path) -> None:
    write_commune(Place(85, "85500", 1, 0, 0), tmp_path)
    (world,) = worlds(Place(85, "85500", 1, 0, 0))
    with (
        deliveries.opened(tmp_path / "85500" / "edigeo-85500000AA01.tar.bz2", kinds.selector("cadastre")) as (lot,),
        Nursery() as nursery,
    ):
        known = lead(lot)
        found = edigeo.things(lot, known, nursery)
    read = Counter(thing.layer for thing in found)
    assert read["PARCELLE_id"] == PER_SHEET
    assert read["BATIMENT_id"] == len(world.batiments) > PER_SHEET / 2
    assert read["SUBDFISC_id"] == len(world.subdivisions_fiscales)
    assert lost(known, found) == []


def test_the_same_seed_writes_the_same_bytes_in_however_many_processes(tmp_path: Path) -> None:
    assert write_department(tmp_path / "a", 2 * PER_SHEET) == 2
    for place in places(2 * PER_SHEET):
        write_commune(place, tmp_path / "b")
    written = [{path.name: path.read_bytes() for path in (tmp_path / one).rglob("*.bz2")} for one in "ab"]
    assert written[0] == written[1]
    assert len(written[0]) == 2


def test_a_departement_is_written_for_copy_or_as_sheets_only(tmp_path: Path) -> None:
    import typer

    app = typer.Typer()
    app.command()(main)
    refused = CliRunner().invoke(app, ["--department", "--formats", "eau", "--output", str(tmp_path)])
    assert refused.exit_code == 2
    assert list(tmp_path.iterdir()) == []
