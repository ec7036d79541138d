"""The command `geosocle`: one line a family of commands."""

import typer

from geosocle.commands import (
    access,
    agreement,
    area,
    audit,
    cadastre,
    commune,
    database,
    doctor,
    hunt,
    identity,
    load,
    loads,
    migrate,
    organisation,
    serve,
    token,
    worker,
)
from geosocle.commands.context import Commands

app = typer.Typer(
    cls=Commands,
    help="Géosocle : la banque de données d'un département, servie à chacun selon sa convention.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_show_locals=False,  # they would print credentials
    rich_markup_mode=None,
)

app.add_typer(database.app, name="database")
app.add_typer(cadastre.app, name="cadastre")
app.add_typer(commune.app, name="commune")
app.command("migrate")(migrate.migrate)
app.add_typer(organisation.app, name="organisation")
app.add_typer(agreement.app, name="agreement")
app.add_typer(area.app, name="area")
app.add_typer(token.app, name="token")
app.add_typer(identity.app, name="identity")
app.add_typer(access.app, name="access")
app.add_typer(audit.app, name="audit")
app.command("doctor")(doctor.doctor)
app.command("hunt")(hunt.hunt)
app.command("worker")(worker.worker)
app.command("load")(load.load)
app.command("loads")(loads.loads)
app.command("serve")(serve.serve)
