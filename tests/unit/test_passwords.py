"""Passwords are drawn once, and their files are closed from the first instant."""

import os
import stat

import pytest

from geosocle.passwords import passfile, password, write_private


def test_a_role_keeps_its_password(tmp_path):
    assert password(tmp_path, "geosocle_admin") == password(tmp_path, "geosocle_admin")


def test_two_roles_have_two_passwords(tmp_path):
    assert password(tmp_path, "one") != password(tmp_path, "two")


def test_the_file_is_one_that_libpq_reads(tmp_path):
    path = passfile(tmp_path, "geosocle_admin")
    assert path.read_text() == f"*:*:*:geosocle_admin:{password(tmp_path, 'geosocle_admin')}\n"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_password_needs_no_escape_in_the_file(tmp_path):
    drawn = [password(tmp_path, f"role{number}") for number in range(50)]
    assert [text for text in drawn if ":" in text or "\\" in text] == []


@pytest.fixture
def open_umask():
    before = os.umask(0)
    yield
    os.umask(before)


def test_a_private_file_is_closed_whatever_the_umask(tmp_path, open_umask):
    write_private(tmp_path / "tokens", "secret")
    assert stat.S_IMODE((tmp_path / "tokens").stat().st_mode) == 0o600


def test_a_private_file_replaces_the_one_before_and_leaves_no_draft(tmp_path):
    write_private(tmp_path / "tokens", "first")
    write_private(tmp_path / "tokens", "second")
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [("tokens", "second")]
