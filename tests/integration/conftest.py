"""What tests of plans share: a département that takes its time to build."""

from collections.abc import Iterator

import pytest

from tests.departments import Department, built


@pytest.fixture(scope="session")
def department(cluster, template) -> Iterator[Department]:
    """A small département whose town is as large as a real one's: what it serves is only read."""
    with built(cluster, template) as one:
        yield one
