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
    kept = {name: value for name, value in response.headers.items() if name not in ("content-length", "content-type")}
    return Response(status_code=304, headers=kept)


def compressed(response: Response, request: Request) -> Response:
    """Return an answer compressed, where the caller can read it and it is worth it."""
    body, kind = bytes(response.body), response.headers.get("content-type", "")
    if (
        len(body) < SMALLEST
        or not kind.startswith(COMPRESSIBLE)
        or not accepts_gzip(request.headers.get("accept-encoding", ""))
    ):
        return response
    response.body = gzip.compress(body, LEVEL, mtime=0)
    response.headers["Content-Encoding"] = "gzip"
    response.headers["Content-Length"] = str(len(response.body))
    return response


def accepts_gzip(header: str) -> bool:
    """True where gzip is among what the caller reads."""
    codings = [part.replace(" ", "").lower() for part in header.split(",")]
    return any(
        coding == "gzip" or (coding.startswith("gzip;q=") and coding.strip("0.") != "gzip;q=") for coding in codings
    )
