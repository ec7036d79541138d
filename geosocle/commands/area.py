"""`geosocle area …`: named areas, defined once and named in agreements."""

from typing import Annotated

import typer

from catalog import lifecycle
from catalog.database import query
from catalog.drift import drifts
from catalog.errors import AgreementError
from catalog.terms import known_commune
from geosocle.commands.agreement_reading import called, marked
from geosocle.commands.context import administration
from geosocle.commands.output import Json, moment, show, show_json
from geosocle.commands.rows import rows

app = typer.Typer(help="Les zones nommées (EPCI, concession), à citer dans les conventions.", no_args_is_help=True)

HEADINGS = {"id": "Identifiant", "name": "Nom", "communes": "Communes", "outdated": "Conventions d'avant ce changement"}

NAMING = {
    "id": "Convention",
    "organisation": "Organisation",
    "first_day": "Du",
    "last_day": "Au",
    "draft": "Brouillon",
    "drift": "À revoir",
}


@app.command("set")
def set_(
    id: Annotated[str, typer.Argument(help="Identifiant : minuscules, chiffres et tirets.")],
    name: Annotated[str, typer.Option(help="Nom usuel.")],
    communes: Annotated[
        list[str], typer.Option("--commune", help="Code INSEE ; à répéter, ou séparer par des virgules.")
    ],
) -> None:
    """Définir une zone, ou la changer : les conventions signées ne changent pas."""
    with administration() as connection:
        held = frozenset(code for (code,) in connection.execute(query("held_communes")))
        codes = [known_commune(code, held) for part in communes for code in part.split(",")]
        new = lifecycle.set_area(connection, id, name, codes)
    typer.echo(f"Zone {'définie' if new else 'changée'} : {id}. Les conventions déjà signées restent ce qu'elles sont.")


@app.command("list")
def list_(as_json: Json = False) -> None:
    """Lister les zones, et les conventions signées avant leur dernier changement."""
    with administration() as connection:
        found = rows(connection, query("list_areas"))
    show(found, HEADINGS, as_json)


@app.command("show")
def show_(id: Annotated[str, typer.Argument(help="Identifiant de la zone.")], as_json: Json = False) -> None:
    """Montrer une zone, ses communes, les conventions qui la nomment et ce qu'elles auraient d'autre aujourd'hui."""
    with administration() as connection:
        found = [area for area in rows(connection, query("list_areas")) if area["id"] == id]
        if not found:
            raise AgreementError(f"Zone inconnue : {id}.")
        naming = rows(connection, query("area_agreements"), {"id": id})
        moved = drifts(connection, [each["id"] for each in naming if each["counts"]])
        names = dict(connection.execute(query("commune_names"), [found[0]["communes"]]).fetchall())
    communes = [called(code, names) for code in found[0]["communes"]]
    if as_json:
        show_json(found[0] | {"names": names, "agreements": marked(naming, moved, as_json)})
        return
    typer.echo(f"Zone {id} : {found[0]['name']}, définie le {moment(found[0]['changed'])}")
    typer.echo(f"Communes : {', '.join(communes)}")
    show(marked(naming, moved, as_json), NAMING, as_json)
