"""The addresses of processes and jobs, to be put behind the gate, before those of items.

pygeoapi's functions are not called here: what it offers and what it executes depend on an API object, ours on who asks;
`jobs.py` says what else. Whoever has no rights meets nothing: a process, a job and its file that are not the
caller's answer as those that do not exist.
"""

from urllib.parse import urlencode

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Route
from starlette.types import Message, Receive, Scope, Send

from catalog import quotas, register
from catalog.errors import BadRequest, NotFound
from services import context, job_documents, jobs, process_documents, results
from services.answers import HEADERS, NEVER_KEPT
from services.context import Context
from services.negotiation import format_of
from services.pages import page
from services.parameters import EVERYWHERE, check_names, whole
from services.processes import offered, plan_cadastral, process
from services.processes.process import read_execution

DEFAULT_LIMIT, MAX_LIMIT = 100, 1000
REFUSED = Headers(HEADERS | {"Cache-Control": NEVER_KEPT}).raw


class Download(FileResponse):
    """A file, or a range of it. Where Starlette refuses a range, its answer has the headers that all answers have."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the file."""

        async def told(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] >= 400:
                message = {**message, "headers": [*message["headers"], *REFUSED]}
            await send(message)

        await super().__call__(scope, receive, told)


def routes() -> list[Route]:
    """Return the plain endpoints; the gate gives them their context."""
    return [
        Route("/processes", processes),
        Route("/processes/{process}", described),
        Route("/processes/{process}/execution", execute, methods=["POST"]),
        Route("/jobs", listed),
        Route("/jobs/{job}", one_job, methods=["GET", "DELETE"]),
        Route("/jobs/{job}/results", result),
        Route("/collections/parcelles/items/{parcel}/plan.pdf", plan),
    ]


def processes(request: Request) -> Response:
    """List the processes that the caller may run."""
    here = checked()
    document = process_documents.process_list(here, offered(here.principal))
    return drawn(request, here, "processes/index.html", document)


def described(request: Request) -> Response:
    """Describe one process."""
    here = context.current()
    found = process(here.principal, request.path_params["process"])
    checked()
    return drawn(request, here, "processes/process.html", process_documents.process_description(here, found))


def execute(request: Request) -> Response:
    """Run a process: the answer is its result, or the job that will make it."""
    here = context.current()
    found = process(here.principal, request.path_params["process"])
    check_names(here.query, EVERYWHERE)
    if dict(here.query).get("f", "json") != "json":
        raise BadRequest(parameter="f")
    return found.execute(here, read_execution(request.headers.get("content-type", ""), here.body))


def listed(request: Request) -> Response:
    """List the caller's jobs."""
    here = known()
    checked("limit", "offset")
    given = dict(here.query)
    limit = min(whole(given.get("limit", str(DEFAULT_LIMIT)), "limit", least=1), MAX_LIMIT)
    offset = whole(given.get("offset", "0"), "offset")
    found = jobs.page(here.pool, here.principal, limit + 1, offset)
    following = urlencode(given | {"limit": limit, "offset": offset + limit}) if len(found) > limit else None
    return drawn(request, here, "jobs/index.html", job_documents.job_list(here, found[:limit], following))


def one_job(request: Request) -> Response:
    """Say how a job is, or give it up together with its file."""
    here, id = known(), request.path_params["job"]
    checked()
    if request.method == "DELETE":
        found = jobs.dismiss(here.pool, here.principal, id)
        results.remove(here.settings, found.id)
    else:
        found = jobs.find(here.pool, here.principal, id)
    return drawn(request, here, "jobs/job.html", job_documents.status_info(here, found))


def result(request: Request) -> Response:
    """Hand a job's file over, or a range of it, if the caller has today all that it holds."""
    here = known()
    checked(formats=False)
    found = jobs.find(here.pool, here.principal, request.path_params["job"])
    path = results.result(here.settings, found.id)
    if found.status != "successful" or not path.is_file():
        raise NotFound
    quotas.request(here.principal, None, "file", found.id)
    if register.anything_audited():
        register.write_download(here.principal, found.id)
    return Download(path, media_type=found.media_type, filename=found.file, stat_result=path.stat())


def plan(request: Request) -> Response:
    """Draw the plan of a parcel."""
    here = context.current()
    process(here.principal, plan_cadastral.ID)
    checked("echelle", formats=False)
    return plan_cadastral.plan_response(here, request.path_params["parcel"], dict(here.query).get("echelle"))


def known() -> Context:
    """Return the context of a caller with a token. Raises NotFound for nobody, who has no jobs."""
    if context.current().principal.anonymous:
        raise NotFound
    return context.current()


def checked(*names: str, formats: bool = True) -> Context:
    """Return the context. Raises BadRequest for a body, or for a parameter that is not among the known ones."""
    here = context.current()
    check_names(here.query, {*names, *(EVERYWHERE if formats else ())})
    if here.body:
        raise BadRequest
    return here


def drawn(request: Request, here: Context, template: str, document: dict[str, object]) -> Response:
    """Return a document as JSON, or as the page that shows it."""
    wanted = format_of(dict(here.query), request.headers.get("accept", ""), ("json", "html"))
    if wanted == "html":
        return Response(page(template, data=document, service={}), media_type="text/html")
    return JSONResponse(document)
