"""Broken and hostile deliveries: a clear refusal within seconds, and what was served is still served."""

import gzip
import json
import shutil
import tarfile
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import shapely

from catalog.database import connect
from catalog.settings import Settings
from etl.pipeline import load
from etl.report import Report
from etl.sources import Options

OUTPUT = Path(__file__).parents[2] / "data_samples" / "output"
SHEET = "edigeo-85901000AB01"
SECONDS = 15  # on a busy machine; alone, each is under two
VRT = '<VRTDataset rasterXSize="1" rasterYSize="1"><SRS>EPSG:2154</SRS></VRTDataset>'
LAYER = '<OGRVRTLayer name="x"><SrcDataSource>/etc/passwd</SrcDataSource></OGRVRTLayer>'
OGR_VRT = f"<OGRVRTDataSource>{LAYER}</OGRVRTDataSource>"
TABLES = (
    "cadastre.parcelles",
    "cadastre.communes",
    "reseaux.canalisations_eau",
    "imagerie.orthophotos",
    "admin.limites",
)


@pytest.fixture
def served(loaded: Settings) -> Settings:
    """The database that serves the samples: nothing here changes what it serves."""
    return loaded


Broken = Callable[[Path], Path]


def archive() -> Path:
    return OUTPUT / "cadastre" / f"{SHEET}.tar.bz2"


def unpacked(folder: Path) -> Path:
    with tarfile.open(archive()) as content:
        content.extractall(folder / SHEET, filter="data")
    return folder / SHEET


def truncated(folder: Path) -> Path:
    path = folder / archive().name
    path.write_bytes(archive().read_bytes()[: archive().stat().st_size * 55 // 100])
    return path


def without_dictionary(folder: Path) -> Path:
    lot = unpacked(folder)
    for suffix in ("DIC", "GEN", "SCD"):
        next(lot.glob(f"*.{suffix}")).unlink()
    return lot


def entry_alone(folder: Path) -> Path:
    lot = unpacked(folder)
    for path in lot.iterdir():
        if path.suffix != ".THF":
            path.unlink()
    return lot


def zip_slip(folder: Path) -> Path:
    with zipfile.ZipFile(folder / "a.zip", "w") as content:
        content.writestr("../../../../tmp/geosocle-evil", "x")
    return folder / "a.zip"


def saved_as_utf_8(folder: Path) -> Path:
    lot = unpacked(folder)
    for path in lot.iterdir():
        path.write_bytes(path.read_bytes().decode("latin-1").encode("utf-8"))
    return lot


def named(name: str, text: str) -> Broken:
    def write(folder: Path) -> Path:
        (folder / name).write_text(text, "utf-8")
        return folder / name

    return write


def vrt_in_a_lot(folder: Path) -> Path:
    lot = unpacked(folder)
    next(lot.glob("*T1.VEC")).write_text(OGR_VRT, "utf-8")
    return lot


def water_without_system(folder: Path) -> Path:
    import pyogrio.raw

    path = folder / "eau.shp"
    line = np.array([shapely.to_wkb(shapely.LineString([(360_000, 6_630_000), (360_100, 6_630_000)]))], dtype=object)
    ids = [np.array(["1"], dtype=object)]
    with pytest.warns(UserWarning, match="crs"):
        pyogrio.raw.write(path, line, ids, ["idcana"], geometry_type="LineString", driver="ESRI Shapefile")
    return path


def image_without_system(folder: Path) -> Path:
    import rasterio
    from rasterio.transform import from_origin

    path = folder / "photo.tif"
    shape = {"width": 8, "height": 8, "count": 1, "dtype": "uint8", "transform": from_origin(360_000, 6_630_000, 1, 1)}
    with rasterio.open(path, "w", driver="GTiff", **shape) as image:
        image.write(np.ones((1, 8, 8), dtype="uint8"))
    return path


def image_that_is_cut(folder: Path) -> Path:
    path = folder / "photo.tif"
    content = next((OUTPUT / "orthophotos").glob("*.tif")).read_bytes()
    path.write_bytes(content[: len(content) * 6 // 10])
    return path


def huge_image(folder: Path) -> Path:
    """A million pixels by a million, none of them written."""
    import rasterio
    from rasterio.transform import from_origin

    path = folder / "huge.tif"
    shape = {"width": 1_000_000, "height": 1_000_000, "count": 1, "dtype": "uint8", "SPARSE_OK": True, "BIGTIFF": "YES"}
    tiles = {"tiled": True, "blockxsize": 16384, "blockysize": 16384}
    place = {"crs": "EPSG:2154", "transform": from_origin(360_000, 6_630_000, 1, 1)}
    with rasterio.open(path, "w", driver="GTiff", **shape, **tiles, **place):
        pass
    return path


CASES: dict[str, tuple[str, Broken, str]] = {
    "a truncated archive": ("cadastre", truncated, "tronquée"),
    "a lot without DIC, GEN, SCD": ("cadastre", without_dictionary, "il manque .GEN, .SCD, .DIC"),
    "a THF alone": ("cadastre", entry_alone, "incomplet"),
    "a zip-slip archive": ("cadastre", zip_slip, "chemin interdit"),
    "a lot saved again in UTF-8": ("cadastre", saved_as_utf_8, "UTF-8"),
    "VRT text as a .VEC": ("cadastre", vrt_in_a_lot, "fichier coupé"),
    "VRT text named .json": ("cadastre", named("cadastre-85901-parcelles.json", OGR_VRT), "n'est pas du GeoJSON"),
    "VRT text named .THF": ("cadastre", named("edigeo-85901000AB01.THF", OGR_VRT), "incomplet"),
    "GDALG text named .json": ("cadastre", named("cadastre-85999.json", '{"type": "gdal_streamed_alg"}'), "illisible"),
    "VRT text named .gpkg": ("eau", named("eau.gpkg", OGR_VRT), "n'est pas du GPKG"),
    "VRT text named .shp": ("eau", named("eau.shp", OGR_VRT), "n'est pas du GPKG ni du ESRI Shapefile"),
    "VRT text named .tif": ("orthophotos", named("photo.tif", VRT), "n'est pas du GTiff"),
    "VRT text named .jpg": ("orthophotos", named("photo.jpg", VRT), "n'est pas du GTiff"),
    "a GeoPackage that is none": ("eau", named("eau.gpkg", "SQLite format 3\x00" + "x" * 5000), "illisible"),
    "water without system": ("eau", water_without_system, "--crs"),
    "an image without system": ("orthophotos", image_without_system, "sans système de coordonnées"),
    "an image that is cut": ("orthophotos", image_that_is_cut, "illisible"),
    "an image too large": ("orthophotos", huge_image, "image trop grande"),
    "a folder that holds nothing": ("eau", lambda folder: folder, "rien à charger"),
}


@pytest.mark.parametrize("case", CASES)
def test_it_is_refused_in_words_and_what_was_served_still_is(case: str, served: Settings, tmp_path: Path) -> None:
    kind, broken, words = CASES[case]
    path = broken(tmp_path)
    before = counts(served)
    begin = time.monotonic()
    report = load(kind, [path], Options(), served)
    assert time.monotonic() - begin < SECONDS
    assert report.exit_code == 4
    assert words in str(report)
    assert path.name in str(report) or path.is_dir()
    assert str(tmp_path) not in str(report)
    assert counts(served) == before
    assert not Path("/tmp/geosocle-evil").exists()


def counts(settings: Settings) -> list[tuple[int, str]]:
    """How much is served, and what."""
    with connect(settings, "admin") as connection:
        statement = " UNION ALL ".join(
            f"SELECT count(*), md5(string_agg(t::text, '' ORDER BY t::text)) FROM {name} t" for name in TABLES
        )
        return connection.execute(statement).fetchall()


def parcels(*rings: tuple[str, list[tuple[float, float]]]) -> bytes:
    """An Etalab file of some parcels."""
    features = [
        {
            "type": "Feature",
            "id": id,
            "properties": {"id": id, "commune": "85999"},
            "geometry": {"type": "Polygon", "coordinates": [ring]},
        }
        for id, ring in rings
    ]
    return gzip.compress(json.dumps({"type": "FeatureCollection", "features": features}).encode())


def star(vertices: int) -> list[tuple[float, float]]:
    """A ring that crosses itself at each of many vertices, in degrees."""
    steps = np.arange(vertices + 1) % vertices * (2 * np.pi * (vertices // 2 - 1) / vertices)
    return [(-1.45 + x, 46.67 + y) for x, y in zip(0.001 * np.cos(steps), 0.001 * np.sin(steps), strict=True)]


SQUARE = [(-1.45, 46.67), (-1.449, 46.67), (-1.449, 46.671), (-1.45, 46.671), (-1.45, 46.67)]
SPIKE = [
    (-1.45, 46.68),
    (-1.449, 46.68),
    (-1.449, 46.681),
    (-1.448, 46.681),
    (-1.449, 46.681),
    (-1.45, 46.681),
    (-1.45, 46.68),
]


def test_invalid_rings_are_repaired_or_rejected_and_the_others_are_loaded(database: Settings, tmp_path: Path) -> None:
    path = tmp_path / "cadastre-85999-parcelles.json.gz"
    bow_tie = [(-1.46, 46.67), (-1.459, 46.671), (-1.459, 46.67), (-1.46, 46.671), (-1.46, 46.67)]
    rings = [SQUARE, SPIKE, bow_tie, star(6_001), star(4_001)]
    path.write_bytes(parcels(*((f"859990000A000{number}", ring) for number, ring in enumerate(rings, 1))))
    begin = time.monotonic()
    report = load("cadastre", [path], Options(), database)
    assert time.monotonic() - begin < SECONDS
    assert report.exit_code == 3
    total = report.totals()["parcelles"]
    assert (total.read, total.loaded, total.repaired, total.rejected) == (5, 2, 1, 3)
    reasons = {reject.object: reject.reason for unit in report.units for reject in unit.rejects}
    assert "changerait la surface" in reasons["859990000A0003"]
    assert "plus de 5000 sommets : non réparé" in reasons["859990000A0004"]
    with connect(database, "admin") as connection:
        assert connection.execute("SELECT bool_and(ST_IsValid(geom)), count(*) FROM cadastre.parcelles").fetchone() == (
            True,
            2,
        )
        assert connection.execute("SELECT count(*) FROM etl.rejects").fetchone() == (3,)


def test_a_broken_sheet_among_good_ones_leaves_its_last_good_edition(
    served: Settings, database: Settings, tmp_path: Path
) -> None:
    load("cadastre", sorted((OUTPUT / "cadastre").glob("*AB01.tar.bz2")), Options(), database)
    folder = tmp_path / "livraison"
    folder.mkdir()
    for path in (OUTPUT / "cadastre_edition2").iterdir():
        shutil.copy(path, folder)
    truncated(folder)
    report = load("cadastre", [folder], Options(), database)
    assert report.exit_code == 3
    with connect(database, "admin") as connection:
        editions = connection.execute(
            "SELECT unite, edition::text FROM cadastre.feuilles WHERE unite LIKE '%AB01' ORDER BY 1"
        ).fetchall()
    assert ("85901000AB01", "2026-07-01") in editions
    assert ("85902000AB01", "2026-10-01") in editions


def test_real_broken_deliveries_are_refused(served: Settings, shared_data: Path) -> None:
    edgy = shared_data / "edgy"
    before = counts(served)
    names = ["derived_truncated/edigeo-25354000ZI01.tar.bz2", "zipslip/zip-slip.zip", "zipslip/zip-slip.tar"]
    names += ["edigeo_missing_members", "edigeo_stub", "edigeo_thf_only"]
    for name in names:
        assert load("cadastre", [edgy / name], Options(), served).exit_code == 4
    assert load("orthophotos", [edgy / "raster" / "corrupt.tif"], Options(), served).exit_code == 4
    assert load("eau", [edgy / "derived_noprj"], Options(), served).exit_code == 4
    assert counts(served) == before


def test_a_report_is_a_report(served: Settings, tmp_path: Path) -> None:
    assert isinstance(load("eau", [tmp_path], Options(), served), Report)
