"""What is installed is pinned, hashed, and the same for everybody."""

import base64
import hashlib
import os
import re
import subprocess
import sys
import tarfile
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LOCKS = ["requirements.lock", "requirements-test.lock"]
SCRIPTS = [*sorted(ROOT.glob("setup/*.sh")), ROOT / ".ci" / "run"]


def pins(lock: str) -> dict[str, str]:
    """Return the version of each package in a lock."""
    lines = (ROOT / lock).read_text("utf-8").splitlines()
    return {
        match[1]: match[2] for line in lines if (match := re.match(r"([a-z0-9.-]+)(?:\[[\w,]+\])?==([\w.]+)", line))
    }


def wanted(*groups: str) -> set[str]:
    """Return the names of the packages that the project asks for."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    lists = [project["dependencies"], *(project["optional-dependencies"][group] for group in groups)]
    return {re.match(r"[\w.-]+", line)[0] for lines in lists for line in lines}


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_names_no_index(lock):
    assert re.findall(r"https?://|index-url|find-links|file:", (ROOT / lock).read_text("utf-8")) == []


@pytest.mark.parametrize("lock", LOCKS)
def test_every_package_of_a_lock_has_a_hash(lock):
    requirements = re.split(r"\n(?=[a-z0-9])", (ROOT / lock).read_text("utf-8"))
    assert [text for text in requirements if "==" in text and "--hash=sha256:" not in text] == []


def test_the_locks_hold_what_the_project_asks_for():
    assert wanted() <= pins("requirements.lock").keys()
    assert wanted("test") <= pins("requirements-test.lock").keys()


def test_the_tests_run_on_the_versions_of_the_product():
    product, tests = pins("requirements.lock"), pins("requirements-test.lock")
    assert {name: tests[name] for name in product} == product


def test_gdal_is_pinned_for_the_distributions_that_are_promised():
    pinned = (ROOT / "setup" / "gdal.lock").read_text("utf-8")
    assert re.findall(r"^GDAL==([\d.]+) --hash=sha256:[0-9a-f]{64}$", pinned, re.M) == ["3.6.2", "3.8.4", "3.10.3"]


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_a_script_is_sound_shell_and_may_be_run(script):
    assert script.stat().st_mode & 0o111
    subprocess.run(["bash", "-n", script], check=True)
    assert "set -euo pipefail" in script.read_text("utf-8")


def test_help_is_what_make_says_without_a_target_and_tells_every_target():
    said = subprocess.run(["make"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    targets = re.search(r"^\.PHONY: (.*)$", (ROOT / "Makefile").read_text("utf-8"), re.M)[1].split()
    assert set(re.findall(r"^  make ([\w-]+)", said, re.M)) == set(targets)


@pytest.fixture
def recipe(tmp_path):
    """A function: what npm does, in shell → what `setup/maplibre.sh` says of it, and what is then there."""
    for name in ("setup", ".venv/bin", "path", "package/dist"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / ".venv/bin/python").symlink_to(sys.executable)
    (tmp_path / "setup/maplibre.sh").write_bytes((ROOT / "setup/maplibre.sh").read_bytes())
    (tmp_path / "package/dist/maplibre-gl.js").write_text("carte")
    with tarfile.open(tmp_path / "good.tgz", "w:gz") as archive:
        archive.add(tmp_path / "package", "package")
    digest = base64.b64encode(hashlib.sha512((tmp_path / "good.tgz").read_bytes()).digest()).decode()
    (tmp_path / "setup/maplibre.lock").write_text(f"maplibre-gl@5.0.0 sha512-{digest}\n")

    def run(npm):
        (tmp_path / "path/npm").write_text(f"#!/bin/bash\n{npm.format(good=tmp_path / 'good.tgz')}\n")
        (tmp_path / "path/npm").chmod(0o755)
        environment = {**os.environ, "PATH": f"{tmp_path / 'path'}:{os.environ['PATH']}"}
        script = ["bash", tmp_path / "setup/maplibre.sh"]
        done = subprocess.run(script, env=environment, capture_output=True, text=True, check=True)
        return done.stderr, [path.name for path in tmp_path.glob(".venv/maplibre/**/*") if path.is_file()]

    return run


def test_maplibre_is_put_beside_the_tests_libraries_and_fetched_once(recipe):
    assert recipe("cp {good} x.tgz; echo x.tgz") == ("", ["maplibre-gl.js"])
    assert recipe("exit 1") == ("", ["maplibre-gl.js"])


@pytest.mark.parametrize(
    ("npm", "said"), [("exit 1", "ne répond pas"), ("echo autre > x.tgz; echo x.tgz", "n'est pas celle de")]
)
def test_maplibre_that_is_away_or_another_leaves_its_test_out_and_nothing_fails(recipe, npm, said):
    told, there = recipe(npm)
    assert said in told
    assert there == []


def test_maplibre_is_pinned_by_its_hash():
    assert re.fullmatch(r"maplibre-gl@5\.\d+\.\d+ sha512-[\w+/]{86}==\n", (ROOT / "setup/maplibre.lock").read_text())
