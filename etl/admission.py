"""Whether a sheet or file is taken: not twice, not older than what is served, not in the place of the reference."""

from datetime import date, timedelta

from catalog.errors import DeliveryError
from etl import kinds
from etl.etalab_layouts import identified
from etl.report import CHECKED, UNCHANGED, Unit
from etl.tables import of_kind, query
from etl.work import Work, refused

AHEAD = timedelta(days=366)  # what is announced for the next 1 January is no mistake


class Fallback(DeliveryError):
    """EDIGEO fait foi."""


def settle_doubles(units: list[Unit]) -> None:
    """Refuse, of the lots that are one sheet or file, all but the newest; of as new ones, all but the first by name.

    `claim_unit.sql` keeps the same one, whichever was read first.
    """
    best: dict[str, Unit] = {}
    taken = [unit for unit in units if unit.status in (CHECKED, UNCHANGED) and unit.edition is not None]
    for unit in sorted(taken, key=preference):
        winner = best.setdefault(unit.name, unit)
        if winner is unit:
            continue
        newer = winner.edition != unit.edition
        words = (
            "une édition plus récente est dans la livraison ({}) et la remplace"
            if newer
            else "deux fois dans la livraison (aussi {}) : retirez l'une"
        )
        refused(unit, DeliveryError(words.format(winner.file), file=unit.file))


def preference(unit: Unit) -> tuple[int, str, str]:
    """Return what orders the lots that are one sheet or file, the best first."""
    assert unit.edition is not None
    return -unit.edition.toordinal(), unit.file, unit.sha256


def unchanged(work: Work, unit: Unit) -> bool:
    """True where this very content is served. Raises DeliveryError where what is served must not be replaced."""
    served = list(work.connection.execute(query("published"), [work.kind, [unit.name]]))
    if served and not work.options.force and all(sha256 == unit.sha256 for _, _, _, sha256 in served):
        return True
    newest = max((edition for _, _, edition, _ in served), default=None)
    assert unit.edition is not None
    refuse_future(work, unit.edition, unit.file)
    if newest and newest > unit.edition and not work.options.force:
        days = f"édition du {unit.edition:%d/%m/%Y} plus ancienne que celle qui est servie ({newest:%d/%m/%Y})"
        raise DeliveryError(f"{days} : --force pour l'imposer", file=unit.file)
    if newest == unit.edition:
        other = f", autre contenu{' ou autres communes' * (work.kind in kinds.CUT)}"
        unit.notices.append(f"même édition{'' if work.options.force else other} : remplacée")
    refuse_fallback(work, unit)
    refuse_succeeded(work, unit)
    return False


def refuse_future(work: Work, edition: date, file: str) -> None:
    """Raise DeliveryError for an edition over a year ahead: once served, every true one would pass for older."""
    if edition > date.today() + AHEAD and not work.options.force:
        words = f"édition du {edition:%d/%m/%Y}, à venir dans plus d'un an : date fausse ? --force pour l'imposer"
        raise DeliveryError(words, file=file)


def refuse_succeeded(work: Work, unit: Unit) -> None:
    """Raise DeliveryError for a sheet of a merged commune that one of the new commune has succeeded."""
    asked = [unit.name, unit.commune]
    for (successor,) in work.connection.execute(query("successor_served"), asked) if work.kind == "cadastre" else ():
        words = f"{unit.commune} a fusionné : la feuille {successor} la remplace (« geosocle commune history »)"
        raise DeliveryError(words, file=unit.file)


def refuse_fallback(work: Work, unit: Unit) -> None:
    """Raise Fallback for Etalab's layers where EDIGEO sheets are served: these are the reference.

    Of a whole département the communes are told apart as they are published.
    """
    layer = unit.name.partition("-")[2].partition("-")[2] or "parcelles"
    if (
        not unit.name.startswith("etalab-")
        or unit.part
        or unit.commune is None
        or (work.options.force and identified(layer))
    ):
        return
    served = work.connection.execute(query("published_in_commune"), [work.kind, unit.commune])
    if any(not name.startswith("etalab-") for (name,) in served):
        what = "--force pour l'imposer" if identified(layer) else "--force doublerait ces objets, sans identifiant"
        raise Fallback(f"EDIGEO fait foi pour {unit.commune} : {what}", file=unit.file)


def refuse_poor(work: Work, unit: Unit) -> None:
    """Raise DeliveryError for a sheet that scores less than it should, and less than the one that it would replace.

    Nothing better is served in the place of one that comes for the first time: it is taken, and that is said.
    """
    assert unit.score is not None
    least = work.options.least_score
    least = max(dataset.least_score for dataset in of_kind(work.kind)) if least is None else least
    if unit.score.value >= least:
        return
    words = f"note de {unit.score.value} sur 100, sous le seuil de {least}"
    served = [score for (score,) in work.connection.execute(query("served_scores"), [work.kind, unit.name])]
    if not served:
        unit.notices.append(f"{words} : servie, faute d'une édition meilleure")
    elif work.options.force:
        unit.notices.append(f"{words} : imposée (--force)")
    elif all(score is not None and score <= unit.score.value for score in served):
        unit.notices.append(f"{words} : servie, celle qu'elle remplace n'a pas mieux")
    else:
        worst = ", ".join(f"{number} {rule}" for rule, _, number in unit.anomalies[:5])
        raise DeliveryError(f"{words} ({worst}) ; l'édition servie le reste : --force pour l'imposer", file=unit.file)
