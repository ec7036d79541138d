#!/usr/bin/env python3
"""Make the samples: `python data_samples/make.py --help`."""

import sys
from collections.abc import Callable, Iterator
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

if __package__ in (None, ""):  # run as a file: only this folder is on the path
    sys.path[0] = str(Path(__file__).resolve().parents[1])

from data_samples.aerial import write_images
from data_samples.country import COUNTRIES, VENDEE, Country
from data_samples.department import write_parcels_copy, write_parcels_etalab
from data_samples.department_sheets import PER_SHEET, places, write_department
from data_samples.eau import write_network
from data_samples.edigeo import write_lots
from data_samples.edition import renewed, second_edition
from data_samples.etalab import LAYERS, write_layers
from data_samples.locaux_personnes_morales import write_premises
from data_samples.model import World
from data_samples.personnes_morales import write_rights
from data_samples.territory import make_world

SEED = 85
SHEETS = 4300  # of a département
OUTPUT = Path(__file__).resolve().parent / "output"


class Format(StrEnum):
    """What may be written."""

    edigeo = "edigeo"
    etalab = "etalab"
    eau = "eau"
    personnes_morales = "personnes_morales"
    image = "image"


def _edigeo(world: World, output: Path) -> Iterator[Path]:
    yield from write_lots(world, output / "cadastre")
    later = second_edition(world)
    yield from write_lots(later, output / "cadastre_edition2", renewed(later, world))


def _etalab(world: World, output: Path) -> Iterator[Path]:
    yield from write_layers(world, output / "etalab")


def _eau(world: World, output: Path) -> Iterator[Path]:
    yield write_network(world, output / "eau" / "eau.gpkg")


def _personnes_morales(world: World, output: Path) -> Iterator[Path]:
    folder, ending = output / "personnes_morales", f"{world.country.departement:0<3}.csv"
    yield write_rights(world, folder / f"PM_26_NB_{ending}")
    yield write_premises(world, folder / f"PM_26_B_{ending}")


def _image(world: World, output: Path) -> Iterator[Path]:
    yield from write_images(world, output / "orthophotos")


WRITERS: dict[Format, Callable[[World, Path], Iterator[Path]]] = {
    Format.edigeo: _edigeo,
    Format.etalab: _etalab,
    Format.eau: _eau,
    Format.personnes_morales: _personnes_morales,
    Format.image: _image,
}


def write_all(world: World, output: Path, formats: tuple[Format, ...] = tuple(Format)) -> Iterator[Path]:
    """Write a world in each format, yielding each file as it is done."""
    for one in formats:
        yield from WRITERS[one](world, output)


def main(
    output: Annotated[Path, typer.Option(help="Dossier où écrire.")] = OUTPUT,
    seed: Annotated[int, typer.Option(help="Graine : la même graine donne les mêmes octets.")] = SEED,
    territory: Annotated[
        str, typer.Option(help=f"Département où l'inventer : {', '.join(COUNTRIES)}.")
    ] = VENDEE.departement,
    communes: Annotated[int, typer.Option(min=1, max=99, help="Nombre de communes.")] = 4,
    parcels_per_commune: Annotated[int, typer.Option(min=20, help="Parcelles par commune, environ.")] = 220,
    formats: Annotated[
        str | None, typer.Option(help=f"Formats, séparés par des virgules : {', '.join(Format)}.")
    ] = None,
    department: Annotated[
        bool, typer.Option("--department", help="Un département entier : pour COPY, ou --formats edigeo, ou etalab.")
    ] = False,
    parcels: Annotated[int | None, typer.Option(min=1, help="Parcelles du département.")] = None,
) -> None:
    """Écrit le territoire inventé dans les formats des vraies livraisons."""
    try:
        chosen = tuple(Format(name.strip()) for name in formats.split(",")) if formats else tuple(Format)
    except ValueError as error:
        raise typer.BadParameter(f"formats possibles : {', '.join(Format)}") from error
    country = _country(territory, communes, department)
    if department and formats:
        if chosen not in ((Format.edigeo,), (Format.etalab,)):
            raise typer.BadParameter("un département s'écrit pour COPY, au format edigeo seul, ou etalab seul")
        if chosen == (Format.edigeo,):
            typer.echo(_sheets(output / "cadastre", seed, parcels or SHEETS * PER_SHEET))
        else:
            typer.echo(_layer(output / "etalab", seed, parcels or 1_000_000))
        return
    if department:
        typer.echo(_department(output / "parcelles.copy", seed, parcels or 1_000_000))
        return
    world = make_world(seed, communes, parcels_per_commune, country=country)
    with _progress() as progress:
        files = list(progress.track(write_all(world, output, chosen), description="Écriture", total=_expected(world)))
    typer.echo(f"{len(world.parcelles)} parcelles de {len(world.communes)} communes : {len(files)} fichiers, {output}")


def _country(territory: str, communes: int, department: bool) -> Country:
    """Return where to invent. Raises BadParameter for where it cannot be, or more communes than there are codes."""
    if territory not in COUNTRIES or (department and territory != VENDEE.departement):
        possible = VENDEE.departement if department else ", ".join(COUNTRIES)
        raise typer.BadParameter(f"territoires possibles : {possible}")
    if communes > COUNTRIES[territory].most:
        raise typer.BadParameter(f"{COUNTRIES[territory].most} communes au plus dans ce territoire")
    return COUNTRIES[territory]


def _department(path: Path, seed: int, parcels: int) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="ascii") as file, _progress() as progress:
        task = progress.add_task("Parcelles", total=parcels)
        count = write_parcels_copy(file, seed=seed, total=parcels, advance=lambda more: progress.advance(task, more))
    return f"{count} parcelles : {path}"


def _layer(folder: Path, seed: int, parcels: int) -> str:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "cadastre-85-parcelles.json.gz"
    with _progress() as progress:
        task = progress.add_task("Parcelles", total=parcels)
        count = write_parcels_etalab(path, seed, total=parcels, advance=lambda more: progress.advance(task, more))
    return f"{count} parcelles : {path}"


def _sheets(folder: Path, seed: int, parcels: int) -> str:
    total = sum(place.sheets for place in places(parcels, seed))
    with _progress() as progress:
        task = progress.add_task("Feuilles", total=total)
        count = write_department(folder, parcels, seed, lambda more: progress.advance(task, more))
    return f"{count * PER_SHEET} parcelles en {count} feuilles : {folder}"


def _expected(world: World) -> int:
    return len(world.feuilles) + len(LAYERS) * len(world.communes) + 7


def _progress() -> Progress:
    return Progress(TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), transient=True)


if __name__ == "__main__":
    typer.run(main)
