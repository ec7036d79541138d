"""Communes that merged: the sheets of before leave where the plan has followed; a mistake is taken back."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from catalog.database import Connection
from catalog.errors import AgreementError
from etl.findings import keep_mutations
from etl.loading import publish
from etl.publication import Publication
from etl.tables import query

type Served = dict[tuple[str, str], int]  # merged commune, new commune → sheets
FEW = 5
WHEN = {  # by kind, what has what a file gives of a merged commune pass to the new one
    "cadastre": "quand Etalab publie {new} avec le préfixe de {old} : geosocle load cadastre LIVRAISON",
    "personnes_morales": "avec le fichier de l'année de la fusion : geosocle load personnes_morales LIVRAISON",
}
AFTER = "le plan de {new} une fois chargé, le même fichier de nouveau : geosocle load {kind} LIVRAISON"


@dataclass(frozen=True, slots=True)
class Merger:
    """A merger as it was said."""

    old: str
    new: str
    day: date
    told: datetime


def served(connection: Connection, communes: Sequence[str]) -> Served:
    """Return how many sheets the communes that merged into some still serve."""
    rows = connection.execute(query("fusions_served"), [list(communes)])
    return {(old, new): number for old, new, number in rows}


def succeeded(before: Served, after: Served) -> Iterator[str]:
    """Yield what to say of merged communes whose sheets have been succeeded."""
    for (old, new), number in before.items():
        left = after.get((old, new), 0)
        if left < number:
            still = f", {left} encore servie(s)" if left else ""
            yield f"{old} a fusionné dans {new} : {number - left} feuille(s) remplacée(s){still}"


def follow(connection: Connection, commune: str) -> None:
    """Let the sheets leave that a commune has succeeded to, and tell its mutations anew."""
    if (nothing := anew(connection, commune)) is not None:
        publish(connection, nothing)


def anew(connection: Connection, commune: str) -> Publication | None:
    """Return a publication that brings nothing, of a commune that serves sheets."""
    row = connection.execute(query("fusions_delivery"), [commune]).fetchone()
    return Publication("cadastre", row[0], commune, (), row[1]) if row is not None else None


def remaining(connection: Connection, old: str, new: str) -> Iterator[str]:
    """Yield what a merged commune still serves beside its sheets, and what has it pass to the new one."""
    for kind, source, files in connection.execute(query("fusion_left"), {"old": old}).fetchall():
        when = WHEN.get(kind, AFTER).format(old=old, new=new, kind=kind)
        yield f"{source or kind} : {len(files)} fichier(s) ({few(files)}) ; {when}"


def take_back(connection: Connection, old: str) -> Merger:
    """Take a merger back that was said by mistake, and tell anew what it had told. Raises AgreementError."""
    with connection.transaction():
        row = connection.execute(query("fusion_told"), [old]).fetchone()
        if row is None:
            raise AgreementError(f"{old} n'a fusionné dans aucune commune : « geosocle commune history {old} ».")
        one = Merger(old, *row)
        connection.execute(query("lock_family"), {"commune": one.new})
        refuse_true(connection, one)
        days = {day for (day,) in connection.execute(query("fusion_days"), {"old": old, "told": one.told})}
        connection.execute(query("fusion_take_back"), {"old": old})
        for commune in (one.new, old) if days else ():
            if (nothing := anew(connection, commune)) is not None:
                keep_mutations(connection, nothing, days)
    return one


def refuse_true(connection: Connection, one: Merger) -> None:
    """Raise AgreementError where the plan has followed a merger, or sheets have left for it."""
    named = {"old": one.old, "new": one.new, "told": one.told}
    if sheets := [sheet for (sheet,) in connection.execute(query("fusion_followed"), named)]:
        words = f"le plan de {one.new} l'a suivie, il a {len(sheets)} feuille(s) au préfixe {one.old[2:]}"
        raise AgreementError(f"La fusion de {one.old} reste dite : {words} ({few(sheets)}).")
    if sheets := [sheet for (sheet,) in connection.execute(query("fusion_withdrawn"), named)]:
        words = f"{len(sheets)} feuille(s) de {one.old} ont été retirées avec une livraison entière de {one.new}"
        again = "Chargez-les de nouveau (geosocle load cadastre LIVRAISON), puis relancez cette commande."
        raise AgreementError(f"La fusion de {one.old} reste dite : {words} ({few(sheets)}). {again}")


def few(names: Sequence[str]) -> str:
    """Return some names as one reads them."""
    return ", ".join([*names[:FEW], *(["…"] if len(names) > FEW else [])])
