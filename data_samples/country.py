"""Where an invented territory lies: its département, its first commune's code, its place and system of coordinates."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Country:
    """A part of France. `origin` is the territory's south-west corner, metres in `srid` (EPSG)."""

    departement: str
    first_code: int  # a code that no real commune has, as are the following ones
    origin: tuple[float, float]
    srid: int
    relsa: str  # the system's name in EDIGEO

    @property
    def most(self) -> int:
        """How many communes may be invented before the codes run into the next hundred."""
        return 100 - self.first_code % 100


COUNTRIES = {
    one.departement: one
    for one in (
        Country("85", 85_901, (359_000.0, 6_629_000.0), 2154, "LAMB93"),
        Country("971", 97_141, (657_000.0, 1_797_000.0), 5490, "RGAF09UTM20"),
        Country("972", 97_241, (715_000.0, 1_616_000.0), 5490, "RGAF09UTM20"),
        Country("973", 97_381, (340_000.0, 540_000.0), 2972, "RGFG95UTM22"),
        Country("974", 97_431, (338_000.0, 7_675_000.0), 2975, "RGR92UTM40S"),
        Country("975", 97_541, (560_000.0, 5_180_000.0), 4467, "RGSPM06U21"),
        Country("976", 97_641, (517_000.0, 8_586_000.0), 4471, "RGM04UTM38S"),
    )
}
VENDEE = COUNTRIES["85"]
