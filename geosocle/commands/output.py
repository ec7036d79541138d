"""How commands print what they found: a table for people, JSON for programs."""

import json
import sys
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer
from rich.console import Console
from rich.table import Table

Json = Annotated[bool, typer.Option("--json", help="Écrire du JSON plutôt qu'un tableau.")]

WIDE = 200  # columns: what is read by a program or a file is not cut


def console() -> Console:
    """Return a console of this moment's standard output, which does not read markup in data."""
    width = None if sys.stdout.isatty() else WIDE
    return Console(markup=False, highlight=False, emoji=False, width=width)


def show(rows: Iterable[Mapping[str, Any]], headings: Mapping[str, str], as_json: bool) -> None:
    """Print rows: the keys of `headings` under their French names, or every key in JSON."""
    rows = list(rows)
    if as_json:
        show_json(rows)
        return
    table = Table(box=None, header_style="bold", pad_edge=False)
    for heading in headings.values():
        table.add_column(heading, overflow="fold")
    for row in rows:
        table.add_row(*(words(row[key]) for key in headings))
    console().print(table)


def show_json(value: Any) -> None:
    """Print a value as JSON; days and instants are written as ISO 8601 does."""
    typer.echo(json.dumps(value, ensure_ascii=False, indent=2, default=str))


def words(value: Any) -> str:
    """Return how a value is said in a table."""
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "oui" if value else "non"
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value))
    return moment(value) if isinstance(value, datetime) else str(value)


def moment(instant: datetime) -> str:
    """Return an instant by the clock of Paris, to the second."""
    return instant.astimezone(ZoneInfo("Europe/Paris")).strftime("%Y-%m-%d %H:%M:%S")
