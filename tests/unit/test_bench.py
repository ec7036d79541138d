"""The bench measures what it says: questions as each server understands them, runs, ratios, and fair answers."""

import http.server
import math
import shutil
import threading
from collections.abc import Iterator

import pytest
import shapely

from bench import answers, client, department, peers, report
from bench.client import Run
from bench.peers import Peer
from bench.questions import Question, box_around, tile_at
from bench.race import turns
from bench.report import COMMUNE, DEPARTMENT, UNRULED, Results
from data_samples.department import department_batches

PEER = Peer("pair", "http://a/items?limit={limit}", "http://a/items?limit={limit}&bbox={box}", "http://a/{z}/{x}/{y}")


def run(rate: float, failed: int = 0) -> Run:
    return Run(int(rate * 10), 10, failed, 1, 2)


def test_a_polygon_becomes_a_multipolygon_of_one_without_being_parsed():
    batch = next(department_batches(communes=1, total=3))
    polygon = shapely.from_wkb(batch[0][-1])
    multi = shapely.from_wkb(department.multi(batch[0][-1]))
    assert multi.geom_type == "MultiPolygon"
    assert shapely.get_srid(multi) == 2154
    assert multi.geoms[0].equals_exact(polygon)


def test_the_town_is_large_and_its_neighbours_are_not_loaded_twice():
    batches = list(department.batches_with_town(town=500, parcels=400, communes=4))
    assert [len(batch) for batch in batches][0] == 500
    communes = [batch[0][1] for batch in batches]
    assert len(communes) == len(set(communes)) == 4


def test_a_question_is_put_as_each_server_understands_it():
    box = Question("box", 10, ((1.0, 2.0, 3.0, 4.0),))
    assert box.urls(PEER) == ["http://a/items?limit=10&bbox=1.0000000,2.0000000,3.0000000,4.0000000"]
    assert Question("page", 100, (None,)).urls(PEER) == ["http://a/items?limit=100"]
    assert Question("tile", 14, ((14, 5, 6),)).urls(PEER) == ["http://a/14/5/6"]


def test_a_server_without_tiles_is_not_asked_for_tiles():
    assert Question("tile", 14, ((14, 5, 6),)).urls(Peer("pair", PEER.page)) == []


def test_a_box_in_degrees_is_as_wide_as_asked_in_metres():
    west, south, east, north = box_around(360_000, 6_630_000, 600)
    assert (north - south) * 111_000 == pytest.approx(600, rel=0.1)
    assert (east - west) * 111_000 * 0.686 == pytest.approx(600, rel=0.1)


def test_the_tile_of_a_place_is_the_one_that_maps_show():
    # Lambert-93 begins at 3° E, 46.5° N
    row = (1 - math.asinh(math.tan(math.radians(46.5))) / math.pi) / 2 * 2**14
    assert tile_at(700_000, 6_600_000, 14) == (14, int(183 / 360 * 2**14), int(row))


def test_the_cost_of_rules_is_told_by_request():
    results = Results()
    results.add("page de 10", DEPARTMENT, run(1000))
    results.add("page de 10", UNRULED, run(1250))
    assert report.rules(results).endswith("page de 10 : 1.25 ×, +0.40 ms")


def test_a_run_with_one_failure_has_no_rate():
    assert run(5).rate == 5
    assert run(5, failed=1).rate == 0


def test_the_table_gives_medians_and_ratios_to_each():
    results = Results()
    for rate in (90, 100, 1000):
        results.add("page de 10", DEPARTMENT, run(rate))
    for name, rate in ((COMMUNE, 50), ("TiPg", 5), ("pygeoapi", 2)):
        results.add("page de 10", name, run(rate))
    line = dict(zip(results.header(), results.lines()[0], strict=True))
    assert (line[DEPARTMENT], line["TiPg"], line["/ TiPg"], line["/ pygeoapi"]) == ("100", "5", "20 ×", "50 ×")
    assert line["/ SQL nu"] == "–"
    assert "| page de 10 | 100 |" in report.markdown(results, "essai")


def test_each_round_asks_one_question_of_everybody_before_the_next():
    class Racer:
        def __init__(self, name: str, tiles: bool) -> None:
            self.name, self.tiles = name, tiles
            self.questions = (Question("page", 10, (None,)), Question("tile", 14, ((14, 1, 1),)))

        def can(self, question: Question) -> bool:
            return self.tiles or question.kind != "tile"

    order = [(one.name, question.label) for one, question in turns([Racer("a", True), Racer("b", False)])]
    assert order == [("a", "page de 10"), ("b", "page de 10"), ("a", "tuile z14")]


def test_who_answers_another_number_of_features_is_named():
    assert answers.unfair({"a": 100, "b": 102, "c": 130}) == [("c", 130, 102)]
    assert answers.unfair({"a": 0, "b": 0}) == []


def test_an_empty_tile_has_no_feature():
    assert answers.in_tile(b"") == 0


def test_a_peer_by_address_has_the_templates_given():
    peer = peers.by_address("martin=||http://h/{z}/{x}/{y}")
    assert (peer.name, peer.page, peer.tile) == ("martin", "", "http://h/{z}/{x}/{y}")
    with pytest.raises(ValueError, match="NOM=ADRESSE"):
        peers.by_address("martin")


@pytest.fixture
def site() -> Iterator[str]:
    """A server that answers everything, but for one path."""

    class Answers(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self.send_response(500 if self.path.startswith("/panne") else 200)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"{}")

        def log_message(self, *_: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.mark.parametrize("has_wrk", [True, False])
def test_answers_and_failures_are_counted_with_and_without_wrk(site, monkeypatch, has_wrk):
    if has_wrk and shutil.which("wrk") is None:
        pytest.skip("wrk n'est pas là")
    if not has_wrk:
        monkeypatch.setattr(client.shutil, "which", lambda name: None)
    good = client.load([f"{site}/a?b=1", f"{site}/c?d=2"], {"Authorization": "Bearer x"}, 1, 2)
    assert good.requests > 10
    assert good.failed == 0
    assert client.load([f"{site}/panne?x=1"], {}, 1, 1).failed > 0
