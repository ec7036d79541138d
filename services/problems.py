"""Our errors → answers, in words that are fixed: nothing of the request, of a row or of the database is repeated."""

import inspect
import json

from starlette.responses import Response

from catalog.errors import (
    BadRequest,
    GeosocleError,
    NotFound,
    QuotaExceeded,
    RequestError,
    Unavailable,
    UnknownToken,
)
from services import pages
from services.authentication import CHALLENGE
from services.sessions import SessionEnded
from services.throttle import WINDOW, TooManyFailures

PROBLEM = "application/problem+json"
RETRY_SECONDS = 5


class MethodNotAllowed(RequestError):
    """Cette méthode n'est pas permise à cette adresse."""

    status = 405


class TooLarge(RequestError):
    """Le corps de la requête est trop grand."""

    status = 413


# What pygeoapi answers, in its own words, is said in ours.
BY_STATUS: dict[int, type[GeosocleError]] = {400: BadRequest, 404: NotFound, 405: MethodNotAllowed, 413: TooLarge}

TITLES = {
    400: "Requête incorrecte",
    401: "Identification refusée",
    404: "Introuvable",
    405: "Méthode non permise",
    413: "Requête trop grande",
    429: "Quota atteint",
    500: "Erreur interne",
    503: "Service momentanément indisponible",
}


def refusal(status: int) -> GeosocleError:
    """Return the error that says a status of pygeoapi's in our words."""
    return BY_STATUS.get(status, BadRequest if status < 500 else GeosocleError)()


def problem(error: GeosocleError, html: bool = False) -> Response:
    """Return the answer that tells an error; one of the server's says no more than that."""
    detail = words(error)
    headers = extra_headers(error)
    if html:
        page = pages.page("exception.html", title=TITLES[error.status], description=detail, status=error.status)
        return Response(page, error.status, headers, "text/html")
    body = {"type": "about:blank", "title": TITLES[error.status], "status": error.status, "detail": detail}
    body |= {"code": type(error).__name__, "description": detail}  # the members that OGC API names
    if isinstance(error, BadRequest) and error.parameter:
        body["parameter"] = error.parameter
    return Response(json.dumps(body, ensure_ascii=False), error.status, headers, PROBLEM)


def words(error: GeosocleError) -> str:
    """Return what is said of an error; of a parameter that is known, its name where nothing better is said."""
    plain = default_words(type(error))
    if error.status >= 500:
        return plain
    if isinstance(error, BadRequest) and error.parameter and str(error) == plain == default_words(BadRequest):
        return f"Le paramètre « {error.parameter} » est incorrect."
    return str(error)


def default_words(kind: type[GeosocleError]) -> str:
    """Return the default message of a kind of error."""
    return inspect.getdoc(kind) or ""


def extra_headers(error: GeosocleError) -> dict[str, str]:
    """Return the headers that a status asks for."""
    if isinstance(error, SessionEnded):  # `Basic` would make the browser ask for a password
        return {"WWW-Authenticate": 'Bearer realm="Geosocle"'}
    if isinstance(error, TooManyFailures):
        return {"Retry-After": str(int(WINDOW))}
    if isinstance(error, QuotaExceeded) and error.seconds is not None:
        return {"Retry-After": str(error.seconds)}
    if isinstance(error, UnknownToken):
        return {"WWW-Authenticate": CHALLENGE}
    if isinstance(error, Unavailable):
        return {"Retry-After": str(RETRY_SECONDS)}
    return {}
