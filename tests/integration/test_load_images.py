"""An aerial image goes in as a Cloud Optimized GeoTIFF, with its footprint by commune."""

import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
from rasterio.transform import from_origin
from rio_cogeo.cogeo import cog_validate

from catalog.database import connect
from catalog.errors import DeliveryError
from catalog.settings import Settings
from etl import imagery
from etl.pipeline import load
from etl.report import Report
from etl.sources import Options

PHOTO = np.random.default_rng(3).integers(0, 255, (3, 60, 100), dtype="uint8")
WORLD = "0.5\n0.0\n0.0\n-0.5\n360075.25\n6630059.75\n"
Loader = Callable[..., Report]


@pytest.fixture
def home(database: Settings) -> Settings:
    """A database with the limits of two square neighbours."""
    with connect(database, "admin") as connection:
        for code, left in (("85901", 360_000), ("85902", 360_100)):
            box = [left, 6_630_000, left + 100, 6_630_100]
            connection.execute(
                "INSERT INTO admin.limites SELECT %s, ST_Multi(ST_MakeEnvelope(%s, %s, %s, %s, 2154))", [code, *box]
            )
    return database


@pytest.fixture
def photos(home: Settings) -> Loader:
    """Load images into this test's database."""
    return lambda *paths, **options: load("orthophotos", list(paths), Options(**options), home)


def ask(settings: Settings, statement: str) -> list[tuple[Any, ...]]:
    with connect(settings, "admin") as connection:
        return connection.execute(statement).fetchall()


def geotiff(path: Path, crs: str | None = "EPSG:2154", pixels: np.ndarray = PHOTO, x: float = 360_075) -> Path:
    bands, height, width = pixels.shape
    shape = {"width": width, "height": height, "count": bands, "dtype": pixels.dtype}
    with rasterio.open(
        path, "w", driver="GTiff", crs=crs, transform=from_origin(x, 6_630_060, 0.5, 0.5), **shape
    ) as image:
        image.write(pixels)
    return path


@pytest.fixture
def stored(home: Settings) -> Callable[[], list[Path]]:
    """The images that are kept."""
    return lambda: sorted((home.files / "orthophotos").glob("*"))


def test_an_image_is_kept_as_a_cog_with_a_footprint_in_each_commune(
    photos: Loader, home: Settings, stored: Callable, tmp_path: Path
) -> None:
    report = photos(geotiff(tmp_path / "Été 2026.tif"))
    assert report.exit_code == 0
    rows = ask(
        home, "SELECT id, commune, objet, nom, resolution, ST_Area(geom), fichier FROM imagerie.orthophotos ORDER BY id"
    )
    (kept,) = stored()
    assert [row[:6] for row in rows] == [
        ("ete-2026.85901", "85901", "ete-2026", "Été 2026", 0.5, 750.0),
        ("ete-2026.85902", "85902", "ete-2026", "Été 2026", 0.5, 750.0),
    ]
    assert {row[6] for row in rows} == {kept.name}
    valid, errors, _ = cog_validate(kept)
    assert valid, errors
    with rasterio.open(kept) as image:
        assert image.crs.to_epsg() == 2154
        assert image.shape == (60, 100)
        assert np.abs(image.read().astype(int) - PHOTO).mean() < 60  # a photograph: JPEG; this one is noise


def test_nobody_else_may_read_it(photos: Loader, stored: Callable, tmp_path: Path) -> None:
    photos(geotiff(tmp_path / "a.tif"))
    (kept,) = stored()
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert stat.S_IMODE(kept.parent.stat().st_mode) == 0o700


def test_where_its_file_is_stands_in_no_feature(photos: Loader, home: Settings, tmp_path: Path) -> None:
    photos(geotiff(tmp_path / "a.tif"))
    assert ask(home, "SELECT count(*) FROM imagerie.orthophotos WHERE feature LIKE '%.tif%'") == [(0,)]


def test_what_is_no_photograph_loses_nothing(photos: Loader, stored: Callable, tmp_path: Path) -> None:
    heights = np.arange(6000, dtype="uint16").reshape(1, 60, 100)
    photos(geotiff(tmp_path / "mnt.tif", pixels=heights))
    with rasterio.open(stored()[0]) as image:
        assert (image.read() == heights).all()


@pytest.mark.parametrize(
    ("name", "driver", "world"), [("a.jpg", "JPEG", "a.jgw"), ("a.png", "PNG", "a.pgw"), ("a.tif", "GTiff", "a.tfw")]
)
def test_an_image_with_a_world_file_needs_its_system_told(
    name: str, driver: str, world: str, photos: Loader, home: Settings, tmp_path: Path, recwarn: pytest.WarningsRecorder
) -> None:
    with rasterio.open(tmp_path / name, "w", driver=driver, width=100, height=60, count=3, dtype="uint8") as image:
        image.write(PHOTO)
    (tmp_path / world).write_text(WORLD)
    refused = photos(tmp_path / name)
    assert "sans système de coordonnées" in str(refused)
    assert photos(tmp_path / name, crs="EPSG:2154").exit_code == 0
    assert ask(home, "SELECT sum(ST_Area(geom)) FROM imagerie.orthophotos") == [(1500.0,)]
    recwarn.clear()


def test_another_place_for_the_same_image_is_loaded(
    photos: Loader, home: Settings, stored: Callable, tmp_path: Path, recwarn: pytest.WarningsRecorder
) -> None:
    with rasterio.open(tmp_path / "a.png", "w", driver="PNG", width=100, height=60, count=3, dtype="uint8") as image:
        image.write(PHOTO)
    (tmp_path / "a.pgw").write_text(WORLD)
    assert photos(tmp_path / "a.png", crs="EPSG:2154").exit_code == 0
    (tmp_path / "a.pgw").write_text(WORLD.replace("360075", "360010"))
    assert not photos(tmp_path / "a.png", crs="EPSG:2154").unchanged
    assert ask(home, "SELECT ST_XMin(ST_Extent(geom)) FROM imagerie.orthophotos") == [(360_010.0,)]
    assert not photos(tmp_path / "a.png", crs="IGNF:LAMB93").unchanged
    assert photos(tmp_path / "a.png", crs="IGNF:LAMB93").unchanged
    assert len(stored()) == 3
    recwarn.clear()


def test_a_world_file_of_zeros_is_no_place(photos: Loader, tmp_path: Path, recwarn: pytest.WarningsRecorder) -> None:
    with rasterio.open(tmp_path / "a.png", "w", driver="PNG", width=100, height=60, count=3, dtype="uint8") as image:
        image.write(PHOTO)
    (tmp_path / "a.pgw").write_text("0\n" * 6)
    assert "sans géoréférencement : joignez son fichier de calage (.tfw" in str(
        photos(tmp_path / "a.png", crs="EPSG:2154")
    )
    recwarn.clear()


def test_an_image_elsewhere_is_refused_and_not_kept(photos: Loader, stored: Callable, tmp_path: Path) -> None:
    report = photos(geotiff(tmp_path / "a.tif", x=900_000))
    assert report.exit_code == 4
    assert "hors des communes tenues" in str(report)
    assert stored() == []


def test_a_trial_keeps_no_file(photos: Loader, stored: Callable, tmp_path: Path) -> None:
    assert photos(geotiff(tmp_path / "a.tif"), dry_run=True).exit_code == 0
    assert stored() == []


def test_a_new_image_under_the_same_name_replaces_and_the_old_one_stays_for_the_past(
    photos: Loader, home: Settings, stored: Callable, tmp_path: Path
) -> None:
    photos(geotiff(tmp_path / "a.tif"))
    assert photos(geotiff(tmp_path / "a.tif")).unchanged
    photos(geotiff(tmp_path / "a.tif", pixels=255 - PHOTO))
    assert len(stored()) == 2
    assert ask(home, "SELECT count(DISTINCT fichier) FROM imagerie.orthophotos") == [(1,)]
    assert ask(home, "SELECT count(DISTINCT fichier) FROM imagerie.orthophotos_passe") == [(1,)]
    assert not list((home.files / "orthophotos").glob("*.part"))


def test_an_image_in_another_system_keeps_it_and_its_footprint_is_at_home(
    photos: Loader, home: Settings, stored: Callable, tmp_path: Path
) -> None:
    from pyproj import Transformer

    x, y = Transformer.from_crs(2154, 3947, always_xy=True).transform(360_050, 6_630_050)
    path = tmp_path / "cc47.tif"
    shape = {"width": 20, "height": 20, "count": 3, "dtype": "uint8", "crs": "EPSG:3947"}
    with rasterio.open(path, "w", driver="GTiff", transform=from_origin(x - 5, y + 5, 0.5, 0.5), **shape) as image:
        image.write(PHOTO[:, :20, :20])
    assert photos(path).exit_code == 0
    ((area,),) = ask(home, "SELECT ST_Area(geom) FROM imagerie.orthophotos")
    assert area == pytest.approx(100, rel=0.01)
    with rasterio.open(stored()[0]) as kept:
        assert kept.crs.to_epsg() == 3947


def test_a_full_disk_is_said_and_leaves_no_half_image(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imagery, "ABANDONED", float("inf"))  # the device is as old as the machine
    (tmp_path / "image.tif").write_bytes(b"II*\0")
    folder = tmp_path / "orthophotos"
    folder.mkdir()
    part = folder / f"a.tif.{os.getpid()}.part"
    part.symlink_to("/dev/full")
    with pytest.raises(DeliveryError, match="le disque du serveur est plein"):
        imagery.keep(tmp_path / "image.tif", folder, "a.tif")
    assert list(folder.iterdir()) == []
