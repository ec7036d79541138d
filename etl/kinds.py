"""The kinds of deliveries, and who reads which."""

from catalog.errors import DeliveryError
from etl.cadastre import SheetSource
from etl.deliveries import Lot, Selector
from etl.etalab import LayerSource
from etl.imagery import ImageSource
from etl.legal_persons import LegalPersonsSource, newest_years
from etl.networks import NetworkSource
from etl.sources import Options, Source
from etl.vector import suffix

SUFFIXES = {
    "cadastre": (".thf", ".json", ".geojson"),
    "eau": (".gpkg", ".shp"),
    "personnes_morales": (".csv", ".txt"),
    "orthophotos": (".tif", ".tiff", ".jpg", ".jpeg", ".png", ".jp2"),
}
JOINED = ("personnes_morales",)  # joined to the parcels held
CUT = ("eau", "orthophotos", *JOINED)  # cut along what is held of the plan: with another, it is another content

NETWORKS = {"eau": "canalisations_eau"}  # each with its dataset: a new file is often the whole network again


def selector(kind: str) -> Selector:
    """Return what tells the main file of a lot from those beside it. Raises DeliveryError for an unknown kind."""
    if kind not in SUFFIXES:
        raise DeliveryError(f"genre de livraison inconnu : {kind} (parmi {', '.join(SUFFIXES)})")
    return lambda path: suffix(path) in SUFFIXES[kind]


def settled(kind: str, lots: list[Lot]) -> list[Lot]:
    """Return the lots of a source, those that another one there makes pointless with the reason."""
    return newest_years(lots) if kind in JOINED else lots


def source(kind: str, lot: Lot, options: Options) -> Source:
    """Return the lot as a source of rows. Raises DeliveryError for one that is not what it should be."""
    if lot.fault:
        raise lot.fault
    if kind == "personnes_morales":
        return LegalPersonsSource(lot, options)
    if kind == "cadastre" and suffix(lot.path) == ".thf":
        return SheetSource(lot, options)
    if kind == "eau":
        return NetworkSource(lot, options, kind)
    if kind == "orthophotos":
        return ImageSource(lot, options)
    return LayerSource(lot, options)
