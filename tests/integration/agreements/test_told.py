"""What is told of an agreement, and what is marked where it would not be signed so today."""

import json

import pytest
import shapely

from catalog.fusions import merge
from tests.hunting.world import A, B, C
from tests.integration.agreements.conftest import DAY, TODAY, bordering
from tests.integration.agreements.test_lifecycle import HASH

AREA = ["area", "set", "concession", "--name", "Concession de l'Ouest", "--commune"]


def drift(bank, *words):
    """What the list of agreements, or another, marks of each: as it is said, and its parts."""
    told = json.loads(bank.run(*(words or ("agreement", "list")), "--json"))
    return {one["id"]: one["drift"] for one in told}


def moves(bank, id="c-1"):
    """Names → communes that are more, and those that are fewer."""
    found = drift(bank)[id]
    assert found["faults"] == []
    return {",".join(one["names"]): (set(one["more"]), set(one["fewer"])) for one in found["moves"]}


@pytest.fixture
def signed(bank):
    """An area, and an agreement on it and on the territory."""
    bank.run(*AREA, A)
    bank.run("agreement", "add", "--file", bank.file(right='communes = ["concession", "territoire"]'))
    assert moves(bank) == {}
    return bank


def test_an_area_that_changed_is_marked_with_what_it_would_give_until_the_agreement_is_amended(signed):
    signed.run(*AREA, f"{B},{C}")
    assert moves(signed) == {"concession,territoire": ({B, C}, set())}
    assert f"concession, territoire : +{B} +{C}" in signed.run("agreement", "list")
    assert signed.sees() == "1"
    signed.run("agreement", "amend", signed.folder / "c-1.toml", "--sha256", HASH)
    assert (moves(signed), signed.sees()) == ({}, "123")


def test_a_territory_that_changed_is_marked_and_so_is_who_is_soon_to_renew(signed):
    signed.admin.execute("UPDATE access.organisations SET communes = %s WHERE id = 'eaux'", [[B]])
    signed.run(*AREA, B)
    assert moves(signed) == {"concession,territoire": ({B}, {A})}
    assert drift(signed, "agreement", "due") == drift(signed)


def test_a_fusion_of_communes_shows_in_the_neighbours(bank, world):
    bank.run("agreement", "add", "--file", bank.file(right='communes = "territoire"\nneighbours = "base"'))
    assert moves(bank) == {}
    absorbed = min(bordering(world, A))
    shapes = {one.code: one.geometry for one in world.communes}
    merged = shapely.multipolygons([shapely.union_all([shapes[A], shapes[absorbed]])])
    bank.admin.execute("DELETE FROM admin.limites WHERE commune = %s", [absorbed])
    widen = "UPDATE admin.limites SET geom = public.ST_GeomFromWKB(%s, 2154) WHERE commune = %s"
    bank.admin.execute(widen, [merged.wkb, A])
    gained = bordering(world, absorbed) - bordering(world, A) - {A}
    assert gained
    assert moves(bank) == {"territoire,voisines": (gained, {absorbed})}


def test_a_commune_that_the_bank_has_lost_is_named(bank):
    bank.run("agreement", "add", "--file", bank.file(right=f'communes = ["{B}"]'))
    bank.admin.execute("DELETE FROM admin.limites WHERE commune = %s", [B])
    assert drift(bank)["c-1"] == {"moves": [], "faults": [f"Commune que la banque ne tient pas : « {B} »"]}


def test_an_agreement_that_names_a_merged_commune_is_marked_until_it_gives_the_new_one(bank):
    bank.run("agreement", "add", "--file", bank.file(right=f'communes = ["{B}"]'))
    bank.run("agreement", "add", "--file", bank.file("c-2"))
    merge(bank.admin, A, [B], TODAY)
    words = f"{B} a fusionné dans {A}"
    marked = {id for id, each in drift(bank).items() if words in str(each["faults"])}
    assert marked == {"c-1"}
    assert words in bank.run("agreement", "list") and words in bank.run("agreement", "due")
    bank.run("agreement", "amend", bank.file(right=f'communes = ["{A}", "{B}"]'), "--sha256", HASH)
    assert words not in bank.run("agreement", "list")


def test_what_is_over_is_not_marked(signed):
    signed.run("agreement", "end", "c-1", "--on", TODAY - DAY)
    signed.run(*AREA, B)
    assert moves(signed) == {}


@pytest.fixture
def aged(signed):
    """The agreement also names what the catalogue once had."""
    signed.admin.execute(
        "UPDATE access.agreements SET terms = terms || jsonb_set(terms -> 0, '{dataset}', '\"cimetieres\"')"
    )
    return signed


def test_a_dataset_gone_from_the_catalogue_is_named_and_the_rest_still_compared(aged):
    aged.run(*AREA, B)
    (move,) = drift(aged)["c-1"]["moves"]
    assert (move["more"], move["rights"]) == ([B], ["canalisations_eau:base", "canalisations_eau:technical"])
    assert drift(aged)["c-1"]["faults"] == ["Jeu de données inconnu : cimetieres"]


def test_an_agreement_on_a_dataset_gone_is_renewed_once_an_amendment_has_left_it_out(aged):
    refused = aged.run("agreement", "renew", "c-1", "c-2", "--to", TODAY + 400 * DAY, code=2)
    assert "c-1 nomme ce que le catalogue n'a plus (Jeu de données inconnu : cimetieres)" in refused
    assert "agreement amend" in refused
    assert json.loads(aged.run("access", "simulate", "--end", "c-1", "--on", TODAY, "--json"))["taken"]
    aged.run("agreement", "amend", aged.folder / "c-1.toml", "--sha256", HASH)
    aged.run("agreement", "renew", "c-1", "c-2", "--to", TODAY + 400 * DAY)
    assert aged.state("c-2") == "à venir"


def test_an_agreement_is_shown_whole(signed):
    signed.run("agreement", "amend", signed.file(more="quotas = {features_day = 1000}"), "--sha256", HASH)
    signed.run("agreement", "renew", "c-1", "c-2", "--to", TODAY + 400 * DAY)
    told = signed.run("agreement", "show", "c-1")
    for part in (
        "c-1, en cours",
        f"eaux : Eaux (exploitant), territoire : {A}",
        f"du {TODAY - DAY} au {TODAY + DAY} inclus",
        f"SHA-256 {HASH}",
        "Suivie de       c-2",
        "technical",
        "objets par jour  1000     0         1000",
    ):
        assert part in told, told
    assert "À revoir" not in told
    found = json.loads(signed.run("agreement", "show", "c-1", "--json"))
    assert [one["version"] for one in found["versions"]] == [1, 2]
    assert found["versions"][0]["until"] == found["versions"][1]["since"]
    assert [one["communes"] for one in found["versions"]] == [1, 1]
    assert found["terms"][0]["communes"] == ["territoire"]
    assert {code for one in found["rights"] for code in one["communes"]} == {A}


def test_what_has_moved_is_shown_with_what_to_do(signed, world):
    signed.run(*AREA, B)
    name = next(one.name for one in world.communes if one.code == A).upper()
    told = signed.run("agreement", "show", "c-1")
    assert f"À revoir : concession, territoire : +{B}" in told
    assert "agreement amend" in told and f"{A} {name}" in told


def test_a_draft_is_shown_as_it_would_be_signed_and_why_it_could_not_be(signed):
    signed.run("agreement", "draft", "--file", signed.file("c-9", right='communes = ["concession"]'))
    assert "signée aujourd'hui" in signed.run("agreement", "show", "c-9")
    signed.admin.execute("DELETE FROM access.areas")
    told = signed.run("agreement", "show", "c-9")
    assert "Ni code INSEE" in told and "agreement draft" in told
    assert signed.run("agreement", "show", "c-0", code=2) == "Erreur : Convention inconnue : c-0.\n"


def test_an_area_is_shown_with_the_agreements_that_name_it(signed):
    signed.run("agreement", "draft", "--file", signed.file("c-9", right='communes = ["concession"]'))
    signed.run(*AREA, B)
    told = signed.run("area", "show", "concession")
    assert "Concession de l'Ouest" in told and f"concession, territoire : +{B}" in told
    found = json.loads(signed.run("area", "show", "concession", "--json"))
    assert found["communes"] == [B]
    assert {one["id"]: (one["draft"], bool(one["drift"]["moves"])) for one in found["agreements"]} == {
        "c-1": (False, True),
        "c-9": (True, False),
    }
    assert "inconnue" in signed.run("area", "show", "ailleurs", code=2)
