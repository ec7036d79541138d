"""The words of a plan, in French."""

from catalog.loader import datasets
from catalog.territories import installation
from services.plan import Plan

NO_PREFIX = "000"


def title(plan: Plan) -> str:
    """Return the title of the document."""
    return f"Plan cadastral – parcelle {plan.parcel.id}"


def parcel_number(numero: str | None) -> str:
    """Return a parcel's number as plans write it, without leading zeros."""
    return (numero or "").lstrip("0")


def block_lines(plan: Plan) -> tuple[list[str], list[str]]:
    """Return the two columns of the title block: the parcel; the scale and where it comes from."""
    parcel, sheet = plan.parcel, plan.sheet
    prefix = "" if parcel.prefixe == NO_PREFIX else f" (préfixe {parcel.prefixe})"
    commune = f"{parcel.commune_name} ({parcel.commune})" if parcel.commune_name else parcel.commune
    facts = [
        f"Commune : {commune}",
        f"Section : {parcel.section}{prefix}",
        f"Numéro : {parcel_number(parcel.numero)}",
        f"Contenance : {area(parcel.contenance)}",
        f"Identifiant : {parcel.id}",
    ]
    sources = [
        f"Échelle : 1/{sheet.scale}",
        f"Projection : {installation().system_name}",
        datasets()["parcelles"].source.attribution or "",
        f"Mise à jour : {parcel.edition:%m/%Y}",
        f"Imprimé le {plan.printed:%d/%m/%Y}",
    ]
    return facts, sources


def area(contenance: int | None) -> str:
    """Return an area in square metres as French writes it."""
    return "non renseignée" if contenance is None else f"{contenance:,} m²".replace(",", "\N{NO-BREAK SPACE}")


def notice(plan: Plan) -> list[str]:
    """Return what the reader must know."""
    lines = ["Document d'information : ni extrait officiel, ni bornage. Imprimer à 100 %, sans mise à l'échelle."]
    if not plan.whole:
        lines.insert(0, "La parcelle dépasse le cadre à cette échelle.")
    return lines
