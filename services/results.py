"""The files that jobs leave: named by the job's number, half a file by its attempt, never as what is served."""

import re
import shutil
from collections.abc import Collection, Iterator
from pathlib import Path
from uuid import UUID

from catalog.settings import Settings

SUFFIX = ".gpkg"  # whatever the result is: its own name and media type are the job's to tell
_UUID = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_NAME = re.compile(rf"({_UUID})\.(?:gpkg|{_UUID}\.part)")


def folder(settings: Settings) -> Path:
    """Return the folder of results, which nobody else may enter."""
    path = settings.files / "exports"
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.chmod(0o700)
    return path


def result(settings: Settings, job: UUID) -> Path:
    """Return where the result of a job is, once it is whole."""
    return folder(settings) / f"{job}{SUFFIX}"


def draft(settings: Settings, job: UUID, attempt: UUID) -> Path:
    """Return an empty folder for one attempt at a job to write in; GDAL puts journals beside its files."""
    path = _draft(settings, job, attempt)
    path.mkdir(mode=0o700)
    return path


def _draft(settings: Settings, job: UUID, attempt: UUID) -> Path:
    return folder(settings) / f"{job}.{attempt}.part"


def publish(settings: Settings, job: UUID, whole: Path) -> None:
    """Put a whole file where the result of a job is, and remove what other attempts left."""
    whole.replace(result(settings, job))
    _remove_drafts(settings, job)


def discard(settings: Settings, job: UUID, attempt: UUID) -> None:
    """Remove what one attempt left half done; another may be at work on the same job."""
    shutil.rmtree(_draft(settings, job, attempt), ignore_errors=True)


def remove(settings: Settings, job: UUID) -> None:
    """Remove what a job left, whole or not."""
    _remove_drafts(settings, job)
    result(settings, job).unlink(missing_ok=True)


def _remove_drafts(settings: Settings, job: UUID) -> None:
    for path in folder(settings).glob(f"{job}.*.part"):
        shutil.rmtree(path, ignore_errors=True)


def found(settings: Settings) -> Iterator[UUID]:
    """Yield the jobs that left something."""
    for path in folder(settings).iterdir():
        if match := _NAME.fullmatch(path.name):
            yield UUID(match[1])


def sweep(settings: Settings, seen: Collection[UUID], live: Collection[UUID]) -> None:
    """Remove what jobs left that are no longer live; `seen` is what was there before `live` was asked for."""
    for job in set(seen) - set(live):
        remove(settings, job)
