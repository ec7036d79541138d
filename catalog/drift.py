"""Where a signed agreement would give other communes if it were signed today: it is told, nothing changes by itself."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from catalog.database import Connection, query
from catalog.errors import AgreementError
from catalog.lifecycle import borders, ground_of
from catalog.terms import CODE_INSEE, Ground, Term, placed, read_term, resolve, united

AROUND = "voisines"

Written = Mapping[str, Any]  # a term, as JSON holds it
Given = Mapping[tuple[str, str, str], set[str]]  # (dataset, group, usage) → communes


@dataclass(frozen=True, slots=True)
class Move:
    """What some names stand for today and did not when they were signed, and the other way; `rights` it changes."""

    names: tuple[str, ...]
    more: tuple[str, ...]
    fewer: tuple[str, ...]
    rights: tuple[str, ...]

    def __str__(self) -> str:
        communes = [f"+{code}" for code in self.more] + [f"-{code}" for code in self.fewer]
        return f"{', '.join(self.names) or 'communes'} : {' '.join(communes)}"


@dataclass(frozen=True, slots=True)
class Drift:
    """What of an agreement would be signed otherwise today, and what could not be signed any more."""

    moves: tuple[Move, ...] = ()
    faults: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.moves or self.faults)

    def __str__(self) -> str:
        return " ; ".join([*map(str, self.moves), *self.faults])

    def document(self) -> dict[str, Any]:
        """Return it as JSON holds it."""
        moves = [{name: getattr(move, name) for name in Move.__slots__} for move in self.moves]
        return {"moves": moves, "faults": self.faults}


def drifts(connection: Connection, ids: Sequence[str]) -> dict[str, Drift]:
    """Return the drift of each of some signed agreements. Borders are looked for once for all."""
    shared = ground_of(connection, (), ())
    found = [
        (id, written, signed_tuples(rights), replace(shared, territory=territory))
        for id, territory, written, rights in connection.execute(query("signed_terms"), [list(ids)])
    ]
    codes = {code for _, written, _, ground in found for code in bordered(written, ground)}
    near = borders(connection, codes)
    merged = mergers(connection, ids)
    return {
        id: merged_in(drift(written, given, replace(ground, borders=near)), merged.get(id, ()))
        for id, written, given, ground in found
    }


def mergers(connection: Connection, ids: Sequence[str]) -> dict[str, list[str]]:
    """Return, of some agreements, the communes that they name and that became another, which they do not give."""
    told: dict[str, list[str]] = {}
    for id, old, new in connection.execute(query("merged_in_agreements"), [list(ids)]):
        told.setdefault(id, []).append(f"{old} a fusionné dans {new}")
    return told


def merged_in(found: Drift, merged: Iterable[str]) -> Drift:
    """Return a drift with the mergers that the agreement does not follow."""
    return replace(found, faults=(*found.faults, *merged))


def signed_tuples(rights: Iterable[Mapping[str, Any]]) -> dict[tuple[str, str, str], set[str]]:
    """Return rights as `access.rights_of` writes them."""
    return {(right["dataset"], right["group"], right["usage"]): set(right["communes"]) for right in rights}


def bordered(written: Iterable[Written], ground: Ground) -> Iterator[str]:
    """Yield the communes whose borders the terms ask for; what cannot be read is told by `drift`."""
    for block in written:
        try:
            term = read_term(block)
            yield from placed(term, ground) if term.neighbours else ()
        except AgreementError:
            continue


def drift(written: Iterable[Written], given: Given, ground: Ground) -> Drift:
    """Compare what terms give on today's ground with what they gave when they were signed. Pure.

    Of a dataset of which some term can no longer be resolved, that alone is told.
    """
    terms, faults, left_out = [], [], set()
    for block in written:
        try:
            term = read_term(block)
            resolve([term], ground)
            terms.append(term)
        except AgreementError as error:
            faults.append(str(error).removesuffix("."))
            left_out.add(block["dataset"])
    today = united(resolve(terms, ground))
    keys = sorted(key for key in today.keys() | given.keys() if key[0] not in left_out)
    lots: dict[tuple[tuple[str, ...], ...], list[str]] = {}
    for key in keys:
        now, then = today.get(key, set()), given.get(key, set())
        if now != then:
            change = (tuple(named(terms, key)), tuple(sorted(now - then)), tuple(sorted(then - now)))
            lots.setdefault(change, []).append(f"{key[0]}:{key[1]}")
    moves = tuple(Move(*change, tuple(dict.fromkeys(rights))) for change, rights in sorted(lots.items()))
    return Drift(moves, tuple(dict.fromkeys(faults)))


def named(terms: Iterable[Term], key: tuple[str, str, str]) -> list[str]:
    """Return what stands for communes in the terms that give a dataset's group for a usage."""
    names: list[str] = []
    for term in terms:
        if term.dataset == key[0] and term.group == key[1] and key[2] in term.usages:
            names += [name for name in term.communes if not CODE_INSEE.fullmatch(name)]
        if term.dataset == key[0] and key[1] in term.neighbours and key[2] in (term.neighbours_usages or term.usages):
            names.append(AROUND)
    return list(dict.fromkeys(names))
