"""What `geosocle agreement` tells: an agreement whole, the list, those that end, what is left of their quotas."""

from collections.abc import Iterable, Mapping
from typing import Annotated, Any

import typer

from catalog import access, lifecycle
from catalog.agreements import from_document
from catalog.database import Connection, query
from catalog.drift import Drift, drifts
from catalog.errors import AgreementError
from catalog.model import USAGES
from catalog.terms import united
from geosocle.commands.context import administration
from geosocle.commands.output import Json, moment, show_json, words
from geosocle.commands.output import show as show_rows
from geosocle.commands.rows import rows

DRAFT, OVER, VOID = "brouillon", "terminée", "annulée"

HEADINGS = {
    "id": "Identifiant",
    "organisation": "Organisation",
    "state": "État",
    "first_day": "Du",
    "last_day": "Au",
    "purpose": "Objet",
    "summary": "Droits",
    "drift": "À revoir",
}
DUE = {
    "id": "Identifiant",
    "organisation": "Organisation",
    "last_day": "Dernier jour",
    "days": "Jours restants",
    "notice": "Échéance",
    "drift": "À revoir",
}
USED = {
    "organisation": "Organisation",
    "id": "Convention",
    "measure": "Quota",
    "quota": "Accordé",
    "used": "Consommé",
    "remaining": "Reste",
    "turns": "Jusqu'à",
}
MEASURES = {
    "features_day": "objets par jour",
    "export_bytes_month": "octets exportés par mois",
    "requests_minute": "requêtes par minute",
}
WRITTEN = {
    "dataset": "Jeu",
    "group": "Groupe",
    "usages": "Usages",
    "communes": "Communes, telles qu'écrites",
    "neighbours": "Voisines : groupes",
    "neighbours_usages": "Voisines : usages",
}
GIVEN = {"dataset": "Jeu", "group": "Groupe", "usages": "Usages", "communes": "Communes"}
VERSIONS = {
    "version": "Version",
    "since": "Depuis",
    "until": "Jusqu'à",
    "first_day": "Du",
    "last_day": "Au",
    "rights": "Droits",
    "communes": "Communes",
    "document_sha256": "PDF signé",
}


def show(id: Annotated[str, typer.Argument(help="Identifiant de la convention.")], as_json: Json = False) -> None:
    """Montrer une convention entière : parties, objet, droits écrits et donnés, quotas, versions, ce qui a bougé."""
    with administration() as connection:
        found = whole(connection, id)
        names = dict(connection.execute(query("commune_names"), [codes(found["rights"])]).fetchall())
    if as_json:
        show_json(found | {"drift": found["drift"].document(), "communes": names})
        return
    for heading, said in head(found).items():
        typer.echo(f"{heading:<16}{said}")
    told("Droits, tels qu'écrits", found["terms"], WRITTEN)
    title = "Ce qu'elle donnerait, signée aujourd'hui" if found["state"] == DRAFT else "Ce qu'elle donne"
    told(title, together(found["rights"], names), GIVEN)
    told("Quotas", [each | {"measure": MEASURES[each["measure"]]} for each in found["used"]], without_party(USED))
    told("Versions", found["versions"], VERSIONS)
    if found["drift"]:
        typer.echo(f"\nÀ revoir : {found['drift']}")
        typer.echo(advice(found))


def whole(connection: Connection, id: str) -> dict[str, Any]:
    """Return all that is kept of an agreement or a draft, and what has moved since it was signed."""
    found = rows(connection, query("list_agreements"), {"organisation": None, "id": id})
    if not found:
        raise AgreementError(f"Convention inconnue : {id}.")
    one = found[-1]
    parameters = {"id": id, "organisation": one["organisation"]}
    (around,) = rows(connection, query("show_agreement"), parameters)
    history = {
        "used": rows(connection, query("quota_usage"), parameters),
        "versions": rows(connection, query("agreement_versions"), parameters),
    }
    more = as_if_signed(connection, one) if one["state"] == DRAFT else {"drift": drifts(connection, [id])[id]}
    return one | around | history | more


def as_if_signed(connection: Connection, draft: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a draft would give if it were signed now, or why it could not be."""
    days = {key: str(draft[key]) for key in ("first_day", "last_day")}
    head = {key: draft[key] for key in ("id", "organisation", "purpose")}
    try:
        rights = lifecycle.resolved(connection, from_document(head | days | {"rights": draft["terms"]}))
    except AgreementError as error:
        return {"drift": Drift(faults=(str(error).removesuffix("."),))}
    given = [
        {"dataset": dataset, "group": group, "usage": usage, "communes": sorted(communes)}
        for (dataset, group, usage), communes in united(rights).items()
    ]
    return {"rights": given, "drift": Drift()}


def codes(rights: Iterable[Mapping[str, Any]]) -> list[str]:
    """Return every commune of some rights, in order."""
    return sorted({code for right in rights for code in right["communes"]})


def head(found: Mapping[str, Any]) -> dict[str, str]:
    """Return the lines that stand at the top of an agreement."""
    party = f"{found['organisation']} : {found['name']} ({found['kind']})"
    lines = {
        "Convention": f"{found['id']}, {found['state']}",
        "Organisation": f"{party}, territoire : {words(found['territory']) or 'aucun'}",
        "Objet": found["purpose"],
        "Jours": f"du {found['first_day']} au {found['last_day']} inclus",
        "PDF signé": f"SHA-256 {found['document_sha256']}" if found["document_sha256"] else "aucune empreinte",
        "Suit": found["renews"],
        "Suivie de": found["renewed_by"],
        "Fin décidée le": found["ended"] and moment(found["ended"]),
    }
    return {heading: said for heading, said in lines.items() if said}


def told(title: str, lines: list[dict[str, Any]], headings: Mapping[str, str]) -> None:
    """Print a part of an agreement under its title, where there is something to tell."""
    if lines:
        typer.echo(f"\n{title}")
        kept = {
            key: heading for key, heading in headings.items() if any(line.get(key) not in (None, []) for line in lines)
        }
        show_rows([{key: line.get(key) for key in kept} for line in lines], kept, as_json=False)


def together(rights: Iterable[Mapping[str, Any]], names: Mapping[str, str]) -> list[dict[str, Any]]:
    """Put the usages that have the same communes on one line, these with their names."""
    lots: dict[tuple[str, str, tuple[str, ...]], list[str]] = {}
    for right in rights:
        lots.setdefault((right["dataset"], right["group"], tuple(right["communes"])), []).append(right["usage"])
    return [
        {
            "dataset": dataset,
            "group": group,
            "usages": [usage for usage in USAGES if usage in usages],
            "communes": [called(code, names) for code in communes],
        }
        for (dataset, group, communes), usages in lots.items()
    ]


def called(code: str, names: Mapping[str, str]) -> str:
    """Return a commune's code, with its name where it is known."""
    return f"{code} {names[code]}" if code in names else code


def without_party(headings: Mapping[str, str]) -> dict[str, str]:
    """Return headings for what is of one agreement."""
    return {key: heading for key, heading in headings.items() if key not in ("organisation", "id")}


def advice(found: Mapping[str, Any]) -> str:
    """Return what there is to do about an agreement that has moved."""
    if found["state"] == DRAFT:
        return "Il ne pourrait être signé : corrigez-le, puis « agreement draft »."
    later = "la suite est signée à part : revoyez-la aussi" if found["renewed_by"] else "« agreement renew » de même"
    return f"Elle donne ce qui fut signé ; « agreement amend » résout ses termes à nouveau, {later}."


def list_(
    organisation: Annotated[str | None, typer.Argument(help="N'afficher que les siennes.")] = None,
    as_json: Json = False,
) -> None:
    """Lister les conventions, ce qu'elles donnent, et ce qui ne serait plus signé ainsi aujourd'hui."""
    with administration() as connection:
        if organisation:
            access.check_organisation(connection, organisation)
        found = rows(connection, query("list_agreements"), {"organisation": organisation, "id": None})
        moved = drifts(connection, [each["id"] for each in found if each["state"] not in (DRAFT, OVER, VOID)])
    listed = [agreement | {"summary": summary(agreement["rights"])} for agreement in found]
    show_rows(marked(listed, moved, as_json), HEADINGS, as_json)


def due(as_json: Json = False) -> None:
    """Lister les conventions qui finissent dans 60 jours au plus, ou finies, et que rien ne suit."""
    with administration() as connection:
        found = rows(connection, query("due_agreements"))
        moved = drifts(connection, [each["id"] for each in found])
    show_rows(marked(found, moved, as_json), DUE, as_json)


def marked(found: Iterable[dict[str, Any]], moved: Mapping[str, Drift], as_json: bool) -> list[dict[str, Any]]:
    """Return agreements with what has moved of each since it was signed."""
    none = Drift()
    each_moved = [(each, moved.get(each["id"], none)) for each in found]
    return [each | {"drift": drift.document() if as_json else str(drift)} for each, drift in each_moved]


def usage(
    id: Annotated[
        str | None, typer.Argument(help="Identifiant de la convention ; toutes celles en cours sinon.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Dire ce que les conventions ont consommé de leurs quotas, et jusqu'à quand cela compte (heure de Paris)."""
    with administration() as connection:
        if id and connection.execute(query("find_agreement"), [id]).fetchone() is None:
            raise AgreementError(f"Convention inconnue : {id}.")
        found = rows(connection, query("quota_usage"), {"id": id})
    named = found if as_json else [each | {"measure": MEASURES[each["measure"]]} for each in found]
    show_rows(named, USED, as_json)


def summary(rights: list[dict[str, str]]) -> str:
    """Say the rights of an agreement shortly: the groups of each dataset."""
    return ", ".join(sorted({f"{right['dataset']}:{right['group']}" for right in rights}))
