"""Items as CSV, FlatGeobuf and JSON-LD: the same objects as GeoJSON, and no more than the caller's own columns."""

import csv
import io

import pyogrio
import pyogrio.raw
import pytest
import shapely

from tests.hunting.world import A, B

ITEMS, PIPES = "/collections/parcelles/items", "/collections/canalisations_eau/items"
EPSG = "http://www.opengis.net/def/crs/EPSG/0"
CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
TABLES = ("csv", "fgb", "jsonld")


def read_csv(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


def read_fgb(body: bytes) -> tuple[dict, list[dict]]:
    """What a FlatGeobuf says of itself, and its rows; an index puts them in an order of its own."""
    meta, _, shapes, columns = pyogrio.raw.read(io.BytesIO(body))
    rows = [dict(zip(meta["fields"], row, strict=True)) for row in zip(*columns, strict=True)]
    return meta, [row | {"geom": shape} for row, shape in zip(rows, shapes, strict=True)]


def ids(response, form: str) -> list[str]:
    """The ids of a page in any format."""
    if form == "json":
        return [each["id"] for each in response.json()["features"]]
    if form == "csv":
        return [each["id"] for each in read_csv(response.text)]
    if form == "fgb":
        return [each["id"] for each in read_fgb(response.content)[1]]
    return [each["dct:identifier"] for each in response.json()["rdfs:member"]]


def columns(response, form: str) -> set[str]:
    """The properties that a page in any format knows of, id and geometry aside."""
    if form == "csv":
        return set(next(csv.reader(io.StringIO(response.text)))) - {"id", "geom"}
    if form == "fgb":
        return set(pyogrio.read_info(io.BytesIO(response.content))["fields"]) - {"id"}
    return set(response.json()["@context"]) - {"geo", "rdfs", "dct"}


@pytest.mark.parametrize("form", TABLES)
@pytest.mark.parametrize(
    "parameters",
    [
        {"limit": "1000"},
        {"filter": "contenance > 500", "limit": "1000"},
        {"sortby": "-contenance", "limit": "20"},
        {"datetime": "2026-11-01", "limit": "1000"},
        {"bbox": "-1.4560,46.6810,-1.4480,46.6890", "limit": "1000"},
    ],
    ids=lambda each: next(iter(each)),
)
def test_every_format_holds_the_same_objects_in_the_same_order(served, form, parameters):
    page, other = (served.get("commune-a", ITEMS, f=each, **parameters) for each in ("json", form))
    assert other.status_code == 200
    expected, found = ids(page, "json"), ids(other, form)
    free = form == "fgb" and "sortby" not in parameters
    assert (sorted(found) if free else found) == (sorted(expected) if free else expected)
    assert len(found) > 3


@pytest.mark.parametrize("form", TABLES)
def test_a_commune_takes_its_own_rows_and_none_of_its_neighbours(served, form):
    for who, mine, other in (("commune-a", A, B), ("commune-b", B, A)):
        response = served.get(who, ITEMS, f=form, limit=10_000)
        assert all(id.startswith(mine) for id in ids(response, form))
        assert other.encode() not in response.content


@pytest.mark.parametrize("form", TABLES)
@pytest.mark.parametrize(("who", "path"), [("regard", ITEMS), (None, ITEMS), ("vide", PIPES)])
def test_who_may_look_at_images_or_nothing_takes_no_table_as_if_there_were_none(served, form, who, path):
    for hidden, missing in ((path, "/collections/licornes/items"), (f"{path}/x", "/collections/licornes/items/x")):
        answers = [served.get(who, each, f=form) for each in (hidden, missing)]
        assert [each.status_code for each in answers] == [404, 404]
        assert answers[0].content == answers[1].content


@pytest.mark.parametrize("form", TABLES)
def test_a_group_has_its_columns_for_whom_it_is_given_to_and_none_for_others(served, form):
    mine, theirs = (columns(served.get(who, PIPES, f=form), form) for who in ("eaux", "departement"))
    assert mine - theirs == {"materiau", "diametre_equivalent", "an_pose"}
    assert theirs < mine


@pytest.mark.parametrize("form", TABLES)
@pytest.mark.parametrize("probe", ["sortby", "properties", "{}", "filter"])
def test_a_hidden_property_is_refused_as_one_that_never_was(served, form, probe):
    asked = {"sortby": "{}", "properties": "{}", "{}": "x", "filter": "{} IS NULL"}[probe]
    hidden, unknown = (
        served.get("departement", PIPES, **{"f": form, probe.format(name): asked.format(name)})
        for name in ("materiau", "licorne")
    )
    assert hidden.status_code == unknown.status_code == 400
    assert hidden.content == unknown.content


def test_a_group_given_in_one_commune_is_empty_in_the_others(served):
    rows = read_csv(served.get("eaux", PIPES, f="csv", limit=1000).text)
    assert {row["commune"] for row in rows if row["materiau"]} == {A}
    _, same = read_fgb(served.get("eaux", PIPES, f="fgb", limit=1000).content)
    assert {row["commune"] for row in same if row["materiau"] is not None} == {A}
    page = served.get("eaux", PIPES, f="jsonld", limit=1000).json()["rdfs:member"]
    assert {each["commune"] for each in page if "materiau" in each} == {A}


def test_csv_says_of_each_object_what_geojson_says(served):
    response = served.get("commune-a", ITEMS, f="csv", limit=1000)
    assert response.headers["content-type"] == "text/csv; charset=UTF-8"
    assert response.headers["content-disposition"] == 'attachment; filename="parcelles.csv"'
    page = served.get("commune-a", ITEMS, limit=1000).json()["features"]
    for row, feature in zip(read_csv(response.text), page, strict=True):
        assert list(row) == ["id", *feature["properties"], "geom"]
        for name, value in feature["properties"].items():
            assert row[name] == {None: "", True: "true", False: "false"}.get(value, str(value))
        assert shapely.from_wkt(row["geom"]).equals_exact(shapely.geometry.shape(feature["geometry"]), 1e-8)


def test_csv_has_one_line_an_object_texts_quoted_and_numbers_bare(served):
    text = served.get("commune-a", ITEMS, f="csv", limit=3, properties="section,contenance", skipGeometry="true").text
    head, *lines, end = text.split("\r\n")
    assert (head, end, len(lines)) == ('"id","section","contenance"', "", 3)
    assert all(line.split(",")[1].startswith('"') and line.split(",")[2].isdigit() for line in lines)


@pytest.mark.parametrize(
    ("uri", "srid"),
    [(CRS84, 4326), (f"{EPSG}/2154", 2154), (f"{EPSG}/3947", 3947), (f"{EPSG}/4326", 4326), (f"{EPSG}/3857", 3857)],
)
def test_coordinates_are_in_the_system_asked_for(served, uri, srid):
    asked = {"crs": uri, "limit": 50}
    page = served.get("commune-a", ITEMS, **asked).json()["features"]
    shapes = {each["id"]: shapely.geometry.shape(each["geometry"]) for each in page}
    table = served.get("commune-a", ITEMS, f="csv", **asked)
    assert table.headers["content-crs"] == f"<{uri}>"
    for row in read_csv(table.text):
        assert shapely.from_wkt(row["geom"]).equals_exact(shapes[row["id"]], 0.001)
    layer = served.get("commune-a", ITEMS, f="fgb", **asked)
    meta, rows = read_fgb(layer.content)
    assert meta["crs"] == f"EPSG:{srid}"
    flipped = uri == f"{EPSG}/4326"  # which FlatGeobuf does not know: x comes first, and the header says so
    assert layer.headers["content-crs"] == f"<{CRS84 if flipped else uri}>"
    for row in rows:
        x, y, *_ = shapely.from_wkb(row["geom"]).bounds
        first, second, *_ = shapes[row["id"]].bounds
        assert (x, y) == pytest.approx((second, first) if flipped else (first, second), abs=0.001)


def test_flatgeobuf_has_typed_columns_an_id_and_its_dataset_s_name(served):
    response = served.get("commune-a", ITEMS, f="fgb", limit=1000)
    assert response.headers["content-type"] == "application/flatgeobuf"
    about = pyogrio.read_info(io.BytesIO(response.content))
    types = dict(zip(about["fields"], about["dtypes"], strict=True))
    assert list(types)[0] == "id"
    assert (types["contenance"], types["arpente"], types["section"]) == ("int32", "bool", "object")
    assert types["edition"].startswith("datetime64")
    assert (about["geometry_type"], about["features"], about["layer_name"]) == ("MultiPolygon", 205, "parcelles")


def test_a_table_of_nothing_is_a_table_all_the_same(served):
    for asked in ({"bbox": "2,48,3,49"}, {"section": "XX"}, {"resulttype": "hits"}):
        assert read_csv(served.get("commune-a", ITEMS, f="csv", **asked).text) == []
        assert read_fgb(served.get("commune-a", ITEMS, f="fgb", **asked).content)[1] == []
        assert served.get("commune-a", ITEMS, f="jsonld", **asked).json()["rdfs:member"] == []


def test_flatgeobuf_without_geometry_has_none(served):
    _, rows = read_fgb(served.get("commune-a", ITEMS, f="fgb", limit=5, skipGeometry="true").content)
    assert [row["geom"] for row in rows] == [None] * 5


@pytest.mark.parametrize("form", TABLES)
def test_the_next_page_and_the_counts_are_in_the_headers(served, form):
    found = []
    with served.client("commune-a") as client:
        response = client.get(ITEMS, params={"f": form, "limit": "80"})
        assert response.headers["ogc-numbermatched"] == "205"
        while True:
            assert int(response.headers["ogc-numberreturned"]) == len(ids(response, form))
            found += ids(response, form)
            if "next" not in response.links:
                break
            response = client.get(response.links["next"]["url"])
    assert len(found) == len(set(found)) == 205


def test_linked_data_explains_every_name_it_uses_and_asks_nobody(served):
    page = served.get("commune-a", ITEMS, f="jsonld", limit=3)
    assert page.headers["content-type"] == "application/ld+json"
    document = page.json()
    context = document.pop("@context")
    for each in document["rdfs:member"]:
        assert {name for name in each if ":" not in name} - {"@id", "@type"} <= set(context)
        assert {name.partition(":")[0] for name in each if ":" in name} <= set(context)
        assert served.get("commune-a", each["@id"]).status_code == 200
        literal = each["geo:hasDefaultGeometry"]["geo:asWKT"]["@value"]
        assert literal.startswith(f"<{CRS84}> MULTIPOLYGON")
    assert context["contenance"] == {
        "@id": f"{served.url}/collections/parcelles/schema#contenance",
        "@type": "http://www.w3.org/2001/XMLSchema#integer",
    }


@pytest.mark.parametrize("form", ["csv", "jsonld"])
def test_one_object_is_what_the_page_holds(served, form):
    page = served.get("commune-a", ITEMS, f=form, limit=3)
    id = ids(page, form)[1]
    one = served.get("commune-a", f"{ITEMS}/{id}", f=form)
    if form == "csv":
        head, _, second, *_ = page.text.split("\r\n")
        assert one.text == f"{head}\r\n{second}\r\n"
    else:
        assert one.json() == {"@context": page.json()["@context"]} | page.json()["rdfs:member"][1]
    assert one.headers["content-type"] == page.headers["content-type"]
    hidden, missing = (served.get("commune-b", f"{ITEMS}/{each}", f=form) for each in (id, "nulle-part"))
    assert hidden.status_code == missing.status_code == 404
    assert hidden.content == missing.content


def test_one_object_in_another_system(served):
    id = ids(served.get("commune-a", ITEMS, limit=1), "json")[0]
    one = served.get("commune-a", f"{ITEMS}/{id}", f="csv", crs=f"{EPSG}/2154")
    assert one.headers["content-crs"] == f"<{EPSG}/2154>"
    assert "((3" in read_csv(one.text)[0]["geom"]


@pytest.mark.parametrize(
    ("accept", "media"),
    [
        ("text/csv", "text/csv; charset=UTF-8"),
        ("application/flatgeobuf", "application/flatgeobuf"),
        ("application/ld+json;q=0.9, application/json;q=0.1", "application/ld+json"),
        ("application/flatgeobuf, */*;q=0.1", "application/flatgeobuf"),
    ],
)
def test_a_format_is_negotiated_where_it_is_served(served, accept, media):
    with served.client("commune-a") as client:
        response = client.get(ITEMS, params={"limit": "1"}, headers={"Accept": accept})
        assert response.headers["content-type"] == media
        assert (
            client.get("/collections", headers={"Accept": accept})
            .headers["content-type"]
            .startswith("application/json")
        )


@pytest.mark.parametrize(
    ("path", "formats"),
    [
        ("/", []), ("/collections", []), ("/collections/parcelles", []), ("/collections/parcelles/schema", []),
        ("/collections/parcelles/queryables", []), ("/collections/parcelles/tiles", []), (ITEMS, list(TABLES)),
        (f"{ITEMS}/859010000A0001", ["csv", "jsonld"]),
    ],
)  # fmt: skip
def test_each_format_is_served_where_it_is_declared_and_refused_elsewhere_as_any_unknown_one(served, path, formats):
    unknown = served.get("commune-a", path, f="licorne")
    assert unknown.status_code == 400
    for form in TABLES:
        response = served.get("commune-a", path, f=form)
        assert response.status_code == (200 if form in formats else 400), form
        assert form in formats or response.content == unknown.content


def test_links_lead_to_every_format_that_is_served_and_to_no_other(served):
    page = served.get("commune-a", ITEMS, limit=2, section="0A").json()
    types = {each["type"] for each in page["links"] if each["rel"] in ("self", "alternate")}
    item = served.get("commune-a", f"{ITEMS}/{page['features'][0]['id']}").json()
    own = {each["type"] for each in item["links"] if each["rel"] in ("self", "alternate")}
    assert types - own == {"application/flatgeobuf"}
    assert types == {each["type"] for each in described(served, "commune-a") if each["rel"].endswith("items")}
    for each in page["links"]:
        with served.client("commune-a") as client:
            response = client.get(each["href"])
        assert response.headers["content-type"] in (each["type"], f"{each['type']}; charset=utf-8")
        if each["type"] == "text/csv; charset=UTF-8":
            assert ids(response, "csv") == ids(served.get("commune-a", ITEMS, limit=2, section="0A"), "json")


def test_who_may_not_take_is_shown_no_link_to_take_by(served):
    assert not [each for each in described(served, "regard") if "/items" in each["href"]]
    for each in described(served, "regard"):
        with served.client("regard") as client:
            assert client.get(each["href"]).status_code == 200
    assert [each for each in described(served, "commune-a") if each["type"] == "application/flatgeobuf"]


def described(served, who: str) -> list[dict]:
    """The links of the collection of parcels."""
    return served.get(who, "/collections/parcelles").json()["links"]


def test_openapi_tells_the_formats_of_each_address(served):
    document = served.get("commune-a", "/openapi").json()
    told = {}
    for path in (ITEMS, f"{ITEMS}/{{featureId}}", "/collections"):
        operation = document["paths"][path]["get"]
        names = [each["$ref"].rpartition("/")[2] for each in operation["parameters"] if "$ref" in each]
        parameters = [document["components"]["parameters"][name] for name in names]
        told[path] = next(each["schema"]["enum"] for each in parameters if each["name"] == "f")
        assert len(operation["responses"]["200"]["content"]) == len(told[path])
    assert list(told.values()) == [
        ["json", "html", "csv", "fgb", "jsonld"], ["json", "html", "csv", "jsonld"], ["json", "html"]
    ]  # fmt: skip


def test_pages_offer_what_can_be_downloaded(served):
    for path in (ITEMS, f"{ITEMS}/859010000A0001", "/collections/parcelles"):
        page = served.get("commune-a", path, f="html").text
        assert "f=csv" in page and "f=jsonld" in page
        assert ("f=fgb" in page) == (path != f"{ITEMS}/859010000A0001")
    assert "f=csv" not in served.get("regard", "/collections/parcelles", f="html").text


def test_a_posted_filter_is_answered_in_every_format(served):
    body = {"op": "=", "args": [{"property": "section"}, "0A"]}
    with served.client("commune-a") as client:
        pages = {form: client.post(ITEMS, params={"f": form}, json=body) for form in ("json", *TABLES)}
    found = [sorted(ids(page, form)) for form, page in pages.items()]
    assert found == [found[0]] * 4 and found[0]
