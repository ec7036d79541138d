"""What every answer bears: nobody else's cache keeps it, nothing else than ours is loaded, it is compressed once.

What was given may be kept by whom it was given to, and used again once we have said, by the rule of that moment, that
it still is the same (304). Anything else, and what the register names, is not kept at all. Data bear no date: rights
change without them, so that a date would call unchanged what is no longer given.
"""

import gzip
import hashlib
import re
from email.utils import parsedate_to_datetime

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
ASKED_AGAIN = "private, no-cache"
NEVER_KEPT = "private, no-store"
TAG = re.compile(r'(?:W/)?("[^"]*")')
TIME = re.compile(rb'"timeStamp":"[^"]{20}"}\Z')  # with which a page of items ends
HEADERS = {
    "Vary": "Authorization, Cookie, Accept, Accept-Encoding",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "strict-origin",  # no path ever; with `no-referrer` our own forms would have no `Origin`
    "Content-Security-Policy": POLICY,
}


def finished(response: Response, request: Request, key: str | None) -> Response:
    """Return an answer with the headers that all have; `key` is the caller's, if the answer may be asked for again.

    An endpoint that speaks of caches itself says that its answer is not to be kept.
    """
    kept = bool(key) and response.status_code == 200 and "cache-control" not in response.headers
    response.headers.update(HEADERS | {"Cache-Control": ASKED_AGAIN if kept else NEVER_KEPT})
    body = getattr(response, "body", None)  # none of a file, which is sent piece by piece, and has its own tag and date
    if kept and key and body is not None:
        response.headers["ETag"] = entity_tag(key, body)
    if kept and unchanged(request, response):
        return not_modified(response)
    return response if body is None else compressed(response, request)


def entity_tag(key: str, body: bytes) -> str:
    """Return the tag of a body for one caller: another's never matches, even where both see the same."""
    lasting = body[: -len(end[0])] if (end := TIME.search(body[-40:])) else body
    return f'W/"{hashlib.blake2b(lasting, key=hashlib.sha256(key.encode()).digest(), digest_size=16).hexdigest()}"'


def unchanged(request: Request, response: Response) -> bool:
    """True where the caller says that it has this answer, by its tag, or else by its date (RFC 9110, 13.2.2)."""
    given = ",".join(request.headers.getlist("if-none-match"))
    if given:
        mine = TAG.findall(response.headers.get("etag", ""))
        return given.strip() == "*" or bool({*mine} & {*TAG.findall(given)})
    try:
        since = parsedate_to_datetime(request.headers["if-modified-since"])
        return parsedate_to_datetime(response.headers["last-modified"]) <= since
    except (KeyError, TypeError, ValueError):  # not asked, no date, or none that can be read or compared
        return False


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
