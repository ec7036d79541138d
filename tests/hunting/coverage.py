"""What a hunt was given, held against what the OpenAPI document tells: every address, format and collection."""

import re
from collections.abc import Iterable, Iterator
from typing import Any

# Addresses that hold nothing of a member's, or that other tests ask.
EXCEPTIONS = {
    **{
        ("DELETE", "/jobs/{}", form): "one's own job, dismissed: test_jobs; another's is a door of ours"
        for form in ("", "json", "html")
    },
    ("POST", "/processes/plan-cadastral/execution", ""): "the same plan as at its address: test_processes",
    ("GET", "/collections/{}/map/tiles", ""): "names a grid, nothing else: test_imagery",
    ("GET", "/collections/{}/map/tiles/{}", ""): "names a grid, nothing else: test_imagery",
}
VARIABLE = re.compile(r"\{[^}]*\}")
OBJECT = re.compile(r"(?<=/items)/(?!\{)[^/]+")

Asked = set[tuple[str, str, str]]


def told(document: dict[str, Any]) -> Asked:
    """Method, address and format of all that a document tells of; no format where one does not choose."""
    return {
        (method.upper(), normal(path), form)
        for path, operations in document["paths"].items()
        for method, about in operations.items()
        for form in formats(document, about.get("parameters", [])) or [""]
    }


def formats(document: dict[str, Any], parameters: Iterable[dict[str, Any]]) -> list[str]:
    """The formats that an operation takes."""
    for each in parameters:
        found = document["components"]["parameters"][each["$ref"].rpartition("/")[2]] if "$ref" in each else each
        if found["name"] == "f":
            return found["schema"]["enum"]
    return []


def given(hunt_given: Iterable[tuple[str, str, str]]) -> Asked:
    """The same of what a hunt was given, with and without the format."""
    return {(method, normal(path), wanted) for method, path, form in hunt_given for wanted in (form, "")}


def normal(path: str) -> str:
    """An address whatever its variables hold."""
    path = re.sub(r"^/collections/[^/]+", "/collections/{}", path)
    path = re.sub(r"^/jobs/[^/]+", "/jobs/{}", OBJECT.sub("/{}", path))
    path = re.sub(r"(?<=/\{\})/\d+/\d+/\d+$", "/{}/{}/{}", path.replace("WebMercatorQuad", "{}"))
    return VARIABLE.sub("{}", path)


def collections(paths: Iterable[str]) -> Iterator[str]:
    """The collections that addresses of items name."""
    for path in paths:
        if found := re.match(r"/collections/([a-z_]+)/items$", path):
            yield found[1]
