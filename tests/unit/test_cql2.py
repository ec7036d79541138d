"""CQL2 text becomes the tree that the standard draws."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.errors import BadRequest
from services.cql2 import parse


def prop(name: str) -> dict:
    return {"property": name}


def op(sign: str, *args: object) -> dict:
    return {"op": sign, "args": list(args)}


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("a = 1", {"op": "=", "args": [prop("a"), 1]}),
        ("a<>-1.5e2", {"op": "<>", "args": [prop("a"), -150.0]}),
        ("'l''eau' = \"nom de rue\"", {"op": "=", "args": ["l'eau", prop("nom de rue")]}),
        ("a", prop("a")),
        ("TRUE", True),
        ("a = false", {"op": "=", "args": [prop("a"), False]}),
        ("a IS NULL", {"op": "isNull", "args": [prop("a")]}),
        ("a is not null", {"op": "not", "args": [{"op": "isNull", "args": [prop("a")]}]}),
        ("a LIKE 'x%'", {"op": "like", "args": [prop("a"), "x%"]}),
        ("a NOT IN (1,2)", {"op": "not", "args": [{"op": "in", "args": [prop("a"), [1, 2]]}]}),
        ("a BETWEEN 1 AND 2", {"op": "between", "args": [prop("a"), 1, 2]}),
        ("CASEI(a)=CASEI('B')",
         {"op": "=", "args": [{"op": "casei", "args": [prop("a")]}, {"op": "casei", "args": ["B"]}]}),
        ("a > DATE('2020-01-01')", {"op": ">", "args": [prop("a"), {"date": "2020-01-01"}]}),
        ("T_DURING(a, INTERVAL('..', '2020-01-01'))",
         {"op": "t_during", "args": [prop("a"), {"interval": ["..", "2020-01-01"]}]}),
        ("S_WITHIN(geometry, BBOX(1,-2,3,4))",
         {"op": "s_within", "args": [prop("geometry"), {"bbox": [1.0, -2.0, 3.0, 4.0]}]}),
        ("S_EQUALS(geometry, POINT(1 2))",
         {"op": "s_equals", "args": [prop("geometry"), {"type": "Point", "coordinates": (1.0, 2.0)}]}),
    ],
)  # fmt: skip
def test_each_predicate_has_its_tree(text, tree):
    assert parse(text) == tree


def test_and_binds_closer_than_or_and_not_closer_than_both():
    tree = parse("a OR b AND NOT c OR d")
    assert tree == {
        "op": "or",
        "args": [prop("a"), {"op": "and", "args": [prop("b"), {"op": "not", "args": [prop("c")]}]}, prop("d")],
    }


def test_brackets_change_what_binds():
    assert parse("(a OR b) AND c") == {"op": "and", "args": [{"op": "or", "args": [prop("a"), prop("b")]}, prop("c")]}


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("a + 2 * b > 1", op(">", op("+", prop("a"), op("*", 2, prop("b"))), 1)),
        ("((a * 2) > 1000)", op(">", op("*", prop("a"), 2), 1000)),
        ("1 < (a - b) / 2", op("<", 1, op("/", op("-", prop("a"), prop("b")), 2))),
        ("(a + b) ^ 2 = 4", op("=", op("^", op("+", prop("a"), prop("b")), 2), 4)),
        ("a -1 = 2", op("=", op("+", prop("a"), -1), 2)),
        ("a div 2 % 3 = 1", op("=", op("%", op("div", prop("a"), 2), 3), 1)),
        ("(a) BETWEEN 1 + 1 AND 3", op("between", prop("a"), op("+", 1, 1), 3)),
    ],
)  # fmt: skip
def test_numbers_are_calculated_in_the_usual_order(text, tree):
    assert parse(text) == tree


def test_an_and_after_between_belongs_to_it():
    assert parse("a BETWEEN 1 AND 2 AND b")["args"][1] == prop("b")


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "a =", "= 1", "a = 1 b", "a IN ()", "a IN (1", "a IN 1", "(a", "a)", "NOT", "a AND", "a = 'x",
        "a BETWEEN 1",
        "f(a)", "a + = 2", "a = -b", "(a + 1", "a * (1", "a DIV = 1", "a ^ ^ 2",
        "a NOT 1", "a IS 1", "S_WITHIN(a)", "S_WITHIN(geometry, POINT(1))", "DATE(1) = a",
        "a;b", "a--b",
        "(" * 30 + "a" + ")" * 30, "NOT " * 30 + "a", "a = 1" + " " * 30_000 + "OR b",
        "S_WITHIN(geometry, POINT(1 2)", "a = é",
    ],
)  # fmt: skip
def test_what_is_no_filter_is_refused(text):
    with pytest.raises(BadRequest):
        parse(text)


@given(st.text(max_size=200) | st.text("()'\"aANDORTINLKE=<>, 019.+-*/%^DV", max_size=200))
def test_any_text_is_read_or_refused(text):
    with contextlib.suppress(BadRequest):
        parse(text)
