"""`geosocle agreement …`: the conventions, the only source of rights."""

import hashlib
from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from catalog import access, batches, lifecycle
from catalog.agreements import Agreement, located, parse_right, read_agreement
from catalog.errors import AgreementError
from geosocle.commands.agreement_reading import due, list_, show, usage
from geosocle.commands.context import administration
from geosocle.commands.output import Json, show_json

app = typer.Typer(help="Les conventions : seule source de droits.", no_args_is_help=True)

Id = Annotated[str | None, typer.Argument(help="Identifiant de la convention.")]
Organisation = Annotated[str | None, typer.Option(help="Organisation bénéficiaire.")]
Purpose = Annotated[str | None, typer.Option(help="Objet.")]
FirstDay = Annotated[
    datetime | None, typer.Option("--from", metavar="AAAA-MM-JJ", formats=["%Y-%m-%d"], help="Premier jour.")
]
LastDay = Annotated[
    datetime | None, typer.Option("--to", metavar="AAAA-MM-JJ", formats=["%Y-%m-%d"], help="Dernier jour inclus.")
]
Rights = Annotated[
    list[str] | None,
    typer.Option("--right", help="jeu:groupe:usages:communes, à répéter ; communes : codes, zones, « territoire »."),
]
File = Annotated[Path | None, typer.Option(exists=True, dir_okay=False, help="Fichier TOML, au lieu du reste.")]
Document = Annotated[Path | None, typer.Option(exists=True, dir_okay=False, help="Le PDF signé.")]
Sha256 = Annotated[str | None, typer.Option(help="L'empreinte SHA-256 du PDF signé, au lieu du fichier.")]


@app.command()
def add(
    id: Id = None,
    organisation: Organisation = None,
    purpose: Purpose = None,
    first_day: FirstDay = None,
    last_day: LastDay = None,
    right: Rights = None,
    file: File = None,
) -> None:
    """Ajouter une convention déjà signée, avec tous ses droits, ou rien."""
    wanted = described(id, organisation, purpose, first_day, last_day, right, file)
    with administration() as connection, in_file(file):
        lifecycle.sign(connection, wanted)
    typer.echo(f"Convention ajoutée : {wanted.id}.")


@app.command()
def draft(
    id: Id = None,
    organisation: Organisation = None,
    purpose: Purpose = None,
    first_day: FirstDay = None,
    last_day: LastDay = None,
    right: Rights = None,
    file: File = None,
) -> None:
    """Garder un brouillon de convention : il ne donne rien ; un autre du même nom est remplacé."""
    wanted = described(id, organisation, purpose, first_day, last_day, right, file)
    with administration() as connection, in_file(file):
        lifecycle.draft(connection, wanted)
    typer.echo(f"Brouillon gardé : {wanted.id}. Il ne donne rien avant sa signature.")


@app.command()
def sign(
    id: Annotated[str, typer.Argument(help="Identifiant du brouillon.")],
    document: Document = None,
    sha256: Sha256 = None,
) -> None:
    """Signer un brouillon : zones, territoire et voisines deviennent les communes de ce jour."""
    with administration() as connection:
        lifecycle.sign_draft(connection, id, fingerprint(document, sha256))
    typer.echo(f"Convention signée : {id}.")


@app.command()
def amend(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="La convention entière, modifiée (TOML).")],
    document: Document = None,
    sha256: Sha256 = None,
) -> None:
    """Remplacer les termes d'une convention signée par ceux d'un avenant signé."""
    wanted = read_agreement(file)
    with administration() as connection, in_file(file):
        ended = lifecycle.amend(connection, wanted, required(document, sha256))
    typer.echo(f"Convention modifiée : {wanted.id}.")
    if ended:
        typer.echo(f"Elle avait été terminée au {ended} : elle court de nouveau, jusqu'au {wanted.last_day}.")


@app.command()
def renew(
    id: Annotated[str, typer.Argument(help="Identifiant de la convention qui finit.")],
    new: Annotated[str, typer.Argument(help="Identifiant de la période suivante.")],
    last_day: Annotated[
        datetime, typer.Option("--to", metavar="AAAA-MM-JJ", formats=["%Y-%m-%d"], help="Dernier jour inclus.")
    ],
    document: Document = None,
    sha256: Sha256 = None,
) -> None:
    """Reconduire : mêmes termes, résolus à nouveau, du lendemain du dernier jour au jour dit."""
    with administration() as connection:
        following = lifecycle.renew(connection, id, last_day.date(), new, fingerprint(document, sha256))
    typer.echo(f"Convention {id} reconduite : {new}, du {following.first_day} au {following.last_day}.")


def described(  # noqa: PLR0913 (an agreement has these parts)
    id: str | None,
    organisation: str | None,
    purpose: str | None,
    first_day: datetime | None,
    last_day: datetime | None,
    rights: list[str] | None,
    file: Path | None,
) -> Agreement:
    """Return the agreement that a file or options describe."""
    parts = (id, organisation, purpose, first_day, last_day, rights)
    if file and any(parts):
        raise AgreementError("Donnez la convention par un fichier ou par des options, non par les deux.")
    if file:
        return read_agreement(file)
    if not all(parts):
        raise AgreementError("Attendus : ID --organisation --purpose --from --to --right, ou --file.")
    if last_day < first_day:
        raise AgreementError(f"--to précède --from : la convention finirait le {last_day:%Y-%m-%d}.")
    return Agreement(
        id, organisation, purpose, first_day.date(), last_day.date(), tuple(parse_right(right) for right in rights)
    )


def in_file(file: Path | None) -> AbstractContextManager[None]:
    """Name the file and the line in what is refused of a file."""
    return located(file.name, file.read_text("utf-8")) if file else nullcontext()


def required(document: Path | None, sha256: str | None) -> str:
    """Return the fingerprint of the signed document, without which nothing is signed."""
    found = fingerprint(document, sha256)
    if found is None:
        raise AgreementError("Attendu : le PDF signé (--document), ou son empreinte (--sha256).")
    return found


def fingerprint(document: Path | None, sha256: str | None) -> str | None:
    """Return the SHA-256 of the signed document, given as a file or by itself."""
    if document is None or sha256 is not None:
        if document is not None:
            raise AgreementError("Donnez --document ou --sha256, non les deux.")
        return sha256
    content = document.read_bytes()
    if not content.startswith(b"%PDF-"):
        raise AgreementError(f"{document.name} : ce n'est pas un PDF.")
    return hashlib.sha256(content).hexdigest()


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


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="Modèle de convention (TOML).")],
    organisations: Annotated[
        Path | None,
        typer.Option(exists=True, dir_okay=False, help="CSV : organisation;nom;nature;communes, au lieu du modèle."),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Dire ce qui serait fait, sans le faire.")] = False,
    as_json: Json = False,
) -> None:
    """Donner à une liste d'organisations la même convention, chacune sur son territoire : tout, ou rien."""
    wanted = batches.read_batch(file, organisations)
    with administration() as connection, connection.transaction(force_rollback=dry_run), in_file(file):
        outcomes = batches.grant(connection, wanted)
    if as_json:
        show_json([asdict(outcome) for outcome in outcomes])
        return
    new, members = sum(one.agreement_added for one in outcomes), sum(one.organisation_added for one in outcomes)
    words = "à signer" if dry_run else "signées"
    there = f", {len(outcomes) - new} déjà là, inchangées" if new < len(outcomes) else ""
    typer.echo(f"{new} conventions {words}{there} ; {members} organisations ajoutées{' (essai)' if dry_run else ''}.")


for told in (show, due, usage):
    app.command()(told)
app.command("list")(list_)
