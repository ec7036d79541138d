"""Credentials: none is the public, a good one is a token, anything else is refused."""

from base64 import b64encode

import pytest

from catalog.errors import UnknownToken
from services.authentication import token_of


def basic(text: str) -> str:
    return "Basic " + b64encode(text.encode()).decode()


def test_no_credential_is_the_public():
    assert token_of([]) is None


@pytest.mark.parametrize(
    "header",
    ["Bearer abc", "bearer abc", "BEARER  abc ", basic("qui:abc"), basic(":abc"), "basic " + basic(":abc")[6:]],
)
def test_a_token_is_read_from_either_scheme(header):
    assert token_of([header]) == "abc"


@pytest.mark.parametrize(
    "header",
    [
        "",
        " ",
        "Bearer",
        "Bearer ",
        "Bearer a b",
        "Bearer é",
        "Bearer " + "a" * 300,
        "Basic",
        "Basic ***",
        "Basic YQ",
        basic("sans deux-points"),
        basic("qui:"),
        basic("qui:deux mots"),
        "Basic " + b64encode(b"a:\xff").decode(),
        "Digest a",
        "abc",
    ],
)
def test_what_is_no_credential_is_refused_and_never_taken_for_the_public(header):
    with pytest.raises(UnknownToken):
        token_of([header])


def test_two_credentials_are_one_too_many():
    with pytest.raises(UnknownToken):
        token_of(["Bearer abc", "Bearer abc"])


def test_a_password_may_hold_colons():
    with pytest.raises(UnknownToken):
        token_of([basic("a:b:c")])  # no token does
