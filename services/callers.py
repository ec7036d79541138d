"""Who asks: from what a request presents to a principal, within what an address may try."""

from datetime import UTC, datetime, timedelta
from time import monotonic

from starlette.requests import Request

from catalog.access import authenticate, principal
from catalog.database import Pool
from catalog.errors import Unavailable, UnknownToken
from catalog.identities import open_session
from catalog.model import Principal
from catalog.settings import Settings
from services.authentication import Credential, credential_of
from services.jwks import ProviderUnavailable
from services.oidc import Provider
from services.sessions import SESSION, SessionEnded, check_own_page, read_cookie
from services.throttle import Throttle, fingerprint

BROKEN_SECONDS = 1  # a connection that is broken says so at once, a database that is away does not
JWT_LIFE = timedelta(hours=1)  # after which an access token is verified again, with the keys of that moment


class Callers:
    """One process's way from credentials to principals."""

    def __init__(self, settings: Settings, pool: Pool) -> None:
        self.settings, self.pool = settings, pool
        self.throttle = Throttle(settings.login_failures)
        self.provider = Provider(settings.oidc, settings.public_url) if settings.oidc else None

    def of(self, request: Request) -> Principal:
        """Return who asks. Raises UnknownToken, TooManyFailures, BadRequest for another site's page."""
        given = request.headers.getlist("authorization")
        cookie = None if given else read_cookie(request, SESSION, self.settings.public_url)
        if not given and cookie is None:
            return self.asked(None)
        where, key = address(request), fingerprint(given[0] if given else cookie or "")
        self.throttle.check(where, key)
        try:
            found = self.asked(credential_of(given, cookie))
        except UnknownToken:
            self.throttle.failed(where, key)
            raise
        self.throttle.succeeded(key)
        check_own_page(request, self.settings.public_url, by_cookie=not given)
        return found

    def asked(self, credential: Credential | None) -> Principal:
        """Return the principal. Connections that the server closed are replaced, and the question put again."""
        began = monotonic()
        try:
            return self._principal(credential)
        except ProviderUnavailable:
            raise
        except Unavailable:
            if monotonic() - began > BROKEN_SECONDS:
                raise
            self.pool.check()
            return self._principal(credential)

    def _principal(self, credential: Credential | None) -> Principal:
        if credential is None or credential.kind == "token":
            return authenticate(self.pool, credential and credential.secret)
        try:
            return principal(self.pool, credential.key)
        except UnknownToken as error:
            if credential.kind == "session":
                raise SessionEnded from error
            self._open(credential)
        return principal(self.pool, credential.key)

    def _open(self, credential: Credential) -> None:
        """Verify an access token and open its session, of which both processes then know: no other request writes."""
        if self.provider is None:
            raise UnknownToken
        try:
            claims = self.provider.verified(credential.secret, self.provider.oidc.audience)
        except UnknownToken:
            claims = {"exp": 0}  # of nobody: what is refused is asked for all the same, as somebody unknown is
        latest = datetime.now(UTC) + JWT_LIFE
        end = datetime.fromtimestamp(min(float(claims["exp"]), latest.timestamp()), UTC)
        if not open_session(self.pool, credential.key, self.provider.oidc.issuer, claims, end):
            raise UnknownToken


def address(request: Request) -> str:
    """Return the caller's address: a proxy's word for it counts where `serve` was told of that proxy."""
    return request.client.host if request.client else ""
