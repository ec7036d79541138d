"""The invented world as values: what the files hold, and what tests may compare answers with."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from shapely import LineString, MultiLineString, MultiPolygon, Point, Polygon

from data_samples.country import VENDEE, Country

type Shape = Point | LineString | MultiLineString | Polygon | MultiPolygon


@dataclass(frozen=True, slots=True)
class Commune:
    """A commune; its geometry runs along the axes of border roads."""

    code: str
    name: str
    rid: int
    geometry: Polygon


@dataclass(frozen=True, slots=True)
class Section:
    """A cadastral section; `id` has 10 characters."""

    id: str
    commune: str
    prefixe: str
    section: str
    rid: int
    geometry: Polygon


@dataclass(frozen=True, slots=True)
class Feuille:
    """A cadastral sheet, the unit of delivery; `id` has 12 characters."""

    id: str
    commune: str
    prefixe: str
    section: str
    numero: str
    qualite: str
    mode_confection: str
    echelle: int
    edition: date
    rid: int
    geometry: Polygon

    @property
    def section_id(self) -> str:
        """Return the published id of the section that the sheet belongs to."""
        return self.id[:10]


@dataclass(frozen=True, slots=True)
class Parcelle:
    """A parcel; `contenance` is the declared area, which is not the geometric one and may be missing.

    One that a way crosses has two parts.
    """

    id: str
    commune: str
    prefixe: str
    section: str
    numero: str
    sheet: str
    contenance: int | None
    arpente: bool
    creation: date
    mise_a_jour: date
    rid: int
    geometry: Polygon | MultiPolygon


@dataclass(frozen=True, slots=True)
class Batiment:
    """A building; type 01 is hard, 02 light; `id` is `<sheet>-<rid>`, as loaded."""

    commune: str
    sheet: str
    type: str
    nom: str | None
    rid: int
    geometry: Polygon
    parcelles: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """Return the id that a load gives, stable within an edition."""
        return f"{self.sheet}-{self.rid}"


@dataclass(frozen=True, slots=True)
class LieuDit:
    """The piece of a named place that lies in one sheet."""

    commune: str
    sheet: str
    nom: str
    rid: int
    geometry: Polygon

    @property
    def id(self) -> str:
        """Return the id that a load gives, stable within an edition."""
        return f"{self.sheet}-{self.rid}"


@dataclass(frozen=True, slots=True)
class SubdivisionFiscale:
    """A part of a parcel that is taxed apart."""

    commune: str
    sheet: str
    parcelle: str
    lettre: str
    rid: int
    geometry: Polygon

    @property
    def id(self) -> str:
        """Return the id that a load gives, stable within an edition."""
        return f"{self.sheet}-{self.rid}"


@dataclass(frozen=True, slots=True)
class Troncon:
    """A stretch of road or of river in one sheet, outside the parcels."""

    commune: str
    sheet: str
    nom: str
    rid: int
    geometry: Polygon

    @property
    def id(self) -> str:
        """Return the id that a load gives, stable within an edition."""
        return f"{self.sheet}-{self.rid}"


@dataclass(frozen=True, slots=True)
class Detail:
    """Any other object of a sheet: EDIGEO's class and attributes, and the parcels that it is tied to."""

    class_: str
    commune: str
    sheet: str
    rid: int
    geometry: Shape
    attributes: Mapping[str, str] = field(default_factory=dict)
    parcelles: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """Return the id that a load gives, stable within an edition."""
        return f"{self.sheet}-{self.rid}"


@dataclass(frozen=True, slots=True)
class Canalisation:
    """A drinking-water pipe; one `along_border` shares its vertices with a commune's limit."""

    id: str
    materiau: str
    diametre_equivalent: int
    an_pose_sup: int
    etat_service: str
    maitre_ouvrage: str
    exploitant: str
    along_border: bool
    geometry: LineString


@dataclass(frozen=True, slots=True)
class World:
    """Everything that was invented from one seed, in its country's own system, to the centimetre."""

    seed: int
    edition: date
    communes: tuple[Commune, ...]
    sections: tuple[Section, ...]
    feuilles: tuple[Feuille, ...]
    parcelles: tuple[Parcelle, ...]
    batiments: tuple[Batiment, ...]
    lieux_dits: tuple[LieuDit, ...]
    subdivisions_fiscales: tuple[SubdivisionFiscale, ...]
    routes: tuple[Troncon, ...]
    cours_eau: tuple[Troncon, ...]
    details: tuple[Detail, ...]
    canalisations: tuple[Canalisation, ...]
    triple_points: tuple[Point, ...]
    country: Country = VENDEE

    def of_sheet[T: (Parcelle, Batiment, LieuDit, SubdivisionFiscale, Troncon, Detail)](
        self, sheet: str, objects: Iterable[T]
    ) -> list[T]:
        """Return those of `objects` that `sheet` delivers, in their order."""
        return [one for one in objects if one.sheet == sheet]
