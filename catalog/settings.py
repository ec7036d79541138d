"""What changes from one server to the next, read from `GEOSOCLE_…`, never at import."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from psycopg.conninfo import conninfo_to_dict, make_conninfo

from catalog.errors import SettingsError
from catalog.loader import datasets

DEFAULT_URL = "http://localhost:5000"
DEFAULT_SCOPE = "openid profile email"
LOOPBACK = ("localhost", "127.0.0.1", "::1")
FEWEST_MONTHS, MOST_MONTHS = 6, 12  # for how long access logs are kept: CNIL, délibération 2021-122
ROLES = {role: f"geosocle_{role}" for role in ("loader", "web", "worker", "audit", "backup")}


@dataclass(frozen=True, slots=True)
class Oidc:
    """The OpenID provider that signs people and machines in; none is asked where none is set.

    issuer: its address, exactly as its tokens say it. audience: what the access tokens of machines must be meant for.
    """

    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    audience: str
    scope: str = DEFAULT_SCOPE


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of this server; each has its line in the README.

    dsn: libpq connection string of the superuser that sets the database up; services only need its host and name.
    state: folder of secrets and of the private cluster. files: folder of images and exports, mode 0700.
    audit: the datasets whose reads are written down beside those whose files say so; the register keeps audit_months.
    pooled: another pool stands before the database, and gives a connection for one transaction only.
    tile_cache: MiB that the shared copies of tiles may take of the folder of files, 0 for none.
    read_memory: MiB that reading one lot may take.
    """

    dsn: str
    state: Path
    files: Path
    public_url: str = DEFAULT_URL
    max_items: int = 10_000
    pool_size: int = 8
    login_failures: int = 30
    oidc: Oidc | None = None
    audit: frozenset[str] = frozenset()
    audit_months: int = MOST_MONTHS
    pooled: bool = False
    tile_cache: int = 1024
    read_memory: int = 2048

    def dsn_for(self, role: str) -> str:
        """Return the connection string of a login role (`loader`, `web`, …) or of the `admin` that sets up."""
        if role == "admin":
            return self.dsn
        own = os.environ.get(f"GEOSOCLE_{role.upper()}_DSN")
        return own or self._derived_dsn(ROLES[role])

    def passfile(self, user: str) -> Path:
        """Return the file, readable by its owner alone, that holds the password of one login role."""
        return self.state / "secrets" / f"{user}.pgpass"

    def knows(self, role: str) -> bool:
        """True where this machine has what a login role connects with."""
        return bool(os.environ.get(f"GEOSOCLE_{role.upper()}_DSN")) or self.passfile(ROLES[role]).is_file()

    def _derived_dsn(self, user: str) -> str:
        parts = conninfo_to_dict(self.dsn).items()
        kept = {k: v for k, v in parts if k in ("host", "hostaddr", "port", "dbname", "sslmode")}
        return make_conninfo(**kept, user=user, passfile=str(self.passfile(user)), application_name=user)


def settings(environment: Mapping[str, str] | None = None) -> Settings:
    """Read the settings from the environment. Raises SettingsError naming the one that is wrong."""
    env = os.environ if environment is None else environment
    if not env.get("GEOSOCLE_DSN"):
        raise SettingsError("GEOSOCLE_DSN manque : lancez « geosocle database start » ou donnez l'adresse d'une base.")
    state = Path(env.get("GEOSOCLE_STATE") or ".geosocle").resolve()
    public_url = env.get("GEOSOCLE_PUBLIC_URL", DEFAULT_URL).rstrip("/")
    return Settings(
        dsn=env["GEOSOCLE_DSN"],
        state=state,
        files=Path(env.get("GEOSOCLE_FILES") or state / "files").resolve(),
        public_url=public_url,
        max_items=_integer(env, "GEOSOCLE_MAX_ITEMS", 10_000),
        pool_size=_integer(env, "GEOSOCLE_POOL_SIZE", 8),
        login_failures=_integer(env, "GEOSOCLE_LOGIN_FAILURES", 30),
        oidc=_oidc(env, public_url),
        audit=_datasets(env, "GEOSOCLE_AUDIT"),
        audit_months=_months(env, "GEOSOCLE_AUDIT_MONTHS"),
        pooled=_pooled(env),
        tile_cache=_integer(env, "GEOSOCLE_TILE_CACHE", 1024, least=0),
        read_memory=_integer(env, "GEOSOCLE_READ_MEMORY", 2048, least=256),
    )


def _oidc(env: Mapping[str, str], public_url: str) -> Oidc | None:
    """Read the OpenID provider. Its secret may stand in a file, which other users cannot read."""
    issuer = env.get("GEOSOCLE_OIDC_ISSUER")
    if not issuer:
        return None
    if not issuer.startswith("https://") and urlsplit(issuer).hostname not in LOOPBACK:
        raise SettingsError("GEOSOCLE_OIDC_ISSUER : une adresse https est attendue.")
    client_id, secret = env.get("GEOSOCLE_OIDC_CLIENT_ID"), env.get("GEOSOCLE_OIDC_CLIENT_SECRET")
    if file := env.get("GEOSOCLE_OIDC_CLIENT_SECRET_FILE"):
        secret = _secret(Path(file))
    if not client_id or not secret:
        raise SettingsError("GEOSOCLE_OIDC_CLIENT_ID et GEOSOCLE_OIDC_CLIENT_SECRET manquent.")
    given = env.get("GEOSOCLE_OIDC_AUDIENCE"), env.get("GEOSOCLE_OIDC_SCOPE")
    return Oidc(issuer, client_id, secret, given[0] or public_url, given[1] or DEFAULT_SCOPE)


def _secret(file: Path) -> str:
    try:
        return file.read_text("utf-8").strip()
    except OSError as error:
        raise SettingsError("GEOSOCLE_OIDC_CLIENT_SECRET_FILE : ce fichier ne peut être lu.") from error


def _datasets(env: Mapping[str, str], name: str) -> frozenset[str]:
    wanted = frozenset(filter(None, (id.strip() for id in env.get(name, "").split(","))))
    if unknown := sorted(wanted - datasets().keys()):  # misspelt, it would silently not be audited
        raise SettingsError(f"{name} : jeu de données inconnu : {', '.join(unknown)}.")
    return wanted


def _months(env: Mapping[str, str], name: str) -> int:
    value = _integer(env, name, MOST_MONTHS)
    if not FEWEST_MONTHS <= value <= MOST_MONTHS:
        raise SettingsError(f"{name} : de {FEWEST_MONTHS} à {MOST_MONTHS} mois.")
    return value


def _pooled(env: Mapping[str, str]) -> bool:
    mode = env.get("GEOSOCLE_POOLER", "")
    if mode not in ("", "transaction"):
        raise SettingsError("GEOSOCLE_POOLER : « transaction », ou rien, est attendu.")
    return mode == "transaction"


def _integer(env: Mapping[str, str], name: str, default: int, least: int = 1) -> int:
    try:
        value = int(env.get(name, default))
    except ValueError as error:
        raise SettingsError(f"{name} : un nombre entier est attendu.") from error
    if value < least:
        raise SettingsError(f"{name} : un nombre positif est attendu.")
    return value
