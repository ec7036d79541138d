"""How features are written, for whoever asks: the one list that links, documents, pages and negotiation go by."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Encoding:
    """One way to write features: media type, name for a reader, end of a file's name; `file` where it is saved."""

    media: str
    name: str
    suffix: str
    file: bool = False


ENCODINGS = {
    "json": Encoding("application/geo+json", "GeoJSON", "geojson"),
    "html": Encoding("text/html", "HTML", "html"),
    "csv": Encoding("text/csv; charset=UTF-8", "CSV", "csv", file=True),
    "fgb": Encoding("application/flatgeobuf", "FlatGeobuf", "fgb", file=True),
    "jsonld": Encoding("application/ld+json", "JSON-LD", "jsonld"),
}
ITEMS = tuple(ENCODINGS)
ITEM = tuple(name for name in ITEMS if name != "fgb")  # a file for GIS, of which one object is no use
ROWS = ("csv", "fgb", "jsonld")  # written from typed columns rather than from the loader's text
