"""What asks over HTTP as one principal, and how two answers are compared."""

import httpx

A, B = "85901", "85902"
PARCEL, HIDDEN, MISSING = f"{A}000AA0001", f"{B}000AA0001", f"{A}000AA9999"


def caller(app, token=None):
    """What asks as one principal; connections and application are shared."""

    def ask(method, path, **options):
        headers = options.pop("headers", {}) | ({"Authorization": f"Bearer {token}"} if token else {})
        return app.request(method, path, headers=headers, **options)

    return ask


def export(ask, **inputs):
    return ask("POST", "/processes/export/execution", json={"inputs": {"dataset": "parcelles", **inputs}})


def job_of(response):
    assert response.status_code == 201, response.text
    return response.json()["jobID"]


def same(one: httpx.Response, other: httpx.Response):
    """The same answer to the byte; a date would be the server's."""
    assert (one.status_code, one.content) == (other.status_code, other.content)
    assert dict(one.headers) == dict(other.headers)
