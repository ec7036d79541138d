"""`geosocle agreement …`: the conventions, the only source of rights."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from catalog import access
from catalog.agreements import Agreement, parse_right, read_agreement, with_territory
from catalog.database import Connection, query
from catalog.errors import AgreementError
from geosocle.commands.context import administration
from geosocle.commands.output import Json, show
from geosocle.commands.rows import rows

app = typer.Typer(help="Les conventions : seule source de droits.", no_args_is_help=True)

HEADINGS = {
    "id": "Identifiant",
    "organisation": "Organisation",
    "state": "État",
    "first_day": "Du",
    "last_day": "Au",
    "purpose": "Objet",
    "summary": "Droits",
}


@app.command()
def add(
    id: Annotated[str | None, typer.Argument(help="Identifiant de la convention.")] = None,
    organisation: Annotated[str | None, typer.Option(help="Organisation bénéficiaire.")] = None,
    purpose: Annotated[str | None, typer.Option(help="Objet.")] = None,
    first_day: Annotated[
        datetime | None, typer.Option("--from", metavar="AAAA-MM-JJ", formats=["%Y-%m-%d"], help="Premier jour.")
    ] = None,
    last_day: Annotated[
        datetime | None, typer.Option("--to", metavar="AAAA-MM-JJ", formats=["%Y-%m-%d"], help="Dernier jour inclus.")
    ] = None,
    right: Annotated[
        list[str] | None,
        typer.Option(help="jeu:groupe:usages:communes, à répéter ; « territoire » = les communes de l'organisation."),
    ] = None,
    file: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="Fichier TOML, au lieu du reste.")
    ] = None,
) -> None:
    """Ajouter une convention avec tous ses droits, ou rien."""
    parts = (id, organisation, purpose, first_day, last_day, right)
    if file and any(parts):
        raise AgreementError("Donnez la convention par un fichier ou par des options, non par les deux.")
    if not file and not all(parts):
        raise AgreementError("Attendus : ID --organisation --purpose --from --to --right, ou --file.")
    wanted = read_agreement(file) if file else described(*parts)
    with administration() as connection:
        save(connection, wanted)
    typer.echo(f"Convention ajoutée : {wanted.id}.")


def described(
    id: str, organisation: str, purpose: str, first_day: datetime, last_day: datetime, rights: list[str]
) -> Agreement:
    """Return the agreement that options describe."""
    given = tuple(parse_right(right) for right in rights)
    return Agreement(id, organisation, purpose, first_day.date(), last_day.date(), given)


def save(connection: Connection, wanted: Agreement) -> None:
    """Add an agreement, its `territoire` read from the organisation."""
    rights = with_territory(wanted.rights, access.check_organisation(connection, wanted.organisation))
    access.add_agreement(
        connection, wanted.id, wanted.organisation, wanted.purpose, wanted.first_day, wanted.last_day, rights,
        wanted.document_sha256,
    )  # fmt: skip


@app.command()
def end(
    id: Annotated[str, typer.Argument(help="Identifiant de la convention.")],
    day: Annotated[
        datetime, typer.Option("--on", metavar="AAAA-MM-JJ", formats=["%Y-%m-%d"], help="Dernier jour inclus.")
    ],
) -> None:
    """Fixer le dernier jour d'une convention ; un jour d'avant son premier l'annule."""
    with administration() as connection:
        last = access.end_agreement(connection, id, day.date())
    typer.echo(f"Convention {id} : {f'dernier jour {last}' if last else 'annulée, elle ne donne rien aucun jour'}.")


@app.command("list")
def list_(
    organisation: Annotated[str | None, typer.Argument(help="N'afficher que les siennes.")] = None,
    as_json: Json = False,
) -> None:
    """Lister les conventions et ce qu'elles donnent."""
    with administration() as connection:
        if organisation:
            access.check_organisation(connection, organisation)
        found = rows(connection, query("list_agreements"), {"organisation": organisation, "id": None})
    show([agreement | {"summary": summary(agreement["rights"])} for agreement in found], HEADINGS, as_json)


def summary(rights: list[dict[str, str]]) -> str:
    """Say the rights of an agreement shortly: the groups of each dataset."""
    return ", ".join(sorted({f"{right['dataset']}:{right['group']}" for right in rights}))
