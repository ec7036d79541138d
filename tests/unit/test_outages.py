"""Whoever runs the services learns from the journal why they refuse; nobody else does."""

import logging

import psycopg

from catalog.errors import RegisterUnavailable, Unavailable
from services import outages
from services.outages import Outages


def failed(kind, cause):
    """An outage, as the code that met it raises it."""
    try:
        raise kind from cause
    except Unavailable as error:
        return error


def test_an_outage_is_told_with_its_cause_and_not_at_each_request(caplog, monkeypatch):
    clock = [0.0]
    monkeypatch.setattr(outages, "monotonic", lambda: clock[0])
    refused = psycopg.OperationalError('role "geosocle_audit" is not permitted to log in\nCONTEXT: app.key=abc')
    own = Outages()
    with caplog.at_level(logging.ERROR):
        for clock[0] in (0, 1, 59, 61):
            own.tell(failed(RegisterUnavailable, refused))
        own.tell(failed(Unavailable, None))
    register, again, database = caplog.messages
    assert register == again
    assert "503" in register and register.endswith(
        'OperationalError : role "geosocle_audit" is not permitted to log in'
    )
    assert database.startswith("La base ne répond pas")


def test_what_stands_under_the_first_line_is_not_told(caplog):
    Outages().tell(failed(Unavailable, psycopg.OperationalError("server closed\nPARAMETERS: secret")))
    assert "secret" not in caplog.text
