"""What the rules find on real sheets is what plain geometry finds there: none missed, none invented."""

from collections import Counter
from itertools import combinations

import pytest
import shapely

from catalog.database import connect
from etl.pipeline import load
from etl.sources import Options
from tests.conftest import clone

SMALL, SHARE, OVERLAP, SPLINTER, OUT = 20, 0.2, 0.5, 0.5, 0.1  # thresholds, as docs/qualite.md tells them
ALIKE = ("batiments", "bornes", "numeros_voirie", "parcelles", "subdivisions_fiscales")
LEAST = {"contenance_ecart": 31, "doublon": 67, "eclat": 1, "hors_parcelle": 1, "recouvrement": 1, "vide": 3}


@pytest.fixture(scope="module")
def real(shared_data, cluster, template):
    """The real sheets, loaded."""
    with clone(cluster, template) as own:
        report = load("cadastre", [shared_data / "edigeo"], Options(), own)
        assert min(unit.score.value for unit in report.units) >= 98
        yield own


@pytest.fixture(scope="module")
def ask(real):
    def rows(statement: str) -> list[tuple]:
        with connect(real, "admin") as connection:
            return connection.execute(statement).fetchall()

    return rows


@pytest.fixture(scope="module")
def shapes(ask):
    """Objects of a layer by sheet, each with its outline and whatever else is asked."""

    def read(layer: str, *columns: str) -> dict[str, list[tuple]]:
        found: dict[str, list[tuple]] = {}
        names = "".join(f", {name}" for name in columns)
        for unit, id, shape, *values in ask(
            f"SELECT unite, id, ST_AsBinary(geom){names} FROM cadastre.{layer} ORDER BY id"
        ):
            found.setdefault(unit, []).append((id, shapely.from_wkb(bytes(shape)), *values))
        return found

    return read


@pytest.fixture(scope="module")
def told(ask):
    """The objects that a rule finds, by layer."""

    def objects(rule: str) -> Counter[tuple[str, str]]:
        where = f"regle = '{rule}' AND unite <> commune"
        return Counter(ask(f"SELECT couche, objet FROM cadastre.anomalies WHERE {where}"))

    return objects


def test_no_rule_finds_anything_whose_reason_is_not_tried_here(ask):
    found = dict(ask("SELECT regle, count(*)::int FROM cadastre.anomalies WHERE unite <> commune GROUP BY 1"))
    assert set(found) == {*LEAST, "parcelle_absente"}
    assert all(found[rule] >= number for rule, number in LEAST.items())


def test_areas_that_differ_are_those_more_than_a_fifth_and_20_square_metres_apart(shapes, told):
    wrong = [
        ("parcelles", id)
        for parcels in shapes("parcelles", "contenance").values()
        for id, shape, area in parcels
        if area and abs(shape.area - area) > max(SMALL, SHARE * max(shape.area, area))
    ]
    assert told("contenance_ecart") == Counter(wrong)


def test_doubles_are_objects_of_one_layer_and_sheet_that_have_the_same_points(shapes, told):
    number: Counter[str] = Counter()
    for layer in ALIKE:
        for objects in shapes(layer).values():
            places = Counter(shapely.to_wkb(shapely.normalize(shape)) for _, shape in objects)
            number[layer] += sum(many - 1 for many in places.values())
    found: Counter[str] = Counter()
    for (layer, _), many in told("doublon").items():
        found[layer] += many
    assert found == +number
    marks = {id: shape for objects in shapes("bornes").values() for id, shape in objects}
    for layer, id in told("doublon"):
        assert layer == "bornes"
        assert sum(shape.equals_exact(marks[id], 0) for shape in marks.values()) > 1


def test_splinters_are_all_the_surfaces_below_half_a_square_metre(shapes, told):
    layers = ("batiments", "parcelles", "subdivisions_fiscales")
    small = [
        (n, id) for n in layers for objects in shapes(n).values() for id, shape in objects if shape.area < SPLINTER
    ]
    assert told("eclat") == Counter(small)


@pytest.mark.parametrize("layer", ["parcelles", "subdivisions_fiscales", "batiments"])
def test_overlaps_are_all_the_pairs_of_a_sheet_that_share_more_than_half_a_square_metre(shapes, told, layer):
    pairs = [
        {one[0], other[0]}
        for objects in shapes(layer).values()
        for one, other in near(objects)
        if one[1].intersection(other[1]).area > OVERLAP and not one[1].equals(other[1])
    ]
    found = [id for (name, id), many in told("recouvrement").items() for _ in range(many) if name == layer]
    assert len(found) == len(pairs)
    assert all(any(id in pair for pair in pairs) for id in found)


def near(objects: list[tuple]) -> list[tuple[tuple, tuple]]:
    """The pairs whose boxes meet, one by one."""
    boxes = [(one, one[1].bounds) for one in objects]
    return [
        (one, other)
        for (one, a), (other, b) in combinations(boxes, 2)
        if a[0] <= b[2] and b[0] <= a[2] and a[1] <= b[3] and b[1] <= a[3]
    ]


def test_tax_parts_of_no_parcel_lie_on_parcels_all_the_same(shapes, told):
    grounds = shapes("parcelles")
    lone = [
        (id, shape, unit)
        for unit, objects in shapes("subdivisions_fiscales", "parcelle").items()
        for id, shape, parcel in objects
        if parcel is None
    ]
    found = {id for layer, id in told("parcelle_absente") if layer == "subdivisions_fiscales"}
    assert found == {id for id, _, _ in lone}
    for _, shape, unit in lone:
        covered = shapely.union_all([ground for _, ground in grounds[unit] if ground.intersects(shape)])
        assert covered.intersection(shape).area > 0.99 * shape.area


def test_parts_out_of_their_parcel_are_those_of_which_a_tenth_lies_elsewhere(shapes, told):
    grounds = {id: shape for objects in shapes("parcelles").values() for id, shape in objects}
    out = [
        ("subdivisions_fiscales", id)
        for objects in shapes("subdivisions_fiscales", "parcelle").values()
        for id, shape, parcel in objects
        if parcel in grounds and shape.difference(grounds[parcel]).area > OUT * shape.area
    ]
    assert told("hors_parcelle") == Counter(out)


def test_what_is_said_to_be_empty_is_empty_in_the_table(ask, told):
    columns = {"etiquettes": "texte", "subdivisions_fiscales": "lettre"}
    empty = [
        (layer, id)
        for layer, column in columns.items()
        for (id,) in ask(f"SELECT id FROM cadastre.{layer} WHERE coalesce({column}, '') = ''")
    ]
    assert told("vide") == Counter(empty)
