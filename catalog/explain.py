"""Why an organisation may or may not see something: the decision of the policies again, from a trace that is complete.

A trace is plain JSON: the question, what the catalogue says of the dataset, and every right that was ever written about
it. `replay` makes the decisions from it alone, so that whoever has the trace can make them again.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from catalog.database import Connection, Pool, available, query
from catalog.errors import AgreementError
from catalog.loader import datasets
from catalog.model import BASE, PUBLIC, USAGES, Dataset

# What is served in a format is given by a usage: looking is `image`, everything else is taking.
FORMATS = {
    **dict.fromkeys(("json", "geojson", "html", "csv", "fgb", "jsonld"), "feature"),
    **dict.fromkeys(("mvt", "pbf"), "tile"),
    **dict.fromkeys(("png", "webp", "jpeg", "pdf"), "image"),
    "gpkg": "file",
}
Trace = Mapping[str, Any]
Ask = Callable[[str, Mapping[str, str | None]], Any]


@dataclass(frozen=True, slots=True)
class Grant:
    """What one version of an agreement gives: a group of the dataset for one usage over some communes, for some days.

    `since` and `until` are the days on which this version came and went; one without `until` is in force. A draft
    gives nothing.
    """

    agreement: str
    organisation: str
    first_day: date
    last_day: date
    group: str
    usage: str
    communes: frozenset[str]
    version: int | None = None
    since: date | None = None
    until: date | None = None
    draft: bool = False


@dataclass(frozen=True, slots=True)
class Decision:
    """The answer for one group and usage: by which grants it is given, or why it is not.

    `given` is what the policy of the group's table says. `served` is what doors make of it: no door gives a group where
    it does not give the object itself, its `base`.
    """

    group: str
    usage: str
    grants: tuple[Grant, ...]
    reason: str
    served: bool = False

    @property
    def given(self) -> bool:
        """True where at least one agreement gives it on that day."""
        return bool(self.grants)

    @property
    def agreements(self) -> tuple[str, ...]:
        """The agreements that give it, each once."""
        return tuple(dict.fromkeys(grant.agreement for grant in self.grants))

    @property
    def communes(self) -> frozenset[str]:
        """The communes over which they give it, together."""
        return frozenset().union(*(grant.communes for grant in self.grants))


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked: an attribute or a format narrows the decisions, a feature places them; no day is today."""

    organisation: str
    dataset: str
    feature: str | None = None
    attribute: str | None = None
    format: str | None = None
    day: date | None = None


@dataclass(frozen=True, slots=True)
class Explanation:
    """The decisions about a dataset, or about one object of it, and the trace that they follow from."""

    trace: Trace
    decisions: tuple[Decision, ...]

    @property
    def commune(self) -> str | None:
        """The commune of the object that was asked about."""
        return self.trace["commune"]

    @property
    def given(self) -> bool:
        """True where doors give something of what was asked."""
        return any(decision.served for decision in self.decisions)

    @property
    def warning(self) -> str:
        """What stands in the way of the organisation itself, whatever its agreements give."""
        credentials = self.trace["credentials"]
        if self.trace["organisation"] == PUBLIC or credentials["good"] or credentials["identities"]:
            return ""
        why = f"{credentials['revoked']} révoqué(s), {credentials['expired']} expiré(s)"
        return f"Aucun jeton valable ({why}) : l'organisation ne peut pas se présenter."


def explain(connection: Connection, question: Question) -> Explanation:
    """Explain what an organisation may do with a dataset or an object of it, asked by an administrator's connection."""

    def ask(name: str, values: Mapping[str, str | None]) -> Any:
        return connection.execute(query(name), values).fetchone()[0]

    return explained(ask, question)


def explain_to(pool: Pool, key: str, question: Question) -> Explanation:
    """Explain it to whoever has a key: the database answers an administrator's alone."""

    def ask(name: str, values: Mapping[str, str | None]) -> Any:
        with available(), pool.connection() as connection:
            return connection.execute(query(f"{name}_asked"), {**values, "key": key}).fetchone()[0]

    return explained(ask, question)


def explained(ask: Ask, question: Question) -> Explanation:
    """Gather a trace by what asks the database, and replay it. Raises AgreementError for what does not exist."""
    dataset = datasets().get(question.dataset)
    if dataset is None:
        raise AgreementError(f"Jeu de données inconnu : {question.dataset}.")
    check(dataset, question)
    facts = ask("explain_facts", {"organisation": question.organisation, "dataset": dataset.id})
    if facts is None:
        raise AgreementError(f"Organisation inconnue : {question.organisation}.")
    commune = None
    if question.feature is not None:
        commune = ask("explain_commune", {"table": dataset.table, "feature": question.feature})
        if commune is None:
            raise AgreementError(f"{dataset.id} : aucun objet {question.feature}.")
    trace = traced(dataset, question, facts, commune)
    return Explanation(trace, replay(trace))


def check(dataset: Dataset, question: Question) -> None:
    """Raise AgreementError for an attribute or a format that does not exist."""
    if question.attribute is not None and question.attribute not in dataset.columns(tuple(dataset.groups)):
        raise AgreementError(f"{dataset.id} : attribut inconnu : {question.attribute}.")
    if question.format is not None and question.format not in (*FORMATS, *USAGES):
        raise AgreementError(f"Format inconnu : {question.format} (parmi {', '.join((*FORMATS, *USAGES))}).")


def traced(dataset: Dataset, question: Question, facts: Mapping[str, Any], commune: str | None) -> Trace:
    """Return the trace of a question: plain JSON, with all that the decisions depend on."""
    return {
        "organisation": question.organisation,
        "dataset": dataset.id,
        "feature": question.feature,
        "commune": commune,
        "attribute": question.attribute,
        "format": question.format,
        "day": question.day.isoformat() if question.day else facts["today"],
        "groups": {group: list(columns) for group, columns in dataset.groups.items()},
        **facts,
    }


def replay(trace: Trace) -> tuple[Decision, ...]:
    """Make the decisions that follow from a trace. Pure."""
    grants = [read_grant(fields) for fields in trace["grants"]]
    days = date.fromisoformat(trace["day"]), date.fromisoformat(trace["today"])
    return tuple(
        at_doors(grants, group, usage, trace["commune"], *days)
        for group, columns in trace["groups"].items()
        if trace["attribute"] is None or trace["attribute"] in columns
        for usage in USAGES
        if trace["format"] is None or usage == FORMATS.get(trace["format"], trace["format"])
    )


def read_grant(fields: Mapping[str, Any]) -> Grant:
    """Return a grant that a trace holds."""
    days = {
        name: fields[name] and date.fromisoformat(fields[name]) for name in ("first_day", "last_day", "since", "until")
    }
    return Grant(**{**fields, **days, "communes": frozenset(fields["communes"])})


def at_doors(grants: Sequence[Grant], group: str, usage: str, commune: str | None, day: date, today: date) -> Decision:
    """Decide, and say what doors make of it: where there is no object, there is no attribute of it. Pure."""
    found = decide(grants, group, usage, day, commune, today)
    base = found if group == BASE else decide(grants, BASE, usage, day, commune, today)
    served = bool(found.communes & base.communes)
    reason = found.reason or ("" if served else f"le groupe « {BASE} » n'y est pas donné pour cet usage")
    return Decision(group, usage, found.grants, reason, served)


def decide(
    grants: Iterable[Grant], group: str, usage: str, day: date, commune: str | None = None, today: date | None = None
) -> Decision:
    """Decide about one group and usage on a day: over a commune or, without one, over any. Pure."""
    misses = [(miss(grant, group, usage, day, commune, today or day), grant) for grant in grants]
    giving = tuple(grant for missed, grant in misses if missed is None)
    reason = "" if giving else nearest([(missed, grant) for missed, grant in misses if missed])
    return Decision(group, usage, giving, reason, bool(giving))


def miss(  # noqa: PLR0911, PLR0913 (one return a thing that may lack)
    grant: Grant, group: str, usage: str, day: date, commune: str | None, today: date
) -> tuple[int, str] | None:
    """Say how near a grant comes to giving this and what it lacks; None where it gives it."""
    if grant.group != group:
        return 0, f"ne donne pas le groupe « {group} »"
    if grant.usage != usage:
        return 1, f"ne donne pas l'usage « {usage} »"
    if grant.draft:
        return 5, "n'est qu'un brouillon"
    if commune is not None and commune not in grant.communes:
        return 2, "donne d'autres communes"
    if grant.until is not None and (day >= today or day > grant.until):
        return 3, f"ne le donne plus depuis son changement du {grant.until}"
    if day > grant.last_day:
        return 4, f"s'est terminée le {grant.last_day}"
    if day < grant.first_day:
        return 4, f"ne commence que le {grant.first_day}"
    if grant.since is not None and day < min(grant.since, today):
        return 4, f"ne le donnait pas encore : cette version est du {grant.since}"
    return None


def nearest(misses: Iterable[tuple[tuple[int, str], Grant]]) -> str:
    """Return, for each agreement, the reason of the grant that comes nearest."""
    best: dict[str, tuple[int, str]] = {}
    for missed, grant in misses:
        best[grant.agreement] = max(best.get(grant.agreement, missed), missed)
    return " ; ".join(f"{agreement} {words}" for agreement, (_, words) in best.items()) or "aucune convention"


def document(found: Explanation) -> dict[str, Any]:
    """Return an explanation as JSON holds it, with its trace."""
    trace = found.trace
    head = {key: trace[key] for key in ("organisation", "dataset", "day", "feature", "commune", "attribute", "format")}
    said = {"given": found.given, "warning": found.warning or None}
    return head | said | {"decisions": [line(decision) for decision in found.decisions], "trace": trace}


def line(decision: Decision) -> dict[str, Any]:
    """Return one decision by the names of its parts."""
    return {
        "group": decision.group,
        "usage": decision.usage,
        "given": decision.given,
        "served": decision.served,
        "agreements": list(decision.agreements),
        "rules": [rule(grant) for grant in decision.grants],
        "communes": sorted(decision.communes),
        "reason": decision.reason,
    }


def rule(grant: Grant) -> str:
    """Name the agreement, its version and its days, of whom it is, and what it gives."""
    whose = "convention du public" if grant.organisation == PUBLIC else "convention"
    version = f", version {grant.version}" if grant.version else ""
    return f"{whose} {grant.agreement}{version}, du {grant.first_day} au {grant.last_day}"
