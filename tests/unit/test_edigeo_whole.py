"""A lot that is not as it was written is told from one that is, line by line."""

import pytest

from etl.edigeo_whole import absent, altered, nameless

SOUND = (
    b"BOMT 12:EDAB01T1.VEC\nCSET 03:IRV\n\nRTYSA03:FEA\nRIDSA07:Objet_1\nTEXT 06:8859-1\nATVST03:\xe9t\xe9\nEOMT 00:\n"
)


def test_lines_as_long_as_they_announce_are_sound():
    assert altered(SOUND) is None
    assert altered(b"") is None
    assert altered(SOUND.rstrip(b"\n")) is None


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (b"CSET 04:IRV", "ligne 2 altérée (CSE : 4 caractères annoncés, 3 trouvés)"),
        (b"CSET 03:IRVX", "ligne 2 altérée (CSE : 3 caractères annoncés, 4 trouvés)"),
        (b"CSET 0:IRV", "ligne 2 altérée (ni code ni longueur)"),
        (b"CSET", "ligne 2 altérée (ni code ni longueur)"),
        (b"\xff" * 300, "ligne 2 altérée (ni code ni longueur)"),
        (b"CSET xx:IRV", "ligne 2 altérée (ni code ni longueur)"),
        (b"CSET 03 IRV", "ligne 2 altérée (ni code ni longueur)"),
        (b"\xff\xe9\xe8T 04:IRV", "ligne 2 altérée (��� : 4 caractères annoncés, 3 trouvés)"),
    ],
)
def test_the_first_line_that_is_not_is_told_with_its_number_and_code(line, words):
    told = altered(SOUND.replace(b"CSET 03:IRV", line) + line)
    assert told == f"{words} ; demandez la feuille de nouveau"


def test_vector_members_that_the_entry_announces_and_that_are_not_there_are_named():
    entry = [("LON", "EDAB01"), ("GDC", "2"), ("GDN", "T1"), ("GDN", "S1"), ("LON", "EDAB02"), ("GDN", "T1")]
    assert absent(entry, ["edab01t1.vec", "EDAB02T1.VEC"]) == ["EDAB01S1.VEC"]
    assert absent([], []) == []


def test_objects_whose_record_or_class_is_spoiled_are_missed():
    text = "\n" + SOUND.decode("latin-1") + "SCPCP20:ED;SeSD;OBJ;BATIMENT\n"
    assert nameless(text, 1) is None
    spoiled_record, spoiled_class = text.replace("RTYSA03:FEA", "RTYSA03:FEB"), text.replace(";OBJ;", ";OBK;")
    for spoiled in (spoiled_record, spoiled_class):
        assert nameless(spoiled, 0) == "lot corrompu : 1 objets annoncés, 0 décrits ; demandez la feuille de nouveau"
