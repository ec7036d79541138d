"""OpenID Connect: the code flow with PKCE for people, access tokens for machines; both end in verified claims.

OpenID Connect Core 1.0, RFC 7636 (PKCE), RFC 9068 (access tokens), RFC 9207 (issuer in the answer), RFC 8725 (JWT).
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any

import httpx
from authlib.integrations.base_client import OAuthError
from authlib.integrations.httpx_client import OAuth2Client
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwt import JWTClaimsRegistry

from catalog.errors import UnknownToken
from catalog.settings import Oidc
from services.jwks import SECONDS, ProviderUnavailable, Published, fetch

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
DANGEROUS = {"jku", "jwk", "x5u", "x5c", "crit", "b64", "zip"}  # which would let a token say how to believe it
KINDS = ("jwt", "at+jwt", "application/at+jwt")
LEEWAY = 30  # seconds between two clocks
REQUIRED: Any = {"essential": True}


class Provider:
    """The provider that the settings name."""

    def __init__(self, oidc: Oidc, public_url: str) -> None:
        self.oidc, self.published = oidc, Published(oidc)
        self.callback = f"{public_url}/connexion/retour"

    def address(self, secret: str) -> str:
        """Return where a browser is sent. State, nonce and verifier all come from the one secret of its cookie."""
        with self._client() as client:
            url, _ = client.create_authorization_url(
                self._endpoint("authorization_endpoint"),
                state=derived(secret, "state"),
                nonce=derived(secret, "nonce"),
                code_verifier=derived(secret, "verifier"),
            )
        return str(url)

    def signed_in(self, secret: str, answer: Mapping[str, str]) -> dict[str, Any]:
        """Return the claims of whoever comes back from the provider. Raises UnknownToken, ProviderUnavailable."""
        state = answer.get("state", "").encode()
        if not hmac.compare_digest(state, derived(secret, "state").encode()) or not answer.get("code"):
            raise UnknownToken
        if answer.get("iss", self.oidc.issuer) != self.oidc.issuer:
            raise UnknownToken
        given = self._exchange(answer["code"], derived(secret, "verifier"))
        claims = self.verified(str(given.get("id_token")), self.oidc.client_id)
        if not hmac.compare_digest(str(claims.get("nonce")).encode(), derived(secret, "nonce").encode()):
            raise UnknownToken
        if claims.get("azp", self.oidc.client_id) != self.oidc.client_id:
            raise UnknownToken
        return self._more(str(given.get("access_token")), claims) | claims

    def verified(self, token: str, audience: str) -> dict[str, Any]:
        """Return the claims of a token meant for an audience. Raises UnknownToken for any that is not as it must be."""
        header = header_of(token)
        kid = header.get("kid")
        kind = header.get("typ", "JWT")
        if header.get("alg") not in ALGORITHMS or DANGEROUS & header.keys() or not isinstance(kid, str):
            raise UnknownToken
        if not isinstance(kind, str) or kind.lower() not in KINDS:
            raise UnknownToken
        found = self.published.key(kid)
        key = found or self.published.any_key()  # which it is not: a signature is verified all the same
        if key is None:
            raise UnknownToken
        expected: Any = {"iss": self.oidc.issuer, "aud": audience}
        rules = {name: {"essential": True, "value": value} for name, value in expected.items()}
        try:
            claims = jwt.decode(token, key, algorithms=list(ALGORITHMS)).claims
            JWTClaimsRegistry(leeway=LEEWAY, exp=REQUIRED, iat=REQUIRED, sub=REQUIRED, **rules).validate(claims)
        except (JoseError, ValueError, TypeError, RecursionError) as error:
            raise UnknownToken from error
        if found is None:
            raise UnknownToken
        return claims

    def _exchange(self, code: str, verifier: str) -> dict[str, Any]:
        try:
            with self._client() as client:
                endpoint = self._endpoint("token_endpoint")
                return dict(client.fetch_token(endpoint, code=code, code_verifier=verifier))
        except (OAuthError, ValueError, TypeError) as error:
            raise UnknownToken from error
        except httpx.HTTPError as error:
            raise ProviderUnavailable from error

    def _more(self, access_token: str, claims: Mapping[str, Any]) -> dict[str, Any]:
        """Return what the provider tells of somebody at its own address, where it does and is the same person."""
        address = self.published.address("userinfo_endpoint")
        try:
            found = fetch(address, Authorization=f"Bearer {access_token}") if address else {}
        except (httpx.HTTPError, ValueError):
            return {}
        return found if found.get("sub") == claims["sub"] else {}

    def _client(self) -> OAuth2Client:
        return OAuth2Client(
            self.oidc.client_id, self.oidc.client_secret, scope=self.oidc.scope, redirect_uri=self.callback,
            code_challenge_method="S256", timeout=SECONDS, follow_redirects=False,
        )  # fmt: skip

    def _endpoint(self, name: str) -> str:
        found = self.published.address(name)
        if found is None:
            raise ProviderUnavailable
        return found


def derived(secret: str, use: str) -> str:
    """Return a value that tells nothing of the secret nor of those for other uses: 43 characters, as PKCE wants."""
    digest = hmac.digest(secret.encode(), use.encode(), hashlib.sha256)
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def header_of(token: str) -> dict[str, Any]:
    """Read what a token says of itself, which is not believed yet. Raises UnknownToken."""
    text = token.partition(".")[0]
    try:
        header = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (ValueError, RecursionError) as error:
        raise UnknownToken from error
    if not isinstance(header, dict):
        raise UnknownToken
    return header
