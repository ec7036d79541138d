"""What an administrator says of communes that merge, and what the commands answer."""

import json

import pytest
from typer.testing import CliRunner

from catalog.access import Right, add_agreement, add_organisation
from catalog.database import connect
from geosocle.main import app
from hunter.members import DAY, TODAY
from tests.conftest import clone

DATED = ("--date", "2026-10-01")
LEFT = ("eau", "orthophotos", "personnes_morales")
AGREED = "SELECT id, version, rights::text FROM access.versions JOIN access.agreements ON id = agreement ORDER BY 1, 2"
ETALAB = """
INSERT INTO etl.published
SELECT 'cadastre', 'etalab-85999', '85999', '2026-10-01', '', max(id) FROM etl.deliveries
"""
EVERYTHING = """
SELECT 'parcelles', id, feature FROM cadastre.parcelles
UNION ALL SELECT 'mutations', id, feature FROM cadastre.mutations
UNION ALL SELECT 'publiees', unit, commune FROM etl.published
UNION ALL SELECT 'versions', agreement, rights::text FROM access.versions
ORDER BY 1, 2, 3
"""


@pytest.fixture(scope="module")
def held(cluster, loaded_template):
    """The samples, loaded, of which 85904 has merged into 85903."""
    with clone(cluster, loaded_template) as own:
        with connect(own, "admin") as connection:
            for name, communes in (("ancienne", ("85904",)), ("partie", ("85903", "85904"))):
                add_organisation(connection, name, name, "commune", communes)
                rights = [Right("parcelles", "base", ("tile", "feature"), communes)]
                rights += [Right("sections", "base", ("tile",), ("85904",))] if name == "partie" else []
                add_agreement(connection, name, name, "essai", TODAY, TODAY + DAY, rights)
            add_agreement(connection, "finie", "ancienne", "essai", TODAY.replace(year=2020), TODAY.replace(year=2021),
                          [Right("parcelles", "base", ("tile",), ("85904",))])  # fmt: skip
        yield own


def run(own, *words, code=0):
    env = {"GEOSOCLE_DSN": own.dsn, "GEOSOCLE_STATE": str(own.state), "GEOSOCLE_FILES": str(own.files)}
    result = CliRunner().invoke(app, ("commune", *words), env=env)
    assert result.exit_code == code, result.output
    return result.stderr or result.stdout


def history(own, code):
    return {one["commune"]: one for one in json.loads(run(own, "history", code, "--json"))}


def test_a_merger_says_what_is_still_served_and_which_agreements_to_amend(held):
    words = run(held, "merge", "85903", "85904", *DATED)
    assert "85904 a fusionné dans 85903 le 01/10/2026 ; 5 feuille(s) encore servie(s) sous son code." in words
    assert "Convention à amender : ancienne (ancienne)" in words
    assert "Convention à amender : partie (partie)" in words  # of sections it gives the old commune alone
    assert "finie" not in words


def test_each_code_tells_the_same_history(held):
    run(held, "merge", "85903", "85904", *DATED)
    found = history(held, "85904")
    assert found == history(held, "85903")
    assert list(found) == ["85904", "85903"]
    assert (found["85904"]["devient"], found["85904"]["jour"]) == ("85903", "2026-10-01")
    assert (found["85903"]["devient"], found["85903"]["depuis"]) == (None, "2026-07-01")
    assert found["85904"]["feuilles"] == 5


def test_said_again_the_day_is_corrected(held):
    run(held, "merge", "85903", "85904", "--date", "2027-01-01")
    assert history(held, "85904")["85904"]["jour"] == "2027-01-01"
    run(held, "merge", "85903", "85904", *DATED)


def test_a_merger_says_what_else_remains_under_the_old_code_and_the_command_that_ends_it(held):
    words = run(held, "merge", "85903", "85904", *DATED)
    lines = [line for line in words.splitlines() if "Reste sous 85904" in line]
    assert [line.split(" : ")[1] for line in lines] == ["eau", "orthophotos", "personnes_morales"]
    assert all(f"geosocle load {kind} LIVRAISON" in line for kind, line in zip(LEFT, lines, strict=True))


def test_a_merger_said_by_mistake_is_taken_back_and_nothing_else_moves(held):
    with connect(held, "admin") as connection:
        before = connection.execute(EVERYTHING).fetchall()
    run(held, "merge", "85903", "85904", *DATED)
    assert "La fusion de 85904 dans 85903 (le 01/10/2026) est retirée." in run(held, "unmerge", "85904")
    with connect(held, "admin") as connection:
        assert connection.execute(EVERYTHING).fetchall() == before
        assert connection.execute("SELECT count(*) FROM access.merged_agreements").fetchone() == (0,)
    assert history(held, "85904")["85904"]["devient"] is None
    assert "Fusion de 85904 dans 85903 au 01/10/2026, dite le" in run(held, "history", "85904")
    assert "n'a fusionné dans aucune commune" in run(held, "unmerge", "85904", code=2)


def test_what_is_taken_back_of_several_is_all_or_nothing(held):
    run(held, "merge", "85903", "85904", *DATED)
    assert "85901 n'a fusionné dans aucune commune" in run(held, "unmerge", "85904", "85901", code=2)
    assert history(held, "85904")["85904"]["devient"] == "85903"


def test_an_agreement_amended_meanwhile_is_named_and_stays_as_it_was_amended(held):
    run(held, "unmerge", "85904") if history(held, "85904")["85904"]["devient"] else None
    run(held, "merge", "85903", "85904", *DATED)
    with connect(held, "admin") as connection:
        amend = "UPDATE access.rights SET communes = '{85903,85904}' WHERE agreement = 'ancienne'"
        connection.execute(amend)
        before = connection.execute(AGREED).fetchall()
    words = run(held, "unmerge", "85904")
    assert "Convention amendée depuis, à relire : ancienne (ancienne)." in words
    assert "partie" not in words
    with connect(held, "admin") as connection:
        assert connection.execute(AGREED).fetchall() == before


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("85903", "85903"), "85903 continue"),
        (("85901", "85904"), "85904 a déjà fusionné dans une autre commune"),
        (("85904", "85902"), "85904 a elle-même fusionné dans 85903"),
        (("85903", "859"), "n'est pas un code INSEE"),
    ],
)
def test_what_cannot_be_is_refused_whole(held, words, told):
    run(held, "merge", "85903", "85904", *DATED)
    before = history(held, "85903")
    assert told in run(held, "merge", *words, *DATED, code=2)
    assert history(held, "85903") == before


def test_a_commune_of_which_only_etalabs_file_is_held_has_a_history(held):
    with connect(held, "admin") as connection:
        connection.execute(ETALAB)
    assert history(held, "85999")["85999"]["feuilles"] == 1


def test_a_commune_that_nobody_knows_has_no_history(held):
    assert "Rien n'est tenu de « 01001 »" in run(held, "history", "01001", code=2)
    assert list(history(held, "85901")) == ["85901"]
