"""Parcels as the delivered EDIGEO lots have them, read again by GDAL alone: neither our tables nor our policies.

Stronger than the tables: a parcel that was lost or misplaced by a load is missed. Weaker than the invented world: GDAL
read the lots the first time too. Other datasets have identifiers of our own making: they stay as the tables have them.
"""

import re
import tarfile
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pyogrio.raw
import shapely
from pyproj import Transformer

from catalog.loader import datasets
from hunter import ground
from hunter.things import BASE, PARCELS, Thing, Things, plain

SOURCE = "les parcelles des livraisons relues par GDAL ; le reste, "
LOT = re.compile(r"edigeo-(\d\d|2[ab])", re.IGNORECASE)  # the département, which the lots themselves leave out
LAYER = "PARCELLE_id"


def with_deliveries(known: Things, paths: Iterable[Path]) -> Things:
    """Return the things with the parcels that deliveries hold; of other communes than theirs nothing is known then."""
    tabled = known.now.get(PARCELS, {})
    parcels = {
        thing.id: completed(thing, tabled.get(thing.id)) for path in archives(paths) for thing in parcels_of(path)
    }
    communes = frozenset(thing.commune for thing in parcels.values())
    others = {
        dataset: {id: thing for id, thing in held.items() if thing.commune in communes}
        for dataset, held in known.now.items()
    }
    now = {dataset: held for dataset, held in (others | {PARCELS: parcels}).items() if held}
    return Things(SOURCE + known.source, now, communes, known.days)


def completed(thing: Thing, tabled: Thing | None) -> Thing:
    """Return a delivered parcel with the attributes that the standard does not name as we do, as the table has them."""
    names = dict.fromkeys(datasets()[PARCELS].groups[BASE]) | dict(tabled.groups[BASE] if tabled else {})
    return replace(thing, groups={BASE: names | thing.groups[BASE]})


def archives(paths: Iterable[Path]) -> Iterator[Path]:
    """Yield the archives among files and folders."""
    for path in paths:
        yield from sorted(path.rglob("edigeo-*.tar.bz2")) if path.is_dir() else [path]


def parcels_of(archive: Path) -> Iterator[Thing]:
    """Yield the parcels of one lot in the installation's system; one that GDAL finds invalid may have been rejected."""
    found = LOT.match(archive.name)
    with TemporaryDirectory() as folder:
        with tarfile.open(archive) as lot:
            lot.extractall(folder, filter="data")
        for description in sorted(each for each in Path(folder).rglob("*") if each.suffix.lower() == ".thf"):
            if found and LAYER in pyogrio.list_layers(description)[:, 0]:
                yield from parcels(description, found[1].upper())


def parcels(description: Path, departement: str) -> Iterator[Thing]:
    """Yield the parcels of a lot by the identifiers that the standard gives them (EDIGEO PCI, attribute IDU)."""
    meta, _, shapes, columns = pyogrio.raw.read(description, layer=LAYER)
    fields = dict(zip(meta["fields"], columns, strict=True))
    change = Transformer.from_crs(meta["crs"], ground.srid(), always_xy=True).transform
    for idu, shape in zip(fields["IDU"], shapely.from_wkb(shapes), strict=True):
        placed = shapely.transform(shape, lambda points: np.column_stack(change(points[:, 0], points[:, 1])))
        yield parcel(departement, idu.replace(" ", "0"), placed)


def parcel(departement: str, idu: str, shape: shapely.Geometry) -> Thing:
    """Return a parcel: commune (3 characters), prefix (3), section (2), number (4)."""
    commune = departement + idu[:3]
    named = {"prefixe": idu[3:6], "section": idu[6:8], "numero": idu[8:]}
    thing = plain(PARCELS, departement + idu, commune, shape, **named)
    return thing if shape.is_valid else replace(thing, sure=False)
