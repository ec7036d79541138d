"""The plan of a parcel: exact on paper, real text, and nothing that its asker may not see."""

import io
import math

import pypdf
import pytest
import shapely

from catalog import access
from catalog.access import Right
from catalog.database import as_loader, connect, pool
from catalog.errors import BadRequest, NotFound
from catalog.loader import datasets
from hunter.members import DAY, TODAY
from services.plan import LAYERS, SCALES, read_plan, read_scale
from services.plan_drawing import draw
from tests.paper import lines_of

A, B = "85901", "85902"
ASKED, NEXT, HIDDEN = f"{A}000AB0012", f"{A}000AB0013", f"{B}000ZC0777"
POINTS_A_METRE = 72 / 0.0254
COLUMNS = {
    "parcelles": ("prefixe", "section", "numero", "contenance"),
    "batiments": ("type", "nom"),
    "sections": ("prefixe", "section"),
    "communes": ("nom",),
    "lieux_dits": ("nom",),
    "troncons_cours_eau": ("nom",),
    "surfaces": ("symbole",),
    "lignes": ("symbole",),
    "points_divers": ("symbole", "orientation"),
    "symboles_limites": ("symbole", "orientation"),
    "bornes": ("type", "orientation"),
    "numeros_voirie": ("numero",),
    "etiquettes": ("texte", "classe", "angle", "hauteur"),
}


def insert(connection, layer, id, commune, box, *values):
    """Put a rectangle down; of a layer of lines its diagonal, of points its corner."""
    names = ", ".join(COLUMNS[layer])
    places = ", ".join(["%s"] * len(values))
    west, south, east, north = box
    shape = {
        "MultiPolygon": shapely.MultiPolygon([shapely.box(*box)]),
        "MultiLineString": shapely.MultiLineString([[(west, south), (east, north)]]),
        "Point": shapely.Point(west, south),
    }[datasets()[layer].geometry]
    connection.execute(
        f"INSERT INTO cadastre.{layer} (id, commune, unite, edition, feature, geom, {names})"
        f" VALUES (%s, %s, 'f', '2026-07-01', '{{', ST_SetSRID(%s::geometry, 2154), {places})",
        [id, commune, shape.wkb_hex, *values],
    )


def details(connection, commune, west, words):
    """One of each smaller thing, beside one another."""
    box = (west, 6630030, west + 10, 6630035)
    insert(connection, "troncons_cours_eau", f"e{commune}", commune, box, "La Vive")
    insert(connection, "surfaces", f"s{commune}", commune, box, "65")
    insert(connection, "lignes", f"t{commune}", commune, box, "31")
    insert(connection, "points_divers", f"p{commune}", commune, box, "63", 0.0)
    insert(connection, "symboles_limites", f"y{commune}", commune, box, "39", 30.0)
    for number, kind in enumerate(("borne", "boulon", "croix")):
        insert(connection, "bornes", f"{kind}{commune}", commune, (west, 6630050 + number, west, 6630050), kind, None)
    number, (x, y) = f"{commune[-1]}31 bis", (west + 5, 6630060)
    insert(connection, "numeros_voirie", f"n{commune}", commune, (x, y, x, y), number)
    insert(connection, "etiquettes", f"x{commune}", commune, (west, y + 10, x, y), words, "ZONCOMMUNI_id", 30.0, 2.5)


@pytest.fixture
def world(database):
    """A square parcel of 100 m, one beside it, and one of the next commune that the border separates."""
    with as_loader(database) as connection:
        insert(connection, "parcelles", ASKED, A, (360000, 6630000, 360100, 6630100), "000", "AB", "0012", 10000)
        insert(connection, "parcelles", NEXT, A, (359940, 6630000, 360000, 6630100), "000", "AB", "0013", 6000)
        insert(connection, "parcelles", HIDDEN, B, (360100, 6630000, 360160, 6630100), "000", "ZC", "0777", 6000)
        insert(connection, "batiments", "b1", A, (360010, 6630010, 360020, 6630020), "01", None)
        insert(connection, "batiments", "b2", B, (360110, 6630010, 360120, 6630020), "01", None)
        insert(connection, "sections", f"{A}000AB", A, (359900, 6629900, 360100, 6630200), "000", "AB")
        insert(connection, "sections", f"{B}000ZC", B, (360100, 6629900, 360300, 6630200), "000", "ZC")
        insert(connection, "communes", A, A, (359900, 6629900, 360100, 6630200), "Bœuf-sur-l'Été")
        insert(connection, "communes", B, B, (360100, 6629900, 360300, 6630200), "Voisine")
        insert(connection, "lieux_dits", "l1", A, (359900, 6629900, 360100, 6630200), "Le Pâtis")
        insert(connection, "lieux_dits", "l2", B, (360100, 6629900, 360300, 6630200), "La Marqueterie")
        for commune, west, words in ((A, 360030, "Chaussée"), (B, 360130, "Cachée")):
            details(connection, commune, west, words)
    with connect(database, "admin") as connection:
        access.add_organisation(connection, "ici", "Ici", "commune", [A])
        rights = [Right(layer, "base", ("image",), (A,)) for layer in COLUMNS]
        access.add_agreement(connection, "c", "ici", "essai", TODAY, TODAY + DAY, rights)
    return database


@pytest.fixture
def web(world):
    with pool(world, "web") as connections:
        yield connections


@pytest.fixture
def token(world):
    with connect(world, "admin") as connection:
        return access.issue_token(connection, "ici")


@pytest.fixture
def ici(web, token):
    return access.authenticate(web, token)


def page(content):
    return pypdf.PdfReader(io.BytesIO(content)).pages[0]


@pytest.mark.parametrize("scale", [scale for scale in SCALES if scale >= 1000])
def test_a_hundred_metres_are_exact_on_paper(web, ici, scale):
    content = draw(read_plan(web, ici, ASKED, scale))
    wanted = 100 / scale * POINTS_A_METRE
    tenth_of_a_millimetre = 0.0001 * POINTS_A_METRE
    found = [abs(a[0] - b[0]) + abs(a[1] - b[1]) for a, b in lines_of(page(content)) if a[0] == b[0] or a[1] == b[1]]
    assert sum(abs(length - wanted) < tenth_of_a_millimetre for length in found) >= 3


def test_the_sheet_is_a4_and_its_fonts_are_inside(web, ici):
    content = draw(read_plan(web, ici, ASKED))
    width, height = sorted(float(side) for side in page(content).mediabox[2:])
    assert (width, height) == pytest.approx((210 / 1000 * POINTS_A_METRE, 297 / 1000 * POINTS_A_METRE), abs=0.01)
    for font in page(content)["/Resources"]["/Font"].values():
        assert "/FontFile2" in font.get_object()["/FontDescriptor"]


def test_the_title_block_is_text_that_can_be_searched(web, ici):
    text = page(draw(read_plan(web, ici, ASKED, 1000))).extract_text().replace("\N{NO-BREAK SPACE}", " ")
    today = TODAY
    for words in (
        "Bœuf-sur-l'Été (85901)", "Section : AB", "Numéro : 12", "10 000 m²", ASKED, "Échelle : 1/1000",
        "Source DGFiP - cadastre", "Mise à jour : 07/2026", f"Imprimé le {today:%d/%m/%Y}", "Lambert-93",
    ):  # fmt: skip
        assert words in text


def test_neighbours_bear_their_numbers(web, ici):
    words = page(draw(read_plan(web, ici, ASKED, 1000))).extract_text().split()
    assert {"12", "13", "Pâtis", "AB", "Chaussée", "131", "bis"} <= set(words)


def test_the_asked_parcel_is_named_once_on_the_map(web, ici):
    words = page(draw(read_plan(web, ici, ASKED, 1000))).extract_text().split()
    assert words.count("12") == 2  # on the map, and in the title block


def test_nothing_of_a_hidden_commune_is_on_the_plan(web, ici):
    plan = read_plan(web, ici, ASKED, 2000)
    content = draw(plan)
    text = page(content).extract_text()
    for marker in ("777", "ZC", "Voisine", "Marqueterie", "Cachée", "231 bis", B):
        assert marker not in text
    found = {place: len(getattr(plan, place)) for place in LAYERS.values()}
    assert found == dict.fromkeys(LAYERS.values(), 1) | {"parcels": 2, "marks": 3}


def test_a_name_is_turned_and_as_high_as_on_its_sheet(web, ici):
    written = {}

    def visit(text, cm, tm, font, size):
        written[text.strip()] = cm, size

    page(draw(read_plan(web, ici, ASKED, 1000))).extract_text(visitor_text=visit)
    (a, b, *_), size = written["Chaussée"]
    assert math.degrees(math.atan2(b, a)) == pytest.approx(30, abs=0.01)
    assert size == pytest.approx(2.5 / 1000 * POINTS_A_METRE, abs=0.01)


def test_buildings_are_hatched_within_their_outline(web, ici):
    lines = lines_of(page(draw(read_plan(web, ici, ASKED, 1000))))
    on_sheet = [(a, b) for a, b in lines if a[0] > 10 and a != b]  # a cross is drawn around its own origin
    oblique = [(a, b) for a, b in on_sheet if a[1] - b[1] == pytest.approx(a[0] - b[0], abs=1e-3)]
    north = shapely.box(500, 700, 560, 842)
    hatches = [line for line in oblique if not north.intersects(shapely.LineString(line))]  # its arrow is oblique too
    assert len(hatches) > 10
    width = max(a[0] for line in hatches for a in line) - min(a[0] for line in hatches for a in line)
    assert width <= 10 / 1000 * POINTS_A_METRE + 0.01


def test_a_hidden_parcel_does_not_exist(web, ici):
    missing = (f"{A}000AB9999", "", "x", f"{ASKED}\0", f" {ASKED}", ASKED.lower(), None, 12, [ASKED], {"a": 1})
    for id in (HIDDEN, *missing):
        with pytest.raises(NotFound) as raised:
            read_plan(web, ici, id)
        assert str(raised.value) == str(NotFound())


def test_the_public_has_no_plan_until_an_agreement_gives_it(world, web):
    nobody = access.authenticate(web, None)
    with pytest.raises(NotFound):
        read_plan(web, nobody, ASKED)
    with connect(world, "admin") as connection:
        rights = [Right("parcelles", "base", ("image",), (A,))]
        access.add_agreement(connection, "p", "public", "essai", TODAY, TODAY + DAY, rights)
    plan = read_plan(web, nobody, ASKED)
    assert (len(plan.parcels), plan.buildings, plan.parcel.commune_name) == (2, (), None)
    assert "Commune : 85901" in page(draw(plan)).extract_text()


def test_the_right_to_take_is_not_the_right_to_look(world, web, token):
    with connect(world, "admin") as connection:
        connection.execute("UPDATE access.rights SET usage = 'file' WHERE dataset = 'parcelles'")
    with pytest.raises(NotFound):
        read_plan(web, access.authenticate(web, token), ASKED)


def test_a_parcel_larger_than_the_sheet_is_said(web, ici):
    plan = read_plan(web, ici, ASKED, 200)
    assert not plan.whole
    assert "dépasse le cadre" in page(draw(plan)).extract_text()


@pytest.mark.parametrize("scale", [0, -1, 300, "1/500", "abc", 1.5, True, [], "9" * 30, "500\n", "٥٠٠"])
def test_an_unknown_scale_is_refused(scale):
    with pytest.raises(BadRequest):
        read_scale(scale)
