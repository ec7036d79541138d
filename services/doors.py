"""Doors on pygeoapi: addresses answered by its functions, which are given the API object of the caller's profile."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from types import SimpleNamespace

from pygeoapi.api import API, APIRequest
from starlette.requests import Request
from starlette.responses import Response

from catalog.database import as_principal, query
from catalog.errors import BadRequest, GeosocleError, NotFound
from catalog.loader import datasets
from catalog.model import Usage
from services import context, documents
from services.apis import Apis, with_extents
from services.columns import columns_of
from services.crs import CRS84, extent
from services.encodings import ENCODINGS, ROWS
from services.formatters import writing
from services.negotiation import format_of
from services.parameters import EVERYWHERE, Page, check_names, read_crs, read_page
from services.problems import refusal
from services.providers import features

Answered = tuple[Mapping[str, str], int, str | bytes]
Answer = Callable[..., Answered]
PATH = ("dataset", "feature", "grid", "z", "row", "column")
LONGEST_PAGE = 500  # objects on a page that somebody reads
KEPT_HEADERS = ("Content-Type", "Content-Language", "Content-Disposition")


@dataclass(frozen=True, slots=True)
class Door:
    """One kind of address: the function that answers it, and what may be asked there."""

    apis: Apis
    function: Answer
    formats: tuple[str, ...] = ("json", "html")
    usage: Usage | None = None
    parameters: Collection[str] = EVERYWHERE
    amendment: documents.Amendment | None = None

    def __call__(self, request: Request) -> Response:
        """Answer a request."""
        here = self.checked(request)
        with context.answering(here):
            headers, status, content = self.answered(request, here)
        kept = {name: headers[name] for name in KEPT_HEADERS if name in headers}
        if "Content-Crs" in headers:
            kept["Content-Crs"] = f"<{here.page.crs.uri}>"
        return Response(content, status, kept | here.headers)

    def answered(self, request: Request, here: context.Context) -> Answered:
        """Return what pygeoapi answers: headers, status and body."""
        api = self.api(here)
        arguments = [request.path_params[name] for name in PATH if name in request.path_params]
        headers, status, content = self.function(api, asked(request, api, here.format), *arguments)
        if status >= 400:
            raise self.refusal(status)
        return headers, status, self.amended(content, here.format)

    def refusal(self, status: int) -> GeosocleError:
        """Return our error for a status of pygeoapi's. The parameters being right, it is the address that is not."""
        return NotFound() if status == 400 else refusal(status)

    def checked(self, request: Request) -> context.Context:
        """Return the context with the format. Raises NotFound for a collection not had by this usage."""
        here = context.current()
        dataset, profile = request.path_params.get("dataset"), here.principal.profile
        if dataset is not None and (dataset not in datasets() or dataset not in profile.datasets(self.usage)):
            raise NotFound
        if dataset is not None and self.usage == "tile" and datasets()[dataset].raster:
            raise NotFound  # its tiles are images
        here = replace(here, format=format_of(dict(here.query), request.headers.get("accept", ""), self.formats))
        return replace(here, page=self.page(here, dataset))

    def page(self, here: context.Context, dataset: str | None) -> Page:
        """Read the parameters, of which there are few but at the doors of items."""
        check_names(here.query, self.parameters)
        if here.body:
            raise BadRequest
        return Page(crs=read_crs(here.query))

    def api(self, here: context.Context) -> API:
        """Return what answers this caller."""
        return self.apis.of(here.principal)

    def amended(self, content: str | bytes, wanted: str) -> str | bytes:
        """Return a JSON document as it is true here; pages and tiles as they are."""
        return documents.amend(content, self.amendment) if wanted == "json" else content


class Items(Door):
    """The door to a collection's items: the caller's own properties are parameters, the text is not read again."""

    def page(self, here: context.Context, dataset: str | None) -> Page:
        """Read what is asked for."""
        known = datasets()[str(dataset)]
        columns = columns_of(known, here.principal.profile.groups(known.id, "feature"))
        most = min(here.settings.max_items, LONGEST_PAGE) if here.format == "html" else here.settings.max_items
        page = read_page(here.query, here.body, columns, known.srid, most)
        # FlatGeobuf writes x before y, whatever the order of the axes.
        return replace(page, crs=CRS84) if here.format == "fgb" and page.crs.flipped else page

    def amended(self, content: str | bytes, wanted: str) -> str | bytes:
        """Return the page as it was made."""
        return content


class Item(Door):
    """The door to one object, whose tables of one row pygeoapi knows nothing of."""

    def answered(self, request: Request, here: context.Context) -> Answered:
        """Return headers, status and body."""
        if here.format in ROWS:
            dataset = datasets()[request.path_params["dataset"]]
            found = features.FeatureProvider(features.definition(dataset)).get(request.path_params["feature"])
            return writing.headers_of_one(found), 200, writing.write_one(found)
        headers, status, content = super().answered(request, here)
        kind = {"Content-Type": ENCODINGS["json"].media} if here.format == "json" else {}  # pygeoapi says plain JSON
        return {**headers, **kind}, status, content


class Described(Door):
    """A door to collections: their extents and counts are what this caller sees."""

    def checked(self, request: Request) -> context.Context:
        """Return the context with the statistics of what the caller sees."""
        here = super().checked(request)
        return replace(here, statistics=statistics(here))

    def api(self, here: context.Context) -> API:
        """Return what answers this caller, with the extents that it sees."""
        boxes = {id: each.box for id, each in here.statistics.items() if each.box}
        return with_extents(self.apis.of(here.principal), boxes)

    def amended(self, content: str | bytes, wanted: str) -> str | bytes:
        """Return the document with the counts that the caller sees."""
        if wanted != "json":
            return content
        here = context.current()
        counts = {id: each.objects for id, each in here.statistics.items()}
        profile = here.principal.profile
        return documents.amend(content, lambda found: documents.counted(documents.with_items(found, profile), counts))


class Documented(Door):
    """The door to the OpenAPI document, whose amendment is made once a profile."""

    def api(self, here: context.Context) -> API:
        """Return what answers this caller, with its document."""
        return self.apis.documented(here.principal, self.amendment)

    def amended(self, content: str | bytes, wanted: str) -> str | bytes:
        """Return the document, which is whole."""
        return content


def asked(request: Request, api: API, wanted: str) -> APIRequest:
    """Return the request as pygeoapi gets it: the format, and none of the parameters that are read already."""
    plain = SimpleNamespace(query_params={"f": wanted}, headers={}, scope={"path": request.scope["path"]})
    return APIRequest(plain, api.locales)


def statistics(here: context.Context) -> dict[str, context.Statistics]:
    """Return what the caller sees of each of its datasets."""
    asked_for = {"datasets": list(here.principal.profile.datasets()), "any_usage": True}
    with as_principal(here.pool, here.principal, "feature") as connection:
        rows = connection.execute(query("statistics", "services"), asked_for).fetchall()
    return {
        id: context.Statistics(objects, None if box[0] is None else extent(tuple(box), datasets()[id].srid))
        for id, objects, *box, _ in rows
    }
