"""Whether a sheet or file is taken: not twice, not older than what is served, not in the place of the reference."""

from catalog.errors import DeliveryError
from etl import kinds
from etl.loading import query
from etl.report import IGNORED, REFUSED, Unit
from etl.work import Work, refuse


def refuse_double(work: Work, unit: Unit) -> None:
    """Raise DeliveryError for a sheet or file that the delivery also holds in an edition as new; else that one goes."""
    for other in work.report.units:
        if (
            other.name != unit.name
            or other.status in (REFUSED, IGNORED)
            or other.edition is None
            or unit.edition is None
        ):
            continue
        if other.edition >= unit.edition:
            raise DeliveryError(f"deux fois dans la livraison (aussi {other.file})", file=unit.file)
        work.report.units.remove(other)
        refuse(work, other, DeliveryError(f"une édition plus récente est dans la livraison ({unit.file})"))
        return


def unchanged(work: Work, unit: Unit) -> bool:
    """True where this very content is served. Raises DeliveryError where what is served must not be replaced."""
    served = list(work.connection.execute(query("published"), [work.kind, [unit.name]]))
    if served and not work.options.force and all(sha256 == unit.sha256 for _, _, _, sha256 in served):
        return True
    newest = max((edition for _, _, edition, _ in served), default=None)
    assert unit.edition is not None
    if newest and newest > unit.edition and not work.options.force:
        days = f"édition du {unit.edition:%d/%m/%Y} plus ancienne que celle qui est servie ({newest:%d/%m/%Y})"
        raise DeliveryError(f"{days} : --force pour l'imposer", file=unit.file)
    if newest == unit.edition:
        other = f", autre contenu{' ou autres communes' * (work.kind in kinds.CUT)}"
        unit.notices.append(f"même édition{'' if work.options.force else other} : remplacée")
    refuse_fallback(work, unit)
    return False


def refuse_fallback(work: Work, unit: Unit) -> None:
    """Raise DeliveryError for Etalab's parcels where EDIGEO sheets are served: these are the reference."""
    if not unit.name.startswith("etalab-") or work.options.force:
        return
    served = work.connection.execute(query("published_in_commune"), [work.kind, unit.commune])
    if any(not name.startswith("etalab-") for (name,) in served):
        raise DeliveryError(f"EDIGEO fait foi pour {unit.commune} : --force pour l'imposer", file=unit.file)
