"""What is brought to an installation overseas lies on its own ground, or is refused with the territory's name."""

import shutil

import pytest
import shapely

from catalog.database import connect
from catalog.settings import settings
from tests.acceptance.overseas.conftest import HERE
from tests.conftest import SAMPLES


@pytest.fixture
def ask(island):
    """Ask the installation's database."""

    def rows(statement):
        with connect(settings(island.environment), "admin") as connection:
            return connection.execute(statement).fetchall()

    return rows


def test_every_geometry_is_kept_in_the_installation_s_system(ask):
    schemas = "('cadastre', 'admin', 'reseaux', 'imagerie')"
    stored = f"SELECT DISTINCT srid FROM geometry_columns WHERE f_table_schema IN {schemas}"
    assert ask(stored) == [(HERE.srid,)]


def test_sheets_and_etalab_s_layers_lie_where_the_world_says(island, ask):
    held = dict(ask("SELECT id, ST_AsBinary(geom) FROM cadastre.parcelles"))
    assert set(held) == {one.id for one in island.world.parcelles}
    for one in island.world.parcelles:
        assert shapely.hausdorff_distance(shapely.from_wkb(held[one.id]), one.geometry) < 0.02, one.id


def test_pipes_rights_of_legal_persons_and_images_are_cut_along_its_communes(island, ask):
    codes = [commune.code for commune in island.world.communes]
    for table in ("reseaux.canalisations_eau", "cadastre.personnes_morales", "imagerie.orthophotos"):
        found = [code for (code,) in ask(f"SELECT DISTINCT commune FROM {table} ORDER BY commune")]
        assert set(found) <= set(codes) and len(found) > 1, table


@pytest.mark.parametrize(
    ("kind", "path", "words"),
    [
        ("cadastre", "cadastre/edigeo-85901000AB01.tar.bz2", "autre territoire : LAMB93 (France métropolitaine)"),
        ("cadastre", "etalab/cadastre-85901-parcelles.json.gz", "autre territoire : 85901 (France métropolitaine)"),
        ("personnes_morales", "personnes_morales/PM_26_NB_850.csv", "autre territoire : 85 (France métropolitaine)"),
        ("eau --force", "eau/eau.gpkg", "coordonnées hors de La Réunion"),
        ("orthophotos --force", "orthophotos/orthophoto_bourg.tif", "image hors de La Réunion"),
    ],
)
def test_what_is_of_another_territory_is_refused_naming_it(island, ask, kind, path, words):
    answer = island.command("load", *kind.split(), SAMPLES / path)
    assert answer.code == 4, answer.said
    assert words in answer.said
    assert ask("SELECT count(*) FROM cadastre.parcelles WHERE id NOT LIKE '974%'") == [(0,)]


def test_persons_of_another_departement_are_refused(island, tmp_path):
    path = shutil.copy(island.samples / "personnes_morales" / "PM_26_NB_974.csv", tmp_path / "PM_26_NB_971.csv")
    answer = island.command("load", "personnes_morales", path, "--departement", "974")
    assert answer.code == 4, answer.said
    assert "fichier du département 971, et non 974" in answer.said


def test_the_doctor_finds_it_sound(island):
    answer = island.command("doctor")
    assert answer.code == 0, answer.said
