"""Vector tiles as they are asked for."""

import json

import pyogrio
import pytest

GRID = "WebMercatorQuad"
MVT = "application/vnd.mapbox-vector-tile"


def address(place, dataset="parcelles"):
    return f"/collections/{dataset}/tiles/{GRID}/{place.z}/{place.y}/{place.x}"


def rows(content, place, folder, layer="parcelles"):
    """The attributes of a tile's features, read by GDAL."""
    if not content:
        return []
    file = folder / "tile.mvt"
    file.write_bytes(content)
    meta, _, _, columns = pyogrio.raw.read(file, layer, X=place.x, Y=place.y, Z=place.z)
    return [dict(zip(meta["fields"], row, strict=True)) for row in zip(*columns, strict=True)]


@pytest.fixture
def border(world, tile_of):
    """A tile over the limit of the two neighbours."""
    line = world.communes[0].geometry.intersection(world.communes[1].geometry)
    middle = line.interpolate(0.5, normalized=True)
    return lambda zoom: tile_of(zoom, middle.x, middle.y)


@pytest.mark.parametrize("zoom", [14, 16, 18])
def test_on_the_border_each_neighbour_gets_its_own_parcels(site, border, tmp_path, zoom):
    place = border(zoom)
    for who, commune in zip(("ici", "voisine"), site.communes, strict=True):
        answer = site.get(address(place), who)
        assert answer.status_code == 200
        assert answer.headers["content-type"] == MVT
        assert {row["commune"] for row in rows(answer.content, place, tmp_path)} == {commune}


def test_a_tile_holds_every_parcel_that_items_give_for_its_box(site, border, world, tmp_path):
    place = border(15)
    ids = {row["id"] for row in rows(site.get(address(place), "ici").content, place, tmp_path)}
    corners = ",".join(map(str, place.bounds()))
    web = "http://www.opengis.net/def/crs/EPSG/0/3857"
    items = site.get(f"/collections/parcelles/items?limit=10000&bbox={corners}&bbox-crs={web}", "ici").json()
    assert {feature["id"] for feature in items["features"]} <= ids


@pytest.mark.parametrize("who", [None, "eau", "regarde"])
def test_without_the_right_to_tiles_there_are_none_whatever_the_place(site, border, who):
    answers = [
        site.get(address(border(14)), who),
        site.get(address(border(14), "inconnu"), who),
        site.get("/collections/parcelles/tiles", who),
        site.get(f"/collections/parcelles/tiles/{GRID}", who),
        site.get(f"/collections/parcelles/tiles/{GRID}/metadata?f=tilejson", who),
    ]
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.content for answer in answers}) == 1


def test_a_tile_of_hidden_parcels_is_a_tile_of_nothing_to_the_byte(site, world, tile_of):
    theirs = world.communes[1].geometry.representative_point()
    hidden = site.get(address(tile_of(19, theirs.x, theirs.y)), "ici")
    nothing = site.get(address(tile_of(19, theirs.x + 200_000, theirs.y)), "ici")
    assert hidden.status_code == nothing.status_code == 200
    assert hidden.content == nothing.content == b""
    assert dict(hidden.headers) == dict(nothing.headers)


@pytest.mark.parametrize(
    "path",
    [
        f"{GRID}/-1/0/0", f"{GRID}/0/1/0", f"{GRID}/21/0/0", f"{GRID}/99999999999999999999/0/0", f"{GRID}/1.5/0/0",
        f"{GRID}/a/b/c", f"{GRID}/14/0x10/3", f"{GRID}/3/8/0", "WorldCRS84Quad/0/0/0", "inconnu/0/0/0", "%00/0/0/0",
    ],
)  # fmt: skip
def test_what_is_no_tile_does_not_exist(site, path):
    answer = site.get(f"/collections/parcelles/tiles/{path}", "ici")
    assert answer.status_code == 404


@pytest.mark.parametrize("query", ["f=png", "f=json", "f=", "section=A", "f=mvt&f=mvt", "limit=3"])
def test_a_tile_knows_no_other_parameter_nor_format(site, border, query):
    assert site.get(f"{address(border(14))}?{query}", "ici").status_code == 400


def test_tilejson_names_the_callers_attributes_and_no_other(site):
    path = f"/collections/canalisations_eau/tiles/{GRID}/metadata?f=tilejson"
    fields = [set(site.get(path, who).json()["vector_layers"][0]["fields"]) for who in ("ici", "eau")]
    assert fields[1] - fields[0] == {"materiau", "diametre_equivalent", "an_pose"}
    assert "fichier" not in fields[0] | fields[1]


def test_tilejson_tells_of_the_points_for_names_where_surfaces_have_them(site):
    described = {
        dataset: [
            (layer["id"], layer["minzoom"], set(layer["fields"]))
            for layer in site.get(f"/collections/{dataset}/tiles/{GRID}/metadata?f=tilejson", who).json()[
                "vector_layers"
            ]
        ]
        for dataset, who in (("parcelles", "ici"), ("canalisations_eau", "eau"))
    }
    (drawn, names), (pipes,) = described.values()
    assert (drawn[:2], names[:2]) == (("parcelles", 0), ("parcelles_noms", 17))
    assert names[2] == drawn[2]
    assert pipes[0] == "canalisations_eau"


def test_tilejson_tells_nothing_of_where_the_data_is(site):
    documents = [
        site.get(f"/collections/parcelles/tiles/{GRID}/metadata?f=tilejson", who).json() for who in ("ici", "voisine")
    ]
    assert documents[0] == documents[1]
    assert documents[0]["tiles"][0].endswith("/tiles/WebMercatorQuad/{z}/{y}/{x}?f=mvt")


def test_a_second_group_is_absent_from_the_pieces_where_it_is_not_given(site, tile_of, tmp_path):
    pipes = site.get("/collections/canalisations_eau/items?limit=1000", "eau").json()["features"]
    seen = {}
    for pipe in pipes:
        place = tile_of(15, *pipe["geometry"]["coordinates"][0][0][:2], srid=4326)
        found = rows(site.get(address(place, "canalisations_eau"), "eau").content, place, tmp_path, "canalisations_eau")
        seen |= {row["id"]: row.get("materiau") for row in found}
    assert seen == {pipe["id"]: pipe["properties"].get("materiau") for pipe in pipes}
    here, there = ({seen[id] for id in seen if id.endswith(commune)} for commune in site.communes)
    assert here - {None} and there == {None}


@pytest.mark.parametrize("wanted", ["json", "html"])
def test_tilesets_are_described(site, wanted):
    for path in ("", f"/{GRID}", f"/{GRID}/metadata"):
        answer = site.get(f"/collections/parcelles/tiles{path}?f={wanted}", "ici")
        assert answer.status_code == 200, path
        assert b"stac" not in answer.content


def test_links_of_tilesets_lead_somewhere(site):
    document = json.loads(site.get("/collections/parcelles/tiles?f=json", "ici").content)
    for link in document["links"] + [link for tileset in document["tilesets"] for link in tileset["links"]]:
        if "{" not in link["href"]:
            assert (
                site.get(link["href"].partition("//")[2].partition("/")[2].join(("/", "")), "ici").status_code == 200
            ), link


def test_the_one_format_of_tiles_is_told(site):
    paths = site.get("/openapi?f=json", "ici").json()["paths"]
    tile = paths["/collections/parcelles/tiles/{tileMatrixSetId}/{tileMatrix}/{tileRow}/{tileCol}"]["get"]
    assert [each["schema"]["enum"] for each in tile["parameters"] if each.get("name") == "f"] == [["mvt"]]
