"""One file grants a whole list of organisations its agreements: all of them, or none."""

import json
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from typer.testing import CliRunner

from catalog.database import connect
from geosocle.main import app

TODAY = datetime.now(ZoneInfo("Europe/Paris")).date()
HEAD = f"""id = "cadastre-{{organisation}}"
purpose = "Consultation du cadastre"
first_day = {TODAY}
last_day = {TODAY}
quotas = {{ requests_minute = 600 }}

[[rights]]
datasets = ["parcelles", "batiments"]
group = "base"
usages = ["image", "feature"]
communes = "territoire"
"""
MEMBERS = [(f"commune-85{number:03}", f"Commune {number}", "commune", [f"85{number:03}"]) for number in range(1, 251)]


@pytest.fixture
def bank(database, tmp_path):
    """What the command says, and how many agreements there are."""

    def run(*words, code=0):
        environment = {"GEOSOCLE_DSN": database.dsn, "GEOSOCLE_STATE": str(database.state)}
        result = CliRunner().invoke(app, ["agreement", "import", *map(str, words)], env=environment)
        assert result.exit_code == code, result.output
        return result.stderr or result.stdout

    run.folder = tmp_path
    with connect(database, "admin") as run.admin:
        yield run


def template(bank, members=(), head=HEAD):
    blocks = (
        f'[[organisations]]\nid = "{id}"\nname = "{name}"\nkind = "{kind}"\ncommunes = {json.dumps(communes)}\n'
        for id, name, kind, communes in members
    )
    path = bank.folder / "modele.toml"
    path.write_text(head + "".join(blocks), "utf-8")
    return path


def count(bank):
    return bank.admin.execute("SELECT count(*) FROM access.agreements").fetchone()[0]


def test_250_communes_are_granted_theirs_by_one_file_and_by_it_again(bank):
    path = template(bank, MEMBERS)
    assert "250 conventions à signer" in bank(path, "--dry-run")
    assert count(bank) == 0
    assert bank(path) == "250 conventions signées ; 250 organisations ajoutées.\n"
    given = bank.admin.execute("SELECT DISTINCT communes::text[] FROM access.rights").fetchall()
    assert sorted(given) == [(communes,) for *_, communes in MEMBERS]
    assert bank(path) == "0 conventions signées, 250 déjà là, inchangées ; 0 organisations ajoutées.\n"
    assert count(bank) == 250


def test_the_list_may_be_a_spreadsheet(bank):
    path = bank.folder / "membres.csv"
    path.write_text("organisation;nom;nature;communes\nepci-1;Communauté;epci;85001 85002\n", "utf-8-sig")
    bank(template(bank), "--organisations", path)
    assert bank.admin.execute(
        "SELECT id, communes::text[] FROM access.organisations WHERE kind = 'epci'"
    ).fetchone() == (
        "epci-1",
        ["85001", "85002"],
    )


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("epci-1;Communauté;epci;85001 8500", "membres.csv, ligne 3 : Code INSEE incorrect : « 8500 »"),
        ("epci-1;Communauté", "membres.csv, ligne 3 : 4 colonnes sont attendues"),
        ("epci-1;Communauté;confrérie;85001", "nature"),
        ("EPCI 1;Communauté;epci;85001", "Identifiant incorrect"),
        ("commune-1;Une;commune;85001", "commune-1 deux fois"),
        # Read as one line, it would give the first organisation the second one's communes.
        ('commune-2;"Deux;commune;85002\ncommune-3;Trois";commune;85003', "membres.csv, ligne 3 : CSV incorrect"),
        (f"commune-2;{'x' * 200_000};commune;85002", "membres.csv, ligne 3 : CSV incorrect"),
        ("commune-2;;commune;85002", "membres.csv, ligne 3 : nom : un texte lisible"),
    ],
)
def test_one_wrong_line_grants_nothing_to_anybody(bank, line, words):
    path = bank.folder / "membres.csv"
    path.write_text(f"organisation;nom;nature;communes\ncommune-1;Une;commune;85001\n{line}\n", "utf-8")
    assert words in bank(template(bank), "--organisations", path, code=2)
    assert count(bank) == 0
    assert bank.admin.execute("SELECT id FROM access.organisations").fetchall() == [("public",)]


def test_an_organisation_known_otherwise_is_refused_and_so_is_another_agreement_of_the_same_name(bank):
    bank(template(bank, MEMBERS[:1]))
    other = [("commune-85001", "Commune 1", "commune", ["85002"])]
    assert "autre nom, nature ou territoire" in bank(template(bank, other), code=2)
    wider = HEAD.replace('"feature"', '"feature", "file"')
    assert "autres termes" in bank(template(bank, MEMBERS[:2], wider), code=2)
    assert count(bank) == 1


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (('"parcelles", ', '"parcelle", '), "modele.toml, ligne 7 : rights[1] : Jeu de données inconnu : parcelle."),
        (("-{organisation}", ""), "modele.toml, ligne 1 : id : « {organisation} » y est attendu"),
        (("requests_minute = 600", "requests_minute = 0"), "modele.toml, ligne 5 : quotas.requests_minute"),
    ],
)
def test_a_wrong_template_is_refused_with_its_line(bank, change, words):
    assert words in bank(template(bank, MEMBERS[:1], HEAD.replace(*change)), code=2)
    assert count(bank) == 0
