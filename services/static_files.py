"""Files that pages load: our own, and Leaflet as the distribution's package installs it."""

import os
from pathlib import Path

from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

LEAFLET = "/usr/share/javascript/leaflet"


def mounts() -> list[Mount]:
    """Return what is mounted under /static. Without Leaflet's folder pages have no map, and their tables remain."""
    leaflet = Path(os.environ.get("GEOSOCLE_LEAFLET") or LEAFLET)
    folders = {"/static/leaflet": leaflet, "/static": Path(__file__).with_name("static")}
    return [
        Mount(path, StaticFiles(directory=folder, follow_symlink=True))
        for path, folder in folders.items()
        if folder.is_dir()
    ]
