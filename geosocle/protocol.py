"""HTTP as uvicorn reads it, with two bounds that it lacks: how long the head of a request may be, and how late.

A reverse proxy has both; services that are reached without one would keep in memory whatever comes before the end of a
line, for as many connections as anybody opens. The body has its own bound (`services.gate`).
"""

from asyncio import Transport

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

LONGEST_HEAD = 65_536  # bytes of the request line and headers; nginx takes 40,960 at most, and filters are of 20,000
LATEST_HEAD = 60  # seconds from a connection, or from the first byte of a request, to the end of its headers


class BoundedProtocol(HttpToolsProtocol):
    """A connection whose requests have a head that ends."""

    def connection_made(self, transport: Transport) -> None:
        """Wait for a request, not for ever."""
        super().connection_made(transport)
        self._head = 0
        self._late = self.loop.call_later(LATEST_HEAD, transport.close)

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait for nothing more."""
        self._late.cancel()
        super().connection_lost(exc)

    def on_message_begin(self) -> None:
        """Begin to count a head, and the time that it takes."""
        super().on_message_begin()
        self._head = 1
        self._late.cancel()
        self._late = self.loop.call_later(LATEST_HEAD, self.transport.close)

    def on_headers_complete(self) -> None:
        """Count no more: the head has come to its end."""
        self._head = 0
        self._late.cancel()
        super().on_headers_complete()

    def data_received(self, data: bytes) -> None:
        """Read on, unless a head is too long."""
        super().data_received(data)
        if self._head and not self.transport.is_closing():
            self._head += len(data)
            if self._head > LONGEST_HEAD:
                self.send_400_response("Requete trop longue.")
