"""EDIGEO lots as GDAL reads them, against the world that they were written from.

GDAL's own binding reads in another process: this one has other copies of GDAL, inside pyogrio's and rasterio's wheels.
"""

import json
import subprocess
import sys
import tarfile
from collections import Counter
from pathlib import Path

import pytest
import shapely

from data_samples.edigeo import Lot, write_lots
from data_samples.edigeo_records import file_content, line
from data_samples.edition import renewed, second_edition
from data_samples.model import World

READ = """
import json, sys
from osgeo import gdal
gdal.UseExceptions()
for entry in sys.argv[1:]:
    lot = gdal.OpenEx(entry, gdal.OF_VECTOR, allowed_drivers=["EDIGEO"])
    layers = [lot.GetLayer(number) for number in range(lot.GetLayerCount())]
    print(json.dumps({layer.GetName(): [
        feature.items() | {"wkb": feature.GetGeometryRef().ExportToWkb().hex()} for feature in layer
    ] for layer in layers}))
"""


@pytest.fixture(scope="module")
def lots(world: World, tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict]:
    """Layers by sheet, as GDAL gives them."""
    return _read(world, world.feuilles, tmp_path_factory.mktemp("lots"))


def _read(world: World, sheets, folder: Path) -> dict[str, dict]:
    entries = []
    for archive in write_lots(world, folder, sheets):
        opened = folder / archive.name.removesuffix(".tar.bz2")
        with tarfile.open(archive) as members:
            members.extractall(opened, filter="data")
        entries += opened.glob("*.THF")
    run = subprocess.run([sys.executable, "-c", READ, *map(str, entries)], capture_output=True, text=True, check=True)
    assert run.stderr == ""
    lots = [json.loads(lot) for lot in run.stdout.splitlines()]
    return dict(zip((sheet.id for sheet in sheets), lots, strict=True))


def _geometry(feature: dict) -> shapely.Geometry:
    return shapely.from_wkb(feature["wkb"])


def test_every_sheet_has_one_commune_one_section_and_itself_whole(world, lots):
    communes = {one.code: one for one in world.communes}
    sections = {one.id: one for one in world.sections}
    for sheet in world.feuilles:
        (commune,), (section,), (itself,) = (
            lots[sheet.id][name] for name in ("COMMUNE_id", "SECTION_id", "SUBDSECT_id")
        )
        assert commune["IDU"] == sheet.commune[2:]
        assert commune["TEX2"] == communes[sheet.commune].name.upper()
        assert _same(_geometry(commune), communes[sheet.commune].geometry)
        assert section["IDU"] == sheet.id[2:10]
        assert _same(_geometry(section), sections[sheet.id[:10]].geometry)
        assert itself["IDU"] == sheet.id[2:]
        assert _same(_geometry(itself), sheet.geometry)


def test_parcels_come_back_with_their_ids_areas_and_dates(world, lots):
    for sheet in world.feuilles:
        wanted = {one.id[2:]: one for one in world.of_sheet(sheet.id, world.parcelles)}
        read = {one["IDU"]: one for one in lots[sheet.id]["PARCELLE_id"]}
        assert read.keys() == wanted.keys()
        for idu, one in wanted.items():
            assert read[idu]["SUPF"] == one.contenance
            assert read[idu].get("COAR") == ("A" if one.arpente else None)
            assert read[idu]["TEX"] == str(int(one.numero))
            assert read[idu]["CREAT_DATE"] == int(f"{one.creation:%Y%m%d}")
            assert read[idu]["OBJECT_RID"] == f"Objet_{one.rid}"


def test_parcels_come_back_with_their_geometry_holes_included(world, lots):
    for sheet in world.feuilles:
        faces: dict[str, list[shapely.Polygon]] = {}
        for one in lots[sheet.id]["PARCELLE_id"]:  # GDAL gives a parcel of two parts twice
            faces.setdefault(one["IDU"], []).append(_geometry(one))
        for one in world.of_sheet(sheet.id, world.parcelles):
            assert len(faces[one.id[2:]]) == shapely.get_num_geometries(one.geometry)
            assert _same(shapely.union_all(faces[one.id[2:]]), one.geometry)


@pytest.mark.parametrize(
    ("layer", "kind"),
    [("BATIMENT_id", "batiments"), ("LIEUDIT_id", "lieux_dits"), ("SUBDFISC_id", "subdivisions_fiscales"),
     ("TRONROUTE_id", "routes"), ("TRONFLUV_id", "cours_eau")],
)  # fmt: skip
def test_what_has_no_id_comes_back_under_its_object_number(world, lots, layer, kind):
    assert getattr(world, kind)
    for sheet in world.feuilles:
        wanted = {f"Objet_{one.rid}": one for one in world.of_sheet(sheet.id, getattr(world, kind))}
        read = {one["OBJECT_RID"]: one for one in lots[sheet.id].get(layer, [])}
        assert read.keys() == wanted.keys()
        assert all(_same(_geometry(read[rid]), one.geometry) for rid, one in wanted.items())


def test_details_come_back_with_their_place_and_their_attributes(world, lots):
    for sheet in world.feuilles:
        for one in world.of_sheet(sheet.id, world.details):
            read = [each for each in lots[sheet.id][one.class_] if each["OBJECT_RID"] == f"Objet_{one.rid}"]
            assert _same(shapely.union_all([_geometry(each) for each in read]), one.geometry)
            written = {name: float(value) if name == "ORI" else value for name, value in one.attributes.items()}
            assert {name: read[0][name] for name in written} == written


def test_labels_are_turned_sized_and_placed_as_they_were_written(world, lots):
    turned = 0
    for sheet in world.feuilles:
        read = {one["OBJECT_RID"]: one for one in lots[sheet.id]["ID_S_OBJ_Z_1_2_2"]}
        written = {f"Attribut_{label.attribute}_id_{thing.name}": label for thing, label in Lot(world, sheet).labels()}
        assert read.keys() == written.keys()
        for rid, label in written.items():
            one = read[rid]
            assert (one["OGR_ATR_VAL"], one["HEI"]) == (label.text, label.height)
            assert abs(one["OGR_ANGLE"] - label.angle) < 0.001
            assert _geometry(one).coords[0] == label.place
            turned += 0 < label.angle < 360
    assert turned > 100


def test_texts_keep_their_accents(world, lots):
    names = {one["TEX"] for lot in lots.values() for one in lot["LIEUDIT_id"]}
    assert names == {one.nom for one in world.lieux_dits}
    assert any("É" in name for name in names)


def test_every_text_has_a_label_inside_its_object(world, lots):
    for sheet in world.feuilles:
        parcelles = {f"Objet_{one.rid}": one for one in world.of_sheet(sheet.id, world.parcelles)}
        labels = lots[sheet.id]["PARCELLE_id_LABEL"]
        assert Counter(one["OGR_OBJ_LNK"] for one in labels) == Counter(parcelles.keys())
        for one in labels:
            parcelle = parcelles[one["OGR_OBJ_LNK"]]
            assert one["OGR_ATR_VAL"] == str(int(parcelle.numero))
            assert parcelle.geometry.contains(_geometry(one))


def test_some_sheets_say_absent_where_a_date_should_be(lots):
    assert {"Absent", "01/01/1985"} == {lot["SUBDSECT_id"][0]["DRED"] for lot in lots.values()}


def test_a_lot_has_the_ten_files_of_a_real_one_in_crlf_and_latin_1(world):
    sheet = world.feuilles[0]
    files = Lot(world, sheet).files()
    lot = f"ED{sheet.section}{sheet.numero}"
    assert set(files) == {
        f"E{sheet.prefixe}{sheet.section}{sheet.numero}.THF",
        *(f"{lot}SE.{suffix}" for suffix in ("DIC", "GEN", "GEO", "QAL", "SCD")),
        *(f"{lot}{subset}.VEC" for subset in ("S1", "T1", "T2", "T3")),
    }
    for content in files.values():
        assert content.count(b"\n") == content.count(b"\r\n")
    assert "É".encode("iso-8859-1") in files[f"{lot}S1.VEC"]


def test_the_reference_system_is_named_and_the_edition_is_in_the_entry(world):
    sheet = world.feuilles[0]
    files = Lot(world, sheet).files()
    assert b"RELSA06:LAMB93" in files[f"ED{sheet.section}{sheet.numero}SE.GEO"]
    entry = next(content for name, content in files.items() if name.endswith(".THF"))
    assert f"TDASD08:{sheet.edition:%Y%m%d}".encode() in entry


def test_lengths_announce_their_values():
    assert line("LABSA", "TEX") == "LABSA03:TEX"
    assert line("", "") == ""
    content = file_content("E.THF", [[("TEXST", "é")]])
    assert b"TEXST01:\xe9\r\n" in content


def test_a_value_too_long_for_one_line_is_refused():
    with pytest.raises(ValueError, match="more than 72"):
        line("TEXST", "x" * 73)


def test_a_second_edition_renews_some_sheets_with_a_parcel_divided_and_a_building_more(world, tmp_path):
    later = second_edition(world)
    sheets = renewed(later, world)
    assert len(sheets) == 2
    for sheet, lot in _read(later, sheets, tmp_path).items():
        before = {one.id[2:] for one in world.of_sheet(sheet, world.parcelles)}
        after = {one["IDU"] for one in lot["PARCELLE_id"]}
        assert len(before - after) == 1
        assert len(after - before) == 2
        assert len(lot["BATIMENT_id"]) == len(world.of_sheet(sheet, world.batiments)) + 1


def test_a_second_edition_fills_the_divided_parcel_and_leaves_other_sheets_alone(world):
    later = second_edition(world)
    gone = [one for one in world.parcelles if one.id not in {other.id for other in later.parcelles}]
    new = [one for one in later.parcelles if one.id not in {other.id for other in world.parcelles}]
    for one in gone:
        parts = shapely.union_all([part.geometry for part in new if part.sheet == one.sheet])
        assert shapely.symmetric_difference(parts, one.geometry).area < 1e-6
    touched = {sheet.id for sheet in renewed(later, world)}
    assert [one for one in later.parcelles if one.sheet not in touched] == [
        one for one in world.parcelles if one.sheet not in touched
    ]
    assert all(sheet.edition > world.edition for sheet in renewed(later, world))


def _same(read: shapely.Geometry, written: shapely.Geometry) -> bool:
    return shapely.normalize(read).equals_exact(shapely.normalize(written), 1e-9) or (
        read.geom_type.endswith("Polygon") and shapely.symmetric_difference(read, written).area < 1e-4
    )
