"""Many agreements at once: one template of rights, signed for each organisation of a list. All of it or nothing."""

import csv
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from catalog.access import add_organisation, check_identifier
from catalog.agreements import Agreement, check_keys, check_words, located, parse_agreement, read_toml
from catalog.database import Connection, query
from catalog.errors import AgreementError
from catalog.lifecycle import ground_of, sign_as, signed
from catalog.terms import CODE_INSEE, resolve

MEMBER_KEYS = {"id": str, "name": str, "kind": str, "communes": list}
COLUMNS = ["organisation", "nom", "nature", "communes"]
ORGANISATION = "{organisation}"


@dataclass(frozen=True, slots=True)
class Party:
    """An organisation of the list."""

    id: str
    name: str
    kind: str
    communes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Batch:
    """What a file asks for: who, and the agreement of each."""

    members: tuple[Party, ...]
    agreements: tuple[Agreement, ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one organisation's line: what was added; nothing where all was there already."""

    organisation: str
    agreement: str
    organisation_added: bool
    agreement_added: bool


def read_batch(path: Path, members: Path | None = None) -> Batch:
    """Read a template and its list, `[[organisations]]` or a CSV file. Raises AgreementError naming file and line."""
    text, content = read_toml(path)
    with located(path.name, text):
        listed = tuple(read_members(members) if members else parties(content))
        return batch(content, listed)


def batch(content: Mapping[str, Any], members: tuple[Party, ...]) -> Batch:
    """Return the agreement of each member: the template, `{organisation}` in its id being the member's."""
    if not members:
        raise AgreementError("organisations : au moins une est attendue.", key="organisations")
    template = {key: value for key, value in content.items() if key != "organisations"}
    if ORGANISATION not in str(template.get("id", "")):
        raise AgreementError(f"id : « {ORGANISATION} » y est attendu, une convention par organisation.", key="id")
    names = [member.id for member in members]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise AgreementError(f"organisations : {', '.join(twice)} deux fois.", key="organisations")
    made = (
        parse_agreement(template | {"id": template["id"].replace(ORGANISATION, name), "organisation": name})
        for name in names
    )
    return Batch(members, tuple(made))


def parties(content: Mapping[str, Any]) -> Iterator[Party]:
    """Yield the organisations that the file itself lists."""
    for number, table in enumerate(content.get("organisations", ()), 1):
        with listed(f"organisations[{number}]"):
            if not isinstance(table, dict):
                raise AgreementError("un bloc [[organisations]] est attendu.")
            check_keys(table, MEMBER_KEYS, {})
            yield party(table["id"], table["name"], table["kind"], table["communes"])


def read_members(path: Path) -> Iterator[Party]:
    """Yield the organisations of a CSV file: organisation;nom;nature;communes, these separated by spaces."""
    try:
        lines = path.read_text("utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise AgreementError(f"{path.name} : fichier illisible (CSV en UTF-8 attendu).") from error
    for number, line in enumerate(lines or [""], 1):
        with listed(f"{path.name}, ligne {number}"):
            row = cells(line)
            if number == 1 and row != COLUMNS:
                raise AgreementError(f"« {';'.join(COLUMNS)} » est attendu.")
            if len(row) != len(COLUMNS):
                raise AgreementError(f"{len(COLUMNS)} colonnes sont attendues.")
            if number > 1:
                yield party(*row[:3], row[3].split())


def cells(line: str) -> list[str]:
    """Return the cells of a line, which ends what it quotes: otherwise it would take those after it for its own."""
    try:
        return next(csv.reader([line], delimiter=";", strict=True), [])
    except csv.Error as error:
        raise AgreementError("CSV incorrect : des guillemets que rien ne ferme, ou une cellule démesurée.") from error


@contextmanager
def listed(where: str) -> Iterator[None]:
    """Name the place in the list of what is refused of it."""
    try:
        yield
    except AgreementError as error:
        raise AgreementError(f"{where} : {error}") from error


def party(id: str, name: str, kind: str, communes: list[Any]) -> Party:
    """Return an organisation of the list, its words and codes checked."""
    check_identifier(id)
    check_words(name, "nom")
    for code in communes:
        if not isinstance(code, str) or not CODE_INSEE.fullmatch(code):
            raise AgreementError(f"Code INSEE incorrect : « {code} » (entre guillemets, comme 85001 ou 2A004).")
    return Party(id, name, kind, tuple(sorted(set(communes))))


def grant(connection: Connection, wanted: Batch) -> list[Outcome]:
    """Add the organisations and agreements that are missing, in one transaction; what is there must be the same.

    Areas, borders and the communes held are looked for once for all.
    """
    with connection.transaction():
        known = {row[0]: Party(*row[:3], tuple(sorted(row[3]))) for row in connection.execute(query("parties"))}
        added = [member.id for member in wanted.members if admitted(connection, known, member)]
        codes = sorted({code for member in wanted.members for code in member.communes})
        shared = ground_of(connection, codes, [term for one in wanted.agreements[:1] for term in one.rights])
        outcomes = []
        for member, agreement in zip(wanted.members, wanted.agreements, strict=True):
            new = not present(connection, agreement)
            if new:
                own = replace(shared, territory=member.communes)
                sign_as(connection, agreement, resolve(agreement.rights, own))
            outcomes.append(Outcome(member.id, agreement.id, member.id in added, new))
        return outcomes


def admitted(connection: Connection, known: Mapping[str, Party], member: Party) -> bool:
    """Add an organisation that is not known. Raises AgreementError where it is known as another."""
    if member.id not in known:
        add_organisation(connection, member.id, member.name, member.kind, member.communes)
        return True
    if known[member.id] != member:
        raise AgreementError(f"{member.id} : cette organisation existe, avec un autre nom, nature ou territoire.")
    return False


def present(connection: Connection, wanted: Agreement) -> bool:
    """True where this very agreement is signed already. Raises AgreementError where another bears its name."""
    if not connection.execute(query("find_agreement"), [wanted.id]).fetchone():
        return False
    if signed(connection, wanted.id).document() != wanted.document():
        raise AgreementError(f"{wanted.id} : cette convention existe, avec d'autres termes : « agreement amend ».")
    return True
