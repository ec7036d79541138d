"""Rules on what objects say of one another: labels, parcels, sections, sheets. Pure."""

from collections.abc import Iterator

import numpy as np
import shapely

from catalog.rules import Rule
from etl.quality.sheet import Found, Layer, Sheet, metres


def absent_object(_sheet: Sheet, layer: Layer, _rule: Rule) -> Iterator[Found]:
    """Find labels that name an object which is not there."""
    missing = [place for place, named in enumerate(layer.column("objet")) if not named]
    texts = layer.column("texte")
    return layer.at(missing, lambda place: f"(« {texts[place]} »)")


def labelled(sheet: Sheet, layer: Layer) -> tuple[np.ndarray, list[str]]:
    """Return the places of the labels of parcels that are there, and the parcels' ids."""
    parcels = {row.id for row in sheet.layers["parcelles"].rows}
    found = [(n, str(named)) for n, named in enumerate(layer.column("objet")) if named in parcels]
    return np.array([place for place, _ in found], dtype=int), [name for _, name in found]


def other_label(sheet: Sheet, layer: Layer, _rule: Rule) -> Iterator[Found]:
    """Find labels of parcels that do not write their number."""
    places, named = labelled(sheet, layer)
    texts = layer.column("texte")
    for place, name in zip(places.tolist(), named, strict=True):
        written = str(texts[place] or "")
        if written.isdigit() and written.lstrip("0") != name[10:14].lstrip("0"):
            yield from layer.at([place], lambda _, written=written, name=name: f"(« {written} » sur {name})")


def far_label(sheet: Sheet, layer: Layer, rule: Rule) -> Iterator[Found]:
    """Find labels of parcels that are far from them."""
    places, named = labelled(sheet, layer)
    grounds = {row.id: row.geometry for row in sheet.layers["parcelles"].rows}
    off = shapely.distance(layer.shapes[places], np.array([grounds[name] for name in named], dtype=object))
    far = dict(zip(places.tolist(), np.asarray(off).tolist(), strict=True))
    return layer.at([p for p in far if far[p] > (rule.threshold or 0)], lambda place: f"({metres(far[place])} m)")


def no_parcel(_sheet: Sheet, layer: Layer, _rule: Rule) -> Iterator[Found]:
    """Find objects that the lot ties to no parcel that is there."""
    column = "parcelle" if layer.rows and "parcelle" in layer.rows[0].values else "parcelles"
    return layer.at(place for place, parcel in enumerate(layer.column(column)) if not parcel)


def out_of_parcel(sheet: Sheet, layer: Layer, rule: Rule) -> Iterator[Found]:
    """Find objects of which more than a share lies out of the parcel that they are of."""
    grounds = {row.id: row.geometry for row in sheet.layers["parcelles"].rows}
    known = [(n, grounds[p]) for n, p in enumerate(map(str, layer.column("parcelle"))) if p in grounds]
    places = np.array([place for place, _ in known], dtype=int)
    shapes = layer.shapes[places]
    out = shapely.area(shapely.difference(shapes, np.array([ground for _, ground in known], dtype=object)))
    return layer.at(places[out > (rule.threshold or 0) * shapely.area(shapes)])


def no_section(sheet: Sheet, layer: Layer, _rule: Rule) -> Iterator[Found]:
    """Find parcels of a section that the sheet does not bear, where it bears any."""
    sections = {row.id for row in sheet.layers["sections"].rows}
    return layer.at(place for place, row in enumerate(layer.rows) if sections and row.id[:10] not in sections)


def no_sheet(sheet: Sheet, layer: Layer, _rule: Rule) -> Iterator[Found]:
    """Find that a sheet has no outline of its own."""
    if not layer.rows and not sheet.name.startswith("etalab-"):
        yield Found(sheet.name, sheet.centre)
