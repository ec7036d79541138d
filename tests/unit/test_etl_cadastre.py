"""The cadastre's identifiers, and the rows of a sheet."""

from dataclasses import replace
from datetime import date

import pytest
import shapely

from catalog.errors import DeliveryError
from catalog.loader import datasets
from etl import cadastre
from etl.cadastre import find_sheet
from etl.cadastre_columns import whole
from etl.edigeo import Lead, Thing
from etl.edigeo_classes import LAYERS
from etl.edigeo_text import Content
from etl.report import Unit
from etl.sheets import Sheet, parse_sheet, published, sheet_from_idu

SHEET = Sheet("25354", "000", "AB", "01")
LINKS = {"SUBDFISC_PARCELLE": [("Objet_7", "Objet_1")], "NUMVOIE_PARCELLE": [("Objet_1", "Objet_8")]}
WORDS = {("SYM", "12"): "Calvaire", ("MAP", "07"): "Borne"}
LEAD = Lead(
    date(2024, 1, 16),
    "EPSG:2154",
    Content(objects={"PARCELLE_id": ["Objet_1"]}, links=LINKS, sheets=["354000AB01"]),
    WORDS,
)


def square(x: float = 0, size: float = 10) -> bytes:
    return shapely.to_wkb(shapely.box(950_000 + x, 6_700_000, 950_000 + x + size, 6_700_000 + size))


def thing(layer: str, rid: str = "Objet_1", wkb: bytes | None = None, **fields: object) -> Thing:
    return Thing(layer, rid, fields, square() if wkb is None else wkb)


def rows(*things: Thing) -> tuple[list[cadastre.Row], Unit]:
    unit = Unit("25354000AB01", "lot")
    text = Content(objects={}, links=LINKS, sheets=["354000AB01"])
    for one in things:
        text.objects.setdefault(one.layer, []).append(one.rid)
    return cadastre.rows(SHEET, replace(LEAD, content=text), list(things), unit, lambda _wkb: None), unit


@pytest.mark.parametrize(
    ("name", "sheet"),
    [
        ("edigeo-25354000AB01.tar.bz2/E000AB01.THF", "25354000AB01"),
        ("edigeo-740240000A01 2/E0000A01.THF", "740240000A01"),
        ("EDIGEO-2A0040000B03.tar.bz2", "2A0040000B03"),
        ("edigeo-2b0330000b03.tar.bz2", "2B0330000B03"),
        ("75103/edigeo-75103000AO01/E000AO01.THF", "75103000AO01"),
        ("cadastre-85901/edigeo-859010000A01.tar.bz2/x", "859010000A01"),
    ],
)
def test_a_sheet_is_known_by_the_name_of_its_archive_or_folder(name: str, sheet: str) -> None:
    assert str(parse_sheet(name)) == sheet


@pytest.mark.parametrize("name", ["E000AB01.THF", "livraison-2024/lot.tar.bz2", "20240116000101234"])
def test_another_name_says_no_sheet(name: str) -> None:
    assert parse_sheet(name) is None


@pytest.mark.parametrize(
    ("idu", "departement", "id"),
    [
        ("354", "25", "25354"),
        ("354000ZI", "25", "25354000ZI"),
        ("354000 A", "25", "253540000A"),
        ("354000ZI01", "25", "25354000ZI01"),
        ("027000 A0251", "91", "910270000A0251"),
        ("004000AB0001", "2A", "2A004000AB0001"),
    ],
)
def test_published_identifiers_have_their_departement_and_two_characters_of_section(idu, departement, id) -> None:
    assert published(idu, departement) == id


def test_where_the_name_says_nothing_the_text_and_the_departement_do() -> None:
    assert str(find_sheet("lot/E000AB01.THF", LEAD, "25")) == "25354000AB01"
    assert str(sheet_from_idu("354000 A01", "25")) == "253540000A01"


def test_without_name_nor_departement_the_lot_is_refused() -> None:
    with pytest.raises(DeliveryError, match="--departement"):
        find_sheet("lot/E000AB01.THF", LEAD, None)


def test_a_name_and_a_content_that_disagree_are_refused() -> None:
    with pytest.raises(DeliveryError, match="le nom dit 25354000ZI01"):
        find_sheet("edigeo-25354000ZI01.tar.bz2", LEAD, None)


def test_another_departement_than_the_one_that_is_asked_for_is_refused() -> None:
    with pytest.raises(DeliveryError, match="pas du département 85"):
        find_sheet("edigeo-25354000AB01.tar.bz2", LEAD, "85")


def test_a_parcel_has_its_columns() -> None:
    fields = {"IDU": "354000AB0012", "SUPF": 1234.0, "COAR": "A", "CREAT_DATE": 20080714, "UPDATE_DATE": "Absent"}
    ((row,), unit) = rows(thing("PARCELLE_id", **fields))
    assert row.id == "25354000AB0012"
    assert row.commune == "25354"
    assert row.values == {
        "prefixe": "000",
        "section": "AB",
        "numero": "0012",
        "contenance": 1234,
        "arpente": True,
        "creation": date(2008, 7, 14),
        "mise_a_jour": None,
    }
    assert unit.counts["parcelles"].loaded == unit.counts["parcelles"].read == 1


def test_a_sheet_has_its_columns() -> None:
    ((row,), _) = rows(thing("SUBDSECT_id", IDU="354000AB01", EOR="2000", QUPL="01", COPL="06"))
    assert row.values["echelle"] == 2000
    assert (row.values["qualite"], row.values["mode_confection"], row.values["feuille"]) == ("01", "06", "01")


def test_names_cut_into_pieces_are_put_together() -> None:
    ((row,), _) = rows(thing("LIEUDIT_id", TEX="LA", TEX2="CROIX", TEX10="HAUTE", TEX3="TRÈS"))
    assert row.values == {"nom": "LA CROIX TRÈS HAUTE"}
    assert row.id == "25354000AB01-1"


def test_a_tax_subdivision_knows_its_parcel() -> None:
    parcel, subdivision = thing("PARCELLE_id", IDU="354000AB0012"), thing("SUBDFISC_id", "Objet_7", TEX="a")
    found, _ = rows(parcel, subdivision)
    assert found[1].values == {"parcelle": "25354000AB0012", "lettre": "a"}


def test_a_name_is_freed_of_what_no_table_takes() -> None:
    ((row,), _) = rows(thing("COMMUNE_id", IDU="354", TEX2="LUX\x00IOL\ud800 "))
    assert row.values == {"nom": "LUXIOL?"}


@pytest.mark.parametrize(
    ("one", "reason"),
    [
        (thing("PARCELLE_id", IDU="355000AB0012"), "hors de la commune"),
        (thing("PARCELLE_id", IDU="354000AB"), "IDU"),
        (thing("PARCELLE_id"), "IDU"),
        (thing("PARCELLE_id", IDU="354000A'0012"), "IDU"),
        (thing("BATIMENT_id", "sans numéro"), "OBJECT_RID"),
        (thing("SUBDSECT_id", IDU="354000AB02"), "autre feuille"),
        (thing("PARCELLE_id", IDU="354000AB0012", wkb=b""), "géométrie absente"),
    ],
)
def test_an_object_that_cannot_be_loaded_is_counted_with_its_reason(one: Thing, reason: str) -> None:
    found, unit = rows(one)
    assert not found
    assert reason in unit.rejects[0].reason
    (counts,) = unit.counts.values()
    assert (counts.read, counts.loaded, counts.rejected) == (1, 0, 1)


def test_an_object_of_the_text_that_gdal_does_not_give_is_counted_as_rejected() -> None:
    unit = Unit("25354000AB01", "lot")
    known = Lead(LEAD.edition, LEAD.crs, Content({"PARCELLE_id": ["Objet_1", "Objet_2"]}))
    found = cadastre.rows(SHEET, known, [thing("PARCELLE_id", IDU="354000AB0012")], unit, lambda _wkb: None)
    counts = unit.counts["parcelles"]
    assert (len(found), counts.read, counts.loaded, counts.rejected) == (1, 2, 1, 1)
    assert (unit.rejects[0].object, "GDAL" in unit.rejects[0].reason) == ("Objet_2", True)


def test_of_two_objects_with_one_identifier_the_second_is_rejected() -> None:
    found, unit = rows(thing("PARCELLE_id", IDU="354000AB0012"), thing("PARCELLE_id", IDU="354000AB0012"))
    assert len(found) == 1
    assert "en double" in unit.rejects[0].reason


@pytest.mark.parametrize(
    ("value", "number"),
    [(12.0, 12), ("+134466.", 134466), ("", None), (None, None), (-1, None), (1e300, None), ("nan", None)],
)
def test_an_area_is_a_whole_number_or_nothing(value: object, number: int | None) -> None:
    assert whole(value) == number


def point() -> bytes:
    return shapely.to_wkb(shapely.Point(950_005, 6_700_005))


def test_a_label_says_what_it_writes_at_which_angle_and_which_object_it_names() -> None:
    parcel = thing("PARCELLE_id", IDU="354000AB0012")
    words = {"ATR": "TEX_id", "OGR_ATR_VAL": "12", "OGR_OBJ_LNK": "Objet_1", "OGR_OBJ_LNK_LAYER": "PARCELLE_id"}
    label = thing("ID_S_OBJ_Z_1_2_2", "Attribut_TEX_id_Objet_1", point(), OGR_ANGLE=-90.0, HEI=2.5, **words)
    (_, row), _ = rows(label, parcel)
    assert (row.dataset, row.id) == ("etiquettes", "25354000AB01-1-TEX")
    wanted = {"texte": "12", "attribut": "TEX", "classe": "PARCELLE_id", "objet": "25354000AB0012", "angle": 270.0}
    assert row.values | wanted | {"hauteur": 2.5} == row.values


def test_a_label_of_an_object_that_is_not_loaded_names_none() -> None:
    (row,), _ = rows(thing("ID_S_OBJ_Z_1_2_2", "Attribut_TEX_id_Objet_1", point(), OGR_OBJ_LNK="Objet_1"))
    assert row.values["objet"] is None


@pytest.mark.parametrize("order", [("Objet_9", "Objet_1"), ("Objet_1", "Objet_9")])
def test_an_object_knows_its_parcels_whichever_end_of_the_link_is_written_first(order: tuple[str, str]) -> None:
    content = Content({"PARCELLE_id": ["Objet_1"], "NUMVOIE_id": ["Objet_9"]}, {"NUMVOIE_PARCELLE": [order]})
    things = [thing("NUMVOIE_id", "Objet_9", point(), TEX="4"), thing("PARCELLE_id", IDU="354000AB0012")]
    unit = Unit("25354000AB01", "lot")
    _, row = cadastre.rows(SHEET, replace(LEAD, content=content), things, unit, lambda _wkb: None)
    assert (row.values["numero"], row.values["parcelles"]) == ("4", "25354000AB0012")
    assert not unit.notices


def test_a_link_to_a_parcel_that_is_not_there_is_told() -> None:
    _, unit = rows(thing("SUBDFISC_id", "Objet_7", TEX="a"))
    assert "2 lien(s) vers une parcelle" in unit.notices[0]


def test_a_sign_has_its_code_its_sense_in_the_lot_s_own_dictionary_and_its_direction() -> None:
    (row,), _ = rows(thing("TPOINT_id", "Objet_3", point(), SYM="12", ORI=35.5))
    wanted = {"symbole": "12", "libelle": "Calvaire", "orientation": 35.5}
    assert row.values | wanted == row.values


@pytest.mark.parametrize("layer", ["BORNE_id", "BOULON_id", "CROIX_id"])
def test_marks_of_limits_are_one_dataset_and_say_of_what_kind(layer: str) -> None:
    (row,), _ = rows(thing(layer, "Objet_3", point()))
    assert (row.dataset, row.values["type"]) == ("bornes", layer.removesuffix("_id").lower())


def test_every_column_of_the_plan_is_filled_by_its_class() -> None:
    for layer, dataset in LAYERS.items():
        geometry = {"Point": point(), "MultiLineString": shapely.to_wkb(shapely.LineString([(9e5, 65e5), (9e5, 66e5)]))}
        kind = datasets()[dataset].geometry
        idu = {"communes": "354", "sections": "354000AB", "feuilles": "354000AB01"}.get(dataset, "354000AB0012")
        (row,), _ = rows(thing(layer, "Objet_1", geometry.get(kind), IDU=idu))
        assert {*row.values, "commune", "edition"} == set(datasets()[dataset].columns())


def test_a_class_that_nobody_knows_is_counted_and_rejected_by_name() -> None:
    unit = Unit("25354000AB01", "lot")
    known = replace(LEAD, content=Content({"VOLCAN_id": ["Objet_1", "Objet_2"]}))
    assert cadastre.rows(SHEET, known, [], unit, lambda _wkb: None) == []
    assert (unit.counts["VOLCAN_id"].read, unit.counts["VOLCAN_id"].rejected) == (2, 2)
    assert {reject.reason for reject in unit.rejects} == {"classe inconnue"}


def test_an_object_that_the_text_has_twice_and_gdal_once_is_counted_twice() -> None:
    unit = Unit("25354000AB01", "lot")
    known = replace(LEAD, content=Content({"BORNE_id": ["Objet_1", "Objet_1"]}))
    assert len(cadastre.rows(SHEET, known, [thing("BORNE_id", wkb=point())], unit, lambda _wkb: None)) == 1
    assert (unit.counts["bornes"].read, unit.counts["bornes"].rejected) == (2, 1)


@pytest.mark.parametrize(
    ("layer", "wkb", "reason"),
    [
        ("BORNE_id", square(), "un point est attendu"),
        ("TLINE_id", point(), "une ligne est attendue"),
        ("TSURF_id", point(), "un polygone est attendu"),
        ("BORNE_id", shapely.to_wkb(shapely.Point(0, 0)), "hors de France"),
    ],
)
def test_an_object_of_another_geometry_or_place_is_rejected(layer: str, wkb: bytes, reason: str) -> None:
    found, unit = rows(thing(layer, wkb=wkb))
    assert not found
    assert reason in unit.rejects[0].reason
