"""A checkout in root's home: the child that reads becomes somebody who may not enter it."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from osgeo import gdal, osr

from catalog.errors import DeliveryError
from etl import confinement
from etl.confinement import READER, Frame, Job, Limits
from tests.conftest import let_others_in

pytestmark = pytest.mark.skipif(
    os.geteuid() != 0 or not confinement.works("seccomp"), reason="l'enfant ne change de compte que lancé par root"
)


@pytest.fixture
def program(tmp_path: Path) -> Path:
    """The child's program in a folder that is for root alone."""
    folder = tmp_path / "home" / "geosocle" / "etl"
    folder.mkdir(parents=True)
    for name in ("child.py", "child_images.py", "seccomp.py", "landlock.py"):
        shutil.copy(confinement.CHILD.with_name(name), folder)
    (tmp_path / "home").chmod(0o700)
    return folder / "child.py"


def read(task: dict[str, object], program: Path, folder: Path, writable: Path | None = None) -> list[Frame]:
    """What a child says that only calls are denied to: no namespace shows it our folders."""
    job = Job(task, folder, Limits(60, file_size=2**20), READER, writable, program)
    with confinement.started(job, "seccomp") as process:
        return list(confinement.frames(process))


def test_an_image_is_read(program: Path, tmp_path: Path) -> None:
    lot, output = tmp_path / "lot", tmp_path / "output"
    for folder in (lot, output):
        folder.mkdir()
        let_others_in(folder)
    draw(lot / "dalle.tif")
    task = {"task": "image", "path": str(lot / "dalle.tif"), "drivers": ["GTiff"], "output": str(output / "image.tif")}
    assert [one.head["width"] for one in read(task | {"pixels": 10_000}, program, lot, output)] == [16]


def draw(path: Path) -> None:
    """Write a small image with its place and its system."""
    image = gdal.GetDriverByName("GTiff").Create(str(path), 16, 16, 3)
    system = osr.SpatialReference()
    system.ImportFromEPSG(2154)
    image.SetProjection(system.ExportToWkt())
    image.SetGeoTransform((359000, 1, 0, 6629300, 0, -1))
    image.WriteArray(np.zeros((3, 16, 16), np.uint8))
    del image


def test_the_encoding_of_a_file_is_at_hand_before_python_itself_is_out_of_reach(program: Path) -> None:
    order = {"task": "vector", "encoding": "cp850", "packages": [], "imports": []}
    code = f"""
import sys
sys.path.insert(0, {str(program.parent)!r})
import child
child.told(sys.stdin.buffer)
print('encodings.cp850' in sys.modules)
"""
    command = [sys.executable, "-I", "-S", "-c", code]
    done = subprocess.run(command, input=json.dumps(order), capture_output=True, text=True, check=True)
    assert done.stdout == "True\n"


def test_a_program_out_of_reach_is_not_said_of_the_file(program: Path, tmp_path: Path) -> None:
    program.with_name("child_images.py").unlink()
    with pytest.raises(DeliveryError, match=r"n'atteint pas son programme .*ouvrez le dossier"):
        read({"task": "image", "path": "", "drivers": []}, program, tmp_path)
