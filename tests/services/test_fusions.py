"""Communes that merge: each code keeps its history, and who may see what stays what the agreements say."""

from datetime import date

import pytest

from catalog.access import Right
from catalog.database import as_loader, connect, query
from catalog.fusions import merge, to_amend
from data_samples.edigeo import write_lots
from data_samples.edits import edited
from data_samples.merger import merged, renamed
from etl.fusions import follow
from etl.pipeline import load
from etl.sources import Options
from hunter.members import DAY
from tests.conftest import SAMPLES, clone
from tests.hunting.world import A as NEW
from tests.hunting.world import B as OLD
from tests.services.conftest import Served, granted, serving

MERGED = date(2026, 10, 1)
BEFORE = MERGED - DAY
HELD = {"old": (OLD,), "new": (NEW,), "both": (NEW, OLD)}
AGREEMENTS = {
    who: [Right(dataset, "base", ("feature",), communes) for dataset in ("parcelles", "communes", "mutations")]
    for who, communes in HELD.items()
}
CONTENT = """
SELECT 'parcelles', id, commune, edition::text, NULL FROM cadastre.parcelles
UNION ALL SELECT 'parcelles_passe', id, commune, edition::text, valide_au::text FROM cadastre.parcelles_passe
UNION ALL SELECT 'sections', id, commune, edition::text, NULL FROM cadastre.sections
UNION ALL SELECT 'communes_passe', id, commune, edition::text, valide_au::text FROM cadastre.communes_passe
UNION ALL SELECT 'mutations', id, nature, parcelles_avant, parcelles_apres FROM cadastre.mutations
UNION ALL SELECT 'limites', commune, md5(ST_AsBinary(geom)::text), NULL, NULL FROM admin.limites
UNION ALL SELECT 'publiees', unit, commune, edition::text, sha256 FROM etl.published
ORDER BY 1, 2, 3, 4, 5
"""
SERVED_OF_OLD = f"SELECT unit FROM etl.published WHERE kind = 'cadastre' AND commune = '{OLD}'"


@pytest.fixture(scope="module")
def later(world, tmp_path_factory):
    """The plan after the merger: its world, the known edits that came with it, and its lots."""
    sheets = {one.id for one in world.feuilles if one.commune == OLD}
    changed, edits = edited(world, sheets, 3, MERGED, still=False)
    after = merged(changed, OLD, NEW, MERGED)
    folder = tmp_path_factory.mktemp("fusion")
    list(write_lots(after, folder, [one for one in after.feuilles if one.commune == NEW]))
    return after, edits, folder


def note(settings) -> None:
    with connect(settings, "admin") as connection:
        merge(connection, NEW, [OLD], MERGED)


@pytest.fixture(scope="module")
def fused(cluster, loaded_template, later):
    """A server over two communes of which one has merged into the other."""
    with clone(cluster, loaded_template) as own:
        note(own)
        assert load("cadastre", [later[2]], Options(), own).exit_code == 0
        with serving(own) as url:
            yield Served(url, own, granted(own, AGREEMENTS))


def ids(served: Served, who: str, dataset: str = "parcelles", **asked: object) -> set[str]:
    page = served.get(who, f"/collections/{dataset}/items", limit=10_000, **asked).json()
    return {feature["id"] for feature in page["features"]}


def parcels(world, *communes: str) -> set[str]:
    return {one.id for one in world.parcelles if one.commune in communes}


def ask(settings, statement: str) -> list[tuple]:
    with connect(settings, "admin") as connection:
        return connection.execute(statement).fetchall()


def test_the_new_commune_has_all_the_parcels_those_of_the_old_under_its_prefix(fused, later):
    found = ids(fused, "new")
    assert found == parcels(later[0], NEW)
    assert {id[5:8] for id in found} == {"000", OLD[2:]}


def test_a_day_before_is_answered_by_the_old_code_to_who_has_it_and_to_nobody_else(fused, world):
    assert ids(fused, "old", datetime=BEFORE) == parcels(world, OLD)
    assert ids(fused, "new", datetime=BEFORE) == parcels(world, NEW)
    assert ids(fused, "both", datetime=BEFORE) == parcels(world, OLD, NEW)


def test_who_has_the_old_code_alone_sees_nothing_of_the_new_commune(fused):
    assert ids(fused, "old") == ids(fused, "old", datetime=MERGED) == set()
    assert ids(fused, "old", "mutations") == set()
    some = min(ids(fused, "new"))
    assert fused.get("old", f"/collections/parcelles/items/{some}").status_code == 404


def test_the_collection_of_communes_has_the_old_one_until_that_day(fused):
    assert ids(fused, "both", "communes") == ids(fused, "both", "communes", datetime=MERGED) == {NEW}
    assert ids(fused, "both", "communes", datetime=BEFORE) == {NEW, OLD}
    assert ids(fused, "old", "communes", datetime=BEFORE) == {OLD}
    assert ids(fused, "new", "communes", datetime=BEFORE) == {NEW}


def test_the_mutations_tell_the_fusion_by_section_and_what_really_changed_apart(fused, world, later):
    page = fused.get("new", "/collections/mutations/items", limit=1000).json()
    told = [
        (one["nature"], *(frozenset((one[f"parcelles_{side}"] or "").split(",")) for side in ("avant", "apres")))
        for one in (feature["properties"] for feature in page["features"])
    ]
    edits, now = later[1], lambda id: renamed(id, OLD, NEW)
    changed = {(one.nature, frozenset(one.before or [""]), frozenset(map(now, one.after or [""]))) for one in edits}
    touched = {id for one in edits if one.nature != "attributs" for id in one.before}
    sections: dict[str, set[str]] = {}
    for id in parcels(world, OLD) - touched:
        sections.setdefault(id[:10], set()).add(id)
    fusion = {("fusion de communes", frozenset(own), frozenset(map(now, own))) for own in sections.values()}
    assert len(told) == len(set(told))
    assert set(told) == changed | fusion


def test_nothing_is_left_under_the_old_code(fused):
    for table in ("cadastre.parcelles", "cadastre.communes", "cadastre.anomalies", "admin.limites"):
        assert ask(fused.settings, f"SELECT count(*) FROM {table} WHERE commune = '{OLD}'") == [(0,)]
    assert ask(fused.settings, SERVED_OF_OLD) == []
    counted = (
        f"SELECT sum(objects) FROM access.statistics WHERE commune = '{OLD}' AND dataset IN ('parcelles', 'communes')"
    )
    assert ask(fused.settings, counted) == [(0,)]


def test_a_late_sheet_of_the_old_commune_is_refused_and_names_its_successor(fused):
    late = SAMPLES / "cadastre" / f"edigeo-{OLD}000AB01.tar.bz2"
    report = load("cadastre", [late], Options(), fused.settings)
    assert report.exit_code == 4
    assert f"{NEW}{OLD[2:]}AB01 la remplace" in str(report)


def test_an_agreement_may_still_name_the_old_commune_for_its_past(fused):
    with connect(fused.settings, "admin") as connection:
        held = {code for (code,) in connection.execute(query("held_communes"))}
    assert {NEW, OLD} <= held


def test_agreements_that_name_the_old_commune_without_the_new_are_to_be_amended(fused):
    with connect(fused.settings, "admin") as connection:
        assert [(one.organisation, one.ancienne, one.nouvelle) for one in to_amend(connection, [OLD])] == [
            ("old", OLD, NEW)
        ]
        followed = connection.execute("SELECT organisation, suivie FROM access.merged_agreements ORDER BY 1").fetchall()
    assert followed == [("both", True), ("old", False)]


def test_told_after_the_plan_has_followed_it_ends_the_same(cluster, loaded_template, later, fused):
    with clone(cluster, loaded_template) as own:
        load("cadastre", [later[2]], Options(), own)
        assert len(ask(own, SERVED_OF_OLD)) == 5
        note(own)
        with as_loader(own) as connection:
            follow(connection, NEW)
        assert ask(own, CONTENT) == ask(fused.settings, CONTENT)


def test_a_sheet_without_successor_stays_until_the_whole_commune_comes_without_it(cluster, loaded_template, later):
    lots = sorted(later[2].iterdir())
    lone = f"{OLD}000AB01"
    with clone(cluster, loaded_template) as own:
        note(own)
        rest = [path for path in lots if renamed(lone, OLD, NEW) not in path.name]
        told = str(load("cadastre", rest, Options(), own))
        assert f"{OLD} a fusionné dans {NEW} : 4 feuille(s) remplacée(s), 1 encore servie(s)" in told
        assert f"restent servies ; --complete si elle est la commune entière ({lone})" in told
        assert ask(own, SERVED_OF_OLD) == [(lone,)]
        assert ask(own, "SELECT id FROM cadastre.communes ORDER BY id LIMIT 2") == [(NEW,), (OLD,)]
        assert load("cadastre", rest, Options(complete=True), own).withdrawn == [lone]
        assert ask(own, SERVED_OF_OLD) == []
        gone = ask(own, "SELECT parcelles_avant FROM cadastre.mutations WHERE nature = 'suppression'")
        held = ask(own, f"SELECT id FROM cadastre.parcelles_passe WHERE unite = '{lone}'")
        assert held
        assert {id for (id,) in held} <= {id for (id,) in gone}
