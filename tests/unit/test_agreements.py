"""Agreements as they are written: each fault is named."""

from datetime import date

import pytest

from catalog.access import Right
from catalog.agreements import parse_right, read_agreement, with_territory
from catalog.errors import AgreementError

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
    assert parse_right("parcelles:base:image,tile:85901,85902") == Right(
        "parcelles", "base", ("image", "tile"), ("85901", "85902")
    )


@pytest.mark.parametrize("text", ["parcelles", "parcelles:base:image", "parcelles:base::85901", "a:b:c:d:e"])
def test_a_right_that_lacks_a_part_is_refused(text):
    with pytest.raises(AgreementError, match="jeu:groupe:usages:communes"):
        parse_right(text)


def test_the_territory_stands_for_the_organisations_communes():
    rights = [parse_right("parcelles:base:image:territoire"), parse_right("communes:base:image:85904")]
    assert [right.communes for right in with_territory(rights, ["85901"])] == [("85901",), ("85904",)]


def test_a_territory_that_is_empty_gives_nothing_silently():
    with pytest.raises(AgreementError, match="pas de territoire"):
        with_territory([parse_right("parcelles:base:image:territoire")], [])


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
        ('usages = ["feature"]', 'usages = "feature"', r"rights\[2\].usages : valeur"),
        ('communes = ["85901", "85902"]', "communes = [85901]", r"rights\[1\].communes : des textes"),
        ('communes = "territoire"', "", r"rights\[2\].communes : manque"),
        ('dataset = "canalisations_eau"', 'dataset = "inconnu"', r"rights\[1\] : Jeu de données inconnu"),
    ],
)
def test_what_is_wrong_in_a_file_is_named(tmp_path, old, new, named):
    path = written(tmp_path, WHOLE.replace(old, new, 1))
    with pytest.raises(AgreementError, match=named) as raised:
        read_agreement(path)
    assert str(raised.value).startswith("convention.toml : ")


def test_a_file_without_rights_is_refused(tmp_path):
    with pytest.raises(AgreementError, match=r"\[\[rights\]\]"):
        read_agreement(written(tmp_path, WHOLE.partition("[[rights]]")[0]))
