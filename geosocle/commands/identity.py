"""`geosocle identity …`: whom an OpenID provider vouches for, and for which organisation."""

from typing import Annotated

import typer

from catalog import access, identities
from catalog.database import query
from catalog.errors import AgreementError
from geosocle.commands.context import administration, current_settings
from geosocle.commands.output import Json, show, show_json
from geosocle.commands.rows import rows

app = typer.Typer(help="Les identités : qui se connecte par un compte, et au nom de qui.", no_args_is_help=True)

HEADINGS = {
    "id": "Identifiant",
    "organisation": "Organisation",
    "label": "Libellé",
    "claims": "Attributs",
    "issuer": "Fournisseur",
    "administrator": "Administrateur",
    "sessions": "Sessions",
    "last_use": "Dernière connexion",
}


@app.command()
def add(
    organisation: Annotated[str, typer.Argument(help="Identifiant de l'organisation.")],
    claims: Annotated[
        list[str],
        typer.Option("--claim", metavar="NOM=VALEUR", help="Attribut attesté par le fournisseur ; à répéter."),
    ],
    issuer: Annotated[str | None, typer.Option(help="Fournisseur ; sinon celui de GEOSOCLE_OIDC_ISSUER.")] = None,
    administrator: Annotated[bool, typer.Option(help="Ouvre les pages d'administration, et aucune donnée.")] = False,
    label: Annotated[str, typer.Option(help="Qui c'est.")] = "",
    as_json: Json = False,
) -> None:
    """Rattacher à une organisation qui présente tous ces attributs."""
    wanted = dict(claim.partition("=")[::2] for claim in claims)
    with administration() as connection:
        id = identities.add_identity(connection, organisation, issuer_of(issuer), wanted, administrator, label)
    if as_json:
        show_json({"id": id, "organisation": organisation})
    else:
        typer.echo(f"Identité ajoutée : {id}.")


@app.command("list")
def list_(
    organisation: Annotated[str | None, typer.Argument(help="N'afficher que les siennes.")] = None,
    as_json: Json = False,
) -> None:
    """Lister les identités."""
    with administration() as connection:
        if organisation:
            access.check_organisation(connection, organisation)
        found = rows(connection, query("list_identities"), {"organisation": organisation})
    lines = [row | {"claims": [f"{name}={value}" for name, value in row["claims"].items()]} for row in found]
    show(found if as_json else lines, HEADINGS, as_json)


@app.command()
def remove(id: Annotated[str, typer.Argument(help="L'identifiant (identity list).")]) -> None:
    """Retirer une identité : ses sessions et ses traitements finissent avec elle, aussitôt."""
    with administration() as connection:
        identities.remove_identity(connection, id)
    typer.echo("Identité retirée.")


def issuer_of(given: str | None) -> str:
    """Return the issuer that is meant. Raises AgreementError where none is."""
    provider = current_settings().oidc
    if given or provider:
        return given or provider.issuer
    raise AgreementError("Quel fournisseur ? Donnez --issuer, ou réglez GEOSOCLE_OIDC_ISSUER.")
