"""Load the invented territory of data_samples/, as anybody loads a delivery: by the command itself."""

import os
import subprocess
import sys
from pathlib import Path

from catalog.errors import DeliveryError
from catalog.settings import Settings

SAMPLES = Path(__file__).resolve().parents[1] / "data_samples" / "output"
KINDS = (
    "cadastre",
    "eau",
    "personnes_morales",
    "orthophotos",
)  # the plan first: the others are cut along it
DONE = (0, 3)  # all, or some objects rejected


def load_samples(settings: Settings) -> None:
    """Load each kind of sample; what is loaded already is recognised and left alone."""
    environment = {**os.environ, **own_environment(settings)}
    for kind in KINDS:
        deliveries = sorted(str(path) for path in (SAMPLES / kind).iterdir())
        command = [sys.executable, "-m", "geosocle", "load", kind, *deliveries]
        if subprocess.run(command, env=environment, stdin=subprocess.DEVNULL).returncode not in DONE:
            raise DeliveryError("les données d'exemple n'ont pu être chargées", file=kind)


def own_environment(settings: Settings) -> dict[str, str]:
    """Return the environment that makes a command use these settings."""
    return {"GEOSOCLE_DSN": settings.dsn, "GEOSOCLE_STATE": str(settings.state), "GEOSOCLE_FILES": str(settings.files)}
