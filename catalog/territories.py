"""Where an installation is: the one system of coordinates that everything is stored in, and the ground that it suits.

`GEOSOCLE_SRID` says it (2154 by default), once: the first migration keeps it in the database, and nothing changes it.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass

from catalog.errors import SettingsError

LAMBERT_93 = 2154
SYSTEMS = {
    LAMBERT_93: "Lambert-93",
    5490: "RGAF09 / UTM 20 Nord",
    2972: "RGFG95 / UTM 22 Nord",
    2975: "RGR92 / UTM 40 Sud",
    4471: "RGM04 / UTM 38 Sud",
    4467: "RGSPM06 / UTM 21 Nord",
}
Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Territory:
    """A part of France: its name, its system (EPSG code), its ground in that system and, wider, in degrees.

    `departements` are those whose communes are there; none: all that no other territory has.
    """

    name: str
    srid: int
    ground: Box
    degrees: Box
    departements: tuple[str, ...] = ()

    @property
    def system_name(self) -> str:
        """Return the name of the system with its code."""
        return f"{SYSTEMS[self.srid]} (EPSG:{self.srid})"


TERRITORIES = {
    one.srid: one
    for one in (
        Territory("France métropolitaine", LAMBERT_93, (0, 5_900_000, 1_400_000, 7_300_000), (-20, 30, 30, 65)),
        Territory(
            "Guadeloupe et Martinique",
            5490,
            (400_000, 1_500_000, 800_000, 2_100_000),
            (-65, 12, -58, 20),
            ("971", "972", "977", "978"),
        ),
        Territory("Guyane", 2972, (50_000, 200_000, 550_000, 700_000), (-57, 0, -48, 9), ("973",)),
        Territory("La Réunion", 2975, (250_000, 7_550_000, 450_000, 7_750_000), (52, -25, 59, -17), ("974",)),
        Territory("Mayotte", 4471, (450_000, 8_500_000, 600_000, 8_650_000), (43, -15, 47, -10), ("976",)),
        Territory(
            "Saint-Pierre-et-Miquelon", 4467, (450_000, 5_100_000, 650_000, 5_300_000), (-59, 44, -53, 50), ("975",)
        ),
    )
}


def installation(environment: Mapping[str, str] | None = None) -> Territory:
    """Return where this installation is. Raises SettingsError for a system that is none of a territory."""
    value = (os.environ if environment is None else environment).get("GEOSOCLE_SRID") or str(LAMBERT_93)
    if not value.isdigit() or int(value) not in TERRITORIES:
        known = ", ".join(f"{one.srid} ({one.name})" for one in TERRITORIES.values())
        raise SettingsError(f"GEOSOCLE_SRID : un de ces codes EPSG est attendu : {known}.")
    return TERRITORIES[int(value)]


def territory_of(code: str) -> Territory:
    """Return the territory of a département or of a commune's INSEE code."""
    overseas = (one for one in TERRITORIES.values() if one.departements and code.startswith(one.departements))
    return next(overseas, TERRITORIES[LAMBERT_93])


def localised(script: str) -> str:
    """Return a script of SQL for this installation: in ours, the number 2154 stands for its own system."""
    srid = installation().srid
    return script if srid == LAMBERT_93 else script.replace(str(LAMBERT_93), str(srid))
