"""Who asks, and the agreements that the test grants: the only two things, beside the world, that the oracle knows."""

from base64 import b64encode
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

ALL_USAGES = ("image", "tile", "feature", "file")
LOOK = ("image", "tile", "feature")
A, B, C, D = COMMUNES = ("85901", "85902", "85903", "85904")
CADASTRE = ("communes", "sections", "feuilles", "parcelles", "batiments", "lieux_dits", "subdivisions_fiscales")
TODAY = datetime.now(ZoneInfo("Europe/Paris")).date()
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Given:
    """One thing that an agreement gives."""

    dataset: str
    group: str
    usages: tuple[str, ...]
    communes: tuple[str, ...]


@dataclass(slots=True)
class Agreement:
    """An agreement of the test's own, with its two days."""

    id: str
    organisation: str
    given: tuple[Given, ...]
    first: date = TODAY - DAY
    last: date = TODAY + DAY

    @property
    def running(self) -> bool:
        """True today."""
        return self.first <= TODAY <= self.last


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody who asks: `organisation` is None where the credential is bad, and 401 is due."""

    name: str
    organisation: str | None
    token: str | None = None

    def headers(self, basic: bool) -> dict[str, str]:
        """Return the credential as QGIS or as a script sends it."""
        if self.token is None:
            return {}
        if basic:
            return {"Authorization": "Basic " + b64encode(f"x:{self.token}".encode()).decode()}
        return {"Authorization": f"Bearer {self.token}"}


def cadastre(usages: tuple[str, ...], communes: tuple[str, ...], datasets: Iterable[str] = CADASTRE) -> list[Given]:
    """Return the whole plan, or some of its datasets, over some communes."""
    return [Given(dataset, "base", usages, communes) for dataset in datasets]


def agreements() -> list[Agreement]:
    """Return the agreements of a hunt: neighbours, crossed ones, ended ones and ones to come."""
    return [
        Agreement(
            "public-1",
            "public",
            (*cadastre(ALL_USAGES, (A, B, C), ["communes"]), *cadastre(LOOK, (A, B), ["sections"])),
        ),
        Agreement("a-1", "commune-a", (*cadastre(ALL_USAGES, (A,)), Given("orthophotos", "base", ALL_USAGES, (A,)))),
        Agreement("a-3", "commune-a", (Given("canalisations_eau", "base", ALL_USAGES, (A, B)),)),
        Agreement("a-2", "commune-a", tuple(cadastre(ALL_USAGES, (B,))), last=TODAY - DAY),
        Agreement("b-1", "commune-b", (*cadastre(LOOK, (B,)), Given("orthophotos", "base", LOOK, (B,)))),
        Agreement("b-2", "commune-b", tuple(cadastre(ALL_USAGES, (A, C))), first=TODAY + DAY),
        Agreement("eaux-1", "eaux", (Given("canalisations_eau", "base", ALL_USAGES, (A, B, C)),)),
        Agreement("eaux-2", "eaux", (Given("canalisations_eau", "technical", ("feature", "tile"), (C, D)),)),
        Agreement("eaux-3", "eaux", (Given("parcelles", "base", ("image",), (A, B)),)),
        Agreement("epci-1", "epci", (Given("parcelles", "base", ("feature",), (A,)),)),
        Agreement("epci-2", "epci", (Given("parcelles", "base", ("tile",), (B,)),)),
        Agreement("epci-3", "epci", (Given("parcelles", "base", ("file", "image"), (C,)),)),
        Agreement("epci-4", "epci", tuple(cadastre(ALL_USAGES, (D,))), last=TODAY - DAY),
        Agreement("epci-5", "epci", (Given("batiments", "base", LOOK, (A, B)), *water(("feature",), (B,)))),
        Agreement("dept-1", "departement", tuple(cadastre(ALL_USAGES, COMMUNES))),
        Agreement(
            "dept-2", "departement", (*water(ALL_USAGES, COMMUNES), Given("orthophotos", "base", LOOK, COMMUNES))
        ),
        Agreement("etat-1", "etat", (Given("orthophotos", "base", ("image",), (C, D)),)),
    ]


def water(usages: tuple[str, ...], communes: tuple[str, ...]) -> list[Given]:
    """Return both groups of the water pipes over some communes."""
    return [Given("canalisations_eau", group, usages, communes) for group in ("base", "technical")]


def organisations(granted: Iterable[Agreement]) -> list[str]:
    """Return the organisations to add, one without any agreement among them."""
    return sorted({agreement.organisation for agreement in granted} - {"public"}) + ["vide"]
