"""An agreement from its draft to its end, by the commands: what each step gives, and what it does not."""

import hashlib
import json

import pytest

from catalog import lifecycle
from catalog.errors import AgreementError
from tests.hunting.world import A, B
from tests.integration.agreements.conftest import DAY, TODAY, bordering, last

HASH = hashlib.sha256(b"avenant").hexdigest()


def test_a_draft_gives_nothing_until_its_signed_pdf_is_there(bank):
    bank.run("agreement", "draft", "--file", bank.file())
    assert (bank.state(), bank.sees()) == ("brouillon", "")
    assert "--document" in bank.run("agreement", "sign", "c-1", code=2)
    paper = bank.folder / "convention.pdf"
    paper.write_bytes(b"texte")
    assert "pas un PDF" in bank.run("agreement", "sign", "c-1", "--document", paper, code=2)
    paper.write_bytes(b"%PDF-1.7 convention")
    bank.run("agreement", "sign", "c-1", "--document", paper)
    assert (bank.state(), bank.sees(), bank.sees("technical")) == ("en cours", "1", "1")
    (kept,) = bank.admin.execute("SELECT document_sha256 FROM access.agreements").fetchone()
    assert kept == hashlib.sha256(paper.read_bytes()).hexdigest()


def test_neighbours_have_base_and_never_the_technical_attributes(bank, world):
    bank.run("agreement", "add", "--file", bank.file(right='communes = "territoire"\nneighbours = "base"'))
    touching = bordering(world, A)
    assert 0 < len(touching) < len(world.communes) - 1
    assert (bank.sees(), bank.sees("technical")) == (last({A} | touching), last({A}))


def test_an_area_that_changes_changes_no_signed_agreement_until_it_is_amended(bank):
    bank.run("area", "set", "concession", "--name", "Concession", "--commune", A)
    path = bank.file(right='communes = ["concession"]')
    bank.run("agreement", "add", "--file", path)
    bank.run("area", "set", "concession", "--name", "Concession", "--commune", f"{A},{B}")
    assert bank.sees() == "1"
    assert json.loads(bank.run("area", "list", "--json"))[0]["outdated"] == ["c-1"]
    bank.run("agreement", "amend", path, "--sha256", HASH)
    assert bank.sees() == "12"
    assert json.loads(bank.run("area", "list", "--json"))[0]["outdated"] == []


def test_an_amendment_says_that_it_revives_what_somebody_had_ended(bank):
    bank.run("agreement", "add", "--file", bank.file())
    amended = ("agreement", "amend", bank.file(), "--sha256", HASH)
    assert "terminée" not in bank.run(*amended)
    bank.run("agreement", "end", "c-1", "--on", TODAY)
    assert f"Elle avait été terminée au {TODAY} : elle court de nouveau" in bank.run(*amended)
    assert "terminée" not in bank.run(*amended)


def test_what_was_given_before_an_amendment_can_be_asked_for(bank):
    bank.run("agreement", "add", "--file", bank.file())
    bank.run("agreement", "amend", bank.file(right=f'communes = ["{B}"]'), "--sha256", HASH)
    given = json.loads(bank.run("access", "on", TODAY, "eaux", "--json"))
    assert {tuple(line["communes"]) for line in given} == {(A, B)}
    assert json.loads(bank.run("access", "on", TODAY - DAY, "eaux", "--json")) == []
    assert bank.sees() == "2"


def test_quotas_are_kept_where_sql_reads_them(bank):
    bank.run("agreement", "add", "--file", bank.file(more="quotas = {features_day = 1000, requests_minute = 60}"))
    found = "SELECT quota_features_day, quota_export_bytes_month, quota_requests_minute FROM access.agreements"
    assert bank.admin.execute(found).fetchone() == (1000, None, 60)


def test_a_renewal_follows_the_day_after_and_is_not_made_twice(bank):
    bank.run("agreement", "add", "--file", bank.file())
    bank.run("agreement", "renew", "c-1", "c-2", "--to", TODAY + 400 * DAY)
    assert (bank.state("c-1"), bank.state("c-2")) == ("en cours", "à venir")
    again = bank.run("agreement", "renew", "c-1", "c-3", "--to", TODAY + 500 * DAY, code=2)
    assert f"commence déjà le {TODAY + 2 * DAY}" in again
    longer = bank.file(last=TODAY + 2 * DAY)
    assert "commence déjà" in bank.run("agreement", "amend", longer, "--sha256", HASH, code=2)


@pytest.mark.parametrize(
    ("days", "due"), [(61, None), (60, "60"), (16, "60"), (15, "15"), (0, "15"), (-1, "sans suite")]
)
def test_notices_are_due_sixty_and_fifteen_days_before_the_last_day(bank, days, due):
    bank.run("agreement", "add", "--file", bank.file())
    bank.admin.execute("UPDATE access.agreements SET last_day = %s", [TODAY + days * DAY])
    listed = json.loads(bank.run("agreement", "due", "--json"))
    assert len(listed) == (due is not None)
    assert due is None or due in listed[0]["notice"]


@pytest.mark.parametrize("act", ["add", "draft"])
def test_what_the_bank_has_not_is_refused_with_its_file_and_line_and_leaves_nothing(bank, act):
    error = bank.run("agreement", act, "--file", bank.file(right='communes = ["85999"]'), code=2)
    assert error == "Erreur : c-1.toml, ligne 11 : rights[1] : Commune que la banque ne tient pas : « 85999 ».\n"
    assert bank.state() is None


def test_an_agreement_is_ended_earlier_and_never_later(bank):
    bank.run("agreement", "add", "--file", bank.file())
    assert "renew" in bank.run("agreement", "end", "c-1", "--on", TODAY + 2 * DAY, code=2)
    assert bank.sees() == "1"
    bank.run("agreement", "end", "c-1", "--on", TODAY - DAY)
    assert (bank.state(), bank.sees()) == ("terminée", "")
    assert "inconnue" in bank.run("agreement", "end", "c-9", "--on", TODAY, code=2)


def test_a_draft_keeps_the_document_that_its_file_names(bank):
    bank.run("agreement", "draft", "--file", bank.file(more=f'document_sha256 = "{HASH}"'))
    bank.run("agreement", "sign", "c-1")
    assert bank.admin.execute("SELECT document_sha256 FROM access.agreements").fetchone() == (HASH,)


def test_a_draft_that_cannot_be_signed_is_still_there(bank):
    bank.run("agreement", "draft", "--file", bank.file())
    with pytest.raises(AgreementError):
        lifecycle.sign_draft(bank.admin, "c-1", "pas une empreinte")
    assert bank.state() == "brouillon"
