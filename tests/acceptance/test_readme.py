"""What the README tells to type works as it is written."""

import json
import os
import re
import shlex
import shutil
import subprocess
from datetime import date
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from data_samples.edition import SECOND_EDITION
from data_samples.territory import EDITION
from geosocle.main import app
from tests.conftest import clone

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text("utf-8")
BLOCKS = re.findall(r"^```\n(.*?)^```$", README, re.DOTALL | re.MULTILINE)
LINES = [line for block in BLOCKS for line in re.sub(r"\\\n\s*", "", block).splitlines()]
CURL = [line for line in LINES if line.startswith("curl")]
COMMANDS = [
    command.strip()
    for written in (*LINES, *re.findall(r"`(geosocle [^`]+)`", README))
    for command in written.partition("  #")[0].split("&&")
    if command.strip().startswith("geosocle ")
]


@pytest.fixture
def curl(served, neighbours, tmp_path):
    """Run a line of the README as it is; returns the status and what came."""
    if not shutil.which("curl"):
        pytest.skip("curl n'est pas installé")
    (tmp_path / ".curlrc").write_text('silent\nwrite-out = "\\n%{http_code}"\n')
    here, there = (served.tokens[commune] for commune in neighbours)
    environment = os.environ | {"G": served.url, "JETON": here, "AUTRE": there, "CURL_HOME": str(tmp_path)}

    def run(line):
        done = subprocess.run(["bash", "-c", line], cwd=tmp_path, env=environment, capture_output=True, check=True)
        body, _, status = done.stdout.rpartition(b"\n")
        return int(status), body

    return run


def announced(line):
    """The status that the README announces: said after the `#`, or that of what is asked."""
    said = re.search(r"# (\d{3})", line)
    return int(said[1]) if said else 201 if " -d " in line else 200


def test_the_readme_has_lines_to_try():
    assert len(CURL) >= 7
    assert len(COMMANDS) >= 12


@pytest.mark.parametrize("line", CURL, ids=range(len(CURL)))
def test_a_curl_line_answers_what_is_announced(curl, line, tmp_path):
    status, body = curl(line)
    assert status == announced(line), body
    if "plan.pdf" in line:
        assert (tmp_path / "plan.pdf").read_bytes().startswith(b"%PDF")
    elif "/execution" in line:
        assert re.search(rb"(?mi)^location: http\S+/jobs/\S+", body)
    elif status == 200:
        found = json.loads(body)
        assert found["features"] if found["type"] == "FeatureCollection" else found["type"] == "Feature"


def names(command):
    """Every option of a command."""
    return {name for parameter in command.params for name in (*parameter.opts, *parameter.secondary_opts)}


@pytest.mark.parametrize("written", COMMANDS)
def test_a_command_that_is_named_exists_with_its_options(written):
    command = typer.main.get_command(app)
    for word in shlex.split(written)[1:]:
        if word.startswith("--"):
            assert word in names(command)
        elif hasattr(command, "commands"):
            alternatives = word.split("|")
            assert set(alternatives) <= set(command.commands)
            command = command.commands[alternatives[0]]
    assert len(shlex.split(written)) > 1


def leaves(command):
    """Every command that does something, under a command."""
    children = getattr(command, "commands", {}).values()
    return [leaf for child in children for leaf in leaves(child)] if children else [command]


def test_an_option_that_is_named_alone_is_one_of_some_command():
    known = {name for leaf in leaves(typer.main.get_command(app)) for name in names(leaf)}
    named = set(re.findall(r"`(--[a-z-]+)", README))
    assert "--dry-run" in named
    assert named <= known


def test_a_target_of_make_that_is_named_exists():
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    named = set(re.findall(r"(?:`|^)make ([a-z-]+)", README, re.MULTILINE))
    assert {"demo", "test", "serve"} <= named <= targets


def test_the_day_that_shows_the_edition_before_is_between_those_of_the_samples():
    (day,) = re.findall(r"`datetime=([0-9-]+)`", README)
    assert EDITION <= date.fromisoformat(day) < SECOND_EDITION
    (folder,) = re.findall(r"`geosocle load cadastre (data_samples\S+)`", README)
    assert any((ROOT / folder).iterdir())


def test_a_commune_is_added_as_the_readme_says(cluster, loaded_template):
    families = ("organisation", "agreement", "token", "access", "doctor")
    commands = [words for words in map(shlex.split, COMMANDS) if words[1] in families and "|" not in words[1]]
    with clone(cluster, loaded_template) as own:
        environment = {"GEOSOCLE_DSN": own.dsn, "GEOSOCLE_STATE": str(own.state), "GEOSOCLE_FILES": str(own.files)}
        for words in dict.fromkeys(map(tuple, commands)):
            result = CliRunner().invoke(app, words[1:], env=environment)
            assert result.exit_code == 0, result.output
