"""Cadastral sheets as EDIGEO lots: ten files in a tar.bz2, as the tax administration delivers them."""

import bz2
import io
import tarfile
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, time
from functools import cached_property
from pathlib import Path

from shapely import union_all

from data_samples.edigeo_classes import dictionary, schema
from data_samples.edigeo_records import Record, coordinates, file_content, pointer
from data_samples.edigeo_things import Thing
from data_samples.edigeo_vectors import SUBSETS, VectorWriter
from data_samples.labels import Label, labels
from data_samples.model import (
    Batiment,
    Commune,
    Detail,
    Feuille,
    LieuDit,
    Parcelle,
    Shape,
    SubdivisionFiscale,
    Troncon,
    World,
)

FIRST_SURVEY = date(2008, 7, 14)
OF_THE_COMMUNE = {"PTCANV_id": "PTCANVS_COMMUNE"} | dict.fromkeys(
    ("TLINE_id", "TPOINT_id", "TSURF_id"), "DETOPO_COMMUNE"
)


def write_lots(world: World, folder: Path, sheets: Iterable[Feuille] | None = None) -> Iterator[Path]:
    """Write `edigeo-<sheet>.tar.bz2` for each sheet, yielding each as it is done."""
    folder.mkdir(parents=True, exist_ok=True)
    for sheet in world.feuilles if sheets is None else sheets:
        path = folder / f"edigeo-{sheet.id}.tar.bz2"
        path.write_bytes(_archive(Lot(world, sheet).files(), sheet.edition))
        yield path


def _archive(files: dict[str, bytes], edition: date) -> bytes:
    """Return a tar.bz2 that depends on its members and its edition alone."""
    stamp = int(datetime.combine(edition, time(), UTC).timestamp())
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size, member.mtime, member.mode = len(content), stamp, 0o644
            archive.addfile(member, io.BytesIO(content))
    return bz2.compress(buffer.getvalue())


class Lot:
    """One sheet's lot; the commune and the section are in it whole."""

    def __init__(self, world: World, sheet: Feuille) -> None:
        self.world, self.sheet = world, sheet
        self.name = f"ED{sheet.section}{sheet.numero}"

    def files(self) -> dict[str, bytes]:
        """Return the lot's files by name, the entry first."""
        entry = f"E{self.sheet.prefixe}{self.sheet.section}{self.sheet.numero}.THF"
        parts: dict[str, list[Record]] = {
            "SE.DIC": dictionary(),
            "SE.GEN": self._extents(),
            "SE.GEO": [self._geodesy()],
            "SE.QAL": [self._quality(thing) for thing in self.things],
            "SE.SCD": schema(self.name),
            **{f"{subset}.VEC": list(self._vectors(subset)) for subset in ("S1", "T1", "T2", "T3")},
        }
        return {entry: file_content(entry, self._transmission())} | {
            self.name + suffix: file_content(self.name + suffix, records) for suffix, records in parts.items()
        }

    @cached_property
    def things(self) -> list[Thing]:
        """Return all that the lot describes."""
        world, sheet = self.world, self.sheet
        return [
            self._commune(),
            self._section(),
            self._feuille(),
            *(self._parcelle(one) for one in world.of_sheet(sheet.id, world.parcelles)),
            *(self._batiment(one) for one in world.of_sheet(sheet.id, world.batiments)),
            *(self._lieu_dit(one) for one in world.of_sheet(sheet.id, world.lieux_dits)),
            *(self._subdivision(one) for one in world.of_sheet(sheet.id, world.subdivisions_fiscales)),
            *(self._troncon("TRONROUTE_id", one) for one in world.of_sheet(sheet.id, world.routes)),
            *(self._troncon("TRONFLUV_id", one) for one in world.of_sheet(sheet.id, world.cours_eau)),
            *(self._detail(one) for one in world.of_sheet(sheet.id, world.details)),
        ]

    def labels(self) -> Iterator[tuple[Thing, Label]]:
        """Yield every word of the sheet with what it names."""
        return ((thing, label) for thing in self.things for label in labels(thing, self.sheet.echelle))

    # --- objects

    @cached_property
    def rids(self) -> dict[str, int]:
        """The numbers of the sheet's parcels by their ids."""
        return {one.id: one.rid for one in self.world.of_sheet(self.sheet.id, self.world.parcelles)}

    def _dated(self, subset: str, class_: str, rid: int, attributes: Mapping[str, str], geometry: Shape,
               *links: tuple[str, str, int]) -> Thing:  # fmt: skip
        return Thing(subset, class_, rid, dict(attributes), geometry, FIRST_SURVEY, self.sheet.edition, links)

    def _on_parcels(self, class_: str, parcelles: Iterable[str]) -> list[tuple[str, str, int]]:
        """Return the ties of an object to those of its parcels that the sheet still has."""
        relation = class_.removesuffix("_id") + "_PARCELLE"
        return [(relation, "T1", self.rids[id]) for id in parcelles if id in self.rids]

    @cached_property
    def commune(self) -> Commune:
        """The sheet's commune."""
        return next(one for one in self.world.communes if one.code == self.sheet.commune)

    def _commune(self) -> Thing:
        one = self.commune
        return self._dated("S1", "COMMUNE_id", one.rid, {"TEX2": one.name.upper(), "IDU": one.code[2:]}, one.geometry)

    def _section(self) -> Thing:
        one = next(one for one in self.world.sections if one.id == self.sheet.section_id)
        return self._dated("T3", "SECTION_id", one.rid, {"TEX": one.section, "IDU": one.id[2:]}, one.geometry,
                           ("SECTION_COMMUNE", "S1", self.commune.rid))  # fmt: skip

    def _feuille(self) -> Thing:
        sheet = self.sheet
        attributes = {
            "QUPL": sheet.qualite,
            "COPL": sheet.mode_confection,
            "EOR": str(sheet.echelle),
            "DEDI": "01/01/1961",
            "ICL": "+0.000",
            "DIS": "12/07/2008",
            "INP": "01",
            "DRED": "Absent" if sheet.mode_confection == "02" else "01/01/1985",
            "IDU": sheet.id[2:],
        }
        section = next(one for one in self.world.sections if one.id == sheet.section_id)
        return self._dated(
            "T2", "SUBDSECT_id", sheet.rid, attributes, sheet.geometry, ("SUBDSECT_SECTION", "T3", section.rid)
        )

    def _parcelle(self, one: Parcelle) -> Thing:
        attributes = {"COAR": "A"} if one.arpente else {}
        attributes |= {"INDP": "01", "TEX": one.numero.lstrip("0")}
        attributes |= {} if one.contenance is None else {"SUPF": f"+{one.contenance}."}
        attributes["IDU"] = one.id[2:]
        return Thing("T1", "PARCELLE_id", one.rid, attributes, one.geometry, one.creation, one.mise_a_jour,
                     (("PARCELLE_SUBDSECT", "T2", self.sheet.rid),))  # fmt: skip

    def _batiment(self, one: Batiment) -> Thing:
        attributes = {"DUR": one.type} | ({"TEX": one.nom} if one.nom else {})
        return self._dated("S1", "BATIMENT_id", one.rid, attributes, one.geometry,
                           *self._on_parcels("BATIMENT_id", one.parcelles))  # fmt: skip

    def _lieu_dit(self, one: LieuDit) -> Thing:
        return self._dated("S1", "LIEUDIT_id", one.rid, {"TEX": one.nom}, one.geometry)

    def _subdivision(self, one: SubdivisionFiscale) -> Thing:
        return self._dated("S1", "SUBDFISC_id", one.rid, {"TEX": one.lettre}, one.geometry,
                           *self._on_parcels("SUBDFISC_id", [one.parcelle]))  # fmt: skip

    def _troncon(self, class_: str, one: Troncon) -> Thing:
        first, rest = one.nom.split(" ", 1)
        return self._dated("S1", class_, one.rid, {"TEX": first, "TEX2": rest}, one.geometry)

    def _detail(self, one: Detail) -> Thing:
        """Return a detail, tied to its parcels, or to the commune as those of the ground and of geodesy are."""
        to_commune = OF_THE_COMMUNE.get(one.class_)
        ties = [(to_commune, "S1", self.commune.rid)] if to_commune else self._on_parcels(one.class_, one.parcelles)
        return self._dated("S1", one.class_, one.rid, one.attributes, one.geometry, *ties)

    # --- descriptors

    def _transmission(self) -> list[Record]:
        subsets = [("GDCSN", str(len(SUBSETS)))]
        for short, long in SUBSETS.items():
            subsets += [("GDNSA", short), ("GDISA", long)]
        support = [
            ("RTYSA", "GTS"), ("RIDSA", "SUPPORT_01"), ("", ""), ("AUTST", "Géosocle, territoire inventé"),
            ("ADRST", "Échantillon sans valeur cadastrale"), ("LOCSN", "1"), ("VOCSN", ""), ("SECSN", "7"),
            ("RDIST", ""), ("VERST", "1.0"), ("VDASD", "19920801"), ("TRLST", "01"), ("EDNSN", "1"),
            ("TDASD", f"{self.sheet.edition:%Y%m%d}"), ("INFST", "Plan d'un territoire qui n'existe pas"),
        ]  # fmt: skip
        lot = [
            ("RTYSA", "GTL"), ("RIDSA", self.name), ("", ""), ("LONSA", self.name), ("INFST", ""),
            ("GNNSA", "SE"), ("GNISA", "SeGN"), ("GONSA", "SE"), ("GOISA", "SeGO"), ("QANSA", "SE"), ("QAISA", "SeQL"),
            ("DINSA", "SE"), ("DIISA", "SeNM"), ("SCNSA", "SE"), ("SCISA", "SeSD"), *subsets,
        ]  # fmt: skip
        return [support, lot]

    def _extents(self) -> list[Record]:
        x0, y0, x1, y1 = union_all([thing.geometry for thing in self.things[:3]]).bounds
        extent = [("RTYSA", "DEG"), ("RIDSA", f"EMPRISE_{self.name}"), ("", ""),
                  ("CM1CC", coordinates((x0, y0))), ("CM2CC", coordinates((x1, y1)))]  # fmt: skip
        structures = [
            [("RTYSA", "GSE"), ("RIDSA", long), ("", ""), ("INFST", ""), ("STRSN", "3" if short == "S1" else "1"),
             ("REGSA", "")]
            for short, long in SUBSETS.items()
        ]  # fmt: skip
        return [extent, *structures]

    def _geodesy(self) -> Record:
        return [("RTYSA", "GEO"), ("RIDSA", f"GEODESIE_{self.name}"), ("", ""), ("RETSA", "MAP"), ("RENST", ""),
                ("RELSA", self.world.country.relsa), ("DIMSN", "2"), ("ALSSN", "2"), ("UNHST", "m")]  # fmt: skip

    def _quality(self, thing: Thing) -> Record:
        return [
            ("RTYSA", "QUP"), ("RIDSA", f"Actualite_{thing.name}"), ("", ""), ("ODASD", f"{thing.created:%Y%m%d}"),
            ("UTYSN", "1"), ("ULOSN", "2"), ("UDASD", f"{thing.updated:%Y%m%d}"), ("RATSR", ""), ("EDASD", ""),
            ("COCSN", "1"), ("COPCP", pointer(self.name, "SeSD", "OBJ", thing.class_)),
        ]  # fmt: skip

    # --- geometry

    def _vectors(self, subset: str) -> Iterator[Record]:
        things = [thing for thing in self.things if thing.subset == subset]
        writer = VectorWriter(self.name, SUBSETS[subset], self.sheet.echelle)
        if subset == "S1":
            for thing in things:
                yield from writer.loose(thing)
        else:
            yield from writer.partition(things)
