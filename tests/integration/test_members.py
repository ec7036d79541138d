"""The demonstration's members: each with its token, made once, separated by parcels."""

import json
import stat

import pytest

from catalog.access import authenticate, revoke_token
from catalog.database import connect, pool
from data_samples.territory import make_world
from geosocle.members import TOKENS, Member, prepare_members


@pytest.fixture
def members(database) -> dict[str, Member]:
    (database.state / TOKENS).unlink(missing_ok=True)
    return {member.id: member for member in prepare_members(database)}


@pytest.fixture
def web(database):
    with pool(database, "web") as opened:
        yield opened


def test_two_neighbours_a_water_operator_and_the_administrator_have_tokens(members):
    assert list(members) == ["commune-85901", "commune-85902", "exploitant-eau", "association"]


def test_the_two_communes_are_neighbours_of_the_samples_under_their_names(members):
    communes = {commune.code: commune for commune in make_world().communes}
    first, second = communes["85901"], communes["85902"]
    assert first.geometry.touches(second.geometry)
    assert [members[f"commune-{commune.code}"].name for commune in (first, second)] == [first.name, second.name]


def test_each_token_opens_its_own_organisation(members, web):
    for member in members.values():
        assert authenticate(web, member.token).organisation == member.id


def test_only_the_association_administers(members, web):
    administrators = [member.id for member in members.values() if authenticate(web, member.token).administrator]
    assert administrators == ["association"]


def test_without_a_token_there_are_communes_and_sections(members, web):
    assert set(authenticate(web, None).profile.datasets()) == {"communes", "sections"}


def test_parcels_are_the_communes_own_and_not_everybodys(members, web):
    profile = authenticate(web, members["commune-85901"].token).profile
    assert profile.groups("parcelles", "feature") == ("base",)
    assert authenticate(web, None).profile.groups("parcelles", "feature") == ()


def test_the_water_operator_knows_its_pipes_whole_and_parcels_by_sight(members, web):
    profile = authenticate(web, members["exploitant-eau"].token).profile
    assert profile.groups("canalisations_eau", "feature") == ("base", "technical")
    assert profile.groups("parcelles", "tile") == ("base",)
    assert profile.groups("parcelles", "feature") == ()


def test_a_second_time_changes_nothing(members, database):
    assert {member.id: member for member in prepare_members(database)} == members


def test_tokens_are_kept_for_their_owner_alone(members, database):
    path = database.state / TOKENS
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert json.loads(path.read_text()) == {member.id: member.token for member in members.values()}


def test_a_token_that_no_longer_works_is_replaced_and_the_others_stay(members, database):
    with connect(database, "admin") as connection:
        revoke_token(connection, members["exploitant-eau"].token)
    again = {member.id: member for member in prepare_members(database)}
    assert again["exploitant-eau"].token != members["exploitant-eau"].token
    assert again["association"] == members["association"]
