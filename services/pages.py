"""HTML pages: our templates, in French, for what pygeoapi would draw with its own.

pygeoapi makes a Jinja environment at each page, falls back on templates that load their map from public servers, and
tells its templates nothing of who asks. `install()` puts `render` in the place of its function: one environment, our
folder only, and the caller's own menu.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import cache
from types import ModuleType
from typing import Any
from urllib.parse import quote, urlencode, urlsplit
from zoneinfo import ZoneInfo

import jinja2
import pygeoapi.api
import pygeoapi.api.itemtypes
import pygeoapi.api.processes
import pygeoapi.api.tiles

from catalog.loader import datasets
from catalog.model import Dataset, Principal
from catalog.themes import THEMES, by_theme
from services import context
from services.documents import honest
from services.encodings import ENCODINGS, ITEM, ITEMS, Encoding
from services.pygeoapi_config import around
from services.tile_grid import GRID
from services.words import LABELS, label, system

DRAWN_BY_US: tuple[ModuleType, ...] = (
    pygeoapi.api,
    pygeoapi.api.itemtypes,
    pygeoapi.api.processes,
    pygeoapi.api.tiles,
)
# What an item is called on its page, from the columns it has: the first that is whole.
NAMES = (
    ("section", "numero"),
    ("numero",),
    ("texte",),
    ("nom",),
    ("libelle",),
    ("lettre", "parcelle"),
    ("section", "feuille"),
    ("section",),
    ("objet",),
)
TOLD = ("gravite", "message", "objet")  # what the map says of an anomaly, where that is what it draws
DAY = re.compile(r"(\d{4})-(\d\d)-(\d\d)\Z", re.ASCII)


def install() -> None:
    """Make pygeoapi draw its pages with our templates."""
    for module in DRAWN_BY_US:
        module.render_j2_template = render  # type: ignore[attr-defined]


def render(
    config: Mapping[str, Any], tpl_config: object, template: str, data: Mapping[str, Any], locale_: str | None = None
) -> str:
    """Draw one of pygeoapi's pages, with pygeoapi's own arguments."""
    return page(str(template), data=data, service=config.get("metadata", {}).get("identification", {}))


def page(template: str, **values: object) -> str:
    """Draw a page for the caller of this request."""
    return environment().get_template(template).render(who=Caller.here(), **values)


class Caller:
    """Who looks at the page, and what its menu offers."""

    def __init__(self, principal: Principal) -> None:
        self.organisation = None if principal.anonymous else principal.name or principal.organisation
        self.administrator = principal.administrator
        self._profile = principal.profile

    @classmethod
    def here(cls) -> "Caller | None":
        """Return the caller of this request; None where an error is told before it is known."""
        try:
            return cls(context.current().principal)
        except LookupError:
            return None

    def may(self, dataset: str, usage: str) -> bool:
        """True where the caller has a dataset for a usage, somewhere."""
        return usage in self._profile.usages(dataset)

    def datasets(self, usage: str | None = None) -> list[Dataset]:
        """Return the datasets that the caller has, for a usage or for any."""
        known = datasets()
        return [known[id] for id in self._profile.datasets(usage) if id in known]

    def images(self) -> list[dict[str, str]]:
        """Return the images that lie under a map: title, attribution, address of the tiles."""
        tiles = f"/map/tiles/{GRID}/{{z}}/{{y}}/{{x}}"
        return [
            {"title": each.title, "attribution": each.source.attribution or "", "tiles": f"{path(each.id)}{tiles}"}
            for each in self.datasets("image")
            if each.raster
        ]


@cache
def environment() -> jinja2.Environment:
    """Return the one environment of our templates, where everything is escaped that is not a template's own."""
    loader = jinja2.PackageLoader("services")
    made = jinja2.Environment(loader=loader, autoescape=True, trim_blocks=True, lstrip_blocks=True)
    made.globals.update(root=root, path=path, linked=linked, columns=columns, on_map=on_map, collection=collection)
    made.globals.update(around=around, honest=honest, formats=formats, query=query, asked=asked, result=result)
    made.globals.update(themes=THEMES, by_theme=by_theme)
    made.filters.update(moment=moment)
    made.filters.update(
        system=system, title_of=title_of, local=local, value=value, count=count, label=label, name=name, segment=segment
    )
    return made


def root() -> str:
    """Return the path under which the services are published: links work under any name of the host."""
    try:
        return urlsplit(context.current().settings.public_url).path.rstrip("/")
    except LookupError:
        return ""


def path(*parts: str) -> str:
    """Return the path of a collection, or of something in it."""
    return "/".join([f"{root()}/collections", *map(segment, parts)])


def formats(address: str, query: str = "", one: bool = False) -> list[tuple[Encoding, str]]:
    """Return the formats in which features, or one of them, can be taken, with their addresses."""
    end = f"&{query}" if query else ""
    return [(ENCODINGS[each], f"{address}?f={each}{end}") for each in (ITEM if one else ITEMS) if each != "html"]


def query() -> str:
    """Return what is asked of this page, its format aside."""
    return urlencode([(key, word) for key, word in context.current().query if key != "f"])


def asked(key: str) -> str:
    """Return what is asked of this page under a name; empty where nothing is."""
    return dict(context.current().query).get(key, "")


def segment(text: object) -> str:
    """Return a text as one segment of an address."""
    return quote(str(text), safe="")


def local(address: str) -> str:
    """Return an address of ours without its host."""
    parts = urlsplit(address)
    return parts.path + (f"?{parts.query}" if parts.query else "")


def linked(data: Mapping[str, Any], relation: str) -> str | None:
    """Return the address of the first link of a document that has a relation."""
    found = (link["href"] for link in data.get("links", ()) if link.get("rel") == relation)
    address = next(found, None)
    return local(address) if address else None


def collection(data: Mapping[str, Any]) -> Dataset | None:
    """Return the dataset that a page is about."""
    address = data.get("items_path") or linked(data, "collection") or data.get("dataset_path") or ""
    _, _, rest = address.partition("/collections/")
    return datasets().get(rest.partition("/")[0] or str(data.get("id")))


def title_of(id: str) -> str:
    """Return the title of a dataset."""
    return datasets()[id].title if id in datasets() else id


def columns(features: Iterable[Mapping[str, Any]]) -> list[str]:
    """Return the properties that some of the features have, in the catalogue's order of words."""
    found = {column: None for feature in features for column in feature.get("properties") or {}}
    return sorted(found, key=lambda column: list(LABELS).index(column) if column in LABELS else len(LABELS))


def name(feature: Mapping[str, Any]) -> str:
    """Return what a feature is called."""
    properties = feature.get("properties") or {}
    for parts in NAMES:
        if all(properties.get(part) for part in parts):
            return " ".join(str(properties[part]) for part in parts)
    return str(feature.get("id", ""))


def on_map(features: Iterable[Mapping[str, Any]], dataset: Dataset | None) -> dict[str, Any] | None:
    """Return what a map draws of features: outline, name and page; None for coordinates that are no degrees."""
    if any(key == "crs" and not word.endswith("CRS84") for key, word in context.current().query):
        return None
    drawn = [
        {
            "type": "Feature",
            "id": str(feature.get("id")),
            "geometry": feature["geometry"],
            "properties": {
                "name": name(feature),
                "page": dataset and path(dataset.id, "items", str(feature.get("id"))),
            }
            | {name: feature["properties"][name] for name in TOLD if name in (feature.get("properties") or {})},
        }
        for feature in features
        if feature.get("geometry")
    ]
    return {"type": "FeatureCollection", "features": drawn}


def value(what: object) -> str:
    """Write a value as a French reader expects it."""
    if what is None or what == "":
        return "—"
    if isinstance(what, bool):
        return "oui" if what else "non"
    if isinstance(what, int | float):
        return count(what)
    return DAY.sub(r"\3/\2/\1", str(what))


def moment(written: str | None) -> str:
    """Write an instant, as jobs have it (RFC 3339), in the legal time of Paris, which conventions go by too."""
    if not written:
        return "—"
    return f"{datetime.fromisoformat(written).astimezone(ZoneInfo('Europe/Paris')):%d/%m/%Y à %H:%M}"


def result(job: Mapping[str, Any]) -> str:
    """Return what the link to a job's result calls its file."""
    found = (link["title"] for link in job.get("links", ()) if link["rel"].endswith("/results"))
    return next(found, "").rpartition(" : ")[2]


def count(number: float) -> str:
    """Write a number with a decimal comma, and narrow spaces between thousands where it is no year."""
    return (f"{number:,}" if abs(number) >= 10_000 else str(number)).replace(",", "\u202f").replace(".", ",")
