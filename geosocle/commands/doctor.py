"""`geosocle doctor`: is every wall standing?"""

import typer
from rich.table import Table

from catalog import doctor as doctors
from geosocle.commands.context import current_settings
from geosocle.commands.output import Json, console, show_json

SHOWN = 5  # faults of one check


def doctor(as_json: Json = False) -> None:
    """Vérifier les règles d'accès, les rôles, les versions et le disque. Code 1 s'il manque quelque chose."""
    findings = doctors.examine(current_settings())
    if as_json:
        show_json(
            [
                {"check": f.check.name, "sound": f.sound, "faults": list(f.faults), "advice": f.check.advice}
                for f in findings
            ]
        )
    else:
        console().print(table(findings))
    if not all(finding.sound for finding in findings):
        raise typer.Exit(1)


def table(findings: list[doctors.Finding]) -> Table:
    """Return the findings as a table: what is sound, what is not and what to do."""
    drawn = Table(box=None, show_header=False, pad_edge=False)
    for finding in findings:
        if finding.sound:
            drawn.add_row("✓", finding.check.title)
            continue
        more = [f"… et {len(finding.faults) - SHOWN} autres"] if len(finding.faults) > SHOWN else []
        faults = "\n".join(f"  {fault}" for fault in [*finding.faults[:SHOWN], *more])
        drawn.add_row("✗", f"{finding.check.title}\n{faults}\n  → {finding.check.advice}", style="bold")
    return drawn
