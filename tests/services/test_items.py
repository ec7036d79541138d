"""Items: what is asked is answered, whole, and to whom it may be."""

import json
import math

import pytest
import shapely

from tests.hunting.world import A, B
from tests.services.conftest import link, pages

ITEMS = "/collections/parcelles/items"
EPSG = "http://www.opengis.net/def/crs/EPSG/0"
CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"


def ids(page: dict) -> list[str]:
    return [feature["id"] for feature in page["features"]]


def size(properties: dict) -> float:
    """The area of a parcel; an unknown one compares with nothing, as in SQL."""
    return math.nan if properties["contenance"] is None else properties["contenance"]


def communes(page: dict) -> set[str]:
    return {feature["properties"]["commune"] for feature in page["features"]}


def test_a_commune_gets_its_own_parcels_and_none_of_its_neighbours(served, world):
    for organisation, commune in (("commune-a", A), ("commune-b", B)):
        page = served.get(organisation, ITEMS, limit=10_000).json()
        assert communes(page) == {commune}
        assert page["numberReturned"] == page["numberMatched"] == len(page["features"]) > 100


def test_nobody_gets_no_parcels_but_what_is_public(served):
    assert served.get(None, ITEMS).status_code == 404
    assert len(served.get(None, "/collections/communes/items").json()["features"]) == 4


@pytest.mark.parametrize("limit", [1, 7, 100])
@pytest.mark.parametrize("parameters", [{}, {"sortby": "-contenance"}, {"section": "0A"}, {"datetime": "2026-11-01"}])
def test_paging_gives_each_id_once_and_all_of_them(served, limit, parameters):
    if limit == 1 and parameters:
        parameters = parameters | {"bbox": "-1.4635,46.6745,-1.46,46.677"}
    with served.client("departement") as client:
        whole = client.get(ITEMS, params=parameters | {"limit": "10000"}).json()
        if limit == 1 and not parameters:
            limit = 50
        found = [id for page in pages(client, ITEMS, parameters | {"limit": str(limit)}) for id in ids(page)]
    assert len(found) == len(set(found))
    assert found == ids(whole)


def test_pages_go_on_from_commune_to_commune_in_order(served):
    with served.client("departement") as client:
        found = [
            (feature["properties"]["commune"], feature["id"])
            for page in pages(client, ITEMS, {"limit": "33"})
            for feature in page["features"]
        ]
    assert found == sorted(found)
    assert len({commune for commune, _ in found}) == 4


def test_an_offset_says_the_same_as_a_cursor(served):
    with served.client("departement") as client:
        first = client.get(ITEMS, params={"limit": "40"}).json()
        by_cursor = client.get(link(first["links"], "next")).json()
        by_offset = client.get(ITEMS, params={"limit": "40", "offset": "40"}).json()
    assert ids(by_cursor) == ids(by_offset)


@pytest.mark.parametrize(
    "changed",
    [
        {"skipGeometry": "true"},
        {"crs": f"{EPSG}/2154"},
        {"properties": "section,contenance"},
        {"datetime": "2026-11-01"},
    ],
)
def test_the_slower_way_says_of_properties_what_the_fast_one_says(served, changed):
    with served.client("commune-a") as client:
        fast = client.get(ITEMS, params={"limit": "1000"}).json()["features"]
        slow = client.get(ITEMS, params={"limit": "1000"} | changed).json()["features"]
    assert len(fast) == len(slow)
    for one, other in zip(fast, slow, strict=True):
        assert one["id"] == other["id"]
        assert other["properties"] == {name: one["properties"][name] for name in other["properties"]}


def test_the_same_rows_are_the_same_bytes_as_of_a_day_and_without_one(served):
    now = served.get("commune-a", ITEMS, limit=1000).content.partition(b'"links"')[0]
    then = served.get("commune-a", ITEMS, limit=1000, datetime="2099-01-01").content.partition(b'"links"')[0]
    assert now == then


def test_only_the_chosen_properties_come_and_no_geometry_where_none_is_wanted(served):
    page = served.get("commune-a", ITEMS, limit=3, properties="numero,section", skipGeometry="true").json()
    for feature in page["features"]:
        assert list(feature["properties"]) == ["section", "numero"]
        assert feature["geometry"] is None


@pytest.mark.parametrize(
    ("uri", "low", "high"),
    [
        (CRS84, (-2, 46), (-1, 47)),
        (f"{EPSG}/4326", (46, -2), (47, -1)),
        (f"{EPSG}/2154", (350_000, 6_620_000), (370_000, 6_640_000)),
        (f"{EPSG}/3947", (1_350_000, 6_160_000), (1_370_000, 6_190_000)),
        (f"{EPSG}/3857", (-170_000, 5_880_000), (-150_000, 5_900_000)),
    ],
)
def test_coordinates_come_in_the_axis_order_of_the_system(served, uri, low, high):
    response = served.get("commune-a", ITEMS, limit=1, crs=uri)
    assert response.headers["content-crs"] == f"<{uri}>"
    x, y = shapely.geometry.shape(response.json()["features"][0]["geometry"]).representative_point().coords[0]
    assert low[0] < x < high[0]
    assert low[1] < y < high[1]
    id = response.json()["features"][0]["id"]
    alone = served.get("commune-a", f"{ITEMS}/{id}", crs=uri)
    assert alone.headers["content-crs"] == f"<{uri}>"
    assert alone.json()["geometry"] == response.json()["features"][0]["geometry"]


def test_a_box_selects_the_same_parcels_in_whatever_system_it_is_drawn_around_one(served):
    known = served.get("departement", ITEMS, limit=10_000).json()["features"]
    one = next(each for each in known if each["properties"]["section"] == "ZA")
    for uri in (CRS84, f"{EPSG}/4326", f"{EPSG}/2154", f"{EPSG}/3947", f"{EPSG}/3857"):
        drawn = served.get("departement", f"{ITEMS}/{one['id']}", crs=uri).json()
        point = shapely.geometry.shape(drawn["geometry"]).representative_point()
        small = 1e-7 if uri in (CRS84, f"{EPSG}/4326") else 0.01
        box = ",".join(f"{v:.8f}" for v in (point.x - small, point.y - small, point.x + small, point.y + small))
        page = served.get("departement", ITEMS, bbox=box, bbox_crs=uri, limit=1000).json()
        assert ids(page) == [one["id"]], uri


def test_a_box_in_degrees_selects_exactly_what_touches_it_in_degrees(served):
    everything = served.get("departement", ITEMS, limit=10_000).json()["features"]
    box = (-1.4560, 46.6810, -1.4480, 46.6890)
    expected = {f["id"] for f in everything if shapely.geometry.shape(f["geometry"]).intersects(shapely.box(*box))}
    page = served.get("departement", ITEMS, bbox=",".join(map(str, box)), limit=10_000).json()
    assert set(ids(page)) == expected
    assert 10 < len(expected) < len(everything)


@pytest.mark.parametrize(
    "box", ["-180,-90,180,90", "-1000,-1000,1000,1000", "-5,41,10,52", "170,-90,0,90", "-1e300,40,1e300,50"]
)
def test_a_box_around_the_world_selects_everything(served, box):
    assert served.get("commune-a", ITEMS, bbox=box, limit=1000).json()["numberMatched"] == 205


def test_a_box_elsewhere_selects_nothing(served):
    for box in ("2,48,3,49", "100,10,110,20", "170,-90,-170,90"):
        assert served.get("commune-a", ITEMS, bbox=box).json()["features"] == []


def test_one_item_is_what_the_page_holds_and_a_hidden_one_is_as_missing_to_the_byte(served):
    page = served.get("commune-a", ITEMS, limit=5).json()
    item = served.get("commune-a", f"{ITEMS}/{page['features'][2]['id']}")
    assert item.headers["content-type"] == "application/geo+json"
    assert {name: item.json()[name] for name in page["features"][2]} == page["features"][2]
    hidden, missing = (served.get("commune-b", f"{ITEMS}/{id}") for id in (page["features"][2]["id"], "nulle-part"))
    assert hidden.status_code == missing.status_code == 404
    assert hidden.content == missing.content
    assert without_date(hidden) == without_date(missing)


def without_date(response) -> dict:
    return {name: value for name, value in response.headers.items() if name != "date"}


@pytest.mark.parametrize(
    "path", ["", "/items", "/items/x", "/queryables", "/schema", "/tiles", "/tiles/WebMercatorQuad"]
)
@pytest.mark.parametrize("form", ["json", "html"])
def test_a_hidden_collection_is_as_one_that_never_was_to_the_byte(served, path, form):
    hidden, missing = (served.get(None, f"/collections/{id}{path}", f=form) for id in ("parcelles", "licornes"))
    assert hidden.status_code == 404
    assert hidden.content == missing.content
    assert without_date(hidden) == without_date(missing)


def test_who_may_look_at_tiles_may_not_take_features(served):
    assert served.get("regard", "/collections/parcelles").status_code == 200
    assert served.get("regard", ITEMS).status_code == 404
    assert served.get("regard", "/collections/parcelles/tiles/WebMercatorQuad/0/0/0", f="mvt").status_code == 200


def test_a_hidden_property_is_refused_as_one_that_never_was_wherever_it_stands(served):
    where = ["{}=x", "sortby={}", "properties={}", "filter={}='x'", "filter={} IS NULL", "filter=CASEI({})='x'"]
    with served.client("departement") as client:  # it has the base group of pipes alone
        for template in where:
            answers = [
                client.get("/collections/canalisations_eau/items", params=template.format(name).replace("'", "%27"))
                for name in ("materiau", "licorne")
            ]
            assert [each.status_code for each in answers] == [400, 400], template
            assert answers[0].content == answers[1].content


def test_properties_of_a_group_are_absent_where_the_caller_has_it_not(served):
    features = served.get("eaux", "/collections/canalisations_eau/items", limit=1000).json()["features"]
    with_group = {f["properties"]["commune"] for f in features if "materiau" in f["properties"]}
    without = {f["properties"]["commune"] for f in features if "materiau" not in f["properties"]}
    assert with_group == {A}
    assert A not in without
    assert without


def test_a_filter_on_a_group_matches_granted_rows_only(served):
    for condition in ("materiau IS NULL OR materiau IS NOT NULL", "NOT (materiau = 'licorne')", "an_pose IS NULL"):
        page = served.get("eaux", "/collections/canalisations_eau/items", limit=1000, filter=condition).json()
        assert communes(page) == {A}, condition


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("section = '0A'", lambda p: p["section"] == "0A"),
        ("section <> '0A' AND contenance > 10000", lambda p: p["section"] != "0A" and size(p) > 10_000),
        ("contenance < 500 OR contenance > 20000 AND section = 'ZA'",
         lambda p: size(p) < 500 or (size(p) > 20_000 and p["section"] == "ZA")),
        ("NOT (section = '0A')", lambda p: p["section"] != "0A"),
        ("contenance BETWEEN 500 AND 1000.5", lambda p: 500 <= size(p) <= 1000),
        ("numero IN ('0001', '0002')", lambda p: p["numero"] in ("0001", "0002")),
        ("numero NOT IN ('0001', '0002')", lambda p: p["numero"] not in ("0001", "0002")),
        ("numero LIKE '00_1'", lambda p: p["numero"][:2] == "00" and p["numero"][3] == "1"),
        ("CASEI(section) = CASEI('za')", lambda p: p["section"] == "ZA"),
        ("arpente", lambda p: p["arpente"]),
        ("arpente = FALSE", lambda p: not p["arpente"]),
        ("creation IS NULL", lambda p: p["creation"] is None),
        ("creation < DATE('1990-01-01')", lambda p: (p["creation"] or "9") < "1990-01-01"),
        ("T_DURING(creation, INTERVAL('1990-01-01', '2000-01-01'))",
         lambda p: "1990-01-01" < (p["creation"] or "") < "2000-01-01"),
        ("5000 < contenance", lambda p: size(p) > 5000),
    ],
)  # fmt: skip
def test_a_filter_gives_what_python_gives(served, condition, expected):
    everything = served.get("commune-a", ITEMS, limit=10_000).json()["features"]
    page = served.get("commune-a", ITEMS, limit=10_000, filter=condition).json()
    assert ids(page) == [each["id"] for each in everything if expected(each["properties"])]
    assert served.get("commune-a", ITEMS, filter=condition, resulttype="hits").json()["numberMatched"] == len(ids(page))


def test_a_filter_in_json_says_what_it_says_in_text_by_get_and_by_post(served):
    tree = {"op": "and", "args": [
        {"op": "=", "args": [{"property": "section"}, "ZA"]},
        {"op": "s_intersects", "args": [{"property": "geometry"}, {"bbox": [-1.456, 46.681, -1.448, 46.689]}]},
    ]}  # fmt: skip
    text = "section = 'ZA' AND S_INTERSECTS(geometry, BBOX(-1.456, 46.681, -1.448, 46.689))"
    with served.client("commune-a") as client:
        expected = ids(client.get(ITEMS, params={"filter": text, "limit": "1000"}).json())
        asked = {"filter": json.dumps(tree), "filter-lang": "cql2-json", "limit": "1000"}
        assert ids(client.get(ITEMS, params=asked).json()) == expected
        assert ids(client.post(ITEMS, params={"limit": "1000"}, json=tree).json()) == expected
    assert expected


def test_a_spatial_filter_speaks_the_system_it_names(served):
    one = served.get("commune-a", ITEMS, limit=1).json()["features"][0]["id"]
    for uri in (CRS84, f"{EPSG}/4326", f"{EPSG}/2154"):
        drawn = served.get("commune-a", f"{ITEMS}/{one}", crs=uri).json()
        point = shapely.geometry.shape(drawn["geometry"]).representative_point()
        condition = f"S_CONTAINS(geometry, POINT({point.x:.8f} {point.y:.8f}))"
        assert ids(served.get("commune-a", ITEMS, filter=condition, filter_crs=uri).json()) == [one]


def test_a_property_is_asked_for_as_a_parameter(served):
    everything = served.get("commune-a", ITEMS, limit=10_000).json()["features"]
    expected = [each["id"] for each in everything if each["properties"]["section"] == "0A"]
    assert ids(served.get("commune-a", ITEMS, limit=1000, section="0A").json()) == expected
    assert served.get("commune-a", ITEMS, section="0A", arpente="true", contenance="18689").status_code == 200


def test_sorting_is_by_the_property_then_by_id(served):
    found = served.get("commune-a", ITEMS, limit=1000, sortby="-contenance").json()["features"]
    sizes = [-1 if math.isnan(size(each["properties"])) else size(each["properties"]) for each in found]
    assert sizes == sorted(sizes, reverse=True)


def test_the_count_is_told_without_being_asked_where_it_is_known(served):
    assert served.get("commune-a", ITEMS, limit=1).json()["numberMatched"] == 205
    assert "numberMatched" not in served.get("commune-a", ITEMS, limit=1, section="0A").json()
    assert served.get("commune-a", ITEMS, limit=1, section="0A", resulttype="hits").json()["numberMatched"] == 68


def test_a_page_of_html_shows_what_the_caller_sees(served):
    mine, theirs = (served.get(who, ITEMS, f="html", limit=3) for who in ("commune-a", "commune-b"))
    assert mine.headers["content-type"].startswith("text/html")
    assert "859010000A0001" in mine.text
    assert "859010000A0001" not in theirs.text
