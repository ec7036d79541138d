"""Legal persons' rights at every door: the name goes to whom it is given, and its reading is written down."""

import csv
import io
import math
from collections.abc import Iterator

import pytest

from catalog.access import Right
from catalog.database import connect
from catalog.model import USAGES
from data_samples.locaux_personnes_morales import locaux
from data_samples.personnes_morales import droits
from tests.conftest import clone
from tests.hunting.world import COMMUNES, A, B
from tests.services.conftest import Served, granted, pages, serving

PARCELS, PREMISES = DATASETS = "personnes_morales", "locaux_personnes_morales"
PERSONAL = {"denomination", "forme_abregee", "siren", "numero_majic"}
AGREEMENTS = {
    "public": [Right("communes", "base", USAGES, COMMUNES)],
    "mairie": [Right(dataset, group, USAGES, (A,)) for dataset in DATASETS for group in ("base", "personal")],
    "syndicat": [
        Right(dataset, *given)
        for dataset in DATASETS
        for given in (("base", USAGES, (A, B)), ("personal", USAGES, (B,)))
    ],
    "statistique": [Right(dataset, "base", USAGES, (A, B)) for dataset in DATASETS],
    "bati": [Right(PREMISES, group, USAGES, (A,)) for group in ("base", "personal")],
    "voisine": [Right("parcelles", "base", USAGES, (A,))],
}
FORMATS = ("json", "csv", "fgb")


@pytest.fixture(scope="module")
def site(cluster, loaded_template) -> Iterator[Served]:
    with clone(cluster, loaded_template) as own, serving(own) as url:
        yield Served(url, own, granted(own, AGREEMENTS))


@pytest.fixture(scope="module")
def markers(world) -> dict[str, set[str]]:
    """What tells who has rights in each commune, and stands in no other."""
    return {
        code: {
            word
            for one in droits(world)
            if one.parcelle.commune == code
            for word in (one.person.denomination, one.person.siren, one.person.majic)
        }
        for code in COMMUNES
    }


def items(dataset: str) -> str:
    return f"/collections/{dataset}/items"


def features(site: Served, who: str, dataset: str) -> dict[str, dict]:
    with site.client(who) as client:
        found = [one for page in pages(client, items(dataset), {"limit": "1000"}) for one in page["features"]]
    return {one["id"]: one["properties"] for one in found}


def test_a_town_reads_who_has_rights_on_its_parcels_and_on_no_others(site, world):
    found = features(site, "mairie", PARCELS)
    told = sorted((one["parcelle"], one["droit"], one["denomination"]) for one in found.values())
    own = [one for one in droits(world) if one.parcelle.commune == A]
    assert told == sorted((one.parcelle.id, one.code, one.person.denomination) for one in own)


def test_a_town_reads_who_has_the_premises_of_its_parcels_and_of_no_others(site, world):
    found = features(site, "mairie", PREMISES)
    told = sorted((one["parcelle"], one["niveau"], one["droit"], one["denomination"]) for one in found.values())
    own = [(one.niveau, one.droit) for one in locaux(world) if one.droit.parcelle.commune == A]
    assert told == sorted((one.parcelle.id, level, one.code, one.person.denomination) for level, one in own)


@pytest.mark.parametrize("dataset", DATASETS)
def test_names_are_given_where_their_group_is_and_the_rest_everywhere_else(site, dataset):
    found = features(site, "syndicat", dataset)
    assert {one["commune"] for one in found.values()} == {A, B}
    assert all((one["commune"] == B) == ("denomination" in one) for one in found.values())


@pytest.mark.parametrize("dataset", DATASETS)
@pytest.mark.parametrize("form", FORMATS)
def test_no_format_tells_a_name_to_whom_it_is_not_given(site, markers, form, dataset):
    body = site.get("statistique", items(dataset), f=form, limit=1000).content
    town = site.get("mairie", items(dataset), f=form, limit=1000).content
    assert b"COMMUNE DE" in town
    assert not [word for code in COMMUNES for word in markers[code] if word.encode() in body]
    assert not [word for word in markers[B] - markers[A] if word.encode() in town]


@pytest.mark.parametrize("dataset", DATASETS)
def test_csv_has_the_columns_of_the_groups_that_are_given(site, dataset):
    def columns(who: str) -> set[str]:
        return set(next(csv.reader(io.StringIO(site.get(who, items(dataset), f="csv", limit=1).text))))

    assert columns("mairie") >= PERSONAL
    assert not columns("statistique") & PERSONAL


@pytest.mark.parametrize("dataset", DATASETS)
@pytest.mark.parametrize(
    "asked", ["filter=denomination='X'", "denomination=X", "sortby=siren", "properties=numero_majic"]
)
def test_a_name_that_is_not_given_cannot_be_asked_after_either(site, asked, dataset):
    unknown = asked.replace("denomination", "inconnue").replace("siren", "inconnue").replace("numero_majic", "inconnue")
    with site.client("statistique") as client:
        hidden, nothing = (client.get(f"{items(dataset)}?{words}") for words in (asked, unknown))
    assert hidden.status_code == nothing.status_code == 400
    assert hidden.content == nothing.content
    with site.client("mairie") as client:
        assert client.get(f"{items(dataset)}?{asked}").status_code == 200


@pytest.mark.parametrize("dataset", DATASETS)
def test_queryables_and_the_schema_name_the_columns_that_are_given(site, dataset):
    for page in ("queryables", "schema"):
        names = {
            who: set(site.get(who, f"/collections/{dataset}/{page}?f=json").json()["properties"])
            for who in AGREEMENTS
            if who in ("mairie", "statistique")
        }
        assert names["mairie"] >= PERSONAL
        assert not names["statistique"] & PERSONAL


@pytest.mark.parametrize("dataset", DATASETS)
def test_tiles_hold_rights_and_no_name_to_whom_it_is_not_given(site, markers, dataset):
    with site.client("statistique") as client:
        lon, lat = client.get(f"{items(PREMISES)}/85901000AB0001-1").json()["geometry"]["coordinates"]
        column, row = place(lon, lat, 16)
        body = client.get(f"/collections/{dataset}/tiles/WebMercatorQuad/16/{row}/{column}?f=mvt").content
        town = site.get("mairie", f"/collections/{dataset}/tiles/WebMercatorQuad/16/{row}/{column}", f="mvt").content
    assert "Nu-propriétaire".encode() in body
    assert [word for word in markers[A] if word.encode() in town] != []
    assert not [word for code in COMMUNES for word in markers[code] if word.encode() in body]


def place(lon: float, lat: float, zoom: int) -> tuple[int, int]:
    """Return column and row of the tile that a place is in."""
    across = (lon + 180) / 360
    down = (1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2
    return int(across * 2**zoom), int(down * 2**zoom)


@pytest.mark.parametrize("dataset", DATASETS)
def test_without_an_agreement_there_is_no_such_collection(site, dataset):
    here = f"/collections/{dataset}"
    for path in (here, f"{here}/items", f"{here}/items/85901000AB0001-1", f"{here}/queryables"):
        for who in (None, "voisine", *(["bati"] if dataset == PARCELS else [])):
            nothing = site.get(who, path.replace(dataset, "inconnue_ici"))
            found = site.get(who, path)
            assert (found.status_code, found.content) == (nothing.status_code, nothing.content) == (404, found.content)
    assert site.get("mairie", f"{here}/items/85902000AB0001-1").status_code == 404
    assert site.get("mairie", f"{here}/items/85901000AB0001-1").status_code == 200


@pytest.mark.parametrize("dataset", DATASETS)
def test_each_read_is_written_down_with_the_group_that_was_looked_at(site, dataset):
    def lines() -> list[tuple]:
        with connect(site.settings, "admin") as connection:
            return connection.execute("SELECT organisation, dataset FROM registre.lines").fetchall()

    before = len(lines())
    site.get("mairie", f"{items(dataset)}/85901000AB0001-1")
    site.get("mairie", f"{items(dataset)}/85902000AB0001-1")
    assert len(lines()) == before + 1
    assert ("mairie", dataset) in lines()
