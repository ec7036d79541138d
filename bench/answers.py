"""Is the race fair? The same question must bring the same features from every server."""

import json
import logging
import urllib.error
import urllib.request
from collections.abc import Mapping
from statistics import median_low

from osgeo import gdal

from bench.peers import Peer

gdal.UseExceptions()
LOG = logging.getLogger(__name__)
SAMPLE = 3
TOLERANCE = 0.08  # tiles have margins of different widths; a box in degrees is not quite one in metres


def fetched(peer: Peer, url: str) -> bytes:
    """Return the body of one answer; nothing, and a word about it, where the server fails."""
    try:
        with urllib.request.urlopen(urllib.request.Request(url, headers=dict(peer.headers)), timeout=120) as answer:
            return answer.read()
    except urllib.error.HTTPError as error:
        LOG.warning("%s répond %s à %s", peer.name, error.code, url)
        return b""


def features(body: bytes, kind: str) -> int:
    """Count the features of an answer."""
    if kind == "tile" or not body:
        return in_tile(body)
    return len(json.loads(body)["features"])


def in_tile(body: bytes) -> int:
    """Count the features of a vector tile, all layers together."""
    if not body:
        return 0
    path = "/vsimem/bench.mvt"
    gdal.FileFromMemBuffer(path, body)
    try:
        tile = gdal.OpenEx(path, gdal.OF_VECTOR, allowed_drivers=["MVT"], open_options=["CLIP=NO"])
        return sum(tile.GetLayer(index).GetFeatureCount() for index in range(tile.GetLayerCount()))
    finally:
        gdal.Unlink(path)


def unfair(counts: Mapping[str, int]) -> list[tuple[str, int, int]]:
    """Return those whose answers hold another number of features than most do: name, count, what it should be."""
    wanted = median_low(counts.values())
    return [(name, count, wanted) for name, count in counts.items() if abs(count - wanted) > TOLERANCE * wanted]
