"""Credentials: who says what it may ask. None is the public; a bad one is refused, never taken for the public."""

import base64
import binascii
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from catalog.access import token_key
from catalog.errors import UnknownToken
from services.sessions import SessionEnded

CHALLENGE = 'Basic realm="Geosocle", charset="UTF-8", Bearer realm="Geosocle"'

# The characters of RFC 6750; tokens are shorter, and what is longer needs no look-up.
TOKEN = re.compile(r"[A-Za-z0-9._~+/=-]{1,200}\Z")
JWT = re.compile(r"(?=.{1,8000}\Z)[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*\Z")
COOKIE = re.compile(r"[A-Za-z0-9_-]{43}\Z")


@dataclass(frozen=True, slots=True)
class Credential:
    """What was presented: one of our tokens, a provider's access token, or the cookie of a session."""

    kind: Literal["token", "jwt", "session"]
    secret: str = field(repr=False)

    @property
    def key(self) -> str:
        """The key by which the database knows it."""
        return token_key(self.secret)


def credential_of(authorizations: Sequence[str], cookie: str | None) -> Credential | None:
    """Return what a request presents, None for nothing. Raises UnknownToken.

    What is written in a header was meant, a cookie comes by itself: with both, the header counts.
    """
    token = token_of(authorizations)
    if token is not None:
        return Credential("jwt" if JWT.match(token) else "token", token)
    if cookie is None:
        return None
    if not COOKIE.match(cookie):
        raise SessionEnded
    return Credential("session", cookie)


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
    if not TOKEN.match(token) and not JWT.match(token):
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
