from starlette.applications import Starlette
from starlette.testclient import TestClient

from services.static_files import mounts


def test_leaflet_is_served_from_the_folder_that_is_named(monkeypatch, tmp_path):
    (tmp_path / "leaflet.js").write_text("// Leaflet")
    monkeypatch.setenv("GEOSOCLE_LEAFLET", str(tmp_path))
    client = TestClient(Starlette(routes=mounts()))
    assert client.get("/static/leaflet/leaflet.js").text == "// Leaflet"
    assert client.get("/static/geosocle.css").status_code == 200


def test_without_leaflet_its_files_do_not_exist_and_ours_do(monkeypatch, tmp_path):
    monkeypatch.setenv("GEOSOCLE_LEAFLET", str(tmp_path / "absent"))
    client = TestClient(Starlette(routes=mounts()))
    assert client.get("/static/leaflet/leaflet.js").status_code == 404
    assert client.get("/static/geosocle.css").status_code == 200


def test_nothing_beside_the_folder_is_served():
    client = TestClient(Starlette(routes=mounts()))
    for path in (
        "/static/../app.py",
        "/static/%2e%2e/app.py",
        "/static/..%2fapp.py",
        "/static//etc/passwd",
        "/static/",
    ):
        assert client.get(path).status_code == 404, path
