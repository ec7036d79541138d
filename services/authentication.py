"""Credentials: who says what it may ask. None is the public; a bad one is refused, never taken for the public."""

import base64
import binascii
import re
from collections.abc import Sequence

from catalog.errors import UnknownToken

CHALLENGE = 'Basic realm="Geosocle", charset="UTF-8", Bearer realm="Geosocle"'

# The characters of RFC 6750; tokens are shorter, and what is longer needs no look-up.
TOKEN = re.compile(r"[A-Za-z0-9._~+/=-]{1,200}\Z")


def token_of(authorizations: Sequence[str]) -> str | None:
    """Return the token of a request's `Authorization` headers, None without any. Raises UnknownToken."""
    if not authorizations:
        return None
    if len(authorizations) > 1:
        raise UnknownToken
    scheme, _, credential = authorizations[0].strip().partition(" ")
    match scheme.lower():
        case "bearer":
            token = credential.strip()
        case "basic":
            token = password(credential.strip())
        case _:
            raise UnknownToken
    if not TOKEN.match(token):
        raise UnknownToken
    return token


def password(credential: str) -> str:
    """Return the password of a Basic credential: the token; the user's name says nothing."""
    try:
        _, colon, secret = base64.b64decode(credential, validate=True).decode("utf-8").partition(":")
    except (binascii.Error, UnicodeDecodeError, ValueError) as error:
        raise UnknownToken from error
    if not colon:
        raise UnknownToken
    return secret
