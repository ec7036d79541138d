"""Signing in and out: the pages, the way to the OpenID provider and back."""

from datetime import UTC, datetime

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from catalog.access import token_key
from catalog.errors import NotFound, UnknownToken
from catalog.identities import close_session, open_session
from services import context
from services.callers import Callers, address
from services.oidc import Provider
from services.pages import page
from services.sessions import (
    LIFE,
    SESSION,
    SIGN_IN,
    SIGN_IN_LIFE,
    SessionEnded,
    forget_cookie,
    new_secret,
    read_cookie,
    set_cookie,
)
from services.throttle import fingerprint

ASK_TOKEN = "Identifiez-vous : le nom est libre, le mot de passe est votre jeton."


class SignInRefused(SessionEnded):
    """La connexion n'a pas abouti. Recommencez depuis la page de connexion."""


class NobodyKnown(SessionEnded):
    """Votre compte n'est rattaché à aucune organisation : demandez à l'association de l'ajouter."""


class SignIn:
    """The doors by which people come in and go out."""

    def __init__(self, callers: Callers) -> None:
        self.callers = callers

    def routes(self) -> list[Route]:
        """Return the plain endpoints; the gate gives them their context."""
        return [
            Route("/connexion", self.choose),
            Route("/connexion-par-jeton", self.by_token),
            Route("/connexion/compte", self.depart),
            Route("/connexion/retour", self.come_back),
            Route("/deconnexion", self.leave, methods=["POST"]),
        ]

    def choose(self, request: Request) -> Response:
        """Offer the ways in; with one alone, take it."""
        if self.callers.provider is None or not context.current().principal.anonymous:
            return self.by_token(request)
        return Response(page("connexion.html"), media_type="text/html")

    def by_token(self, _: Request) -> Response:
        """Make a browser ask for the token, which it then sends with every request.

        It does so under the folder of the address that asked (RFC 7617, 2.2): that is the services' own.
        """
        if context.current().principal.anonymous:
            raise UnknownToken(ASK_TOKEN)
        return self.home()

    def depart(self, _: Request) -> Response:
        """Send a browser to the provider, with a secret by which it is known when it comes back."""
        secret = new_secret()
        response = RedirectResponse(self.provider().address(secret), status_code=303)
        set_cookie(response, SIGN_IN, secret, SIGN_IN_LIFE, context.current().settings.public_url)
        return response

    def come_back(self, request: Request) -> Response:
        """Open a session for whoever the provider sends back."""
        here, provider = context.current(), self.provider()
        answer, where = dict(here.query), address(request)
        tried = fingerprint(answer.get("code", ""))
        self.callers.throttle.check(where, tried)
        try:
            key = self.opened(provider, request, answer)
        except UnknownToken as error:
            self.callers.throttle.failed(where, tried)
            raise error if isinstance(error, NobodyKnown) else SignInRefused from error
        response = self.home()
        set_cookie(response, SESSION, key, LIFE, here.settings.public_url)
        forget_cookie(response, SIGN_IN, here.settings.public_url)
        return response

    def opened(self, provider: Provider, request: Request, answer: dict[str, str]) -> str:
        """Return the new cookie of somebody whom an organisation knows. Raises UnknownToken."""
        here, cookie = context.current(), new_secret()
        secret = read_cookie(request, SIGN_IN, here.settings.public_url)
        if not secret:
            raise UnknownToken
        claims = provider.signed_in(secret, answer)
        if not open_session(here.pool, token_key(cookie), provider.oidc.issuer, claims, datetime.now(UTC) + LIFE):
            raise NobodyKnown
        return cookie

    def leave(self, request: Request) -> Response:
        """Close the session, and go home as anybody; ask a browser that keeps a token to forget it."""
        here = context.current()
        if cookie := read_cookie(request, SESSION, here.settings.public_url):
            close_session(here.pool, token_key(cookie))
        response = forgetting() if "authorization" in request.headers else self.home()
        forget_cookie(response, SESSION, here.settings.public_url)
        return response

    def provider(self) -> Provider:
        """Return the provider. Raises NotFound where none is set."""
        if self.callers.provider is None:
            raise NotFound
        return self.callers.provider

    def home(self) -> Response:
        """Send a browser to the first page."""
        return RedirectResponse(f"{context.current().settings.public_url}/", status_code=303)


def forgetting() -> Response:
    """Return a page whose header takes a token out of the browser (HTML's `Clear-Site-Data`: its cookies with it).

    A browser keeps the password of Basic until it is closed, and no cookie of ours is there to take back. The header
    counts over TLS and on the machine itself alone: the page says what to do elsewhere.
    """
    return Response(page("deconnexion.html"), headers={"Clear-Site-Data": '"cookies"'}, media_type="text/html")
