"""Filters as trees of CQL2 JSON, their text, and what they mean in Python: true, false or unknown (None)."""

import json
import operator
from collections.abc import Callable, Iterable, Mapping
from random import Random
from typing import Any

Tree = dict[str, Any]

COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "<>": operator.ne,
    "<": operator.lt,
    ">": operator.gt,
    "<=": operator.le,
    ">=": operator.ge,
}


def meaning(tree: Tree, attributes: Mapping[str, Any]) -> bool | None:
    """Return whether a filter holds for an object, in the three values of SQL."""
    op, args = tree["op"], tree["args"]
    match op:
        case "and":
            return both([meaning(each, attributes) for each in args])
        case "or":
            found = both([negated(meaning(each, attributes)) for each in args])
            return negated(found)
        case "not":
            return negated(meaning(args[0], attributes))
        case "isNull":
            return attributes.get(args[0]["property"]) is None
    value = attributes.get(args[0]["property"])
    if value is None:
        return None
    if op == "in":
        return value in args[1]
    return COMPARE[op](value, args[1])


def both(values: Iterable[bool | None]) -> bool | None:
    """Return the conjunction of three-valued truths."""
    values = list(values)
    return False if False in values else None if None in values else True


def negated(value: bool | None) -> bool | None:
    """Return the negation of a three-valued truth."""
    return None if value is None else not value


def text(tree: Tree) -> str:
    """Return a filter as CQL2 text."""
    op, args = tree["op"], tree["args"]
    match op:
        case "and" | "or":
            return "(" + f" {op.upper()} ".join(text(each) for each in args) + ")"
        case "not":
            return f"NOT ({text(args[0])})"
        case "isNull":
            return f"{args[0]['property']} IS NULL"
        case "in":
            return f"{args[0]['property']} IN ({', '.join(literal(each) for each in args[1])})"
    return f"{args[0]['property']} {op} {literal(args[1])}"


def literal(value: Any) -> str:
    """Return a value as CQL2 text writes it."""
    if isinstance(value, bool):
        return str(value).upper()
    return "'" + value.replace("'", "''") + "'" if isinstance(value, str) else str(value)


def draw(random: Random, mine: Mapping[str, Any], other: Mapping[str, Any], depth: int = 2) -> Tree:
    """Return a filter about the values of two objects, of which the caller may see one and perhaps not the other."""
    if depth and random.random() < 0.4:
        op = random.choice(("and", "or", "not"))
        count = 1 if op == "not" else 2
        return {"op": op, "args": [draw(random, mine, other, depth - 1) for _ in range(count)]}
    name = random.choice(sorted(mine))
    value = random.choice((mine, other)).get(name)
    named = {"property": name}
    if value is None:
        return {"op": "isNull", "args": [named]}
    if isinstance(value, bool):
        return {"op": "=", "args": [named, value]}
    if isinstance(value, str) and random.random() < 0.3:
        return {"op": "in", "args": [named, sorted({value, other.get(name) or value})]}
    ops = ("=", "=", "<>") if isinstance(value, str) else tuple(COMPARE)
    return {"op": random.choice(ops), "args": [named, value]}


def json_text(tree: Tree) -> str:
    """Return a filter as CQL2 JSON."""
    return json.dumps(tree, ensure_ascii=False)


def names(tree: Any) -> set[str]:
    """Return the properties that a filter speaks of."""
    if isinstance(tree, dict):
        return {tree["property"]} if "property" in tree else names(tree["args"])
    return set().union(*map(names, tree)) if isinstance(tree, list) else set()
