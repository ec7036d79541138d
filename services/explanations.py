"""`/access/explain`: why an organisation may or may not see something, told to administrators alone.

For anybody else the address does not exist. Administrators see no data by it: they learn that an object exists, and in
which commune. The database itself asks whether the key is an administrator's.
"""

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from catalog.database import available, query
from catalog.errors import AgreementError, BadRequest, NotFound
from catalog.explain import FORMATS, Explanation, Question, document, explain_to
from catalog.loader import datasets
from catalog.model import USAGES
from services import context
from services.columns import day
from services.gate import METHODS
from services.negotiation import format_of
from services.pages import page
from services.parameters import EVERYWHERE, check_names

FORGOTTEN = {"Cache-Control": "no-store"}  # what others may see stays in no browser
ASKED = ("organisation", "dataset", "feature", "attribute", "format", "day")


def routes() -> list[Route]:
    """Return the plain endpoint, which takes every method so as to refuse as an unknown address does."""
    return [Route("/access/explain", explain, methods=list(METHODS))]


def explain(request: Request) -> Response:
    """Answer an administrator's question, or offer the form. Raises NotFound for anybody else."""
    here = context.current()
    if not here.principal.administrator or request.method not in ("GET", "HEAD"):
        raise NotFound
    check_names(here.query, EVERYWHERE | set(ASKED))
    given = {name: value.strip() for name, value in here.query if value.strip()}
    if format_of(dict(here.query), request.headers.get("accept", ""), ("json", "html")) == "html":
        return drawn(given)
    return JSONResponse(document(asked(given)), headers=FORGOTTEN)


def asked(given: Mapping[str, str]) -> Explanation:
    """Return the explanation that parameters ask for. Raises BadRequest, which repeats nothing of them."""
    here = context.current()
    try:
        return explain_to(here.pool, here.principal.key, question(given))
    except AgreementError as error:
        raise BadRequest("Organisation, jeu de données, objet, attribut ou format inconnu.") from error


def question(given: Mapping[str, str]) -> Question:
    """Read a question. Raises BadRequest for one without organisation or dataset, or a day that is none."""
    for name in ("organisation", "dataset"):
        if name not in given:
            raise BadRequest(parameter=name)
    texts = (given.get(name) for name in ASKED[:-1])
    return Question(*texts, day=day(given["day"]) if "day" in given else None)


def drawn(given: Mapping[str, str]) -> Response:
    """Draw the form, with the answer where something was asked, or with what is wrong about the question."""
    here, found, wrong = context.current(), None, ""
    if given.keys() & set(ASKED):
        try:
            found = asked(given)
        except BadRequest as error:
            wrong = str(error)
    with available(), here.pool.connection() as connection:
        members = connection.execute(query("explain_organisations"), {"key": here.principal.key}).fetchall()
    formats = [*FORMATS, *USAGES]
    body = page(
        "access/explain.html", given=given, found=found and document(found), wrong=wrong,
        organisations=members, datasets=datasets().values(), formats=formats,
    )  # fmt: skip
    return Response(body, 400 if wrong else 200, FORGOTTEN, "text/html")
