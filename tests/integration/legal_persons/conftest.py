"""Deliveries of legal persons' files over the samples, and what they leave in the database."""

from collections.abc import Callable
from pathlib import Path

import pytest

from catalog.database import connect
from etl.pipeline import load
from etl.sources import Options
from tests.conftest import SAMPLES, clone

FILE = SAMPLES / "personnes_morales" / "PM_26_NB_850.csv"
SERVED = """SELECT b.parcelle, b.droit, p.denomination, p.siren, b.contenance_droit, b.subdivisions, b.edition
            FROM cadastre.personnes_morales b JOIN cadastre.personnes_morales_personal p USING (id) ORDER BY 1, 2, 3"""


@pytest.fixture
def bank(cluster, loaded_template):
    with clone(cluster, loaded_template) as own:
        yield own


@pytest.fixture
def take(bank) -> Callable:
    return lambda *paths, **options: load("personnes_morales", list(paths), Options(**options), bank)


@pytest.fixture
def ask(bank) -> Callable:
    def rows(statement: str) -> list[tuple]:
        with connect(bank, "admin") as connection:
            return connection.execute(statement).fetchall()

    return rows


def changed(path: Path, folder: Path, *lines: str) -> Path:
    """Return a copy of the file with further lines."""
    copy = folder / path.name
    copy.write_text(path.read_text("utf-8") + "".join(f"{line}\n" for line in lines), "utf-8")
    return copy


def line(commune: str, plan: str, section: str = "AB") -> str:
    ground = f"85;0;{commune};X;;{section};{plan};;;;;;;100;;S - Sols;100"
    return f"{ground};P - Propriétaire;PBZ999;123456789;0 - X;6540;SCI;SCI X"
