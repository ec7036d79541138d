"""Every address that pygeoapi has is answered here, or is left out for a reason: a new one says so."""

import ast
import re
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.routing import Route
from starlette.testclient import TestClient

from catalog.settings import Settings
from services.app import create_app

LEFT_OUT = {
    "asyncapi": "no broker",
    "coverage": "its provider takes 13 GB for one request; images are map tiles",
    "map": "map tiles are served; whole maps are not yet",
    "stac": "records are not served yet",
    "admin": "nothing is configured by HTTP",
    **dict.fromkeys(["position", "area", "cube", "radius", "trajectory", "corridor", "locations", "instances"], "EDR"),
}


def theirs() -> set[str]:
    """The addresses in pygeoapi's own adapter, which needs a configuration to be imported."""
    source = Path(find_spec("pygeoapi").origin).with_name("starlette_app.py").read_text("utf-8")
    calls = (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call))
    routes = (call for call in calls if getattr(call.func, "id", "") == "Route")
    return {normal(route.args[0].value) for route in routes if isinstance(route.args[0], ast.Constant)}


def normal(path: str) -> str:
    """An address whatever its variables are called."""
    return re.sub(r"\{[^}]*\}", "{}", path)


def left_out(path: str) -> bool:
    return any(part.removesuffix("-api") in LEFT_OUT for part in path.split("/"))


@pytest.fixture(scope="module")
def app(tmp_path_factory) -> Iterator[Starlette]:
    """The application without a database."""
    folder = tmp_path_factory.mktemp("nowhere")
    assembled = create_app(Settings(dsn=f"host={folder} user=personne", state=folder, files=folder))
    with TestClient(assembled):
        yield assembled


@pytest.fixture(scope="module")
def ours(app) -> set[str]:
    """The addresses that are answered."""
    return {normal(route.path) for route in app.routes if isinstance(route, Route)}


def test_what_pygeoapi_answers_is_answered_or_left_out_for_a_reason(ours):
    found = theirs()
    assert len(found) > 40
    assert {path for path in found if path not in ours and not left_out(path)} == set()


def test_what_is_left_out_is_not_answered(ours):
    assert {path for path in theirs() & ours if left_out(path)} == set()


def test_every_address_but_static_files_is_behind_the_gate(app):
    for route in app.routes:
        if isinstance(route, Route):
            assert "Gate.guard" in route.endpoint.__qualname__, route.path
        else:
            assert route.path.startswith("/static")
