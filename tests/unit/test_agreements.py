"""Agreements as they are written: each fault is named."""

from datetime import date

import pytest

from catalog.agreements import parse_right, read_agreement
from catalog.errors import AgreementError
from catalog.terms import Term

WHOLE = """
id = "eau-2026"
organisation = "eaux"
purpose = "Exploitation du réseau"
first_day = 2026-01-01
last_day = 2026-12-31

[[rights]]
dataset = "canalisations_eau"
group = "base"
usages = ["image", "tile", "feature"]
communes = ["85901", "85902"]

[[rights]]
dataset = "canalisations_eau"
group = "technical"
usages = ["feature"]
communes = "territoire"
"""


def written(folder, text):
    path = folder / "convention.toml"
    path.write_text(text, "utf-8")
    return path


def test_a_right_is_read_from_four_parts():
    assert parse_right("parcelles:base:image,tile:85901,85902") == Term(
        "parcelles", "base", ("image", "tile"), ("85901", "85902")
    )


@pytest.mark.parametrize("text", ["parcelles", "parcelles:base:image", "parcelles:base::85901", "a:b:c:d:e"])
def test_a_right_that_lacks_a_part_is_refused(text):
    with pytest.raises(AgreementError, match="jeu:groupe:usages:communes"):
        parse_right(text)


def test_a_file_is_read_whole(tmp_path):
    agreement = read_agreement(written(tmp_path, WHOLE))
    assert (agreement.id, agreement.first_day, agreement.last_day) == ("eau-2026", date(2026, 1, 1), date(2026, 12, 31))
    assert [right.group for right in agreement.rights] == ["base", "technical"]
    assert agreement.rights[1].communes == ("territoire",)


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ('id = "eau-2026"', "id = eau", "line 2"),
        ('id = "eau-2026"', "", "id : manque"),
        ("first_day = 2026-01-01", 'first_day = "2026-01-01"', "first_day : valeur"),
        ("first_day = 2026-01-01", "first_day = 2026-01-01T00:00:00", "first_day : valeur"),
        ('purpose = "Exploitation du réseau"', 'objet = "x"\npurpose = "x"', "objet : clé inconnue"),
        ('group = "technical"', 'group = "secret"', r"rights\[2\] : canalisations_eau : groupe d'attributs inconnu"),
        ('usages = ["feature"]', 'usages = ["lire"]', r"rights\[2\] : canalisations_eau : usages attendus"),
        ('usages = ["feature"]', 'usages = "feature"', r"ligne 17 : rights\[2\] : usages : valeur"),
        ('communes = ["85901", "85902"]', "communes = [85901]", r"ligne 12 : rights\[1\] : communes : des textes"),
        ('communes = "territoire"', "", r"ligne 14 : rights\[2\] : communes : manque"),
        ("last_day = 2026-12-31", "last_day = 2025-12-31", "ligne 6 : last_day précède"),
        ("last_day = 2026-12-31", "last_day = 2026-12-31\nquotas = {octets = 1}", "quotas.octets : quota inconnu"),
        ("last_day = 2026-12-31", "last_day = 2026-12-31\nquotas = {features_day = 0}", "entier positif"),
        ('communes = "territoire"', 'communes = "territoire"\nneighbours = "secret"', "ligne 14 .* inconnu : secret"),
        (
            'usages = ["feature"]',
            'usages = ["feature"]\nneighbours_usages = ["image"]',
            r"ligne 14 : rights\[2\] : canalisations_eau : les communes voisines",
        ),
        ('dataset = "canalisations_eau"', 'dataset = "inconnu"', r"rights\[1\] : Jeu de données inconnu"),
        ("Exploitation du réseau", " ", "ligne 4 : purpose : un texte lisible"),
        ("Exploitation du réseau", r"a\u0000b", "ligne 4 : purpose : un texte lisible"),
        ("Exploitation du réseau", r"\u001b[2J", "ligne 4 : purpose : un texte lisible"),
        ("last_day = 2026-12-31", "last_day = " + "[" * 9000 + "]" * 9000, "TOML démesuré"),
        ("last_day = 2026-12-31", f"last_day = {'9' * 5000}", "TOML démesuré"),
    ],
)
def test_what_is_wrong_in_a_file_is_named(tmp_path, old, new, named):
    path = written(tmp_path, WHOLE.replace(old, new, 1))
    with pytest.raises(AgreementError, match=named) as raised:
        read_agreement(path)
    assert str(raised.value).startswith("convention.toml")


def test_what_is_named_many_times_is_given_once(tmp_path):
    named = f"datasets = {['canalisations_eau'] * 2000}\ngroups = {['base'] * 2000}"
    text = WHOLE.replace('dataset = "canalisations_eau"\ngroup = "base"', named, 1)
    assert read_agreement(written(tmp_path, text)) == read_agreement(written(tmp_path, WHOLE))


def test_the_mark_that_windows_puts_before_a_text_is_no_part_of_it(tmp_path):
    assert read_agreement(written(tmp_path, f"\ufeff{WHOLE}")) == read_agreement(written(tmp_path, WHOLE))


def test_a_file_without_rights_is_refused(tmp_path):
    with pytest.raises(AgreementError, match=r"\[\[rights\]\]"):
        read_agreement(written(tmp_path, WHOLE.partition("[[rights]]")[0]))
