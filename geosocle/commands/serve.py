"""`geosocle serve`: the services over HTTP."""

import errno
import os
import socket
from typing import Annotated

import typer

from catalog.errors import GeosocleError
from geosocle.commands.context import current_settings

EVERYWHERE = ("0.0.0.0", "::")
KEEP_ALIVE = 75  # seconds; longer than clients and nginx (60) keep theirs: who closes first must not be the server


def serve(
    host: Annotated[str, typer.Option(help="Adresse d'écoute.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port d'écoute.", min=1, max=65535)] = 5000,
    workers: Annotated[int, typer.Option(help="Nombre de processus.", min=1, max=64)] = 2,
) -> None:
    """Sert les données par HTTP (OGC API), jusqu'à Ctrl-C."""
    import uvicorn  # a second that other commands need not wait for

    from geosocle.protocol import BoundedProtocol

    settings = current_settings()
    check_free(host, port)
    os.environ |= {  # for the processes, which read their settings themselves
        "GEOSOCLE_DSN": settings.dsn,
        "GEOSOCLE_STATE": str(settings.state),
        "GEOSOCLE_PUBLIC_URL": os.environ.get("GEOSOCLE_PUBLIC_URL") or public_url(host, port),
    }
    uvicorn.run(
        "services.app:lasting_app",
        factory=True,
        host=host,
        port=port,
        workers=workers,
        log_level="warning",
        access_log=False,  # addresses hold what is searched for; credentials are never in them
        server_header=False,
        http=BoundedProtocol,
        proxy_headers=bool(proxies := os.environ.get("GEOSOCLE_PROXIES")),
        forwarded_allow_ips=proxies or "",  # nobody else is believed about a caller's address
        timeout_keep_alive=KEEP_ALIVE,
        timeout_graceful_shutdown=5,
    )


def check_free(host: str, port: int) -> None:
    """Raise GeosocleError where nothing can listen there: uvicorn's own words are English."""
    try:
        socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET).close()
    except OSError as error:
        reason = {errno.EADDRINUSE: "est déjà pris", errno.EACCES: "est réservé"}.get(
            error.errno, "ne peut être ouvert"
        )
        raise GeosocleError(f"Le port {port} de {host} {reason} : choisissez-en un autre (--host, --port).") from error


def public_url(host: str, port: int) -> str:
    """Return the address that links bear where none is set: this machine's, as seen from itself."""
    name = "localhost" if host in EVERYWHERE else f"[{host}]" if ":" in host else host
    return f"http://{name}:{port}"
