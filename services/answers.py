"""What every answer bears: nobody else's cache keeps it, nothing else than ours is loaded, it is compressed once."""

import gzip
import hashlib

from starlette.requests import Request
from starlette.responses import Response

LEVEL = 1  # four times faster than 6, for a tenth more bytes
SMALLEST = 1000
COMPRESSIBLE = (
    "application/json",
    "application/geo+json",
    "application/ld+json",
    "application/flatgeobuf",
    "application/problem+json",
    "application/schema+json",
    "application/vnd.oai.openapi+json",
    "application/vnd.mapbox-vector-tile",
    "text/",
)
OF_A_BODY = ("content-length", "content-type", "content-encoding")
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; "
    "font-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
HEADERS = {
    "Cache-Control": "private, no-cache",
    "Vary": "Authorization, Cookie, Accept, Accept-Encoding",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "strict-origin",  # no path ever; with `no-referrer` our own forms would have no `Origin`
    "Content-Security-Policy": POLICY,
}


def finished(response: Response, request: Request, key: str | None) -> Response:
    """Return an answer with the headers that all have; `key` is the caller's, if the answer may be asked for again."""
    response.headers.update(HEADERS)
    body = getattr(response, "body", None)
    if body is None:  # a file, sent piece by piece
        return response
    if key and response.status_code == 200 and not request.scope["path"].endswith("/items"):  # which say their time
        tag = entity_tag(key, body)
        response.headers["ETag"] = tag
        if tag in request.headers.get("if-none-match", ""):
            return not_modified(response)
    return compressed(response, request)


def entity_tag(key: str, body: bytes) -> str:
    """Return the tag of a body for one caller: another's never matches, even where both see the same."""
    return f'W/"{hashlib.blake2b(body, key=hashlib.sha256(key.encode()).digest(), digest_size=16).hexdigest()}"'


def not_modified(response: Response) -> Response:
    """Return the answer to whom has this already."""
    kept = {name: value for name, value in response.headers.items() if name not in OF_A_BODY}
    return Response(status_code=304, headers=kept)


def compressed(response: Response, request: Request) -> Response:
    """Return an answer compressed, where the caller can read it and it is worth it; it may come so."""
    body, kind = bytes(response.body), response.headers.get("content-type", "")
    reads = accepts_gzip(request.headers.get("accept-encoding", ""))
    if response.headers.get("content-encoding") == "gzip":
        return response if reads else with_body(response, gzip.decompress(body), None)
    if len(body) < SMALLEST or not kind.startswith(COMPRESSIBLE) or not reads:
        return response
    return with_body(response, gzipped(body), "gzip")


def with_body(response: Response, body: bytes, coding: str | None) -> Response:
    """Return an answer with its body in a coding, or as it is."""
    response.body = body
    del response.headers["Content-Encoding"]
    if coding:
        response.headers["Content-Encoding"] = coding
    response.headers["Content-Length"] = str(len(body))
    return response


def gzipped(body: bytes) -> bytes:
    """Return a body compressed: the same bytes each time."""
    return gzip.compress(body, LEVEL, mtime=0)


def accepts_gzip(header: str) -> bool:
    """True where gzip is among what the caller reads."""
    codings = [part.replace(" ", "").lower() for part in header.split(",")]
    return any(
        coding == "gzip" or (coding.startswith("gzip;q=") and coding.strip("0.") != "gzip;q=") for coding in codings
    )
