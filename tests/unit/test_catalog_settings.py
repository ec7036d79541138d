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
