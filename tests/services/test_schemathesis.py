"""Schemathesis over each profile's own OpenAPI document: whatever it allows and whatever it does not, answers are told.

No 5xx, no status, media type or body that the document does not tell of.
"""

import os
from collections.abc import Iterator
from contextlib import suppress
from random import Random
from typing import Any

import hypothesis
import pytest
import schemathesis
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from catalog.access import issue_token
from catalog.database import connect
from tests.hunting.coverage import normal

LONG = int(os.environ.get("GEOSOCLE_HUNT_REQUESTS", "0")) > 2000  # in `make hunt`
EXAMPLES = 20 if LONG else 6
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
PROFILES = (None, "commune-a", "eaux", "departement", "administrateur")
SETTINGS = hypothesis.settings(
    max_examples=EXAMPLES,
    deadline=None,
    database=None,
    derandomize=True,
    suppress_health_check=list(hypothesis.HealthCheck),
    phases=[hypothesis.Phase.generate],
)


@pytest.fixture(scope="module")
def tokens(served) -> dict[str | None, str]:
    """The tokens of the profiles; that of an administrator opens pages, and no data."""
    with connect(served.settings, "admin") as connection:
        return {**served.tokens, "administrateur": issue_token(connection, "vide", administrator=True)}


def operations(document: dict[str, Any], who: str | None) -> Iterator[Any]:
    """Every operation of a document; in short, one collection's of each kind."""
    told = [found.ok() for found in schemathesis.openapi.from_dict(document).get_all_operations()]
    if LONG:
        yield from told
        return
    alike: dict[tuple[str, str], list[Any]] = {}
    for each in told:
        alike.setdefault((each.method, normal(each.path)), []).append(each)
    yield from (Random(f"{who}{key}").choice(among) for key, among in alike.items())


@pytest.mark.parametrize("who", PROFILES, ids=str)
def test_every_answer_is_one_that_the_document_tells_of(served, tokens, who, capsys):
    headers = {"Authorization": f"Bearer {tokens[who]}"} if who else {}
    with served.client() as client:
        document = client.get("/openapi", params={"f": "json"}, headers=headers).json()
    asked, untold = 0, []
    for operation in operations(document, who):
        count, found = probed(operation, served.url, headers)
        asked, untold = asked + count, untold + found
    with capsys.disabled():
        print(f"\n{who}: {asked} requests, {len(untold)} answers that the document does not tell of")
    assert asked > 40
    assert not untold, "\n".join(untold)


def probed(operation: Any, url: str, headers: dict[str, str]) -> tuple[int, list[str]]:
    """Ask an operation what its description allows and what it does not; return how often, and what is untold."""
    asked, untold = 0, []

    def ask(case: Any) -> None:
        nonlocal asked
        response = case.call(base_url=url, headers=headers, timeout=30)
        asked += 1
        try:
            case.validate_response(response, checks=CHECKS)
        except FailureGroup as group:
            reasons = " ".join(f"{each.title}: {each.message}" for each in group.exceptions)
            untold.append(f"{case.method} {response.request.url} {case.body} → {response.status_code} {reasons}"[:500])

    for mode in GenerationMode:
        strategy = operation.as_strategy(generation_mode=mode)
        with suppress(hypothesis.errors.Unsatisfiable):  # without parameters nothing can be wrong
            SETTINGS(hypothesis.given(case=strategy)(ask))()
    return asked, untold
