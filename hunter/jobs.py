"""The doors of jobs: exports asked for, waited for and opened; others' jobs and files, which do not exist."""

import time
from random import Random
from uuid import UUID

from hunter import ground
from hunter.hunt import Hunt, Job
from hunter.items import placed
from hunter.members import Member
from hunter.rows import READ_EXPORT, row

PATIENCE = 30  # seconds
EXPORTED = ("gpkg", "fgb", "csv", "geojson")
ENDED = ("successful", "failed", "dismissed")


def export(hunt: Hunt, random: Random, member: Member) -> None:
    """Ask for a dataset over communes, permitted or not; where it is given, open the file and compare."""
    dataset, crs = random.choice(list(hunt.oracle.things)), random.choice(list(ground.systems()))
    permitted = hunt.oracle.communes(member, dataset, "base", "file")
    probed = sorted(permitted) if permitted and random.random() < 0.7 else sorted(hunt.oracle.known.communes)
    communes = random.sample(list(probed), random.randint(1, len(probed)))
    form = random.choice(EXPORTED)
    inputs = {"dataset": dataset, "communes": communes, "crs": crs, "format": form}
    response = hunt.ask(member, "/processes/export/execution", method="POST", body={"inputs": inputs})
    if not member.organisation:
        return
    if member.credential is None or not set(communes) <= permitted:
        inputs |= {"dataset": "inconnu", "communes": ["99999"]}
        missing = hunt.ask(member, "/processes/export/execution", method="POST", body={"inputs": inputs})
        hunt.same(response, missing, 404)
        return
    hunt.expect(response.status_code == 201, "a permitted export is refused")
    id = response.headers["location"].rpartition("/")[2]
    hunt.expect(UUID(id).version == 4, "the job's number can be guessed")
    hunt.jobs[id] = Job(member, dataset, frozenset(communes), member.token)
    hunt.owners[id] = member.organisation
    opened(hunt, member, id, crs, form)


def opened(hunt: Hunt, member: Member, id: str, crs: str, form: str) -> None:
    """Wait for a job's end, and compare its file with what the caller may take."""
    deadline = time.monotonic() + PATIENCE
    while (status := hunt.ask(member, f"/jobs/{id}", [("f", "json")]).json()["status"]) not in ENDED:
        hunt.expect(time.monotonic() < deadline, "an export does not end")
        time.sleep(0.1)
    hunt.expect(status == "successful", f"an export is {status}")
    hunt.expect(hunt.ask(member, f"/jobs/{id}", [("f", "html")]).status_code == 200, "a page of one's own is refused")
    response = hunt.ask(member, f"/jobs/{id}/results")
    job = hunt.jobs[id]
    seen = READ_EXPORT[form](response.content)
    expected = {
        key: thing
        for key, thing in hunt.oracle.visible(member, job.dataset, "file").items()
        if thing.commune in job.communes
    }
    hunt.compare(seen, expected)
    for each in seen:
        row(hunt, each, expected[each.id], hunt.oracle.groups_of(member, expected[each.id], "file"))
        placed(hunt, each, expected[each.id], ground.systems()[crs][0])  # files have x before y


def strangers(hunt: Hunt, random: Random, member: Member) -> None:
    """Another's job, its file, its end: as a job that never was. One's own list holds one's own jobs."""
    if member.credential and member.organisation and random.random() < 0.3:
        listed = {each["jobID"] for each in hunt.ask(member, "/jobs", [("f", "json")]).json()["jobs"]}
        foreign = {id for id in listed if hunt.owners.get(id) != member.organisation}
        hunt.expect(not foreign, f"foreign jobs {sorted(foreign)}")
        return
    others = [id for id, job in hunt.jobs.items() if job.member.organisation != member.organisation]
    if not others:
        return
    path, method = random.choice((("", "GET"), ("/results", "GET"), ("", "DELETE")))
    response = hunt.ask(member, f"/jobs/{random.choice(others)}{path}", method=method)
    if member.organisation:
        never = UUID(int=random.getrandbits(128), version=4)
        hunt.same(response, hunt.ask(member, f"/jobs/{never}{path}", method=method), 404)
