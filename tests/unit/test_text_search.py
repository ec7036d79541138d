"""`q`: what a word finds, and what it never does."""

import re

import pytest

from catalog.errors import BadRequest
from services.columns import Column
from services.text_search import pattern, plain, search

COLUMNS = {name: Column(name, kind, group) for name, kind, group in (
    ("nom", "text", "base"), ("annee", "integer", "base"), ("materiau", "text", "technical"),
)}  # fmt: skip


def finds(word: str, text: str) -> bool:
    return re.search(pattern(plain(word)), text) is not None


@pytest.mark.parametrize(
    ("word", "text"),
    [
        ("ecole", "ÉCOLE DES TILLEULS"), ("ÉCOLE", "L'école"), ("tilleul", "École des Tilleuls"),
        ("ete", "Régie d'Été"),
        ("coeur", "SACRÉ-CŒUR"), ("cœur", "Sacre-Coeur"), ("sœur", "SOEURS"), ("garcon", "garçon"), ("0a", "0A 0012"),
        ("noël", "NOEL"), ("noel", "Noël"), ("ile", "L’Île-d’Yeu"), ("aout", "(août)"), ("strasse", "Straße"),
        ("æther", "aether"), ("110", "PVC <110"), ("e\u0301cole", "école"),
    ],
)  # fmt: skip
def test_a_word_is_found_whatever_its_case_its_accents_and_its_ligatures(word, text):
    assert finds(word, text)


@pytest.mark.parametrize(
    ("word", "text"),
    [("col", "école"), ("cole", "ÉCOLE"), ("eur", "cœur"), ("ecoles", "école"), ("e", "œuf"), ("10", "110")]
)  # fmt: skip
def test_a_word_is_not_found_in_the_middle_of_another(word, text):
    assert not finds(word, text)


@pytest.mark.parametrize("text", [".*", "a|b", "[a-z]", "(?i)x", "\\d", "^a$", "a{2}", "%", "_", "]", "⑴", "½"])
def test_a_sign_is_never_part_of_an_expression(text):
    try:
        words = [each for found in search(text, COLUMNS).values.values() for each in found]
    except BadRequest:
        words = []
    assert not [each for each in words if re.search(r"[.*|{}^$\\?+]", re.sub(r"\(\^\|\[\^[^]]*\]\)", "", each))]


def test_texts_alone_are_looked_at_and_side_tables_are_only_where_they_are_given():
    condition = search("pvc", COLUMNS)
    assert (condition.groups, condition.beside) == (frozenset(), {"base", "technical"})
    assert "annee" not in condition.sql.as_string()


@pytest.mark.parametrize("text", ["", " ", ",", "a,", ",a", "—", "'", "a " * 11, "a" * 201])
def test_what_holds_no_word_or_too_many_is_refused(text):
    with pytest.raises(BadRequest):
        search(text, COLUMNS)
