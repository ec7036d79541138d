"""What is installed is pinned, hashed, and the same for everybody."""

import re
import subprocess
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
