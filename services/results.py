"""The files that jobs leave: named by the job's number, half a file never under the name that is served."""

import re
import shutil
from collections.abc import Collection, Iterator
from pathlib import Path
from uuid import UUID

from catalog.settings import Settings

SUFFIX = ".gpkg"  # every result is a GeoPackage so far; GDAL looks at the name when it reads one
_NAME = re.compile(r"([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\.(part|gpkg)")


def folder(settings: Settings) -> Path:
    """Return the folder of results, which nobody else may enter."""
    path = settings.files / "exports"
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.chmod(0o700)
    return path


def result(settings: Settings, job: UUID) -> Path:
    """Return where the result of a job is, once it is whole."""
    return folder(settings) / f"{job}{SUFFIX}"


def draft(settings: Settings, job: UUID) -> Path:
    """Return an empty folder to write the result of a job in; GDAL puts journals beside its files."""
    path = folder(settings) / f"{job}.part"
    shutil.rmtree(path, ignore_errors=True)
    path.mkdir(mode=0o700)
    return path


def remove(settings: Settings, job: UUID) -> None:
    """Remove what a job left, whole or not."""
    shutil.rmtree(folder(settings) / f"{job}.part", ignore_errors=True)
    result(settings, job).unlink(missing_ok=True)


def found(settings: Settings) -> Iterator[UUID]:
    """Yield the jobs that left something."""
    for path in folder(settings).iterdir():
        if match := _NAME.fullmatch(path.name):
            yield UUID(match[1])


def sweep(settings: Settings, seen: Collection[UUID], live: Collection[UUID]) -> None:
    """Remove what jobs left that are no longer live; `seen` is what was there before `live` was asked for."""
    for job in set(seen) - set(live):
        remove(settings, job)
