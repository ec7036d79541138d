"""Map tiles in GDAL, the reader behind QGIS: a commune's picture is its own, and nothing of its neighbour's."""

import httpx
import numpy as np
import pytest
from osgeo import gdal

gdal.UseExceptions()

ZOOM = 17
HALF_WORLD = 20037508.342789244
DESCRIPTION = """\
<GDAL_WMS>
  <Service name="TMS">
    <ServerUrl>{url}/collections/orthophotos/map/tiles/WebMercatorQuad/${{z}}/${{y}}/${{x}}?f=png</ServerUrl>
  </Service>
  <DataWindow>
    <UpperLeftX>-{half}</UpperLeftX><UpperLeftY>{half}</UpperLeftY>
    <LowerRightX>{half}</LowerRightX><LowerRightY>-{half}</LowerRightY>
    <TileLevel>{zoom}</TileLevel><TileCountX>1</TileCountX><TileCountY>1</TileCountY><YOrigin>top</YOrigin>
  </DataWindow>
  <Projection>EPSG:3857</Projection>
  <BlockSizeX>256</BlockSizeX><BlockSizeY>256</BlockSizeY><BandsCount>4</BandsCount>
  <UserPwd>mairie:{token}</UserPwd>
</GDAL_WMS>
"""


def picture(served, token, box):
    """Red, green, blue and alpha of a box in EPSG:3857, as GDAL gets it."""
    description = DESCRIPTION.format(url=served.url, token=token, half=HALF_WORLD, zoom=ZOOM)
    source = gdal.OpenEx(description, gdal.OF_RASTER, allowed_drivers=["WMS"])
    step = 2 * HALF_WORLD / 2**ZOOM / 256
    left, top = round((box[0] + HALF_WORLD) / step), round((HALF_WORLD - box[3]) / step)
    return source.ReadAsArray(left, top, round((box[2] - box[0]) / step), round((box[3] - box[1]) / step))


def footprints(served, token):
    """The footprints of what a commune has of the images."""
    return httpx.get(
        f"{served.url}/collections/orthophotos/items",
        params={"crs": "http://www.opengis.net/def/crs/EPSG/0/3857"},
        headers={"Authorization": f"Bearer {token}"},
    ).json()["features"]


@pytest.fixture(scope="module")
def pictures(served, neighbours):
    """What each neighbour sees of the box of the first one's images and of the second's."""
    boxes = []
    for commune in neighbours:
        features = footprints(served, served.tokens[commune])
        points = np.array([p for f in features for part in f["geometry"]["coordinates"] for ring in part for p in ring])
        boxes.append((*points.min(axis=0), *points.max(axis=0)))
    low, high = np.array(boxes)[:, :2].min(axis=0), np.array(boxes)[:, 2:].max(axis=0)
    return [picture(served, served.tokens[commune], (*low, *high)) for commune in neighbours]


def test_gdal_reads_a_picture_of_each_neighbour(pictures):
    for seen in pictures:
        assert seen.shape[0] == 4
        assert set(np.unique(seen[3])) == {0, 255}
        assert len(np.unique(seen[:3, seen[3] == 255])) > 10


def test_no_pixel_is_both_neighbours(pictures):
    here, there = (seen[3] == 255 for seen in pictures)
    assert not (here & there).any()


def test_what_is_hidden_is_black_under_its_transparency(pictures):
    for seen in pictures:
        assert not seen[:3, seen[3] == 0].any()
