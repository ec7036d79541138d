"""Files that pages load: our own, and Leaflet as the distribution's package installs it.

They are the same for everybody and may be kept by anybody, but are asked for again: a page goes with the files of its
own version.
"""

import os
from pathlib import Path

from starlette.responses import Response
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

LEAFLET = "/usr/share/javascript/leaflet"


class Files(StaticFiles):
    """A folder, with what is said of its files."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """Return a file, or that the caller has it already."""
        response = await super().get_response(path, scope)
        response.headers.update({"Cache-Control": "public, no-cache", "X-Content-Type-Options": "nosniff"})
        return response


def mounts() -> list[Mount]:
    """Return what is mounted under /static. Without Leaflet's folder pages have no map, and their tables remain."""
    leaflet = Path(os.environ.get("GEOSOCLE_LEAFLET") or LEAFLET)
    folders = {"/static/leaflet": leaflet, "/static": Path(__file__).with_name("static")}
    return [
        Mount(path, Files(directory=folder, follow_symlink=True)) for path, folder in folders.items() if folder.is_dir()
    ]
