import pytest
from pyproj import Transformer

from catalog.errors import NotFound
from services.tile_grid import GRID, HALF_WORLD, MAX_ZOOM, Tile, tile, transformer


def test_a_tile_is_read_from_its_address_row_before_column():
    assert tile(GRID, "14", "5800", "8100") == Tile(14, 8100, 5800)


@pytest.mark.parametrize(
    "address",
    [
        ("WorldCRS84Quad", "0", "0", "0"),
        (GRID, "-1", "0", "0"),
        (GRID, "1", "2", "0"),
        (GRID, "1", "0", "2"),
        (GRID, "0", "-0", "0"),
        (GRID, "01", "0", "0"),
        (GRID, "1.0", "0", "0"),
        (GRID, "1e0", "0", "0"),
        (GRID, "٣", "0", "0"),
        (GRID, "0", "0", "0\n"),
        (GRID, "", "0", "0"),
        (GRID, str(MAX_ZOOM + 1), "0", "0"),
        (GRID, "9" * 400, "0", "0"),
    ],
)
def test_what_is_no_tile_of_the_grid_does_not_exist(address):
    with pytest.raises(NotFound):
        tile(*address)


def test_the_first_tile_is_the_world():
    assert Tile(0, 0, 0).bounds() == (-HALF_WORLD, -HALF_WORLD, HALF_WORLD, HALF_WORLD)


def test_rows_go_south():
    _, south, _, _ = Tile(1, 0, 0).bounds()
    _, _, _, north = Tile(1, 0, 1).bounds()
    assert south == north == 0


def test_the_box_holds_the_whole_tile_in_the_datasets_system():
    place = Tile(12, 2027, 1450)
    west, south, east, north = place.bounds()
    box = place.box(2154)
    move = Transformer.from_crs(3857, 2154, always_xy=True)
    for step in range(11):
        for x, y in (
            (west + step / 10 * (east - west), north),
            (west + step / 10 * (east - west), south),
            (west, south + step / 10 * (north - south)),
            (east, south + step / 10 * (north - south)),
        ):
            right, up = move.transform(x, y)
            assert box[0] - 0.5 <= right <= box[2] + 0.5
            assert box[1] - 0.5 <= up <= box[3] + 0.5


def test_a_tile_of_the_other_side_of_the_world_has_no_box():
    assert Tile(4, 0, 15).box(2154) is None


def test_the_tile_of_the_world_has_the_box_of_the_system():
    assert all(abs(side) < 1e8 for side in Tile(0, 0, 0).box(2154))


@pytest.mark.parametrize("zoom", [14, 16, 20])
@pytest.mark.parametrize("where", [(-4.7, 48.4), (2.3, 48.8), (7.3, 43.7), (9.4, 41.4), (-1.4, 46.7)])
def test_an_affinity_stands_for_the_transformation_within_a_third_of_a_step(zoom, where):
    x, y = transformer(4326, 3857).transform(*where)
    side = 2 * HALF_WORLD / 2**zoom
    place = Tile(zoom, int((x + HALF_WORLD) // side), int((HALF_WORLD - y) // side))
    west, south, east, north = place.bounds()
    affinity = place.affinity(2154)
    for column in range(12):
        for row in range(12):
            x, y = west + column / 11 * (east - west), south + row / 11 * (north - south)
            right, up = transformer(3857, 2154).transform(x, y)
            moved = (
                affinity["a"] * right + affinity["b"] * up + affinity["xoff"],
                affinity["d"] * right + affinity["e"] * up + affinity["yoff"],
            )
            assert max(abs(moved[0] - x), abs(moved[1] - y)) < side / 4096 / 3
