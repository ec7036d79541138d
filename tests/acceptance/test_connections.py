"""Connections of clients that pause, as QGIS, GDAL and nginx do."""

import time
from contextlib import closing
from http.client import HTTPConnection
from urllib.parse import urlsplit

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
