"""What an agreement gives: terms as they are written, resolved into rights over communes. Pure."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from catalog.errors import AgreementError
from catalog.loader import datasets
from catalog.model import USAGES

CODE_INSEE = re.compile(r"([013-9][0-9]|2[AB1-9])[0-9]{3}")  # as access.code_insee has it, to name what is wrong
TERRITORY = "territoire"  # among communes: those of the organisation, as they are that day
WRITTEN = ("dataset", "group", "usages", "communes", "neighbours", "neighbours_usages")


@dataclass(frozen=True, slots=True)
class Right:
    """One grant: an attribute group of a dataset, for some usages, over some communes (INSEE codes)."""

    dataset: str
    group: str
    usages: tuple[str, ...]
    communes: tuple[str, ...]

    def __post_init__(self) -> None:
        check_group(self.dataset, self.group)
        check_usages(self.dataset, self.usages)
        if not self.communes:
            raise AgreementError(f"{self.dataset} : aucune commune.")


@dataclass(frozen=True, slots=True)
class Term:
    """A right as it is written: `communes` holds INSEE codes, names of areas and `territoire`.

    The communes that share a border with those have `neighbours` (attribute groups) for `neighbours_usages`.
    `block` is its place in the file, for whoever must correct it.
    """

    dataset: str
    group: str
    usages: tuple[str, ...]
    communes: tuple[str, ...]
    neighbours: tuple[str, ...] = ()
    neighbours_usages: tuple[str, ...] = ()
    block: int | None = field(default=None, compare=False)

    def __post_init__(self) -> None:
        check_group(self.dataset, self.group)
        check_usages(self.dataset, self.usages)
        if not self.communes:
            raise AgreementError(f"{self.dataset} : aucune commune.")
        for group in self.neighbours:
            check_group(self.dataset, group)
        if not set(self.neighbours_usages) <= set(self.usages):
            raise AgreementError(f"{self.dataset} : les communes voisines n'ont que des usages du droit lui-même.")

    def document(self) -> dict[str, Any]:
        """Return the term as JSON holds it: what is not said is not there."""
        return {key: value for key, value in asdict(self).items() if key in WRITTEN and value}


def read_term(written: Mapping[str, Any]) -> Term:
    """Return a term that `Term.document` wrote. Raises AgreementError where the catalogue has lost what it names."""
    lists = {key: tuple(value) for key, value in written.items() if isinstance(value, list)}
    return Term(**{**written, **lists})


@dataclass(frozen=True, slots=True)
class Ground:
    """What terms are resolved against, as it is on one day.

    `territory` is the organisation's, `areas` are the named ones, `held` the communes whose limits the bank has, and
    `borders` maps some of these to those that they share a border with.
    """

    territory: Sequence[str] = ()
    areas: Mapping[str, Sequence[str]] = field(default_factory=dict)
    held: frozenset[str] = frozenset()
    borders: Mapping[str, frozenset[str]] = field(default_factory=dict)


def check_group(dataset: str, group: str) -> None:
    """Raise AgreementError for a dataset or an attribute group that the catalogue has not."""
    known = datasets().get(dataset)
    if known is None:
        raise AgreementError(f"Jeu de données inconnu : {dataset}.")
    if group not in known.groups:
        raise AgreementError(f"{dataset} : groupe d'attributs inconnu : {group}.")


def check_usages(dataset: str, usages: Sequence[str]) -> None:
    """Raise AgreementError for no usage, or one that does not exist."""
    if not usages or not set(usages) <= set(USAGES):
        raise AgreementError(f"{dataset} : usages attendus parmi {', '.join(USAGES)}.")


def resolve(terms: Iterable[Term], ground: Ground) -> tuple[Right, ...]:
    """Return the rights that terms give on that ground. Raises AgreementError naming what it has not."""
    rights: list[Right] = []
    for term in terms:
        communes = placed(term, ground)
        rights.append(Right(term.dataset, term.group, term.usages, communes))
        around = beyond(communes, ground, term.block) if term.neighbours else ()
        if around:
            usages = term.neighbours_usages or term.usages
            rights += [Right(term.dataset, group, usages, around) for group in term.neighbours]
    return tuple(rights)


def placed(term: Term, ground: Ground) -> tuple[str, ...]:
    """Return the communes that a term names, in order."""
    found: set[str] = set()
    for name in term.communes:
        if name == TERRITORY:
            if not ground.territory:
                words = "Cette organisation n'a pas de territoire : nommez les communes."
                raise AgreementError(words, term.block, "communes")
            found.update(ground.territory)
        elif name in ground.areas:
            found.update(ground.areas[name])
        else:
            found.add(known_commune(name, ground.held, term.block))
    return tuple(sorted(found))


def known_commune(name: str, held: frozenset[str], block: int | None = None) -> str:
    """Return a commune that is named by its code; one that the bank does not hold is taken for a slip of the pen.

    A bank without any limits, nothing loaded yet, takes every code.
    """
    if not CODE_INSEE.fullmatch(name):
        words = f"Ni code INSEE (cinq caractères, comme 85001 ou 2A004) ni zone connue : « {name} »."
        raise AgreementError(words, block, "communes")
    if held and name not in held:
        raise AgreementError(f"Commune que la banque ne tient pas : « {name} ».", block, "communes")
    return name


def beyond(communes: Sequence[str], ground: Ground, block: int | None = None) -> tuple[str, ...]:
    """Return the communes that share a border with some, without these, in order."""
    missing = [code for code in communes if code not in ground.held]
    if missing:
        words = f"Voisines inconnues : la banque ne tient pas les limites de {', '.join(missing)}."
        raise AgreementError(words, block, "neighbours")
    around = frozenset().union(*(ground.borders.get(code, frozenset()) for code in communes))
    return tuple(sorted(around - set(communes)))


def united(rights: Iterable[Right]) -> dict[tuple[str, str, str], set[str]]:
    """Unite rights tuple by tuple: communes are put together within one dataset, group and usage, never across."""
    tuples: dict[tuple[str, str, str], set[str]] = {}
    for right in rights:
        for usage in right.usages:
            tuples.setdefault((right.dataset, right.group, usage), set()).update(right.communes)
    return tuples
