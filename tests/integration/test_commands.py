"""The administrators' commands, as they are typed."""

import json
from datetime import datetime, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from typer.testing import CliRunner

from catalog.database import connect
from geosocle.commands import context
from geosocle.main import app
from tests.conftest import settings_of

TODAY = datetime.now(ZoneInfo("Europe/Paris")).date()
TOMORROW = str(TODAY + timedelta(days=1))
YESTERDAY = str(TODAY - timedelta(days=1))


@pytest.fixture
def geosocle(database):
    """Run a command on this test's database; returns its output, or its error when it fails."""

    def run(*words, code=0):
        env = {
            "GEOSOCLE_DSN": database.dsn,
            "GEOSOCLE_STATE": str(database.state),
            "GEOSOCLE_FILES": str(database.files),
        }
        result = CliRunner().invoke(app, words, env=env)
        assert result.exit_code == code, result.output
        return result.stderr or result.stdout

    return run


@pytest.fixture
def member(geosocle):
    geosocle("organisation", "add", "saint-aubin", "--name", "Saint-Aubin", "--commune", "85901,85902")
    return "saint-aubin"


def add(geosocle, member, *rights, code=0, id="c-1", first=YESTERDAY, last=TOMORROW):
    words = ["agreement", "add", id, "--organisation", member, "--purpose", "Essai", "--from", first, "--to", last]
    return geosocle(*words, *(word for right in rights for word in ("--right", right)), code=code)


def test_a_member_is_added_and_shown(geosocle, member):
    shown = json.loads(geosocle("organisation", "show", member, "--json"))
    assert (shown["name"], shown["kind"], shown["communes"]) == ("Saint-Aubin", "commune", ["85901", "85902"])
    assert "Saint-Aubin" in geosocle("organisation", "list")


def test_a_member_is_added_once(geosocle, member):
    assert (
        geosocle("organisation", "add", member, "--name", "X", code=2)
        == f"Erreur : Cet identifiant existe déjà : {member}.\n"
    )


def test_a_wrong_insee_code_is_refused_without_the_databases_words(geosocle):
    error = geosocle("organisation", "add", "x", "--name", "X", "--commune", "901", code=2)
    assert error.count("\n") == 1
    assert error.startswith("Erreur : Code INSEE incorrect : « 901 »")


def test_a_wrong_identifier_is_named(geosocle):
    assert "« Saint Aubin »" in geosocle("organisation", "add", "Saint Aubin", "--name", "X", code=2)


def test_an_agreement_over_the_territory_gives_its_communes(geosocle, member):
    add(geosocle, member, "parcelles:base:image,feature:territoire")
    (agreement,) = json.loads(geosocle("agreement", "list", member, "--json"))
    assert {right["usage"] for right in agreement["rights"]} == {"image", "feature"}
    assert all(right["communes"] == ["85901", "85902"] for right in agreement["rights"])
    assert agreement["state"] == "en cours"


def test_an_agreement_that_ends_before_it_begins_is_refused(geosocle, member):
    error = add(geosocle, member, "parcelles:base:image:85901", first=TOMORROW, last=YESTERDAY, code=2)
    assert error.startswith("Erreur : --to précède --from")


@pytest.mark.parametrize("communes", ["85901", "territoire"])
def test_an_agreement_of_an_unknown_organisation_names_it(geosocle, communes):
    error = add(geosocle, "personne", f"parcelles:base:image:{communes}", code=2)
    assert error == "Erreur : Organisation inconnue : personne.\n"


@pytest.mark.parametrize(
    "words", [("agreement", "list"), ("token", "list"), ("token", "issue"), ("organisation", "show")]
)
def test_an_unknown_organisation_is_named(geosocle, words):
    assert geosocle(*words, "personne", code=2) == "Erreur : Organisation inconnue : personne.\n"


def test_an_agreement_with_one_wrong_right_leaves_nothing(geosocle, member):
    assert "« 8590 »" in add(geosocle, member, "parcelles:base:image:85901", "parcelles:base:image:8590", code=2)
    assert json.loads(geosocle("agreement", "list", "--json")) == []


def test_an_agreement_is_read_from_a_file(geosocle, member, tmp_path):
    path = tmp_path / "c.toml"
    path.write_text(
        f'id = "c-2"\norganisation = "{member}"\npurpose = "Essai"\nfirst_day = {YESTERDAY}\nlast_day = {TOMORROW}\n'
        '[[rights]]\ndataset = "parcelles"\ngroup = "base"\nusages = ["feature"]\ncommunes = "territoire"\n'
    )
    assert geosocle("agreement", "add", "--file", str(path)) == "Convention ajoutée : c-2.\n"
    assert "deux" in geosocle("agreement", "add", "c-3", "--file", str(path), code=2)


def test_an_agreement_without_its_parts_is_refused(geosocle):
    assert "--purpose" in geosocle("agreement", "add", "c-1", code=2)


def test_an_agreement_ends_on_the_day_that_is_said(geosocle, member):
    add(geosocle, member, "parcelles:base:feature:85901")
    geosocle("agreement", "end", "c-1", "--on", YESTERDAY)
    assert json.loads(geosocle("agreement", "list", "--json"))[0]["state"] == "terminée"
    assert "inconnue" in geosocle("agreement", "end", "c-9", "--on", YESTERDAY, code=2)


def test_an_agreement_ended_before_its_first_day_is_void(geosocle, member):
    add(geosocle, member, "parcelles:base:feature:85901", first=TOMORROW)
    assert "annulée" in geosocle("agreement", "end", "c-1", "--on", YESTERDAY)
    assert json.loads(geosocle("agreement", "list", "--json"))[0]["state"] == "annulée"


def test_a_token_is_shown_once_and_listed_without_it(geosocle, member):
    token = geosocle("token", "issue", member, "--label", "QGIS").strip()
    assert token.startswith("geosocle_")
    listed = geosocle("token", "list", "--json")
    assert token not in listed
    assert json.loads(listed)[0]["state"] == "valable"


@pytest.mark.parametrize("by", ["itself", "its identifier"])
def test_a_token_is_revoked_by(geosocle, member, by):
    token = geosocle("token", "issue", member).strip()
    identifier = json.loads(geosocle("token", "list", "--json"))[0]["id"]
    geosocle("token", "revoke", token if by == "itself" else identifier)
    assert json.loads(geosocle("token", "list", "--json"))[0]["state"] == "révoqué"
    refused = geosocle("token", "revoke", token, code=2)
    assert "inconnu" in refused
    assert token not in refused


def test_a_wrong_identifier_of_a_token_is_named(geosocle):
    assert "« 12 »" in geosocle("token", "revoke", "12", code=2)


def test_the_public_has_no_token(geosocle):
    geosocle("token", "issue", "public", code=2)


def test_access_is_explained(geosocle, member):
    add(geosocle, member, "parcelles:base:image:85901")
    found = json.loads(geosocle("access", "explain", member, "parcelles", "--json"))["decisions"]
    assert [decision["usage"] for decision in found if decision["given"]] == ["image"]
    assert "c-1 ne donne pas l'usage « tile »" in geosocle("access", "explain", member, "parcelles")


def test_access_is_explained_of_an_attribute_a_format_and_a_day(geosocle, member):
    add(geosocle, member, "parcelles:base:image:85901")
    words = ("access", "explain", member, "parcelles", "--attribute", "contenance", "--format", "pdf")
    assert "convention c-1, version 1, du" in geosocle(*words)
    assert "Aucun jeton valable" in geosocle(*words)
    assert "c-1 s'est terminée le" in geosocle(*words, "--on", "2999-01-01")
    assert "attribut inconnu : nul" in geosocle(*words[:4], "--attribute", "nul", code=2)
    assert "Format inconnu : nul" in geosocle(*words[:4], "--format", "nul", code=2)


def test_a_change_is_simulated_and_not_made(geosocle, member, tmp_path):
    add(geosocle, member, "parcelles:base:image,tile:85901")
    file = tmp_path / "c-1.toml"
    content = f"""id = "c-1"
organisation = "{member}"
purpose = "Essai"
first_day = {YESTERDAY}
last_day = {TOMORROW}

[[rights]]
dataset = "parcelles"
group = "base"
usages = ["image", "tile"]
communes = ["85902"]
"""
    file.write_text(content)
    found = json.loads(geosocle("access", "simulate", str(file), "--json"))
    assert [(sign, lot["communes"]) for sign in ("given", "taken") for lot in found[sign]] == [
        ("given", {"85902": 0}),
        ("taken", {"85901": 0}),
    ]
    assert "contenance" in found["given"][0]["columns"]
    shown = geosocle("access", "simulate", str(file))
    assert "+  parcelles" in shown
    assert "−  parcelles" in shown
    assert "−  parcelles" in geosocle("access", "simulate", "--end", "c-1", "--on", YESTERDAY)
    assert "+  parcelles" in geosocle("access", "simulate", "--renew", "c-1", "--to", "2999-01-01")
    assert json.loads(geosocle("agreement", "list", "--json"))[0]["rights"][0]["communes"] == ["85901"]
    file.write_text(content.replace("parcelles", "nul"))
    assert "ligne" in geosocle("access", "simulate", str(file), code=2)


@pytest.mark.parametrize("words", [(), ("--end", "c-1"), ("--renew", "c-1", "--on", "2026-01-01")])
def test_one_change_is_simulated_at_once(geosocle, words):
    assert "Attendu : un fichier" in geosocle("access", "simulate", *words, code=2)


@pytest.mark.parametrize("words", [("nul", "parcelles"), ("saint-aubin", "nul"), ("saint-aubin", "parcelles", "nul")])
def test_what_does_not_exist_is_not_explained(geosocle, member, words):
    error = geosocle("access", "explain", *words, code=2)
    assert error.startswith("Erreur : ")
    assert error.endswith(" nul.\n")


def test_the_doctor_says_what_is_sound_and_exits_by_it(geosocle, database):
    assert "✗" not in geosocle("doctor")
    with connect(database, "admin") as connection:
        connection.execute("ALTER TABLE cadastre.parcelles NO FORCE ROW LEVEL SECURITY")
    assert "cadastre.parcelles : sans ROW LEVEL SECURITY forcée" in geosocle("doctor", code=1)


def test_a_second_migration_says_that_there_was_nothing_to_do(geosocle):
    assert geosocle("migrate") == "La base est à jour.\n"


def test_a_database_that_is_away_is_one_line(geosocle):
    result = CliRunner().invoke(app, ["organisation", "list"], env={"GEOSOCLE_DSN": "host=/nowhere dbname=x"})
    assert result.exit_code == 1
    assert result.stderr == "Erreur : La base de données ne répond pas. Réessayez dans quelques instants.\n"


def test_without_a_database_the_command_says_how_to_start_one(tmp_path, monkeypatch):
    monkeypatch.delenv("GEOSOCLE_DSN", raising=False)
    result = CliRunner().invoke(app, ["organisation", "list"], env={"GEOSOCLE_STATE": str(tmp_path)})
    assert result.exit_code == 2
    assert "geosocle database start" in result.stderr


def test_without_a_name_the_running_private_cluster_is_used(cluster, monkeypatch):
    monkeypatch.delenv("GEOSOCLE_DSN", raising=False)
    monkeypatch.setenv("GEOSOCLE_STATE", str(cluster.state))
    assert context.current_settings().dsn == cluster.dsn
    result = CliRunner().invoke(app, ["database", "status", "--json"])
    assert json.loads(result.stdout)["status"] == "running"


def test_a_token_is_rotated_by_its_identifier(geosocle, member):
    old = geosocle("token", "issue", member, "--label", "QGIS").strip()
    (row,) = json.loads(geosocle("token", "list", member, "--json"))
    new = geosocle("token", "rotate", row["id"], "--grace", "2").strip()
    assert new.startswith("geosocle_")
    assert new != old
    states = {each["id"] == row["id"]: each["state"] for each in json.loads(geosocle("token", "list", "--json"))}
    assert states == {True: "valable", False: "valable"}
    geosocle("token", "rotate", old)
    geosocle("token", "rotate", old, code=2)


def test_an_identity_is_added_listed_and_removed(geosocle, member):
    issuer = ("--issuer", "https://comptes.exemple.fr")
    geosocle("identity", "add", member, "--claim", "sub=alice", code=2)
    geosocle("identity", "add", member, "--claim", "sub", *issuer, code=2)
    geosocle("identity", "add", member, "--claim", "sub=alice", "--claim", "acr=2", *issuer, "--label", "Alice")
    geosocle("identity", "add", member, "--claim", "acr=2", "--claim", "sub=alice", *issuer, code=2)
    assert "sub=alice" in geosocle("identity", "list", member)
    (row,) = json.loads(geosocle("identity", "list", "--json"))
    assert row["claims"] == {"sub": "alice", "acr": "2"}
    geosocle("identity", "remove", row["id"])
    assert json.loads(geosocle("identity", "list", "--json")) == []


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("agreement", "list"), 2, "La base n'a pas ce que cette version attend."),
        (("cadastre", "status"), 2, "La base n'a pas ce que cette version attend."),
        (("hunt", "--requests", "1"), 2, "La base n'a pas ce que cette version attend."),
        (("load", "cadastre", "tests"), 1, "Si elle vient d'être créée"),
    ],
)
def test_on_an_empty_database_each_command_says_to_migrate_it(cluster, tmp_path, words, code, said):
    name = f"vide_{uuid4().hex}"
    cluster.create_database(name)
    try:
        env = {"GEOSOCLE_DSN": settings_of(cluster, name).dsn, "GEOSOCLE_STATE": str(tmp_path)}
        result = CliRunner().invoke(app, words, env=env)
    finally:
        cluster.drop_database(name)
    assert result.exit_code == code, result.output
    assert said in result.stderr
    assert "geosocle migrate" in result.stderr
