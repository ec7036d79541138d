"""What is kept of a profile: one API object and one text, whatever is asked and whoever asks."""

import gc
import json

import pytest

from catalog.loader import datasets
from catalog.model import USAGES, Principal, Profile
from catalog.settings import Settings
from services import context
from services.apis import Apis
from services.app import complete

EVERYTHING = Profile(frozenset((id, "base", usage) for id in datasets() for usage in USAGES))


@pytest.fixture
def apis(tmp_path):
    return Apis(Settings(dsn="", state=tmp_path, files=tmp_path))


def somebody(profile: Profile, organisation: str = "mairie") -> Principal:
    """A caller with a credential."""
    return Principal("key", organisation, profile, "token")


def of(name: str) -> Principal:
    """A caller who may look at the objects of one dataset."""
    return somebody(Profile(frozenset({(name, "base", "feature")})))


def documented(apis: Apis, principal: Principal):
    """The API object with its document, as its door asks for it."""
    with context.answering(context.Context(principal, None, apis.settings)):
        return apis.documented(principal, complete)


def test_an_api_object_is_kept_for_a_profile_and_a_forgotten_one_is_made_again(apis, monkeypatch):
    monkeypatch.setattr("services.apis.MAX_APIS", 2)
    callers = [of(name) for name in ("communes", "sections", "parcelles")]
    first = apis.of(callers[0])
    assert apis.of(callers[0]) is first
    assert [list(apis.of(each).config["resources"]) for each in callers] == [["communes"], ["sections"], ["parcelles"]]
    assert apis.of(callers[0]) is not first


def test_the_openapi_document_is_made_once_for_all_who_have_a_profile(apis, monkeypatch):
    document = documented(apis, of("communes")).openapi
    monkeypatch.setattr("services.apis.get_oas_30", None)  # not callable: making another one would fail
    assert documented(apis, somebody(of("communes").profile, "another")).openapi is document
    assert "/collections/communes/items" in json.loads(document)["paths"]


def test_who_is_anonymous_is_told_nothing_of_jobs_by_the_document_of_an_equal_profile(apis):
    profile = Profile(frozenset({("communes", "base", usage) for usage in USAGES}))
    texts = [documented(apis, each).openapi for each in (somebody(profile), Principal("", "public", profile))]
    mine, theirs = (set(json.loads(text)["paths"]) for text in texts)
    assert "/jobs" in mine - theirs
    assert all(path.startswith(("/jobs", "/processes/export")) for path in mine - theirs)


def test_the_document_of_one_profile_says_nothing_of_the_one_made_before(apis):
    documented(apis, somebody(EVERYTHING))
    assert documented(apis, of("communes")).openapi == documented(Apis(apis.settings), of("communes")).openapi


def test_a_document_leaves_the_collector_of_garbage_almost_nothing_to_look_over(apis):
    """It was some ten thousand objects: with 255 profiles, a full collection stopped a request for 200 ms more."""
    principal = somebody(EVERYTHING)
    apis.of(principal)
    documented(Apis(apis.settings), principal)  # what is made at the first document of all
    gc.collect()
    before = len(gc.get_objects())
    documented(apis, principal)
    gc.collect()
    assert len(gc.get_objects()) - before < 100
