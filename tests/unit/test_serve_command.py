"""`geosocle serve`: what links bear where no public address is set."""

import pytest

from geosocle.commands.serve import public_url


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("127.0.0.1", "http://127.0.0.1:5000"),
        ("0.0.0.0", "http://localhost:5000"),
        ("::", "http://localhost:5000"),
        ("::1", "http://[::1]:5000"),
        ("sig.exemple.fr", "http://sig.exemple.fr:5000"),
    ],
)
def test_links_bear_an_address_that_can_be_asked(host, url):
    assert public_url(host, 5000) == url
