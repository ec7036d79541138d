"""Agreements as they are written: on the command line, right by right, or in a TOML file. Pure."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import product
from pathlib import Path
from typing import Any

from catalog.errors import AgreementError
from catalog.terms import Term

KEYS = {"id": str, "organisation": str, "purpose": str, "first_day": date, "last_day": date}
OPTIONAL = {"document_sha256": str, "quotas": dict}
RIGHT_KEYS = {"usages": list, "communes": (list, str)}
RIGHT_OPTIONAL = {
    "dataset": str,
    "datasets": list,
    "group": str,
    "groups": list,
    "neighbours": (list, str),
    "neighbours_usages": list,
}
QUOTAS = ("features_day", "export_bytes_month", "requests_minute")
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")  # no text of anybody's, but orders to a terminal


@dataclass(frozen=True, slots=True)
class Agreement:
    """An agreement before it is signed. `quotas` has those of `QUOTAS` that are set."""

    id: str
    organisation: str
    purpose: str
    first_day: date
    last_day: date
    rights: tuple[Term, ...]
    document_sha256: str | None = None
    quotas: Mapping[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.last_day < self.first_day:
            words = f"la convention finirait le {self.last_day}, avant le {self.first_day}."
            raise AgreementError(f"last_day précède first_day : {words}", key="last_day")
        check_words(self.purpose, "purpose")

    def document(self) -> dict[str, Any]:
        """Return the agreement as JSON holds it."""
        days = {"first_day": self.first_day.isoformat(), "last_day": self.last_day.isoformat()}
        head = {"id": self.id, "organisation": self.organisation, "purpose": self.purpose}
        signed = {"document_sha256": self.document_sha256} if self.document_sha256 else {}
        return head | days | signed | {"quotas": dict(self.quotas), "rights": [term.document() for term in self.rights]}


def parse_right(text: str) -> Term:
    """Read `dataset:group:usages:communes`; usages and communes are separated by commas."""
    parts = text.split(":")
    if len(parts) != 4 or not all(parts):
        raise AgreementError(f"Droit « {text} » : jeu:groupe:usages:communes attendu.")
    dataset, group, usages, communes = parts
    return Term(dataset, group, tuple(usages.split(",")), tuple(communes.split(",")))


def read_agreement(path: Path) -> Agreement:
    """Read an agreement file, whole or not at all. Raises AgreementError naming file, line and what is wrong."""
    text, content = read_toml(path)
    with located(path.name, text):
        return parse_agreement(content)


def read_toml(path: Path) -> tuple[str, dict[str, Any]]:
    """Return the text of a TOML file and what it says. Raises AgreementError for one that says nothing sound."""
    try:
        text = path.read_text("utf-8-sig")
        return text, tomllib.loads(text)
    except (OSError, UnicodeDecodeError) as error:
        raise AgreementError(f"{path.name} : fichier illisible.") from error
    except tomllib.TOMLDecodeError as error:
        raise AgreementError(f"{path.name} : TOML incorrect ({error}).") from error
    except (RecursionError, ValueError) as error:  # brackets within brackets, a number of thousands of digits
        raise AgreementError(f"{path.name} : TOML démesuré.") from error


@contextmanager
def located(name: str, text: str) -> Iterator[None]:
    """Name the file and the line in what is said of a block or a key of it."""
    try:
        yield
    except AgreementError as error:
        line = line_of(text, error.block, error.key)
        where = f"{name}, ligne {line}" if line else name
        block = f"rights[{error.block}] : " if error.block else ""
        raise AgreementError(f"{where} : {block}{error}") from error


def line_of(text: str, block: int | None, key: str | None) -> int | None:
    """Return the line of a key in its block, or the block's own where the key is not found; from one on."""
    lines = text.splitlines()
    start, end = span(lines, block)
    named = re.compile(rf"(?:.*[{{,])?\s*\"?{re.escape(key or '')}\"?\s*[=.]")  # also within braces
    found = (number for number in range(start, end) if key and named.match(lines[number]))
    return next(found, start if block and start < len(lines) else -1) + 1 or None


def span(lines: list[str], block: int | None) -> tuple[int, int]:
    """Return where the lines of a `[[rights]]` block begin and end; without one, of the whole text."""
    if block is None:
        return 0, len(lines)
    heads = [number for number, line in enumerate(lines) if re.match(r"\s*\[\[\s*rights\s*\]\]", line)]
    heads = heads or [number for number, line in enumerate(lines) if re.match(r"\s*rights\s*=", line)]  # in one list
    if block > len(heads):
        return len(lines), len(lines)
    return heads[block - 1], heads[block] if block < len(heads) else len(lines)


def parse_agreement(content: Mapping[str, Any]) -> Agreement:
    """Return the agreement that a file's content describes."""
    rights = content.get("rights")
    if not isinstance(rights, list) or not rights:
        raise AgreementError("rights : au moins un bloc [[rights]] est attendu.")
    given = {key: value for key, value in content.items() if key != "rights"}
    check_keys(given, KEYS, OPTIONAL)
    check_quotas(given.get("quotas", {}))
    terms = tuple(term for number, table in enumerate(rights, 1) for term in parse_block(number, table))
    return Agreement(**given, rights=terms)


def from_document(content: Mapping[str, Any]) -> Agreement:
    """Return the agreement that a draft holds, checked again: the catalogue may have changed since."""
    days = {key: date.fromisoformat(content[key]) for key in ("first_day", "last_day")}
    return parse_agreement({**content, **days})


def check_quotas(quotas: Mapping[str, Any]) -> None:
    """Raise AgreementError for a quota that does not exist, or is no positive whole number."""
    for key, value in quotas.items():
        if key not in QUOTAS:
            raise AgreementError(f"quotas.{key} : quota inconnu, parmi {', '.join(QUOTAS)}.", key=key)
        if type(value) is not int or not 0 < value < 2**31 * (1 if key == "requests_minute" else 2**31):
            raise AgreementError(f"quotas.{key} : un nombre entier positif est attendu.", key=key)


def parse_block(number: int, table: Any) -> list[Term]:
    """Return the terms of one `[[rights]]` block, one a dataset and group; errors know its number."""
    try:
        if not isinstance(table, dict):
            raise AgreementError("un bloc [[rights]] est attendu.")
        check_keys(table, RIGHT_KEYS, RIGHT_OPTIONAL)
        lists = {key: texts(table, key) for key in ("usages", "communes", "neighbours", "neighbours_usages")}
        pairs = list(product(one_or_more(table, "dataset"), one_or_more(table, "group")))
        return [replace(term, block=number) for term in (expanded(*pair, lists) for pair in pairs)]
    except AgreementError as error:
        raise AgreementError(str(error), number, error.key) from error


def expanded(dataset: str, group: str, lists: Mapping[str, tuple[str, ...]]) -> Term:
    """Return the term of a dataset and group; neighbours with usages alone have that same group."""
    around = lists["neighbours"] or ((group,) if lists["neighbours_usages"] else ())
    return Term(dataset, group, lists["usages"], lists["communes"], around, lists["neighbours_usages"])


def check_words(text: str, key: str) -> None:
    """Raise AgreementError for what nobody can read: a blank, or control characters."""
    if not text.strip() or CONTROL.search(text):
        raise AgreementError(f"{key} : un texte lisible est attendu.", key=key)


def one_or_more(table: Mapping[str, Any], key: str) -> tuple[str, ...]:
    """Return what stands under a key, or as a list under its plural."""
    plural = f"{key}s"
    if (key in table) == (plural in table):
        raise AgreementError(f"{key} : manque, ou est là deux fois ({key}, {plural}).", key=key)
    return texts(table, key if key in table else plural)


def texts(table: Mapping[str, Any], key: str) -> tuple[str, ...]:
    """Return the texts under a key, each once, one alone as well as a list; none where it is absent."""
    values = table.get(key, [])
    values = [values] if isinstance(values, str) else values
    if (key in table and not values) or not all(isinstance(value, str) for value in values):
        raise AgreementError(f"{key} : des textes entre guillemets sont attendus.", key=key)
    return tuple(dict.fromkeys(values))


def check_keys(table: Mapping[str, Any], keys: Mapping[str, Any], optional: Mapping[str, Any]) -> None:
    """Raise AgreementError for the first key that is missing, unknown or of another type than expected."""
    for key in keys:
        if key not in table:
            raise AgreementError(f"{key} : manque.", key=key)
    for key, value in table.items():
        kind = keys.get(key) or optional.get(key)
        if kind is None:
            raise AgreementError(f"{key} : clé inconnue.", key=key)
        if not isinstance(value, kind) or (kind is date and type(value) is not date):
            raise AgreementError(f"{key} : valeur d'un autre type que celui attendu.", key=key)
