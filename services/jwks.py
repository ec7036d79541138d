"""What an OpenID provider publishes: its addresses and its keys, fetched within limits and kept for a while."""

import json
from threading import Lock
from time import monotonic
from typing import Any
from urllib.parse import urlsplit

import httpx
from joserfc.errors import JoseError
from joserfc.jwk import Key, KeySet

from catalog.errors import Unavailable
from catalog.settings import Oidc

SECONDS = 5  # an answer
MAX_BYTES = 256_000
KEPT = 3600.0  # seconds that addresses and keys are believed
AGAIN = 30.0  # seconds between two looks for a key that is not there, or at a provider that does not answer
DISCOVERY = "/.well-known/openid-configuration"


class ProviderUnavailable(Unavailable):
    """Le fournisseur d'identité ne répond pas. Réessayez dans quelques instants."""


class Published:
    """What one provider publishes. Each process keeps its own copy."""

    def __init__(self, oidc: Oidc) -> None:
        self.oidc = oidc
        self._addresses: dict[str, Any] = {}
        self._keys: dict[str, Key] = {}
        self._fetched = self._tried = -KEPT
        self._lock = Lock()

    def address(self, name: str) -> str | None:
        """Return one of the provider's addresses, as its configuration names it. Raises ProviderUnavailable."""
        self._refresh(KEPT)
        found = self._addresses.get(name)
        return found if is_sound(found, self.oidc.issuer) else None

    def key(self, id: str) -> Key | None:
        """Return a key by its identifier; one that is unknown is looked for again, at most every AGAIN seconds."""
        self._refresh(KEPT)
        if id not in self._keys:
            self._refresh(AGAIN)
        return self._keys.get(id)

    def any_key(self) -> Key | None:
        """Return one of the keys that are known, None without any."""
        return next(iter(self._keys.values()), None)

    def _refresh(self, age: float) -> None:
        with self._lock:
            if monotonic() - self._fetched < age:
                return
            if monotonic() - self._tried >= AGAIN:
                self._tried = monotonic()
                self._fetch()
            elif self._fetched < 0 or not self._addresses:
                raise ProviderUnavailable

    def _fetch(self) -> None:
        """Fetch addresses and keys; where the provider is away, what was known of it is believed until it is back."""
        try:
            addresses = fetch(self.oidc.issuer.rstrip("/") + DISCOVERY)
            if addresses.get("issuer") != self.oidc.issuer:
                raise ProviderUnavailable
            if not is_sound(addresses.get("jwks_uri"), self.oidc.issuer):
                raise ProviderUnavailable
            keys = KeySet.import_key_set(fetch(addresses["jwks_uri"]))  # type: ignore[arg-type]
        except (httpx.HTTPError, httpx.InvalidURL, ValueError, KeyError, TypeError, JoseError) as error:
            if not self._addresses:
                raise ProviderUnavailable from error
            return
        self._addresses, self._fetched = addresses, monotonic()
        self._keys = {str(key.kid): key for key in keys if key.kid and key.key_type != "oct"}


def is_sound(address: object, issuer: str) -> bool:
    """True for an address over TLS, or of the issuer's own server: nobody on the way answers in its name."""
    if not isinstance(address, str):
        return False
    try:
        return urlsplit(address).scheme == "https" or urlsplit(address)[:2] == urlsplit(issuer)[:2]
    except ValueError:
        return False


def fetch(address: str, **headers: str) -> dict[str, Any]:
    """Return a JSON object: no redirection, no more than MAX_BYTES. Raises httpx.HTTPError, ValueError."""
    body = b""
    with httpx.stream("GET", address, headers=headers, timeout=SECONDS, follow_redirects=False) as response:
        if response.status_code != 200:
            raise ValueError("the provider refuses")
        for part in response.iter_bytes():
            body += part
            if len(body) > MAX_BYTES:
                raise ValueError("the provider says too much")
    found = json.loads(body)
    if not isinstance(found, dict):
        raise ValueError("no JSON object")
    return found
