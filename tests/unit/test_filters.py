"""Filters become conditions with bound values: no text of a caller stands in the statement."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.errors import BadRequest
from services.columns import Column
from services.cql2 import parse
from services.filters import compile_filter
from services.nodes import read_json

COLUMNS = {
    name: Column(name, kind, group)
    for name, kind, group in (
        ("nom", "text", "base"),
        ("taille", "integer", "base"),
        ("longueur", "double precision", "base"),
        ("jour", "date", "base"),
        ("vrai", "boolean", "base"),
        ("matiere", "text", "technical"),
    )
}


def compiled(text: str):
    return compile_filter(parse(text), COLUMNS, 2154)


def test_a_value_is_bound_and_a_property_quoted():
    condition = compiled("nom = 'x'' OR 1=1 --'")
    assert condition.sql.as_string() == '("t"."nom" = (SELECT %(filter0)s::text))'
    assert condition.values == {"filter0": "x' OR 1=1 --"}


def test_the_groups_that_are_read_are_told():
    assert compiled("nom = 'a'").groups == {"base"}
    assert compiled("matiere = 'a' OR taille = 1").groups == {"base", "technical"}


def test_a_geometry_is_compared_by_its_box_first():
    text = compiled("S_WITHIN(geometry, POINT(2 46))").sql.as_string()
    assert text.index("&&") < text.index("ST_Within")
    assert compiled("S_DISJOINT(geometry, POINT(2 46))").sql.as_string().startswith("(NOT")


@pytest.mark.parametrize(
    "text",
    [
        "nom = 1", "taille = 'a'", "taille = TRUE", "vrai = 1", "vrai = 'a'", "jour = 1", "jour = '2020-13-01'",
        "1 = 1",
        "inconnu = 1", "taille", "nom", "NOT taille", "taille LIKE '1'", "nom LIKE nom", "nom LIKE 'a\\'", "nom IN (1)",
        "taille BETWEEN 'a' AND 'b'", "CASEI(taille) = 'a'", "T_AFTER(nom, DATE('2020-01-01'))", "T_AFTER(jour, nom)",
        "S_WITHIN(nom, POINT(1 2))", "S_WITHIN(geometry, geometry)", "S_WITHIN(POINT(1 2), POINT(1 2))", "'a' IS NULL",
        "S_WITHIN(geometry, POLYGON((0 0, 1 1, 0 1, 1 0, 0 0)))", "S_WITHIN(geometry, POINT EMPTY)", "geometry IS NULL",
        "nom = taille", "jour = vrai", "S_WITHIN(geometry, BBOX(1,2,3))",
        "T_DURING(jour, INTERVAL('2021-01-01','2020-01-01'))",
        "nom + 1 = 2", "taille * 'a' = 1", "taille + vrai = 1", "(taille = 1) = TRUE", "(taille = 1) + 1 = 2",
        "'2020-01-01' BETWEEN jour AND nom", "'2020-01-01' IN (jour)", "CASEI('2020-01-01') IN (jour)",
        "taille + 1", "1 + jour = 2", "CASEI(taille + 1) = 'a'", "taille / 0 = 1",
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused(text):
    with pytest.raises(BadRequest):
        compiled(text)


@pytest.mark.parametrize(
    "text",
    [
        "taille = longueur", "taille < 1.5", "longueur = 1", "jour = '2020-01-01'", "'2020-01-01' < jour", "vrai",
        "NOT vrai",
        "jour IN (DATE('2020-01-01'))", "nom IN ('a', 'b')", "CASEI(nom) LIKE CASEI('A%')", "vrai = TRUE AND vrai",
        "TRUE",
        "((taille * 2) > 1000)", "taille / longueur ^ 2 < 1", "(longueur - 1) BETWEEN taille AND taille % 7",
        "taille IN (1 + 1, 3)",
    ],
)  # fmt: skip
def test_what_fits_is_taken(text):
    assert compiled(text)


HOLE = {"type": "MultiPolygon", "coordinates": [[[[0, 0], [1, 0], [1, 1], [0, 0]]], []]}


@pytest.mark.parametrize(
    "tree",
    [
        {"op": "=", "args": [{"property": "nom"}, "\ud800"]},
        {"op": "=", "args": [{"property": "nom"}, "a\0"]},
        {"op": "s_intersects", "args": [{"property": "geometry"}, HOLE]},
        {"op": "s_intersects", "args": [{"property": "geometry"}, {"type": "Point", "coordinates": [1e300, 45]}]},
        {"op": "or", "args": [{"op": "in", "args": [{"property": "taille"}, list(range(900))]}] * 2},
    ],
    ids=["half a character", "nul", "an empty polygon", "a place that is nowhere", "many values in two lists"],
)
def test_what_no_statement_should_be_given_is_refused(tree):
    with pytest.raises(BadRequest):
        compile_filter(tree, COLUMNS, 2154)


def test_a_filter_is_neither_too_deep_nor_too_long():
    deep = {"property": "vrai"}
    for _ in range(100):
        deep = {"op": "not", "args": [deep]}
    with pytest.raises(BadRequest):
        compile_filter(deep, COLUMNS, 2154)
    for deep in (nested("casei", {"property": "nom"}), nested("+", {"property": "taille"}, 1)):
        with pytest.raises(BadRequest):
            compile_filter({"op": "=", "args": [deep, "a" if deep["op"] == "casei" else 1]}, COLUMNS, 2154)
    with pytest.raises(BadRequest):
        compiled("taille = 1" + " + 1" * 4000)
    with pytest.raises(BadRequest):
        compile_filter({"op": "and", "args": [{"property": "vrai"}] * 1000}, COLUMNS, 2154)
    with pytest.raises(BadRequest):
        compiled("taille IN (" + ",".join(["1"] * 1001) + ")")
    ring = ", ".join(f"{i / 5000} {i % 2}" for i in range(6000))
    with pytest.raises(BadRequest):
        compiled(f"S_WITHIN(geometry, LINESTRING({ring}))"[:19_000] + "))")


def nested(op: str, inner: dict, *others: object) -> dict:
    """An operand 600 deep: short enough to be read, too deep for Python's stack."""
    for _ in range(600):
        inner = {"op": op, "args": [inner, *others]}
    return inner


def test_what_is_divided_by_nothing_is_nothing_and_numbers_do_not_overflow():
    text = compiled("taille * taille / longueur > 1").sql.as_string()
    assert "NULLIF" in text
    assert '"t"."taille"::double precision * "t"."taille"::double precision' in text


trees = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["op", "args", "property", "date", "interval", "bbox", "type", "coordinates", "timestamp"]),
            inner
            | st.sampled_from(
                ["and", "=", "in", "like", "s_within", "t_during", "nom", "geometry", "Point", "casei", "+", "/"]
            ),
            max_size=3,
        )
    ),
    max_leaves=20,
)


@given(trees)
def test_any_tree_is_compiled_or_refused(tree):
    with contextlib.suppress(BadRequest):
        compile_filter(tree, COLUMNS, 2154)


@given(st.binary(max_size=60))
def test_any_bytes_are_read_or_refused(raw):
    with contextlib.suppress(BadRequest):
        read_json(raw)
