"""The pages of docs/: each command that they name exists, and each output that they show is what the command says.

Outputs are written anew with GEOSOCLE_TEST_WRITE=1, then read by whoever changed something.
"""

import os
import re
import shlex
import shutil
import subprocess
from contextlib import chdir
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from catalog.access import issue_token
from catalog.database import connect
from data_samples.edigeo import write_lots
from data_samples.merger import merged
from geosocle.main import app
from tests.acceptance.test_readme import names
from tests.conftest import clone
from tests.services.conftest import serving

DOCS = Path(__file__).parents[2] / "docs"
# In this order: each goes on from the one before, and what is counted is looked at before anything is asked for.
TRIED = ("conventions.md", "expliquer.md", "identification.md", "quotas.md", "registre.md", "formats.md", "editions.md")
BLOCK = re.compile(r"^```(?:(?P<kind>\w+) )?(?P<file>\S+\.\w+)?\n(?P<text>.*?)^```$", re.DOTALL | re.MULTILINE)
NAMED = re.compile(r"`(geosocle (?!…)[^`]+)`|^(?:\$ )?(geosocle [^\n]+)$", re.MULTILINE)

# What differs from one day, machine or draw to the next.
TOKEN = r"geosocle_[\w-]{43}"
VARYING = [
    (r"\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b", "identifiant"),
    (r"\b[0-9a-f]{64}\b", "empreinte"),
    (r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d(:\d\d(\.\d+)?)?(\+\d\d:\d\d)?", "instant"),
    (r"le \d{4}-\d\d-\d\d", "le jour"),
    (r"http://127\.0\.0\.1:\d+", "$URL"),
    (r"\s+", " "),
]


def commands():
    """Every command that a page names, without what stands in brackets around an option."""
    for page in sorted(DOCS.glob("*.md")):
        for found in NAMED.finditer(page.read_text("utf-8")):
            words = re.sub(r"[\[\]]", "", (found[1] or found[2]).partition("  #")[0])
            yield pytest.param(words, id=f"{page.stem}: {words}")


@pytest.mark.parametrize("written", list(commands()))
def test_a_command_that_a_page_names_exists_with_its_options(written):
    command = typer.main.get_command(app)
    for word in shlex.split(written)[1:]:
        if word.startswith("--"):
            assert word in names(command)
        elif hasattr(command, "commands"):
            assert word in command.commands
            command = command.commands[word]


@pytest.fixture
def bank(cluster, loaded_template, world, tmp_path):
    """A served copy of the samples, and a folder for the pages' files: each page goes on from the one before."""
    deliver(world, tmp_path)
    (tmp_path / "convention.pdf").write_bytes(b"%PDF-1.7 convention des eaux")
    with clone(cluster, loaded_template) as own, serving(own) as url:
        environment = {"GEOSOCLE_DSN": own.dsn, "GEOSOCLE_STATE": str(own.state), "URL": url}
        yield own, tmp_path, environment


def deliver(world, folder):
    """Lay down what a commune delivers later, without one sheet; and once its neighbour has merged into it."""
    autumn, winter = date(2026, 10, 1), date(2027, 1, 4)
    mine = [replace(one, edition=autumn) for one in world.feuilles if one.commune == "85903"]
    list(write_lots(world, folder / "livraison", mine[:-1]))
    fused = merged(world, "85904", "85903", winter)
    list(write_lots(fused, folder / "janvier", [one for one in fused.feuilles if one.commune == "85903"]))


def executed(line, bank):
    """What a line of a page says, executed in the folder."""
    own, folder, environment = bank
    with chdir(folder):
        if line.startswith("geosocle "):
            command, _, first = line.partition(" | head -")
            output = CliRunner().invoke(app, shlex.split(command)[1:], env=environment).output
            return "".join(output.splitlines(keepends=True)[: int(first) if first else None])
        with connect(own, "admin") as admin:
            token = issue_token(admin, "eaux")
        around = os.environ | environment | {"JETON": token}
        return subprocess.run(["bash", "-c", line], env=around, capture_output=True, check=False).stdout.decode()


def shown(text):
    """Each line of a block that is typed, and the output under it."""
    for part in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
        line, _, output = part.partition("\n")
        yield line, output


def alike(text):
    """A text without what varies."""
    for pattern, word in VARYING:
        text = re.sub(pattern, word, text)
    return text.strip()


def tried(page, bank):
    """Lay down a page's files and execute its lines. Returns each with what the page shows and what is really said."""
    _, folder, environment = bank
    said = []
    for block in BLOCK.finditer((DOCS / page).read_text("utf-8")):
        if block["file"]:
            (folder / block["file"]).write_text(block["text"], "utf-8")
        for line, output in shown(block["text"]):
            real = re.sub(TOKEN, "geosocle_…", executed(line, bank).replace(environment["URL"], "$URL"))
            said.append((line, output, re.sub(r"[ \r]+$", "", real, flags=re.MULTILINE)))
    return said


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl n'est pas installé")
def test_the_pages_show_what_their_commands_say(bank):
    for page in TRIED:
        said = tried(page, bank)
        assert said, page
        if os.environ.get("GEOSOCLE_TEST_WRITE"):
            rewrite(DOCS / page, said)
        else:
            assert [(line, alike(real)) for line, _, real in said] == [(line, alike(text)) for line, text, _ in said]


def rewrite(page, said):
    """Put what is really said in the place of what a page shows."""
    text = page.read_text("utf-8")
    for line, output, real in said:
        told = f"{real.rstrip()}\n" if real.strip() else ""
        text = text.replace(f"$ {line}\n{output}", f"$ {line}\n{told}", 1)
    page.write_text(text, "utf-8")
