"""A tiny OpenID issuer whose tokens may be as hostile as a test wants, on a free port of this machine."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from joserfc import jwk, jwt

AUDIENCE = "https://banque.exemple.fr"


class Issuer:
    """Its address, its key, and how often it was asked for something."""

    def __init__(self, url: str) -> None:
        self.url, self.asked = url, []
        self.identity: dict = {}  # what the next identity token says otherwise
        self.key = jwk.RSAKey.generate_key(2048, {"kid": "un"})

    @property
    def keys(self) -> dict:
        """The keys as they are published."""
        return {"keys": [self.key.as_dict(private=False)]}

    @property
    def configuration(self) -> dict:
        """What is published of its addresses."""
        named = {"authorization_endpoint": "authorize", "token_endpoint": "token", "jwks_uri": "jwks"}
        return {"issuer": self.url} | {name: f"{self.url}/{path}" for name, path in named.items()}

    def tokens(self) -> dict:
        """The answer to a code: an identity token for our client."""
        return {
            "token_type": "Bearer",
            "access_token": "x",
            "id_token": self.token(**{"aud": "geosocle"} | self.identity),
        }

    def claims(self, **changes: object) -> dict:
        """Good claims, but for the changes; None leaves a claim out."""
        now = int(time.time())
        good = {"iss": self.url, "aud": AUDIENCE, "sub": "robot", "iat": now, "exp": now + 600}
        return {name: value for name, value in (good | changes).items() if value is not None}

    def token(self, header: dict | None = None, key: object = None, **changes: object) -> str:
        """A signed token."""
        head = {"alg": "RS256", "kid": "un"} | (header or {})
        return jwt.encode(head, self.claims(**changes), key or self.key, algorithms=[head["alg"]])


@contextmanager
def issuing() -> Iterator[Issuer]:
    """Run an issuer for the time of a block."""

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            issuer.asked.append(self.path)
            self.tell(issuer.keys if self.path == "/jwks" else issuer.configuration)

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["content-length"]))
            self.tell(issuer.tokens())

        def tell(self, found: dict) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(json.dumps(found).encode())

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    issuer = Issuer(f"http://127.0.0.1:{server.server_port}")
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield issuer
    finally:
        server.shutdown()
        server.server_close()
