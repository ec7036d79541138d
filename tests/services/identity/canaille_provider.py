"""Canaille, a whole OpenID provider, in memory: python canaille_provider.py PORT CALLBACK."""

import sys

from canaille import create_app
from canaille.app import models
from canaille.backends import Backend
from canaille.oidc.provider import AuthorizationCodeGrant
from werkzeug.serving import run_simple


def fill(callback: str) -> None:
    """Make two accounts and one client, which is trusted: no page of consent."""
    for name in ("alice", "mallory"):
        account = models.User(
            user_name=name, formatted_name=name, family_name=name, emails=[f"{name}@exemple.fr"], password="motdepasse"
        )
        Backend.instance.save(account)
    client = models.Client(
        client_id="geosocle",
        client_secret="secret-du-client",
        client_name="Géosocle",
        client_uri="http://127.0.0.1",
        redirect_uris=[callback],
        grant_types=["authorization_code"],
        response_types=["code"],
        scope=["openid", "profile", "email"],
        token_endpoint_auth_method="client_secret_basic",
    )
    Backend.instance.save(client)
    client.audience = [client]
    Backend.instance.save(client)


def code_alone(self: object, code: str, client: object) -> object:
    """Find an authorization code by itself.

    Asked for a code and a client, Canaille's memory (0.3.6, the newest) gives what either names, hence any other code
    of the client's; its SQL backend, which is right, needs four packages more.
    """
    found = Backend.instance.query(models.AuthorizationCode, code=code)
    return found[0] if found and not found[0].is_expired() else None


def main(port: int, callback: str) -> None:
    """Serve until killed."""
    app = create_app(
        {
            "SECRET_KEY": "x" * 40,
            "SERVER_NAME": f"127.0.0.1:{port}",
            "PREFERRED_URL_SCHEME": "http",
            "SESSION_COOKIE_SECURE": False,
            "CANAILLE": {"DATABASE": "memory", "SMTP": None},
            "CANAILLE_OIDC": {},
        }
    )
    AuthorizationCodeGrant.query_authorization_code = code_alone
    with app.app_context():
        fill(callback)
    run_simple("127.0.0.1", port, app, threaded=True)


main(int(sys.argv[1]), sys.argv[2])
