"""The browser of this machine, which pages and maps are looked at with."""

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import pytest

playwright = pytest.importorskip("playwright.sync_api", reason="playwright n'est pas installé")
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


@contextmanager
def launched(options: Sequence[str]) -> Iterator[object]:
    """Run it without a window, for the time of a block."""
    with playwright.sync_playwright() as driver:
        chromium = driver.chromium.launch(executable_path=CHROMIUM, args=list(options))
        yield chromium
        chromium.close()
