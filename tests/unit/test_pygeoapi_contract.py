"""What we rely on inside pygeoapi: an upgrade that breaks it says so here, by name."""

import inspect
from types import SimpleNamespace

import pygeoapi
import pytest
from pygeoapi import api as core
from pygeoapi import l10n
from pygeoapi.api import API, APIRequest, itemtypes, tiles
from pygeoapi.formatter.base import BaseFormatter
from pygeoapi.openapi import get_oas_30
from pygeoapi.plugin import PLUGINS, load_plugin
from pygeoapi.provider.base import BaseProvider

from catalog.errors import NotFound
from catalog.model import Profile
from catalog.settings import Settings
from services.apis import correct_pygeoapi, plain_json, with_extents
from services.pygeoapi_config import FRANCE, configuration


class Provider(BaseProvider):
    """What a provider of ours is to pygeoapi."""

    calls: list[dict] = []

    def __init__(self, definition):
        super().__init__(definition)
        self._fields = {"nom": {"type": "string"}}

    def query(self, **arguments):
        self.calls.append(arguments)
        return {"features": "text", "links": []}

    def get(self, identifier, **_):
        raise NotFound


class Formatter(BaseFormatter):
    """What a formatter of ours is to pygeoapi."""

    def __init__(self, definition):
        super().__init__(definition)
        self.name, self.f, self.mimetype = "X", "json", "application/geo+json"

    def write(self, options=None, data=None):
        return f"taken over: {data['features']}".encode()


@pytest.fixture
def settings(tmp_path):
    return Settings(dsn="", state=tmp_path, files=tmp_path, public_url="http://ici")


@pytest.fixture
def api(settings):
    correct_pygeoapi()
    found = configuration(Profile(frozenset({("parcelles", "base", "feature")})), settings)
    collection = found["resources"]["parcelles"]
    collection["providers"] = [{"type": "feature", "name": f"{__name__}.Provider", "data": "x", "id_field": "id"}]
    collection["formatters"] = [{"name": f"{__name__}.Formatter"}]
    return API(found, {})


def asked(api, **parameters):
    plain = SimpleNamespace(query_params=parameters, headers={}, scope={"path": "/"})
    return APIRequest(plain, api.locales)


def test_it_is_the_version_that_was_read():
    assert pygeoapi.__version__.startswith("0.24.")


def test_a_dotted_name_is_imported():
    assert isinstance(
        load_plugin("provider", {"name": f"{__name__}.Provider", "type": "feature", "data": "x"}), Provider
    )


def test_a_formatter_named_json_takes_the_output_over_with_its_media_type(api):
    headers, status, content = itemtypes.get_collection_items(api, asked(api, f="json"), "parcelles")
    assert (status, content) == (200, b"taken over: text")
    assert headers["Content-Type"] == "application/geo+json"
    assert "Content-Crs" in headers


def test_without_a_format_the_formatter_is_not_used_which_is_why_one_is_always_given(api):
    _, _, content = itemtypes.get_collection_items(api, asked(api), "parcelles")
    assert isinstance(content, str)


def test_a_request_needs_no_more_than_parameters_headers_and_path(api):
    assert asked(api, f="html").format == "html"


def test_our_errors_go_through_its_functions(api):
    with pytest.raises(NotFound):
        itemtypes.get_collection_item(api, asked(api, f="json"), "parcelles", "x")


def test_a_query_gets_its_arguments_by_name(api):
    itemtypes.get_collection_items(api, asked(api, f="json"), "parcelles")
    assert {"offset", "limit", "bbox", "filterq", "select_properties"} <= Provider.calls[-1].keys()


def test_fields_of_the_provider_make_queryables_schema_and_openapi(api):
    for function in (itemtypes.get_collection_queryables, core.get_collection_schema):
        _, status, content = function(api, asked(api, f="json"), "parcelles")
        assert status == 200
        assert '"nom"' in content
    assert "/collections/parcelles/items" in get_oas_30(api.config)["paths"]


def test_a_configuration_translated_for_one_profile_is_not_kept_for_another():
    correct_pygeoapi()
    first = l10n.translate_struct({"resources": {"a": 1}}, l10n.str2locale("fr-FR"), True)
    other = l10n.translate_struct({"resources": {"b": 2}}, l10n.str2locale("fr-FR"), True)
    assert (first, other) == ({"resources": {"a": 1}}, {"resources": {"b": 2}})


def test_it_writes_signs_of_markup_as_they_are_once_corrected(api):
    assert plain_json({"a": "PVC <110 é"}) == '{"a":"PVC <110 é"}'
    for module in (core, itemtypes, tiles):
        assert module.to_json is plain_json


def test_no_format_is_added_to_those_of_a_collection(api):
    assert PLUGINS["formatter"] == {}
    _, status, _ = itemtypes.get_collection_items(api, asked(api, f="csv"), "parcelles")
    assert status == 400


def test_the_extent_of_a_collection_is_read_from_its_configuration_at_each_request(api):
    box = [1.0, 45.0, 2.0, 46.0]
    _, _, content = core.describe_collections(with_extents(api, {"parcelles": box}), asked(api, f="json"), "parcelles")
    assert "[1.0,45.0,2.0,46.0]" in content
    _, _, content = core.describe_collections(api, asked(api, f="json"), "parcelles")
    assert str(FRANCE).replace(" ", "") in content


def test_a_collection_whose_provider_answers_for_nothing_is_described_all_the_same(settings):
    correct_pygeoapi()
    profile = Profile(frozenset({("parcelles", "base", "file")}))
    api = API(configuration(profile, settings), {})
    _, status, content = core.describe_collections(api, asked(api, f="json"), "parcelles")
    assert status == 200
    assert '"id":"parcelles"' in content
    assert get_oas_30(api.config)
    assert core.conformance(api, asked(api, f="json"))[1] == 200


@pytest.mark.parametrize(
    ("function", "arguments"),
    [
        (core.landing_page, ["api", "request"]),
        (core.openapi_, ["api", "request"]),
        (core.conformance, ["api", "request"]),
        (core.describe_collections, ["api", "request", "dataset"]),
        (core.get_collection_schema, ["api", "request", "dataset"]),
        (itemtypes.get_collection_queryables, ["api", "request", "dataset"]),
        (itemtypes.get_collection_items, ["api", "request", "dataset"]),
        (itemtypes.get_collection_item, ["api", "request", "dataset", "identifier"]),
        (tiles.tilematrixsets, ["api", "request"]),
        (tiles.get_collection_tiles, ["api", "request", "dataset"]),
    ],
)
def test_its_functions_take_what_the_doors_give(function, arguments):
    names = list(inspect.signature(inspect.unwrap(function)).parameters)
    assert names[: len(arguments)] == arguments or names == ["args", "kwargs"]
