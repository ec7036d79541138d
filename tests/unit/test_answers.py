"""Whether an answer is sent again: by its tag, or by its date where it has one, to whom it is given alone."""

import os

import pytest
from starlette.requests import Request
from starlette.responses import FileResponse, Response

from services.answers import entity_tag, finished, gzipped

DAY = 1_700_000_000
THEN, BEFORE, AFTER = "Tue, 14 Nov 2023 22:13:20 GMT", "Mon, 13 Nov 2023 00:00:00 GMT", "Wed, 15 Nov 2023 00:00:00 GMT"


def asked(**headers):
    lines = [(name.replace("_", "-").lower().encode(), value.encode()) for name, value in headers.items()]
    return Request({"type": "http", "method": "GET", "path": "/x", "query_string": b"", "headers": lines})


@pytest.fixture
def export(tmp_path):
    """A function: the answer that hands over a file of a known day."""
    path = tmp_path / "export.csv"
    path.write_bytes(b"a,b\n" * 1000)
    os.utime(path, (DAY, DAY))
    return lambda: FileResponse(path, stat_result=path.stat())


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"If_Modified_Since": THEN}, 304),
        ({"If_Modified_Since": AFTER}, 304),
        ({"If_Modified_Since": BEFORE}, 200),
        ({"If_Modified_Since": "hier"}, 200),
        ({"If_Modified_Since": "Tue, 14 Nov 2023 22:13:20 -0000"}, 200),
        ({"If_None_Match": '"autre"', "If_Modified_Since": AFTER}, 200),
        ({"If_None_Match": "*"}, 304),
    ],
)
def test_a_file_is_sent_again_unless_its_caller_has_it(export, headers, status):
    assert finished(export(), asked(**headers), "key").status_code == status


def test_a_file_is_known_by_its_tag(export):
    tag = finished(export(), asked(), "key").headers["etag"]
    assert finished(export(), asked(If_None_Match=tag), "key").status_code == 304
    assert finished(export(), asked(If_None_Match=f"W/{tag}"), "key").status_code == 304


@pytest.mark.parametrize("condition", [{"If_None_Match": "*"}, {"If_Modified_Since": AFTER}])
def test_what_is_not_kept_is_always_sent(export, condition):
    for response in (export(), Response(b"x"), Response(b"x", 404)):
        answer = finished(response, asked(**condition), None)
        assert answer.status_code == response.status_code
        assert answer.headers["cache-control"] == "private, no-store"


@pytest.mark.parametrize("given", ['"a"', "a", "", ",", '"', "W/", "{}", '{}"', '"{}', '"x{}"'])
def test_a_tag_that_is_not_ours_is_none(given):
    bare = entity_tag("key", b"x").removeprefix('W/"').removesuffix('"')
    assert finished(Response(b"x"), asked(If_None_Match=given.format(bare)), "key").status_code == 200


def test_the_time_of_a_page_does_not_change_its_tag_and_nothing_else_is_left_out_of_it():
    page = b'{"features":[%s],"timeStamp":"2026-01-01T00:00:00Z"}'
    tags = [entity_tag("key", page % text) for text in (b"1", b"2", b'{"timeStamp":"2026-01-01T00:00:00Z"}')]
    assert len({*tags}) == 3
    assert entity_tag("key", (page % b"1").replace(b"2026", b"2027")) == tags[0]
    assert entity_tag("other", page % b"1") != tags[0]


@pytest.mark.parametrize(("accepts", "coding"), [("gzip", "gzip"), ("identity", None), ("gzip;q=0", None)])
def test_what_comes_compressed_is_sent_as_its_caller_reads_it(accepts, coding):
    body = b"tuile" * 1000
    response = Response(gzipped(body), headers={"Content-Encoding": "gzip"})
    answer = finished(response, asked(Accept_Encoding=accepts), "key")
    assert answer.headers.get("content-encoding") == coding
    assert answer.body == (gzipped(body) if coding else body)
    assert answer.headers["content-length"] == str(len(answer.body))
