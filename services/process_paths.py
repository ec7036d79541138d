"""Processes and jobs in the landing page and in the OpenAPI document, as far as the caller has any."""

from collections.abc import Iterable
from typing import Any

from services import context
from services.export_files import DEFAULT_FORMAT, FORMATS
from services.job_documents import RELATIONS, link
from services.openapi_parts import refusals
from services.plan import SCALES
from services.processes import offered, plan_cadastral
from services.processes.process import Process

Document = dict[str, Any]

JSON, PDF = "application/json", plan_cadastral.MEDIA_TYPE
TAG = ["traitements"]
FORMAT_AND_LANGUAGE = tuple({"$ref": f"#/components/parameters/{name}"} for name in ("f", "lang"))


def with_links(document: Document) -> Document:
    """Return the landing page with the address of the caller's jobs; that of processes is there already."""
    here = context.current()
    if here.principal.anonymous:
        return document
    jobs = link(f"{here.settings.public_url}/jobs", f"{RELATIONS}/job-list", JSON, "Mes traitements")
    return document | {"links": [*document["links"], jobs]}


def with_paths(document: Document) -> Document:
    """Return the OpenAPI document with what the caller may run."""
    principal = context.current().principal
    processes = offered(principal)
    paths = dict(process_paths(processes, lambda each: each.describe(principal)["inputs"]))
    if not principal.anonymous:
        paths |= job_paths()
    if plan_cadastral.PROCESS in processes:
        paths |= plan_path()
    return document | {"paths": document["paths"] | paths}


def process_paths(processes: Iterable[Process], inputs: Any) -> Iterable[tuple[str, Document]]:
    """Yield the addresses of processes."""
    yield "/processes", {"get": page("listProcesses", "Les processus")}
    for each in processes:
        yield f"/processes/{each.id}", {"get": page(f"describe-{each.id}", each.title)}
        done = {"201": JSON} if "async-execute" in each.options else {"200": PDF}
        yield (
            f"/processes/{each.id}/execution",
            {
                "post": operation(f"execute-{each.id}", each.description, done)
                | {"requestBody": {"required": True, "content": {JSON: {"schema": body_schema(inputs(each))}}}}
            },
        )


def body_schema(inputs: Document) -> Document:
    """Return the schema of the body of an execution."""
    needed = [name for name, about in inputs.items() if about.get("minOccurs", 1)]
    properties = {name: about["schema"] for name, about in inputs.items()}
    return {
        "type": "object",
        "required": ["inputs"],
        "properties": {"inputs": {"type": "object", "required": needed, "properties": properties}},
    }


def job_paths() -> Document:
    """Return the addresses of jobs."""
    number = parameter("jobId", "path", {"type": "string", "format": "uuid"})
    pages = [parameter("limit", "query", {"type": "integer", "minimum": 1, "maximum": 1000, "default": 100})]
    pages.append(parameter("offset", "query", {"type": "integer", "minimum": 0, "default": 0}))
    one = {
        "get": page("getJob", "L'état d'un traitement", number),
        "delete": page("dismissJob", "Abandonner un traitement", number),
    }
    done = operation("getJobResults", "Le résultat d'un traitement", {"200": FORMATS[DEFAULT_FORMAT]}, number)
    return {
        "/jobs": {"get": page("listJobs", "Mes traitements", *pages)},
        "/jobs/{jobId}": one,
        "/jobs/{jobId}/results": {"get": done},
    }


def plan_path() -> Document:
    """Return the address of a parcel's plan."""
    parcel = parameter("parcelle", "path", {"type": "string", "pattern": "^[0-9A-Z]{14}$"})
    scale = parameter("echelle", "query", {"type": "integer", "enum": list(SCALES)})
    words = plan_cadastral.PROCESS.description
    path = "/collections/parcelles/items/{parcelle}/plan.pdf"
    return {path: {"get": operation("getPlan", words, {"200": PDF}, parcel, scale)}}


def page(id: str, summary: str, *parameters: Document) -> Document:
    """Return one operation whose answer is JSON, or a page for a reader."""
    told = operation(id, summary, {"200": JSON}, *parameters, *FORMAT_AND_LANGUAGE)
    told["responses"]["200"]["content"]["text/html"] = {"schema": {"type": "string"}}
    return told


def operation(id: str, summary: str, answers: dict[str, str | None], *parameters: Document) -> Document:
    """Return one operation; `answers` are media types by status."""
    good = {
        status: {"description": summary} | ({"content": {media: {"schema": {}}}} if media else {})
        for status, media in answers.items()
    }
    return {
        "operationId": id,
        "summary": summary,
        "tags": TAG,
        "parameters": list(parameters),
        "responses": good | refusals(),
    }


def parameter(name: str, place: str, schema: Document) -> Document:
    """Return one parameter."""
    return {"name": name, "in": place, "required": place == "path", "schema": schema}
