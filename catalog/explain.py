"""Why an organisation may or may not see something: the decision of the policies again, with its trace."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from psycopg import sql

from catalog.database import Connection, query
from catalog.errors import AgreementError
from catalog.loader import datasets
from catalog.model import USAGES, Dataset


@dataclass(frozen=True, slots=True)
class Grant:
    """What one agreement gives: a group of the dataset for one usage over some communes, between two days."""

    agreement: str
    organisation: str
    first_day: date
    last_day: date
    group: str
    usage: str
    communes: frozenset[str]


@dataclass(frozen=True, slots=True)
class Decision:
    """The answer for one group and usage: by which agreements it is given, or why it is not."""

    group: str
    usage: str
    agreements: tuple[str, ...]
    communes: frozenset[str]
    reason: str

    @property
    def given(self) -> bool:
        """True where at least one agreement gives it today."""
        return bool(self.agreements)


@dataclass(frozen=True, slots=True)
class Explanation:
    """Everything that decides about a dataset, or about one object of it, for an organisation on a day."""

    organisation: str
    dataset: str
    day: date
    feature: str | None
    commune: str | None
    decisions: tuple[Decision, ...]


def explain(connection: Connection, organisation: str, dataset: str, feature: str | None = None) -> Explanation:
    """Explain what an organisation may do with a dataset today or with one object of it."""
    described = datasets().get(dataset)
    known, day = connection.execute(query("explain_organisation"), [organisation]).fetchone()
    if described is None:
        raise AgreementError(f"Jeu de données inconnu : {dataset}.")
    if not known:
        raise AgreementError(f"Organisation inconnue : {organisation}.")
    commune = None if feature is None else commune_of(connection, described, feature)
    found = connection.execute(query("explain_rights"), {"organisation": organisation, "dataset": dataset})
    grants = [Grant(*row[:6], frozenset(row[6])) for row in found]
    decisions = tuple(decide(grants, group, usage, day, commune) for group in described.groups for usage in USAGES)
    return Explanation(organisation, dataset, day, feature, commune, decisions)


def commune_of(connection: Connection, dataset: Dataset, feature: str) -> str:
    """Return the stored commune of an object: the only thing of it that rights depend on."""
    statement = sql.SQL(query("explain_feature")).format(table=sql.Identifier(dataset.schema, dataset.name))
    row = connection.execute(statement, [feature]).fetchone()
    if row is None:
        raise AgreementError(f"{dataset.id} : aucun objet {feature}.")
    return row[0]


def decide(grants: Iterable[Grant], group: str, usage: str, day: date, commune: str | None = None) -> Decision:
    """Decide about one group and usage: over a commune or, without one, over any. Pure."""
    misses = [(miss(grant, group, usage, day, commune), grant) for grant in grants]
    giving = [grant for missed, grant in misses if missed is None]
    communes = frozenset().union(*(grant.communes for grant in giving))
    agreements = tuple(dict.fromkeys(grant.agreement for grant in giving))
    reason = "" if giving else nearest([(missed, grant) for missed, grant in misses if missed])
    return Decision(group, usage, agreements, communes, reason)


def miss(grant: Grant, group: str, usage: str, day: date, commune: str | None) -> tuple[int, str] | None:
    """Say how near a grant comes to giving this and what it lacks; None where it gives it."""
    if grant.group != group:
        return 0, f"ne donne pas le groupe « {group} »"
    if grant.usage != usage:
        return 1, f"ne donne pas l'usage « {usage} »"
    if commune is not None and commune not in grant.communes:
        return 2, "donne d'autres communes"
    if day > grant.last_day:
        return 3, f"s'est terminée le {grant.last_day}"
    if day < grant.first_day:
        return 3, f"ne commence que le {grant.first_day}"
    return None


def nearest(misses: Iterable[tuple[tuple[int, str], Grant]]) -> str:
    """Return, for each agreement, the reason of the grant that comes nearest."""
    best: dict[str, tuple[int, str]] = {}
    for missed, grant in misses:
        best[grant.agreement] = max(best.get(grant.agreement, missed), missed)
    return " ; ".join(f"{agreement} {words}" for agreement, (_, words) in best.items()) or "aucune convention"
