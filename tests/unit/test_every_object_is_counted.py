"""Objects of the text = loaded + rejected, class by class; GDAL's own program counts as many, labels on or off."""

import json
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from etl import deliveries, kinds
from etl.cadastre import SheetSource
from etl.deliveries import Lot
from etl.edigeo_classes import LABEL, LAYERS
from etl.nursery import Nursery
from etl.sources import Options, Tools

SAMPLES = Path(__file__).parents[2] / "data_samples" / "output" / "cadastre"
FEATURE = re.compile(rb"RTYSA03:FEA\r?\n.*?SCPCP\d\d:[^;\r\n]*;[^;\r\n]*;OBJ;(\w+)", re.DOTALL)
COUNT = """
import json, sys
from osgeo import gdal
gdal.UseExceptions()
for entry in sys.argv[1:]:
    for labels in ("YES", "NO"):
        gdal.SetConfigOption("OGR_EDIGEO_CREATE_LABEL_LAYERS", labels)
        lot = gdal.OpenEx(entry, gdal.OF_VECTOR, allowed_drivers=["EDIGEO"])
        layers = [lot.GetLayer(number) for number in range(lot.GetLayerCount())]
        print(json.dumps({layer.GetName(): len({feature["OBJECT_RID"] for feature in layer}) for layer in layers}))
"""


@contextmanager
def lots_of(*paths: Path) -> Iterator[list[Lot]]:
    """The lots of some deliveries, unpacked."""
    main = kinds.selector("cadastre")
    with ExitStack() as open_:
        sources = deliveries.sources(list(paths))
        yield [lot for source in sources for lot in open_.enter_context(deliveries.opened(source, main))]


def in_text(lot: Lot) -> Counter[str]:
    """The objects of the vector members, by class: read from the bytes alone."""
    members = [path.read_bytes() for path in lot.files if path.suffix.upper() == ".VEC"]
    return Counter(name.decode() for content in members for name in FEATURE.findall(content))


def by_gdal(lots: list[Lot]) -> Iterator[tuple[dict[str, int], dict[str, int]]]:
    """What GDAL counts of each lot: with label layers, without."""
    command = [sys.executable, "-c", COUNT, *(str(lot.path) for lot in lots)]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    counts = [json.loads(one) for one in told]
    return zip(counts[::2], counts[1::2], strict=True)


def check(lots: list[Lot]) -> Counter[str]:
    """Compare the three counts of each lot, and return what the texts hold in all."""
    together: Counter[str] = Counter()
    with Nursery() as nursery:
        tools = Tools(nursery, lambda wkb: None, lambda box: {}, lambda commune: {}, None)
        for lot, (labelled, plain) in zip(lots, by_gdal(lots), strict=True):
            source = SheetSource(lot, Options())
            rows = source.rows(tools)
            told = in_text(lot)
            datasets: Counter[str] = Counter()
            for layer, number in told.items():
                datasets[LAYERS[layer]] += number
            counts = source.unit.counts
            assert {name: one.read for name, one in counts.items()} == datasets
            assert {name: one.loaded + one.rejected for name, one in counts.items()} == datasets
            assert Counter(row.dataset for row in rows) == Counter({name: one.loaded for name, one in counts.items()})
            assert plain == told
            assert {name: number for name, number in labelled.items() if not name.endswith("_LABEL")} == told
            assert sum(number for name, number in labelled.items() if name.endswith("_LABEL")) == told[LABEL]
            together += told
    return together


def test_the_samples_have_every_class_and_each_object_is_loaded_or_rejected() -> None:
    with lots_of(*sorted(SAMPLES.glob("edigeo-85901*"))) as lots:
        assert check(lots).keys() == LAYERS.keys()


def test_each_object_of_the_real_sheets_is_loaded_or_rejected(shared_data: Path) -> None:
    with lots_of(shared_data / "edigeo") as lots:
        assert sum(check(lots).values()) > 8000
