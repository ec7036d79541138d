"""Connections of clients that pause, as QGIS, GDAL and nginx do."""

import asyncio
import socket
import threading
import time
from contextlib import closing
from http.client import HTTPConnection
from urllib.parse import urlsplit

import pytest
import uvicorn

from geosocle import protocol

COMMON_LIMIT = 5  # seconds; httpx, and uvicorn unless it is told, drop what has been idle so long


def test_a_connection_that_rests_as_long_as_clients_keep_theirs_is_still_served(served):
    with closing(HTTPConnection(urlsplit(served.url).netloc, timeout=10)) as connection:
        connection.connect()
        connection.auto_open = 0  # the same connection, or an error
        for rest in (COMMON_LIMIT + 1, 0):
            connection.request("GET", "/conformance?f=json")
            answer = connection.getresponse()
            assert answer.status == 200 and answer.read()
            time.sleep(rest)


async def slow(scope, receive, send):
    """An application that takes its time, longer than a head may."""
    await asyncio.sleep(3 * SHORT)
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
    await send({"type": "http.response.body", "body": b"ok"})


SHORT = 0.5  # seconds


@pytest.fixture
def impatient(monkeypatch):
    """The address of a server that waits half a second for a request's head."""
    monkeypatch.setattr(protocol, "LATEST_HEAD", SHORT)
    config = uvicorn.Config(slow, port=0, http=protocol.BoundedProtocol, lifespan="off", log_level="critical")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        assert thread.is_alive()
        time.sleep(0.01)
    yield server.servers[0].sockets[0].getsockname()
    server.should_exit = True
    thread.join(10)


@pytest.mark.parametrize("head", [b"", b"GET / HTTP/1.1\r\nHost: a\r\nX-Slow: ", b"GET /collections"])
def test_a_request_that_never_ends_is_not_waited_for(impatient, head):
    with socket.create_connection(impatient, 10 * SHORT) as line:
        line.sendall(head)
        assert line.recv(100) == b""  # closed by the server: else this times out


def test_an_answer_may_take_longer_and_a_connection_rest_longer_than_a_head(impatient):
    with closing(HTTPConnection(*impatient, timeout=20 * SHORT)) as connection:
        connection.connect()
        connection.auto_open = 0
        for rest in (3 * SHORT, 0):
            connection.request("GET", "/")
            assert connection.getresponse().read() == b"ok"
            time.sleep(rest)
