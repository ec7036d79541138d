"""The demonstration's organisations, agreements and tokens: made once, found again afterwards."""

import json
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from catalog.access import Right, add_agreement, add_organisation, authenticate, issue_token
from catalog.database import Connection, Pool, connect, pool, query
from catalog.errors import UnknownToken
from catalog.model import USAGES
from catalog.settings import Settings
from geosocle.passwords import write_private

TOKENS = "demo-tokens.json"


@dataclass(frozen=True, slots=True)
class Member:
    """An organisation of the demonstration, with the token that opens the platform for it."""

    id: str
    name: str
    token: str


def prepare_members(settings: Settings) -> list[Member]:
    """Make what is missing of the demonstration's rights, and return its members with tokens that work."""
    plan = tomllib.loads(files("geosocle").joinpath("demo.toml").read_text("utf-8"))
    with connect(settings, "admin") as connection:
        existing = {id for (id,) in connection.execute(query("demo_existing", package="geosocle"))}
        _add_organisations(connection, plan, existing)
        _add_agreements(connection, plan, existing)
        tokens = _tokens(settings, connection, plan)
    return [Member(entry["id"], entry["name"], tokens[entry["id"]]) for entry in plan["organisations"]]


def _add_organisations(connection: Connection, plan: dict, existing: set[str]) -> None:
    for entry in plan["organisations"]:
        if entry["id"] not in existing:
            territory = entry.get("communes", plan["territory"])
            add_organisation(connection, entry["id"], entry["name"], entry["kind"], territory)


def _add_agreements(connection: Connection, plan: dict, existing: set[str]) -> None:
    for entry in plan["agreements"]:
        if entry["id"] not in existing:
            rights = list(_rights(entry, tuple(entry.get("communes", plan["territory"]))))
            days = plan["first_day"], plan["last_day"]
            add_agreement(connection, entry["id"], entry["organisation"], entry["purpose"], *days, rights)


def _rights(agreement: dict, communes: tuple[str, ...]) -> Iterator[Right]:
    for entry in agreement["rights"]:
        for dataset in entry["datasets"]:
            yield Right(dataset, entry["group"], tuple(entry.get("usages", USAGES)), communes)


def _tokens(settings: Settings, connection: Connection, plan: dict) -> dict[str, str]:
    """Return a token by organisation: those kept if they still work, else new ones."""
    kept = _read(settings.state / TOKENS)
    tokens: dict[str, str] = {}
    with pool(settings, "web") as web:
        for entry in plan["organisations"]:
            token = kept.get(entry["id"])
            if token is None or not _works(web, token):
                administrator = entry.get("administrator", False)
                token = issue_token(connection, entry["id"], administrator=administrator, label="Démonstration")
            tokens[entry["id"]] = token
    if tokens != kept:
        write_private(settings.state / TOKENS, json.dumps(tokens, indent=2) + "\n")
    return tokens


def _works(web: Pool, token: str) -> bool:
    try:
        authenticate(web, token)
    except UnknownToken:
        return False
    return True


def _read(path: Path) -> dict[str, str]:
    return json.loads(path.read_text("utf-8")) if path.exists() else {}
