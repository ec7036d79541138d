"""The nodes of a filter's tree, which is CQL2 JSON: how it is read, and what an operator is given."""

import json
from typing import Any

from services.cql2 import MAX_LENGTH, Malformed

GEOMETRY = "geometry"


def read_json(text: str | bytes) -> Any:
    """Read a filter written in CQL2 JSON. Raises Malformed."""
    if len(text) > MAX_LENGTH * 10:
        raise Malformed
    try:
        return json.loads(text, parse_constant=refuse)
    except (ValueError, RecursionError) as error:
        raise Malformed from error


def refuse(_: str) -> None:
    """NaN and Infinity are no JSON."""
    raise ValueError


def is_geometry(node: Any) -> bool:
    """True for the property that is the geometry."""
    return isinstance(node, dict) and node.get("property") == GEOMETRY


def parts(node: Any) -> tuple[str, list[Any]]:
    """Return operator and arguments. Raises Malformed."""
    if not isinstance(node, dict) or not isinstance(node.get("op"), str) or not isinstance(node.get("args"), list):
        raise Malformed
    return node["op"].lower(), node["args"]


def only(args: list[Any]) -> Any:
    """Return the one argument. Raises Malformed."""
    return exactly(args, 1)[0]


def exactly(args: list[Any], number: int) -> list[Any]:
    """Return so many arguments. Raises Malformed."""
    if len(args) != number:
        raise Malformed
    return args
