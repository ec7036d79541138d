"""Settings come from the environment alone; a wrong one is named."""

import pytest
from psycopg.conninfo import conninfo_to_dict

from catalog.errors import SettingsError
from catalog.settings import settings

ENVIRONMENT = {"GEOSOCLE_DSN": "host=/run/x dbname=banque user=postgres password=hunter2", "GEOSOCLE_STATE": "/srv/g"}


def test_without_a_database_the_message_says_what_to_do():
    with pytest.raises(SettingsError, match="GEOSOCLE_DSN"):
        settings({})


def test_a_login_role_goes_to_the_same_database_with_its_own_password_file():
    dsn = conninfo_to_dict(settings(ENVIRONMENT).dsn_for("web"))
    assert (dsn["host"], dsn["dbname"], dsn["user"]) == ("/run/x", "banque", "geosocle_web")
    assert dsn["passfile"] == "/srv/g/secrets/geosocle_web.pgpass"


def test_the_superuser_s_password_is_not_handed_to_the_others():
    assert "hunter2" not in settings(ENVIRONMENT).dsn_for("web")


@pytest.mark.parametrize("value", ["many", "0", "-3"])
def test_a_number_that_is_none_is_refused_by_the_name_of_its_setting(value):
    with pytest.raises(SettingsError, match="GEOSOCLE_POOL_SIZE"):
        settings(ENVIRONMENT | {"GEOSOCLE_POOL_SIZE": value})


OIDC = {
    "GEOSOCLE_OIDC_ISSUER": "https://comptes.exemple.fr",
    "GEOSOCLE_OIDC_CLIENT_ID": "geosocle",
    "GEOSOCLE_OIDC_CLIENT_SECRET": "hunter3",
}


def test_no_provider_is_asked_unless_one_is_set():
    assert settings(ENVIRONMENT).oidc is None
    assert settings(ENVIRONMENT | OIDC | {"GEOSOCLE_OIDC_ISSUER": ""}).oidc is None


def test_a_provider_s_secret_is_not_shown_and_may_stand_in_a_file(tmp_path):
    file = tmp_path / "secret"
    file.write_text("hunter4\n")
    given = settings(ENVIRONMENT | OIDC)
    assert given.oidc.client_secret == "hunter3"
    assert "hunter3" not in repr(given)
    kept = settings(ENVIRONMENT | OIDC | {"GEOSOCLE_OIDC_CLIENT_SECRET_FILE": str(file)})
    assert kept.oidc.client_secret == "hunter4"


def test_access_tokens_are_meant_for_the_public_address_unless_another_is_set():
    own = ENVIRONMENT | OIDC | {"GEOSOCLE_PUBLIC_URL": "https://sig.exemple.fr/"}
    assert settings(own).oidc.audience == "https://sig.exemple.fr"
    assert settings(own | {"GEOSOCLE_OIDC_AUDIENCE": "banque"}).oidc.audience == "banque"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("GEOSOCLE_OIDC_ISSUER", "http://comptes.exemple.fr"),
        ("GEOSOCLE_OIDC_CLIENT_ID", ""),
        ("GEOSOCLE_OIDC_CLIENT_SECRET", ""),
        ("GEOSOCLE_OIDC_CLIENT_SECRET_FILE", "/nulle/part"),
    ],
)
def test_a_provider_that_is_half_set_is_refused(name, value):
    with pytest.raises(SettingsError, match=name):
        settings(ENVIRONMENT | OIDC | {name: value})


def test_the_mode_of_the_pool_before_the_database_is_said_or_refused():
    assert not settings(ENVIRONMENT).pooled
    assert settings(ENVIRONMENT | {"GEOSOCLE_POOLER": "transaction"}).pooled
    with pytest.raises(SettingsError, match="GEOSOCLE_POOLER"):
        settings(ENVIRONMENT | {"GEOSOCLE_POOLER": "session"})
