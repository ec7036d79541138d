"""Who else reads EDIGEO sheets: GDAL's own command into PostgreSQL, and Etalab's parser for Node."""

import json
import shutil
import subprocess
import tarfile
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

PARSER = "@etalab/edigeo-parser"
SCRIPT = Path(__file__).with_name("parser.mjs")


@dataclass(frozen=True, slots=True)
class Reading:
    """What reading some sheets took, and gave."""

    name: str
    seconds: float
    objects: int
    sheets: int

    @property
    def each(self) -> float:
        """Seconds per sheet."""
        return self.seconds / max(1, self.sheets)


def ogr2ogr(sheets: Sequence[Path], dsn: str) -> Reading:
    """Unpack each sheet and let `ogr2ogr` append its layers to PostgreSQL, one call a sheet."""
    start = time.monotonic()
    for sheet in sheets:
        with tempfile.TemporaryDirectory(prefix="geosocle-bench-") as folder:
            with tarfile.open(sheet) as archive:
                archive.extractall(folder, filter="data")
            (entry,) = Path(folder).glob("*.THF")
            command = ["ogr2ogr", "-q", "-append", "-f", "PostgreSQL", f"PG:{dsn}", str(entry), "-nlt", "GEOMETRY"]
            subprocess.run([*command, "-lco", "FID=ogc_fid"], check=True, capture_output=True)
    return Reading("ogr2ogr", time.monotonic() - start, 0, len(sheets))


def etalab(sheets: Sequence[Path], folder: Path) -> Reading | None:
    """Let Etalab's parser read the sheets into memory; None without Node."""
    if not (shutil.which("node") and shutil.which("npm")):
        return None
    if not (folder / "node_modules" / PARSER).is_dir():
        folder.mkdir(parents=True, exist_ok=True)
        install = ["npm", "install", "--no-audit", "--no-fund", "--silent", "--prefix", str(folder), PARSER]
        subprocess.run(install, check=True, capture_output=True)
    command = ["node", str(SCRIPT), str(folder), *map(str, sheets)]
    said = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()[-1])
    return Reading(PARSER, said["seconds"], said["objects"], len(sheets))
