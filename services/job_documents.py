"""Jobs as OGC API – Processes writes them."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from starlette.responses import JSONResponse, Response

from services.context import Context
from services.jobs import Job

RELATIONS = "http://www.opengis.net/def/rel/ogc/1.0"


def created(here: Context, job: Job) -> Response:
    """Return the answer to an execution that became a job."""
    address = f"{here.settings.public_url}/jobs/{job.id}"
    return JSONResponse(status_info(here, job), 201, {"Location": address})


def status_info(here: Context, job: Job) -> dict[str, Any]:
    """Return a job as its owner sees it."""
    address = f"{here.settings.public_url}/jobs/{job.id}"
    links = [link(address, "self", "application/json", "Ce traitement")]
    if job.status == "successful" and job.media_type:
        links.append(link(f"{address}/results", f"{RELATIONS}/results", job.media_type, f"Le résultat : {job.file}"))
    times = {"created": job.created, "started": job.started, "finished": job.finished, "expires": job.expires}
    return {
        "jobID": str(job.id),
        "processID": job.process,
        "type": "process",
        "status": job.status,
        "message": job.message,
        "progress": job.progress,
        **{name: moment(time) for name, time in times.items() if time},
        "links": links,
    }


def job_list(here: Context, jobs: Sequence[Job], following: str | None) -> dict[str, Any]:
    """Return a page of jobs; `following` is the query of the next one."""
    address = f"{here.settings.public_url}/jobs"
    links = [link(address, "self", "application/json", "Les traitements")]
    if following:
        links.append(link(f"{address}?{following}", "next", "application/json", "Page suivante"))
    return {"jobs": [status_info(here, job) for job in jobs], "links": links}


def link(address: str, relation: str, media_type: str, title: str) -> dict[str, str]:
    """Return one link."""
    return {"href": address, "rel": relation, "type": media_type, "title": title}


def moment(time: datetime) -> str:
    """Return a moment as RFC 3339 writes it, in UTC."""
    return time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
