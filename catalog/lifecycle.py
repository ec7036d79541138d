"""The life of an agreement: drafted, signed, amended, renewed; what it names is resolved when it is signed."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from psycopg.types.json import Jsonb

from catalog.access import add_agreement, check_identifier, check_organisation, described, set_rights
from catalog.agreements import QUOTAS, Agreement, from_document
from catalog.database import Connection, query
from catalog.errors import AgreementError
from catalog.terms import Ground, Right, Term, resolve

SHA256 = re.compile(r"[0-9a-f]{64}")


def ground(connection: Connection, organisation: str, terms: Iterable[Term]) -> Ground:
    """Return what an organisation's terms are resolved against today."""
    return ground_of(connection, check_organisation(connection, organisation), terms)


def ground_of(connection: Connection, territory: Sequence[str], terms: Iterable[Term]) -> Ground:
    """Return what terms are resolved against today, over a territory. Borders are looked for where they are needed."""
    areas = {id: tuple(communes) for id, communes in connection.execute(query("areas"))}
    held = frozenset(code for (code,) in connection.execute(query("held_communes")))
    found = Ground(territory, areas, held)
    needing = [replace(term, neighbours=()) for term in terms if term.neighbours]
    return replace(found, borders=borders(connection, {c for right in resolve(needing, found) for c in right.communes}))


def borders(connection: Connection, communes: Iterable[str]) -> dict[str, frozenset[str]]:
    """Return the communes held that share a border with each of some."""
    codes = sorted(communes)
    if not codes:
        return {}
    return {code: frozenset(near) for code, near in connection.execute(query("borders"), [codes])}


def resolved(connection: Connection, wanted: Agreement) -> tuple[Right, ...]:
    """Return the rights that an agreement would give if it were signed now."""
    return resolve(wanted.rights, ground(connection, wanted.organisation, wanted.rights))


def draft(connection: Connection, wanted: Agreement) -> None:
    """Keep an agreement as a draft, which gives nothing; one of the same name is replaced."""
    check_identifier(wanted.id)
    resolved(connection, wanted)
    if connection.execute(query("find_agreement"), [wanted.id]).fetchone():
        raise AgreementError(f"Cette convention est déjà signée : {wanted.id}.")
    connection.execute(query("set_draft"), [wanted.id, wanted.organisation, Jsonb(wanted.document())])


def sign_draft(connection: Connection, id: str, document_sha256: str | None) -> None:
    """Sign a draft: from now on it gives what it names. Without a document, it is the one that the draft names."""
    with connection.transaction():
        found = connection.execute(query("take_draft"), [id]).fetchone()
        if found is None:
            raise AgreementError(f"Brouillon inconnu : {id}.")
        drafted = from_document(found[0])
        document = document_sha256 or drafted.document_sha256
        if document is None:
            raise AgreementError(f"{id} : donnez le PDF signé (--document) ou son empreinte (--sha256).")
        sign(connection, replace(drafted, document_sha256=document))


def sign(connection: Connection, wanted: Agreement) -> None:
    """Add a signed agreement: areas, territory and neighbours become communes as they are today."""
    sign_as(connection, wanted, resolved(connection, wanted))


def sign_as(connection: Connection, wanted: Agreement, rights: tuple[Right, ...]) -> None:
    """Add a signed agreement that gives these rights, resolved already."""
    check_sha256(wanted.document_sha256)
    days = wanted.first_day, wanted.last_day
    with connection.transaction():
        add_agreement(
            connection, wanted.id, wanted.organisation, wanted.purpose, *days, rights, wanted.document_sha256,
            wanted.rights,
        )  # fmt: skip
        set_quotas(connection, wanted)


def amend(connection: Connection, wanted: Agreement, document_sha256: str) -> date | None:
    """Put other terms in the place of a signed agreement's. Its organisation and its first day stay.

    Returns the day on which somebody had ended it, where it now runs longer: who amends may know nothing of that.
    """
    check_sha256(document_sha256)
    if (wanted.organisation, wanted.first_day) != head(connection, wanted.id)[:2]:
        raise AgreementError(f"{wanted.id} : un avenant ne change ni l'organisation ni le premier jour.")
    (follows,) = connection.execute(query("next_first_day"), [wanted.id]).fetchone()
    if follows is not None and wanted.last_day >= follows:
        raise AgreementError(f"{wanted.id} : la période suivante commence déjà le {follows}.", key="last_day")
    rights = resolved(connection, wanted)
    with connection.transaction():
        parameters = [wanted.purpose, wanted.last_day, document_sha256, wanted.id]
        (ended,) = connection.execute(query("amend_agreement"), parameters).fetchone()
        set_rights(connection, wanted.id, rights, wanted.rights)
        set_quotas(connection, wanted)
    return ended if ended and ended < wanted.last_day else None


def renew(connection: Connection, id: str, last_day: date, new: str, document_sha256: str | None) -> Agreement:
    """Sign the period after an agreement's last day: the same terms, resolved anew. Returns the new agreement."""
    current = signed(connection, id)
    (follows,) = connection.execute(query("next_first_day"), [id]).fetchone()
    if follows is not None:
        raise AgreementError(f"{id} : la période suivante commence déjà le {follows}.")
    if current.last_day == date.max:
        raise AgreementError(f"{id} finit le {current.last_day} : rien ne peut la suivre.")
    document = document_sha256 or current.document_sha256
    first_day = current.last_day + timedelta(days=1)
    following = replace(current, id=new, first_day=first_day, last_day=last_day, document_sha256=document)
    with connection.transaction():
        sign(connection, following)
        connection.execute(query("set_renews"), [id, new])
    return following


def head(connection: Connection, id: str) -> tuple[str, date, date]:
    """Return whose a signed agreement is, its first and its last day; its row is locked until the transaction ends."""
    organisation, _, first_day, last_day, *_ = signed_row(connection, id)
    return organisation, first_day, last_day


def signed(connection: Connection, id: str) -> Agreement:
    """Return a signed agreement as it was written. Raises AgreementError where the catalogue has lost what it names."""
    organisation, purpose, first_day, last_day, document, terms, *quotas = signed_row(connection, id)
    written = {"id": id, "organisation": organisation, "purpose": purpose, "rights": terms}
    days = {"first_day": first_day.isoformat(), "last_day": last_day.isoformat()}
    limits = {key: value for key, value in zip(QUOTAS, quotas, strict=True) if value is not None}
    try:
        return replace(from_document(written | days | {"quotas": limits}), document_sha256=document)
    except AgreementError as error:
        gone = f"{id} nomme ce que le catalogue n'a plus ({str(error).removesuffix('.')})"
        raise AgreementError(f"{gone} : retirez-le d'abord de ses termes, par « agreement amend ».") from error


def signed_row(connection: Connection, id: str) -> tuple[Any, ...]:
    """Return the row of a signed agreement that is not void, and lock it."""
    found = connection.execute(query("get_agreement"), [id]).fetchone()
    if found is None:
        raise AgreementError(f"Convention inconnue : {id}.")
    _, _, first_day, last_day, *_ = found
    if last_day < first_day:
        raise AgreementError(f"{id} : cette convention est annulée.")
    return found


def set_quotas(connection: Connection, wanted: Agreement) -> None:
    """Write the quotas of an agreement: one that is not named is none."""
    connection.execute(query("set_quotas"), [*(wanted.quotas.get(key) for key in QUOTAS), wanted.id])


def set_area(connection: Connection, id: str, name: str, communes: Iterable[str]) -> bool:
    """Define an area, or change it: signed agreements stay as they are. Returns whether it is new."""
    check_identifier(id)
    with described(id):
        (new,) = connection.execute(query("set_area"), [id, name, sorted(set(communes))]).fetchone()
    return new


def check_sha256(sha256: str | None) -> None:
    """Raise AgreementError for what is not the SHA-256 of a document."""
    if sha256 is not None and not SHA256.fullmatch(sha256):
        raise AgreementError("document_sha256 : 64 chiffres hexadécimaux en minuscules sont attendus.")
