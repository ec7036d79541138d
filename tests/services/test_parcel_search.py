"""`/parcelle`: what somebody writes leads to the plan; what is hidden answers as what does not exist."""

import re
from dataclasses import replace

import pytest

from catalog.database import connect
from tests.conftest import clone
from tests.hunting.world import COMMUNES, A, B
from tests.services.conftest import AGREEMENTS, Served, granted, serving

HERE = "/collections/parcelles/items"


def asked(served, organisation, text, **more):
    return served.get(organisation, "/parcelle", parcelle=text, **more)


@pytest.mark.parametrize("text", ["A 1", "0A0001", "a1", f"{A}0000A0001"])
def test_the_only_parcel_of_a_name_leads_straight_to_its_plan(served, text):
    answer = asked(served, "commune-a", text)
    assert (answer.status_code, answer.headers["location"]) == (303, f"{served.url}{HERE}/{A}0000A0001/plan.pdf")
    assert served.get("commune-a", answer.headers["location"].removeprefix(served.url)).content.startswith(b"%PDF")
    theirs = asked(served, "commune-b", text)
    assert A not in theirs.headers.get("location", "")


def test_its_sheet_is_shown_to_who_asks_for_that_and_may_read_it(served):
    assert asked(served, "commune-a", "A 1", voir="fiche").headers["location"].endswith(f"{HERE}/{A}0000A0001")
    only_plans = asked(served, "regard", "A 1", voir="fiche")  # who may look and not read
    assert only_plans.headers["location"].endswith("/plan.pdf")
    assert asked(served, "commune-a", "A 1", voir="tout").status_code == 400


def test_who_sees_several_chooses_or_names_the_commune(served):
    answer = asked(served, "departement", "A 1")
    listed = re.findall(r'href="[^"]*/items/(\w{14})/plan.pdf"', answer.text)
    assert answer.status_code == 200
    assert listed == sorted(f"{commune}0000A0001" for commune in COMMUNES)
    assert "laquelle" in answer.text
    names = re.findall(r">([^<]+) : plan de", answer.text)
    assert len(set(names)) == len(COMMUNES) and not set(names) & set(COMMUNES)
    for commune in (B, names[listed.index(f"{B}0000A0001")].upper()):
        assert (
            asked(served, "departement", "A 1", commune=commune).headers["location"].endswith(f"{B}0000A0001/plan.pdf")
        )
    assert asked(served, "departement", "A 1", commune="Nulle-Part").status_code == 404


@pytest.mark.parametrize("more", [{}, {"voir": "fiche"}, {"commune": B}])
def test_a_hidden_parcel_answers_as_a_missing_one_but_for_what_was_asked(served, more):
    texts = (f"{B}0000A0001", f"{B}0000A9999")
    hidden, missing = (asked(served, "commune-a", text, **more) for text in texts)
    assert asked(served, "commune-b", texts[0], **more).status_code == 303
    assert hidden.status_code == missing.status_code == 404
    assert hidden.text.replace(texts[0], texts[1]) == missing.text
    lengths = ("content-length", "date", "etag")
    told, untold = ({k: v for k, v in each.headers.items() if k not in lengths} for each in (hidden, missing))
    assert told == untold


@pytest.mark.parametrize("organisation", [None, "eaux", "vide"])
def test_without_parcels_there_is_no_search(served, organisation):
    missing = served.get(organisation, "/nulle-part", parcelle="A 1")
    answer = asked(served, organisation, "A 1")
    assert (answer.status_code, answer.content) == (404, missing.content)
    assert "/parcelle" not in served.get(organisation, "/", f="html").text


def test_what_cannot_be_read_says_what_to_write_and_keeps_what_was_written(served):
    answer = asked(served, "commune-a", '1234"><b>', commune="Nulle-Part")
    assert answer.status_code == 400
    assert "par exemple A 12" in answer.text
    assert 'aria-invalid="true"' in answer.text
    assert 'value="1234&#34;&gt;&lt;b&gt;"' in answer.text and 'value="Nulle-Part"' in answer.text
    assert served.get("commune-a", "/parcelle", autre="x").status_code == 400


def test_the_communes_that_are_named_are_written_down_where_they_are_audited(cluster, loaded_template):
    with clone(cluster, loaded_template) as own, serving(own := replace(own, audit=frozenset({"communes"}))) as url:
        served = Served(url, own, granted(own, AGREEMENTS))
        assert asked(served, "departement", "A 1").status_code == 200
        assert asked(served, "eaux", "A 1").status_code == 404
        with connect(own, "admin") as connection:
            lines = connection.execute(
                "SELECT organisation, door, dataset, features FROM registre.lines WHERE kind = 'read'"
            ).fetchall()
    assert lines == [("departement", "/parcelle", "communes", {each: [each] for each in COMMUNES})]
