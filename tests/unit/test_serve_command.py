"""`geosocle serve`: what links bear where no public address is set, and where it cannot listen."""

import socket

import pytest
from typer.testing import CliRunner

from geosocle.commands.serve import check_free, public_url
from geosocle.main import app


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


def test_a_port_that_is_taken_is_named_in_one_line():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        result = CliRunner().invoke(app, ["serve", "--port", str(port)], env={"GEOSOCLE_DSN": "dbname=x"})
    assert result.exit_code == 1
    assert result.stderr.startswith(f"Erreur : Le port {port} de 127.0.0.1 est déjà pris")
    assert result.stderr.count("\n") == 1


def test_a_free_port_is_left_free():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    check_free("127.0.0.1", port)
    socket.create_server(("127.0.0.1", port)).close()
