"""The cookie of whoever signed in, and what keeps another site's page from using it."""

import secrets
from datetime import timedelta
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response

from catalog.errors import BadRequest, UnknownToken

SESSION = "geosocle"
SIGN_IN = "geosocle-connexion"
LIFE = timedelta(hours=12)  # as access.open_session has it
SIGN_IN_LIFE = timedelta(minutes=10)
SAFE = ("GET", "HEAD", "OPTIONS")


class SessionEnded(UnknownToken):
    """Votre session a pris fin. Connectez-vous de nouveau."""


def new_secret() -> str:
    """Return 256 random bits, as a cookie writes them."""
    return secrets.token_urlsafe(32)


def cookie_name(name: str, public_url: str) -> str:
    """Return a cookie's name: its prefix makes browsers refuse one that was not set over TLS by this very host."""
    parts = urlsplit(public_url)
    if parts.scheme != "https":
        return name
    return f"__Secure-{name}" if parts.path.strip("/") else f"__Host-{name}"


def read_cookie(request: Request, name: str, public_url: str) -> str | None:
    """Return what a cookie of ours holds."""
    return request.cookies.get(cookie_name(name, public_url))


def set_cookie(response: Response, name: str, secret: str, life: timedelta, public_url: str) -> None:
    """Give a cookie to a browser, or take it back by an empty one."""
    parts = urlsplit(public_url)
    response.set_cookie(
        cookie_name(name, public_url),
        secret,
        max_age=int(life.total_seconds()),
        path=parts.path.rstrip("/") or "/",
        secure=parts.scheme == "https",
        httponly=True,
        samesite="lax",
    )


def forget_cookie(response: Response, name: str, public_url: str) -> None:
    """Take a cookie back."""
    set_cookie(response, name, "", timedelta(0), public_url)


def check_own_page(request: Request, public_url: str, by_cookie: bool) -> None:
    """Raise BadRequest for what another site's page makes a browser send, with the credentials that it keeps for us.

    Browsers say where a request comes from by `Sec-Fetch-Site` over TLS, by `Origin` anywhere; none leaves out both.
    """
    if request.method in SAFE:
        return
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    if site is not None:
        own = site in ("same-origin", "none")
    elif origin is not None:
        parts = urlsplit(public_url)
        own = origin in (f"{parts.scheme}://{parts.netloc}", f"http://{request.headers.get('host')}")
    else:
        own = not by_cookie
    if not own:
        raise BadRequest("Cette demande vient de la page d'un autre site.")
