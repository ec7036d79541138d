"""What make.py writes: readable by other programs, the same from run to run, and committed as it is written."""

import gzip
import json
import subprocess
import sys
import tarfile
from pathlib import Path

import pyogrio
import pytest
import rasterio
import shapely
from pyproj import Transformer
from rasterio.features import rasterize
from rasterio.windows import from_bounds
from typer.testing import CliRunner

from data_samples import aerial, make
from data_samples.country import COUNTRIES
from data_samples.eau import LAYER, write_network
from data_samples.model import World
from data_samples.territory import make_world

ROOT = Path(make.__file__).parents[1]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("written")


@pytest.fixture(scope="module")
def written(world: World, folder: Path) -> list[Path]:
    """All files of one run, in their order."""
    return list(make.write_all(world, folder))


@pytest.fixture(scope="module")
def image(written: list[Path], folder: Path) -> Path:
    return folder / "orthophotos" / "orthophoto_limites.tif"


def layers(written: list[Path]) -> list[Path]:
    return [path for path in written if path.parent.name == "etalab"]


def test_etalab_files_hold_each_commune_s_parcels_and_no_other(world, written):
    for path, commune in zip(layers(written), world.communes, strict=False):
        assert path.name == f"cadastre-{commune.code}-parcelles.json.gz"
        features = json.loads(gzip.decompress(path.read_bytes()))["features"]
        assert [one["id"] for one in features] == [one.id for one in world.parcelles if one.commune == commune.code]
        assert all(one["properties"]["commune"] == commune.code for one in features)


def test_etalab_parcels_are_in_degrees_and_lie_where_the_world_says(world, written):
    back = Transformer.from_crs(4326, 2154, always_xy=True)
    path = layers(written)[0]
    for feature, one in zip(json.loads(gzip.decompress(path.read_bytes()))["features"], world.parcelles, strict=False):
        x, y = back.transform(*shapely.get_coordinates(shapely.from_geojson(json.dumps(feature["geometry"])))[0])
        assert feature["geometry"]["type"] == one.geometry.geom_type
        assert one.geometry.boundary.distance(shapely.Point(x, y)) < 0.02
        assert feature["properties"]["contenance"] == one.contenance


def test_the_network_is_a_geopackage_in_lambert_93_with_star_eau_s_columns(world, tmp_path):
    path = write_network(world, tmp_path / "eau.gpkg")
    meta, _, geometry, columns = pyogrio.raw.read(path, layer=LAYER)
    table = dict(zip(meta["fields"], columns, strict=True))
    assert meta["crs"] == "EPSG:2154"
    assert table["id_canalisation"].tolist() == [one.id for one in world.canalisations]
    assert table["diametre_equivalent"].tolist() == [one.diametre_equivalent for one in world.canalisations]
    assert table["an_pose_sup"].tolist() == [one.an_pose_sup for one in world.canalisations]
    assert shapely.from_wkb(geometry).tolist() == [one.geometry for one in world.canalisations]


def test_a_network_is_attributed_to_one_commune_even_where_it_crosses_others(world, tmp_path):
    path = write_network(world, tmp_path / "eau.gpkg")
    codes = pyogrio.raw.read(path, columns=["insee_commune"], read_geometry=False)[3][0]
    assert set(codes) <= {one.code for one in world.communes}


def test_the_image_is_georeferenced_at_twenty_centimetres(image):
    with rasterio.open(image) as file:
        assert file.crs.to_epsg() == 2154
        assert file.res == (0.2, 0.2)
        assert file.count == 3
        assert file.profile["compress"] == "jpeg"


def test_the_image_shows_several_communes(world, image):
    with rasterio.open(image) as file:
        frame = shapely.box(*file.bounds)
    assert sum(one.geometry.intersects(frame) for one in world.communes) >= 3


def test_the_image_shows_the_river_where_the_plan_has_it(world, image):
    with rasterio.open(image) as file:
        frame = shapely.box(*file.bounds)
        bed = shapely.union_all([one.geometry for one in world.cours_eau]).intersection(frame).buffer(-2)
        mask = rasterize([bed], file.shape, transform=file.transform) == 1
        water = file.read()[:, mask].mean(axis=1)
    assert mask.sum() > 10_000
    assert abs(water - aerial.RIVER).max() < 12


def test_the_town_s_image_shows_roofs_where_the_plan_has_buildings(world, written, folder):
    path = folder / "orthophotos" / "orthophoto_bourg.tif"
    frame = aerial.town(world)
    roofs = [one.geometry for one in world.batiments if one.type == "01" and frame.contains(one.geometry)]
    assert len(roofs) > 20
    with rasterio.open(path) as file:
        for roof in roofs:
            window = from_bounds(*roof.centroid.buffer(1).bounds, transform=file.transform)
            red, green, _ = file.read(window=window).mean(axis=(1, 2))
            assert red > green - 12  # gardens are green, roofs are red or grey


def test_two_runs_write_the_same_bytes(world, written, folder, tmp_path):
    first = {path.relative_to(folder): path.read_bytes() for path in written}
    second = {path.relative_to(tmp_path): path.read_bytes() for path in make.write_all(world, tmp_path)}
    assert first == second
    assert len(first) == make._expected(world)


def test_what_is_committed_is_what_the_seed_gives(written, folder):
    """Contents are compared, not archives: another zlib packs the same text in other bytes."""
    compared = [path for path in written if path.name.endswith((".tar.bz2", ".json.gz"))]
    assert {path.parent.name for path in compared} == {"cadastre", "cadastre_edition2", "etalab"}
    for path in compared:
        assert _content(make.OUTPUT / path.relative_to(folder)) == _content(path)


def test_the_samples_stay_small_enough_to_be_committed():
    assert sum(path.stat().st_size for path in make.OUTPUT.rglob("*.*")) < 4_000_000


def test_the_script_runs_as_a_file_from_anywhere(tmp_path):
    command = [sys.executable, str(ROOT / "data_samples" / "make.py"), "--output", str(tmp_path), "--formats", "eau"]
    run = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert "4 communes" in run.stdout
    assert [path.name for path in tmp_path.rglob("*.gpkg")] == ["eau.gpkg"]


def test_an_unknown_format_is_named_as_wrong_use(tmp_path):
    result = _invoke("--output", str(tmp_path), "--formats", "dxf")
    assert result.exit_code == 2
    assert "formats possibles" in result.output


def test_a_department_is_written_for_copy(tmp_path):
    result = _invoke("--output", str(tmp_path), "--department", "--parcels", "2000")
    assert result.exit_code == 0
    assert len((tmp_path / "parcelles.copy").read_text().splitlines()) == 2_000


def _invoke(*arguments: str):
    app = make.typer.Typer()
    app.command()(make.main)
    return CliRunner().invoke(app, arguments)


def _content(path: Path) -> dict[str, bytes] | bytes:
    if path.suffix == ".gz":
        return gzip.decompress(path.read_bytes())
    with tarfile.open(path) as archive:
        return {member.name: archive.extractfile(member).read() for member in archive.getmembers()}


def test_a_territory_overseas_is_the_same_one_carried_there(world, tmp_path):
    folder = tmp_path / "974"
    options = ["--territory", "974", "--output", str(folder), "--formats", "etalab,eau,personnes_morales"]
    assert _invoke(*options).exit_code == 0
    there = make_world(country=COUNTRIES["974"])
    assert [one.id[5:] for one in there.parcelles] == [one.id[5:] for one in world.parcelles]
    assert {one.commune for one in there.parcelles} == {"97431", "97432", "97433", "97434"}
    assert pyogrio.read_info(folder / "eau" / "eau.gpkg")["crs"] == "EPSG:2975"
    layer = json.loads(gzip.decompress((folder / "etalab" / "cadastre-97431-communes.json.gz").read_bytes()))
    west, south, *_ = shapely.from_geojson(json.dumps(layer["features"][0]["geometry"])).bounds
    assert (55 < west < 56, -22 < south < -20) == (True, True)
    assert {path.name for path in (folder / "personnes_morales").iterdir()} == {"PM_26_NB_974.csv", "PM_26_B_974.csv"}


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--territory", "988"], "territoires possibles"),
        (["--territory", "974", "--communes", "80"], "69 communes au plus"),
        (["--territory", "974", "--department"], "territoires possibles : 85"),
    ],
)
def test_where_no_territory_can_be_invented_is_refused(options, words, tmp_path):
    answer = _invoke(*options, "--output", str(tmp_path))
    assert answer.exit_code == 2
    assert words in answer.output
    assert not list(tmp_path.iterdir())
