"""The values that the whole house passes around: datasets, rights, principals. No file, no database here."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, get_args

from catalog.rules import Rule

Usage = Literal["image", "tile", "feature", "file"]
USAGES: tuple[Usage, ...] = get_args(Usage)

BASE = "base"
PUBLIC = "public"
COLUMN_TYPES = ("text", "integer", "double precision", "date", "boolean")


@dataclass(frozen=True, slots=True)
class Source:
    """Where a dataset comes from, and under which licence."""

    format: str
    licence: str
    layer: str | None = None
    attribution: str | None = None


@dataclass(frozen=True, slots=True)
class Dataset:
    """One dataset: a table, its attribute groups, and how it is shown.

    `theme` is where somebody looks for it (one of `catalog.themes.THEMES`), `rank` its place there: the least first.
    `groups` maps an attribute group to its columns and their types (one of `COLUMN_TYPES`); `base` is the table
    itself, every further group a side table. Geometry is stored in `srid` (EPSG code). `events` happen on the day of
    their edition; anything else lasts from it. `quality` are the rules that its rows are held to, sheet by sheet; a
    sheet that scores less than `least_score` does not replace a better one.
    """

    id: str
    title: str
    description: str
    theme: str
    kind: str
    table: str
    geometry: str
    source: Source
    groups: Mapping[str, Mapping[str, str]] = field(hash=False)
    rank: int = 9
    srid: int = 2154
    raster: bool = False
    events: bool = False
    style: str | None = None
    audit: bool = False
    keywords: tuple[str, ...] = ()
    quality: tuple[Rule, ...] = ()
    least_score: int = 0

    @property
    def schema(self) -> str:
        """Schema of the table."""
        return self.table.partition(".")[0]

    @property
    def name(self) -> str:
        """Name of the table in its schema."""
        return self.table.partition(".")[2]

    def group_table(self, group: str = BASE) -> tuple[str, str]:
        """Return schema and name of the table that holds `group`."""
        return self.schema, self.name if group == BASE else f"{self.name}_{group}"

    def columns(self, groups: tuple[str, ...] = (BASE,)) -> dict[str, str]:
        """Return the columns of `groups` with their types, in the order of the file."""
        return {name: kind for group in self.groups if group in groups for name, kind in self.groups[group].items()}


@dataclass(frozen=True, slots=True)
class Profile:
    """What a principal may do, summed up as (dataset, group, usage) without communes: the key of an API object.

    It is for honest lists and documents; the wall is the row level security of the database.
    """

    rights: frozenset[tuple[str, str, str]] = frozenset()

    @classmethod
    def from_tree(cls, tree: Mapping[str, Mapping[str, list[str]]]) -> "Profile":
        """Read `{dataset: {group: [usage, …]}}`, as `access.authenticate` returns it."""
        return cls(frozenset((d, g, u) for d, groups in tree.items() for g, usages in groups.items() for u in usages))

    def datasets(self, usage: str | None = None) -> tuple[str, ...]:
        """Return the datasets whose base group is given, for `usage` or for any, in alphabetical order."""
        return tuple(sorted({d for d, g, u in self.rights if g == BASE and usage in (None, u)}))

    def usages(self, dataset: str) -> tuple[str, ...]:
        """Return the usages given on the base group of `dataset`."""
        return tuple(usage for usage in USAGES if (dataset, BASE, usage) in self.rights)

    def groups(self, dataset: str, usage: str) -> tuple[str, ...]:
        """Return the attribute groups of `dataset` for `usage`, `base` first; nothing where base is not given."""
        groups = {g for d, g, u in self.rights if d == dataset and u == usage}
        return (BASE, *sorted(groups - {BASE})) if BASE in groups else ()


@dataclass(frozen=True, slots=True)
class Principal:
    """Who asks, for the time of one request: `key` is what the database resolves, never shown; `name` is shown.

    `token` identifies what was presented: a token or, for whoever signed in, an identity. `quotas` are those that some
    running agreement sets, as (dataset, usage, measure); what is not among them is never counted.
    """

    key: str = field(repr=False)
    organisation: str
    profile: Profile
    token: str | None = None
    administrator: bool = False
    name: str = ""
    quotas: frozenset[tuple[str, str, str]] = frozenset()

    @property
    def anonymous(self) -> bool:
        """True for a caller without credential."""
        return self.token is None
