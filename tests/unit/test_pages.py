"""Templates and what they rely on of pygeoapi; pages as they are drawn without a database."""

import re
from pathlib import Path

import pygeoapi
import pytest

from catalog.loader import datasets
from catalog.model import PUBLIC, Principal, Profile
from catalog.settings import Settings
from services import context, pages
from services.words import label

TEMPLATES = Path(pages.__file__).with_name("templates")
DRAWN = {
    "api/__init__.py": {"exception.html", "landing_page.html", "conformance.html", "openapi/swagger.html",
                        "openapi/redoc.html", "collections/index.html", "collections/collection.html",
                        "collections/schema.html"},
    "api/itemtypes.py": {"collections/queryables.html", "collections/items/index.html", "collections/items/item.html"},
    "api/tiles.py": {"collections/tiles/index.html", "collections/tiles/metadata.html", "tilematrixsets/index.html",
                     "tilematrixsets/tilematrixset.html"},
}  # fmt: skip


@pytest.fixture
def nobody(cluster_settings):
    profile = Profile.from_tree({"communes": {"base": ["feature"]}})
    with context.answering(context.Context(Principal(PUBLIC, PUBLIC, profile), None, cluster_settings)):
        yield


@pytest.fixture
def cluster_settings(tmp_path):

    return Settings(dsn="", state=tmp_path, files=tmp_path, public_url="https://exemple.fr/donnees")


@pytest.mark.parametrize("module", DRAWN)
def test_each_page_that_pygeoapi_draws_has_its_template_here(module):
    source = (Path(pygeoapi.__file__).parent / module).read_text("utf-8")
    named = set(re.findall(r"'([a-z_/]+\.html)'", source))
    assert named == DRAWN[module] | (named & {"asyncapi.html"})
    assert all((TEMPLATES / name).is_file() for name in DRAWN[module])


def test_pygeoapi_draws_by_the_function_that_is_replaced():
    pages.install()
    assert all(module.render_j2_template is pages.render for module in pages.DRAWN_BY_US)


def test_every_template_can_be_read():
    for path in TEMPLATES.rglob("*.html"):
        pages.environment().get_template(str(path.relative_to(TEMPLATES)))


def test_no_template_trusts_a_value():
    for path in TEMPLATES.rglob("*.html"):
        text = path.read_text("utf-8")
        assert "safe" not in text and "autoescape" not in text, path.name
        assert "http:" not in text and "https:" not in text, path.name


def test_links_stand_under_the_path_where_the_services_are_published(nobody):
    text = pages.page("landing_page.html", data={}, service={})
    assert 'href="/donnees/collections/communes"' in text
    assert all(address.startswith("/donnees/") for address in re.findall(r'(?:href|src)="([^"#]+)"', text))


def test_an_error_has_its_page_before_anything_is_known_of_the_caller():
    text = pages.page("exception.html", title="Introuvable", description="<b>")
    assert "&lt;b&gt;" in text
    assert "Se connecter" not in text


def test_the_table_has_the_columns_that_some_feature_has():
    features = [{"properties": {"edition": 1, "numero": 2}}, {"properties": {"inconnue": 3}}, {"properties": None}]
    assert pages.columns(features) == ["numero", "edition", "inconnue"]


@pytest.mark.parametrize(
    ("properties", "name"),
    [
        ({"section": "0A", "numero": "0012"}, "0A 0012"),
        ({"nom": "Le Bourg"}, "Le Bourg"),
        ({"section": "AB"}, "AB"),
        ({"nom": None}, "x1"),
        (None, "x1"),
    ],
)
def test_a_feature_is_called_by_what_it_has(properties, name):
    assert pages.name({"id": "x1", "properties": properties}) == name


def test_every_column_of_the_catalogue_has_a_label():
    for dataset in datasets().values():
        for column in dataset.columns(tuple(dataset.groups)):
            assert label(column)[0].isupper()
