"""The command line speaks French, its framework included."""

import pytest
from typer.testing import CliRunner

from geosocle.main import app

ENGLISH = (
    "Usage:",
    "Try",
    "Error",
    "Missing",
    "No such",
    "Invalid",
    "Input",
    "Show",
    "Options:",
    "Commands:",
    "required",
)


def run(*words):
    result = CliRunner().invoke(app, words)
    return result.exit_code, result.output


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["load"], "Argument manquant : GENRE."),
        (["nul"], "Commande inconnue : nul."),
        (["agreemnt"], "Plutôt agreement ?"),
        (["serve", "--prt", "1"], "Option inconnue : --prt (plutôt --port ?)"),
        (["serve", "--port"], "L'option --port attend une valeur."),
        (["serve", "--port", "x"], "Valeur incorrecte pour --port : un nombre entier est attendu."),
        (["serve", "--port", "0"], "au moins 1 est attendu"),
        (["serve", "--port", "99999"], "au plus 65535 est attendu"),
        (["load", "cadastre", "/nulle-part"], "« /nulle-part » n'existe pas."),
        (["load", "nul"], "« nul » n'est pas parmi 'cadastre'"),
        (["agreement", "end", "c-1", "--on", "hier"], "« hier » n'est pas une date AAAA-MM-JJ."),
        (["agreement", "end", "c-1"], "Option manquante : --on."),
        (["agreement", "add", "--file", "/"], "« / » est un dossier."),
        (["migrate", "x"], "Argument en trop : x"),
        (["cadastre", "diff", "2026-07-01", "2026-10-01"], "Erreur : entre deux jours, --commune est à donner"),
    ],
)
def test_a_wrong_usage_is_said_in_french(words, said):
    code, output = run(*words)
    assert (code, said in output) == (2, True), output
    assert not [word for word in ENGLISH if word in output]


@pytest.mark.parametrize(
    "words",
    [[], ["serve"], ["load"], ["agreement"], ["agreement", "add"], ["access", "explain"], ["database", "start"]],
    ids=" ".join,
)
def test_the_help_is_in_french(words):
    code, output = run(*words, "--help")
    assert code == 0
    assert "Afficher cette aide." in output
    assert not [word for word in (*ENGLISH, "default", "<str>", "<int") if word in output]


def test_the_columns_of_a_translated_help_stay_straight():
    _, output = run("serve", "--help")
    options = output.partition("Options :\n")[2].splitlines()
    assert (
        len({line.index(words) for line in options for words in ("Adresse", "Port", "Nombre", "Aff") if words in line})
        == 1
    )


def test_a_family_without_its_command_shows_its_help():
    code, output = run("agreement")
    assert code == 2
    assert output.startswith("Usage : ")
