"""Anomalies from deliveries to the HTTP door, the scores, the threshold, and geometries beside their repair."""

import json
import re
import tarfile
from datetime import date

import pytest
import shapely

from catalog.access import Right
from catalog.database import connect
from etl import cadastre, staging
from etl.edigeo import Lead, Thing
from etl.pipeline import load
from etl.quality import contract
from etl.repair import Repairer
from etl.report import REFUSED, Unit
from etl.sheets import parse_sheet
from etl.sources import Options
from etl.tables import query
from tests.conftest import SAMPLES, clone
from tests.hunting.world import A, B
from tests.services.conftest import Served, granted, serving

ITEMS = "/collections/anomalies/items"
AGREEMENTS = {who: [Right("anomalies", "base", ("feature",), (home,))] for who, home in (("a", A), ("b", B))}
SHEET = "85901000AB01"


@pytest.fixture(scope="module")
def unlocked(tmp_path_factory):
    """A sheet of the samples, unpacked, to be changed."""
    folder = tmp_path_factory.mktemp("sheet") / f"edigeo-{SHEET}"
    with tarfile.open(SAMPLES / "cadastre" / f"edigeo-{SHEET}.tar.bz2") as archive:
        archive.extractall(folder, filter="data")
    return folder


@pytest.fixture(scope="module")
def spoiled(cluster, loaded_template, unlocked):
    """A server where the same sheet came again, its parcels without their true number; and what was said of it."""
    for path in unlocked.glob("*.VEC"):
        number = rb"(TEX_id\r?\nTEXT 06:8859-1\r?\nATVST)\d\d:\d+[^\r\n]*"
        path.write_bytes(re.sub(number, rb"\g<1>03:999", path.read_bytes()))
    with clone(cluster, loaded_template) as own:
        refused = load("cadastre", [unlocked], Options(), own)
        with serving(own) as url:
            yield Served(url, own, granted(own, AGREEMENTS)), unlocked, refused


def ask(settings, statement, *values):
    with connect(settings, "admin") as connection:
        return connection.execute(statement, values).fetchall()


def told(served, who, **asked):
    return [one["properties"] for one in served.get(who, ITEMS, limit=1000, **asked).json()["features"]]


def test_each_commune_sees_its_own_anomalies_and_none_of_another(spoiled):
    served = spoiled[0]
    for who, home in (("a", A), ("b", B)):
        own = ask(served.settings, "SELECT count(*) FROM cadastre.anomalies WHERE commune = %s", home)
        assert {one["commune"] for one in told(served, who)} == {home}
        assert len(told(served, who)) == own[0][0] > 0
    (id,) = ask(served.settings, "SELECT min(id) FROM cadastre.anomalies WHERE commune = %s", B)[0]
    assert [served.get(who, f"{ITEMS}/{id}").status_code for who in ("a", "b", None)] == [404, 200, 404]


def test_a_sheet_below_the_threshold_leaves_the_good_one_served_and_says_why(spoiled):
    served, _, refused = spoiled
    (unit,) = refused.units
    assert unit.status == REFUSED
    assert re.match(r"note de \d+ sur 100, sous le seuil de 60 \(\d+ ", unit.reason)
    assert "numero_incoherent" in unit.reason and "--force" in unit.reason
    assert ask(served.settings, "SELECT score > 90 FROM etl.scores WHERE unit = %s", SHEET) == [(True,)]
    assert not told(served, "a", regle="numero_incoherent")


def test_a_lower_threshold_lets_it_pass_and_its_anomalies_and_score_are_served_with_it(
    cluster, spoiled, loaded_template
):
    with clone(cluster, loaded_template) as own:
        assert load("cadastre", [spoiled[1]], Options(least_score=0), own).exit_code == 0
        score, objects, penalty = ask(own, "SELECT score, objects, penalty FROM etl.scores WHERE unit = %s", SHEET)[0]
        assert score == int(100 * objects / (objects + penalty)) < 60
        found = ask(
            own, "SELECT count(*) FROM cadastre.anomalies WHERE unite = %s AND regle = 'numero_incoherent'", SHEET
        )
        assert found[0][0] > 30
        before, after = (
            ask(one, "SELECT score FROM etl.scores WHERE unit = %s", A) for one in (spoiled[0].settings, own)
        )
        assert before > after
        assert load("cadastre", [SAMPLES / "cadastre" / f"edigeo-{SHEET}.tar.bz2"], Options(force=True), own)
        assert ask(own, "SELECT count(*) FROM cadastre.anomalies WHERE regle = 'numero_incoherent'") == [(0,)]


def test_a_sheet_that_comes_for_the_first_time_is_served_for_want_of_a_better(database, spoiled):
    report = load("cadastre", [spoiled[1]], Options(), database)
    assert report.exit_code == 0
    assert any("servie, faute d'une édition meilleure" in notice for notice in report.units[0].notices)
    assert f"qualité de {A} : " in str(report)
    assert report.as_json()["notes"][A] < 60


def test_force_imposes_it_and_the_report_says_so(cluster, spoiled, loaded_template):
    with clone(cluster, loaded_template) as own:
        (unit,) = load("cadastre", [spoiled[1]], Options(force=True), own).units
        assert any("imposée (--force)" in notice for notice in unit.notices)


def test_a_commune_without_one_of_its_sheets_is_told_which_section_is_bare(database):
    sheets = [path for path in sorted((SAMPLES / "cadastre").glob(f"*{A}*")) if "ZA02" not in path.name]
    load("cadastre", sheets, Options(), database)
    bare = "SELECT objet FROM cadastre.anomalies WHERE regle = 'feuille_manquante'"
    assert ask(database, bare) == [(f"{A}000ZA",)]
    load("cadastre", [SAMPLES / "cadastre" / f"edigeo-{A}000ZA02.tar.bz2"], Options(), database)
    assert ask(database, bare) == []


def test_the_samples_have_no_anomaly_but_the_areas_that_they_were_given(loaded):
    rules = {rule for (rule,) in ask(loaded, "SELECT DISTINCT regle FROM cadastre.anomalies")}
    assert rules == {"contenance_nulle", "contenance_ecart"}
    assert ask(loaded, "SELECT count(*), min(score) > 90 FROM etl.scores") == [(24, True)]


def test_real_sheets_have_only_anomalies_that_were_looked_at(shared_data, database):
    report = load("cadastre", [shared_data / "edigeo"], Options(), database)
    assert min(unit.score.value for unit in report.units) >= 98
    found = dict(
        ask(database, "SELECT regle, count(*)::int FROM cadastre.anomalies WHERE unite <> commune GROUP BY regle")
    )
    assert found == {
        "contenance_ecart": 31,
        "doublon": 67,
        "eclat": 1,
        "hors_parcelle": 1,
        "parcelle_absente": 4,
        "recouvrement": 1,
        "vide": 3,
    }
    assert contract.DATASET not in json.dumps(report.as_json()["objets"])


def test_geometries_that_were_wrong_are_kept_beside_their_repair_or_alone(database):
    unit = Unit(SHEET, "lot", A, date(2026, 7, 1), "sha")
    crossed, ruined = bow_tie(0.1), bow_tie(9)
    things = [
        Thing("PARCELLE_id", f"Objet_{n}", {"IDU": f"901000AB000{n}"}, one.wkb)
        for n, one in ((1, crossed), (2, ruined))
    ]
    with Repairer() as repair:
        rows = cadastre.rows(parse_sheet(SHEET), Lead(unit.edition, "EPSG:2154"), things, unit, repair)
    with connect(database, "loader") as connection:
        (delivery,) = connection.execute(query("open_delivery"), ["cadastre", "essai", "sha"]).fetchone()
        for _ in range(2):
            staging.stage(connection, delivery, unit, rows, "cadastre")
    kept = "SELECT object, area_before, area_after, original, repaired FROM etl.reparations ORDER BY object"
    (one, other) = ask(database, kept)
    assert one == (
        f"{SHEET[:10]}0001",
        round(crossed.area, 2),
        round(rows[0].geometry.area, 2),
        crossed.wkb,
        rows[0].geometry.wkb,
    )
    assert (other[0], other[2], other[3], other[4]) == (f"{SHEET[:10]}0002", None, ruined.wkb, None)
    assert [repair[2] for repair in unit.as_json()["reparations"]] == [one.fault for one in unit.repairs]
    assert unit.repairs[0].fault.startswith("le contour se coupe lui-même")


def bow_tie(size):
    """A parcel whose last corner is tied into a knot of that size."""
    w, s = 360_000, 6_630_000
    knot = [(w, s + 20), (w - size, s + 10), (w, s + 10), (w - size, s + 20)]
    return shapely.Polygon([(w, s), (w + 10, s), (w + 10, s + 20), *knot, (w, s + 5)])
