"""The codes by which EDIGEO names systems of coordinates (RELSA of the `.GEO`): those of the IGN's register → EPSG."""

from catalog.errors import DeliveryError
from catalog.territories import TERRITORIES, installation
from etl.elsewhere import refusal

CONFORMAL = {f"RGF93CC{zone}": 3900 + zone for zone in range(42, 51)}
NTF = {
    "LAMB1": 27561, "LAMB2": 27562, "LAMB3": 27563, "LAMB4": 27564, "LAMBE": 27572,
    "LAMB1C": 27571, "LAMB2C": 27572, "LAMB3C": 27573, "LAMB4C": 27574,
}  # fmt: skip
NTF |= {f"NTF{code.replace('LAMBE', 'LAMB2E')}": epsg for code, epsg in NTF.items()}  # as the register names them now
SYSTEMS = {  # a territory's own system → the codes that its lots may bear
    2154: {"LAMB93": 2154, "RGF93LAMB93": 2154, **CONFORMAL, **NTF},
    5490: {
        "RGAF09UTM20": 5490, "RRAFUTM20": 4559, "UTM20W84GUAD": 4559, "UTM20W84MART": 4559, "GUAD48UTM20": 2970,
        "GUADANNUTM20": 2970, "GUADFMUTM20": 2969, "GUADFM49U20": 2969, "MART38UTM20": 2973, "MARTFDUTM20": 2973,
    },
    2972: {
        "RGFG95UTM22": 2972, "UTM22RGFG95": 2972, "RGFG95UTM21": 3313, "UTM21RGFG95": 3313, "CSG67UTM22": 2971,
        "CSG67UTM21": 3312, "C67IG95UTM22": 2971, "C67IG95UTM21": 3312,
    },
    2975: {"RGR92UTM40S": 2975, "REUN47GAUSSL": 3727, "REUN49GAUSSL": 3727},
    4471: {"RGM04UTM38S": 4471, "CAD97UTM38S": 5879, "MAYO50UTM38S": 2980},
    4467: {"RGSPM06U21": 4467, "STPM50UTM21": 2987},
}  # fmt: skip


def system(code: str | None, lot: str) -> str:
    """Return the EPSG code of a system. Raises DeliveryError for one that is not known, or of another territory."""
    here = installation()
    if code in SYSTEMS[here.srid]:
        return f"EPSG:{SYSTEMS[here.srid][code]}"
    for srid, codes in SYSTEMS.items():
        if code in codes:
            raise refusal(str(code), TERRITORIES[srid], lot)
    raise DeliveryError(
        f"système de coordonnées {code or '(absent)'} inconnu (RELSA du .GEO) ; demandez la feuille de nouveau",
        file=lot,
    )
