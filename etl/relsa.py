"""The codes by which EDIGEO names systems of coordinates (RELSA of the `.GEO`): those of the IGN's register → EPSG."""

from catalog.errors import DeliveryError

NTF = {
    "LAMB1": 27561, "LAMB2": 27562, "LAMB3": 27563, "LAMB4": 27564, "LAMBE": 27572,
    "LAMB1C": 27571, "LAMB2C": 27572, "LAMB3C": 27573, "LAMB4C": 27574,
}  # fmt: skip
METROPOLE = {"LAMB93": 2154, "RGF93LAMB93": 2154, **{f"RGF93CC{zone}": 3900 + zone for zone in range(42, 51)}, **NTF}
SYSTEMS = METROPOLE


def system(code: str | None, lot: str) -> str:
    """Return the EPSG code of a system. Raises DeliveryError for one that is not known."""
    if code not in SYSTEMS:
        raise DeliveryError(f"système de coordonnées {code or '(absent)'} inconnu (RELSA du .GEO)", file=lot)
    return f"EPSG:{SYSTEMS[code]}"
