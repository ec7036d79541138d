"""The house keeps its shape: imports go one way, SQL has its files."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ALLOWED = {
    "catalog": set(),
    "etl": {"catalog"},
    "services": {"catalog"},
    "hunter": {"catalog"},
    "geosocle": {"catalog", "etl", "services", "hunter"},
}
OURS = {*ALLOWED, "data_samples", "bench", "tests"}
MODULES = [path for package in ALLOWED for path in sorted((ROOT / package).rglob("*.py"))]


def imported(path: Path) -> set[str]:
    """Return which of our packages a module imports."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module.partition(".")[0])
    return found & OURS


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_follow_the_arrows(path):
    package = path.relative_to(ROOT).parts[0]
    assert imported(path) <= ALLOWED[package] | {package}


def test_only_the_database_module_connects():
    connecting = {
        str(path.relative_to(ROOT))
        for path in MODULES
        if "psycopg.connect(" in path.read_text("utf-8") or "ConnectionPool(" in path.read_text("utf-8")
    }
    assert connecting <= {"catalog/database.py", "geosocle/cluster.py"}


def test_every_statement_says_its_purpose_in_its_first_line():
    statements = [path for package in ALLOWED for path in (ROOT / package).rglob("sql/**/*.sql")]
    silent = [path.name for path in statements if not path.read_text("utf-8").startswith("-- ")]
    assert statements
    assert silent == []
