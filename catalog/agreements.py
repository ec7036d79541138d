"""Agreements as they are written: on the command line, right by right, or in a TOML file. Pure."""

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from catalog.errors import AgreementError
from catalog.terms import Right

TERRITORY = "territoire"  # instead of communes: those of the organisation, as they are that day
KEYS = {"id": str, "organisation": str, "purpose": str, "first_day": date, "last_day": date}
OPTIONAL = {"document_sha256": str}
RIGHT_KEYS = {"dataset": str, "group": str, "usages": list, "communes": (list, str)}


@dataclass(frozen=True, slots=True)
class Agreement:
    """An agreement before it is in the database."""

    id: str
    organisation: str
    purpose: str
    first_day: date
    last_day: date
    rights: tuple[Right, ...]
    document_sha256: str | None = None


def parse_right(text: str) -> Right:
    """Read `dataset:group:usages:communes`; usages and communes are separated by commas."""
    parts = text.split(":")
    if len(parts) != 4 or not all(parts):
        raise AgreementError(f"Droit « {text} » : jeu:groupe:usages:communes attendu.")
    dataset, group, usages, communes = parts
    return Right(dataset, group, tuple(usages.split(",")), tuple(communes.split(",")))


def with_territory(rights: Iterable[Right], territory: Sequence[str]) -> list[Right]:
    """Return the rights with the organisation's communes wherever `territoire` stands."""
    named = list(rights)
    if not territory and any(TERRITORY in right.communes for right in named):
        raise AgreementError("Cette organisation n'a pas de territoire : nommez les communes.")
    return [replace(r, communes=tuple(territory)) if r.communes == (TERRITORY,) else r for r in named]


def read_agreement(path: Path) -> Agreement:
    """Read an agreement file, whole or not at all. Raises AgreementError naming the line or the key that is wrong."""
    try:
        content = tomllib.loads(path.read_text("utf-8"))
        return parse_agreement(content)
    except (OSError, UnicodeDecodeError) as error:
        raise AgreementError(f"{path.name} : fichier illisible.") from error
    except tomllib.TOMLDecodeError as error:
        raise AgreementError(f"{path.name} : TOML incorrect ({error}).") from error
    except AgreementError as error:
        raise AgreementError(f"{path.name} : {error}") from error


def parse_agreement(content: Mapping[str, Any]) -> Agreement:
    """Return the agreement that a file's content describes."""
    rights = content.get("rights")
    if not isinstance(rights, list) or not rights:
        raise AgreementError("rights : au moins un bloc [[rights]] est attendu.")
    given = {key: value for key, value in content.items() if key != "rights"}
    check_keys(given, KEYS, OPTIONAL)
    return Agreement(**given, rights=tuple(parse_table(number, table) for number, table in enumerate(rights, 1)))


def parse_table(number: int, table: Any) -> Right:
    """Return the right of one `[[rights]]` block; errors name it by its number."""
    where = f"rights[{number}]"
    if not isinstance(table, dict):
        raise AgreementError(f"{where} : un bloc [[rights]] est attendu.")
    check_keys(table, RIGHT_KEYS, {}, f"{where}.")
    communes = table["communes"]
    if isinstance(communes, str):
        communes = [communes]
    for key, values in (("usages", table["usages"]), ("communes", communes)):
        if not all(isinstance(value, str) for value in values):
            raise AgreementError(f"{where}.{key} : des textes entre guillemets sont attendus.")
    try:
        return Right(table["dataset"], table["group"], tuple(table["usages"]), tuple(communes))
    except AgreementError as error:
        raise AgreementError(f"{where} : {error}") from error


def check_keys(table: Mapping[str, Any], keys: Mapping[str, Any], optional: Mapping[str, Any], where: str = "") -> None:
    """Raise AgreementError for the first key that is missing, unknown or of another type than expected."""
    for key in keys:
        if key not in table:
            raise AgreementError(f"{where}{key} : manque.")
    for key, value in table.items():
        kind = keys.get(key) or optional.get(key)
        if kind is None:
            raise AgreementError(f"{where}{key} : clé inconnue.")
        if not isinstance(value, kind) or (kind is date and type(value) is not date):
            raise AgreementError(f"{where}{key} : valeur d'un autre type que celui attendu.")
