"""Dataset × door × format × system, as the server tells them: what is announced is true, what is not is absent."""

import io
import json
import math
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache, cached_property
from html.parser import HTMLParser
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx
import numpy as np
import pyogrio
import pypdf
import pytest
import shapely
from PIL import Image
from pyproj import Transformer

from catalog.loader import datasets
from hunter import decoders
from tests.services.conftest import AGREEMENTS

CALLERS = [None, *(name for name in AGREEMENTS if name != "public")]
OGC = "http://www.opengis.net/def/crs"
CRS84 = f"{OGC}/OGC/1.3/CRS84"
KNOWN = {CRS84: 4326, f"{OGC}/EPSG/0/4326": 4326, f"{OGC}/EPSG/0/3857": 3857, f"{OGC}/EPSG/0/2154": 2154,
         f"{OGC}/EPSG/0/3947": 3947}  # fmt: skip
ELSEWHERE = [f"{OGC}/EPSG/0/{code}" for code in (2975, 5490, 27572, 4171, 3948, 0, "2154 ")] + [
    "EPSG:2154", "2154", f"{OGC}/EPSG/9.9.1/2154", "http://example.org/crs", f"{CRS84}h", "",
]  # fmt: skip
GRID = "WebMercatorQuad"
NOWHERE = "licornes"
ZOOM = 15
SAMPLE = 3
FRENCH = re.compile(r"Ce système de coordonnées|n'est pas|inconnu|attendu")


class Page(HTMLParser):
    """What a page says: its language, its tags that are closed."""

    def __init__(self) -> None:
        super().__init__()
        self.language, self.opened, self.closed = None, 0, 0

    def handle_starttag(self, tag, attrs):
        if tag == "html":
            self.language = dict(attrs).get("lang")
        self.opened += tag in ("main", "body", "table", "div")

    def handle_endtag(self, tag):
        self.closed += tag in ("main", "body", "table", "div")


def a_page(body: bytes) -> None:
    page = Page()
    page.feed(body.decode("utf-8"))
    assert page.language == "fr" and page.opened == page.closed > 1


def a_vector_file(suffix: str) -> Callable[[bytes], None]:
    """A reader of a file by GDAL."""

    def read(body: bytes) -> None:
        with TemporaryDirectory() as folder:
            path = Path(folder, f"objets.{suffix}")
            path.write_bytes(body)
            meta, _, shapes, _ = pyogrio.raw.read(path)
            assert meta["fields"].size and (shapes is None or len(shapes) >= 0)

    return read


def an_image(body: bytes) -> None:
    with Image.open(io.BytesIO(body)) as image:
        image.load()
        assert image.size == (256, 256)


def a_plan(body: bytes) -> None:
    assert pypdf.PdfReader(io.BytesIO(body)).pages[0].extract_text()


def linked_data(body: bytes) -> None:
    """Every name is one that the context explains, every prefix too, as a parser of JSON-LD would have it."""
    document = json.loads(body)
    context = document.pop("@context")
    assert all(isinstance(value, str | dict) for value in context.values())
    for each in document.get("rdfs:member", [document]):
        names = {name for name in each if not name.startswith("@")}
        assert {name.partition(":")[0] if ":" in name else name for name in names} <= set(context)


READERS: dict[str, Callable[[bytes], object]] = {
    "application/json": json.loads,
    "application/geo+json": a_vector_file("geojson"),
    "application/schema+json": json.loads,
    "application/problem+json": json.loads,
    "application/vnd.oai.openapi+json;version=3.0": json.loads,
    "application/ld+json": linked_data,
    "application/flatgeobuf": a_vector_file("fgb"),
    "application/vnd.mapbox-vector-tile": lambda body: list(decoders.vector_tile(body)),
    "application/pdf": a_plan,
    "text/html": a_page,
    "text/csv": a_vector_file("csv"),
    "image/png": an_image,
    "image/jpeg": an_image,
    "image/webp": an_image,
}


@dataclass
class Profile:
    """What the server tells one caller of itself, and the addresses that follow from it."""

    client: httpx.Client
    who: str | None
    document: dict = field(init=False)

    def __post_init__(self) -> None:
        self.document = self.get("/openapi", f="json").json()

    def get(self, path: str, **parameters):
        return self.client.get(path, params={name.replace("_", "-"): str(value) for name, value in parameters.items()})

    @cached_property
    def collections(self) -> dict[str, dict]:
        return {one["id"]: one for one in self.get("/collections", f="json").json()["collections"]}

    def doors(self) -> Iterator[tuple[str, dict]]:
        """Every address that is got, its variables filled in, with what is told of it."""
        for path, operations in self.document["paths"].items():
            if "get" in operations and not re.match(r"/jobs/", path):
                yield self.filled(path), operations["get"]

    def filled(self, path: str) -> str:
        """An address with an object that there is, and a tile over it."""
        dataset = path.split("/")[2] if path.startswith("/collections/") else ""
        where = f"/collections/{dataset}"
        path = re.sub(r"\{featureId\}|\{parcelle\}", lambda _: self.first(where), path)
        if "{tileRow}" in path:
            for name, value in zip(("tileMatrix", "tileRow", "tileCol"), place(self, where), strict=True):
                path = path.replace(f"{{{name}}}", str(value))
        return path.replace("{tileMatrixSetId}", GRID)

    def first(self, where: str) -> str:
        """The first object of a collection."""
        if "/parcelles" in where and self.get(f"{where}/items").status_code == 404:
            return "859010000A0001"  # which may be looked at, and not taken
        found = self.get(f"{where}/items", limit=1, f="json")
        features = found.json().get("features") if found.status_code == 200 else None
        return features[0]["id"] if features else "nulle-part"

    def formats(self, about: dict) -> list[str | None]:
        """The formats that an address is told to have."""
        shared = self.document["components"]["parameters"]
        told = [shared[each["$ref"].rpartition("/")[2]] if "$ref" in each else each for each in about["parameters"]]
        return next((each["schema"]["enum"] for each in told if each["name"] == "f"), [None])


def place(profile: Profile, where: str) -> tuple[int, int, int]:
    """A tile over the middle of what a caller sees of a collection: zoom, row, column."""
    west, south, east, north = profile.get(where, f="json").json()["extent"]["spatial"]["bbox"][0]
    longitude, latitude = (west + east) / 2, (south + north) / 2
    row = (1 - math.asinh(math.tan(math.radians(latitude))) / math.pi) / 2
    return ZOOM, int(row * 2**ZOOM), int((longitude + 180) / 360 * 2**ZOOM)


@pytest.fixture(params=CALLERS, ids=str, scope="module")
def profile(request, served) -> Iterator[Profile]:
    """Each caller in turn."""
    with served.client(request.param) as client:
        yield Profile(client, request.param)


def media(response) -> str:
    """The media type of an answer, its character set aside."""
    return re.sub(r";\s*charset=.*", "", response.headers["content-type"], flags=re.IGNORECASE)


def test_every_format_that_an_address_announces_is_given_and_is_what_it_says(profile):
    asked = 0
    for path, about in profile.doors():
        told = {re.sub(r";\s*charset=.*", "", one, flags=re.I) for one in about["responses"]["200"].get("content", {})}
        for form in profile.formats(about):
            answer = profile.get(path, **({"f": form} if form else {}))
            assert answer.status_code in (200, 204), (path, form, answer.text[:300])
            if answer.status_code == 204 or "nulle-part" in path:
                continue
            assert media(answer) in told, (path, form, media(answer), told)
            READERS[media(answer)](answer.content)
            asked += 1
    assert asked > 20


def read(form: str, body: bytes) -> dict[str, shapely.Geometry]:
    """The geometries of a page of items by their ids."""
    if form == "json":
        return {one.id: one.geometry for one in decoders.collection(body)[0]}
    if form == "csv":
        return {one.id: one.geometry for one in decoders.table(body)}
    return {one.id: one.geometry for one in decoders.geopackage(body, "fgb")}


def test_every_system_that_a_collection_announces_is_honoured_in_every_format(profile):
    for id, about in profile.collections.items():
        if "crs" not in about:
            assert profile.get(f"/collections/{id}/items").status_code == 404, id
            continue
        assert set(about["crs"]) == set(KNOWN), id
        plain = read("json", profile.get(f"/collections/{id}/items", limit=SAMPLE).content)
        for uri in about["crs"]:
            for form in ("json", "csv", "fgb"):
                answer = profile.get(f"/collections/{id}/items", limit=SAMPLE, crs=uri, f=form)
                flipped = uri.endswith("/4326") and form != "fgb"  # which does not know of it, and says so
                told = CRS84 if uri.endswith("/4326") and form == "fgb" else uri
                assert answer.headers["content-crs"] == f"<{told}>", (id, form)
                found = read(form, answer.content)
                assert set(found) == set(plain), (id, form)
                for name, shape in plain.items():
                    assert near(found[name], shape, KNOWN[uri], flipped), (id, form, uri, name)


def near(found: shapely.Geometry, plain: shapely.Geometry, srid: int, flipped: bool) -> bool:
    """True where a geometry is what pyproj makes of the same in CRS84, to two millimetres."""

    def moved(points: np.ndarray) -> np.ndarray:
        x, y = points.T if srid == 4326 else to(srid).transform(points[:, 0], points[:, 1])
        return np.column_stack([y, x] if flipped else [x, y])

    wanted = shapely.get_coordinates(shapely.transform(plain, moved))
    given = shapely.get_coordinates(found)
    return given.shape == wanted.shape and bool(np.abs(given - wanted).max() < (3e-8 if srid == 4326 else 0.004))


@cache
def to(srid: int) -> Transformer:
    """From CRS84; making one takes 10 ms."""
    return Transformer.from_crs(4326, srid, always_xy=True)


def test_every_system_that_is_not_announced_is_refused_in_french(profile):
    for id in profile.collections:
        if profile.get(f"/collections/{id}/items").status_code == 404:
            continue
        for uri in ELSEWHERE:
            for asked in ({"crs": uri}, {"bbox": "-1.5,46.6,-1.4,46.7", "bbox-crs": uri}):
                answer = profile.get(f"/collections/{id}/items", **asked)
                assert answer.status_code == 400, (id, asked)
                assert FRENCH.search(answer.json()["detail"]), answer.text
                assert uri.strip() not in answer.text or not uri.strip()


@pytest.fixture(scope="module")
def doors(served) -> list[tuple[str, list[str | None]]]:
    """The addresses of every dataset, and the formats of each, as who has everything is told them."""
    with served.client("departement") as client:
        one = Profile(client, "departement")
        return [(path, one.formats(about)) for path, about in one.doors() if path.startswith("/collections/")]


def test_a_dataset_that_is_hidden_is_absent_at_every_address_and_in_every_format(profile, doors):
    hidden = set(datasets()) - set(profile.collections)
    assert hidden or profile.who == "departement"
    never: dict = {}
    for id in hidden:
        own = [door for door in doors if door[0].split("/")[2] == id]
        for path, forms in own or [(absent(path, id), forms) for path, forms in doors if "/parcelles" in path]:
            for asked in [{"f": form} if form else {} for form in [*forms, "licorne"]]:
                answer, place = profile.get(path, **asked), (absent(path), str(asked))
                if place not in never:
                    never[place] = bare(profile.get(absent(path), **asked))
                assert answer.status_code in (400, 404), (path, asked)
                assert bare(answer) == never[place], (path, asked)
                assert id.encode() not in answer.content


def absent(path: str, id: str = NOWHERE) -> str:
    """The same address of another dataset, else of one that never was."""
    parts = path.split("/")
    return "/".join([*parts[:2], id, *parts[3:]])


def bare(response) -> tuple:
    """An answer without its time."""
    headers = {name: value for name, value in response.headers.items() if name not in ("date", "server")}
    return response.status_code, response.content, headers


def test_no_document_of_a_caller_names_a_dataset_that_is_hidden_from_it(profile):
    hidden = set(datasets()) - set(profile.collections)
    for path in ("/", "/collections", "/openapi", "/processes/export", "/processes", "/conformance"):
        for form in ("json", "html"):
            text = profile.get(path, f=form).text
            assert not {id for id in hidden if re.search(rf"collections/{id}\b|\"{id}\"", text)}, (path, form)
