"""Who asks, and the agreements that the hunt grants: beside the things, all that the oracle knows."""

from base64 import b64encode
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from hunter.things import BASE, IMAGES, PARCELS, PERSONAL, PERSONS, PLAN, PREMISES, TECHNICAL, WATER

PUBLIC = "public"
PREFIX = "chasse-"  # of all that the hunt makes, so that it can be told from members and removed
ALL_USAGES = ("image", "tile", "feature", "file")
ADMINISTRATOR = "administrator"  # the one of the members whose token may manage rights
COOKIES = ("geosocle", "__Host-geosocle", "__Secure-geosocle")  # one of which the services read
LOOK = ("image", "tile", "feature")
DAY = timedelta(days=1)


def today() -> date:
    """Return the day that it is where agreements are made; a hunt may last past midnight."""
    return datetime.now(ZoneInfo("Europe/Paris")).date()


TODAY = today()  # when the program began


@dataclass(frozen=True, slots=True)
class Given:
    """One thing that an agreement gives."""

    dataset: str
    group: str
    usages: tuple[str, ...]
    communes: tuple[str, ...]


@dataclass(slots=True)
class Agreement:
    """An agreement with its two days; the hunt changes its own only."""

    id: str
    organisation: str
    given: tuple[Given, ...]
    first: date = field(default_factory=lambda: today() - DAY)
    last: date = field(default_factory=lambda: today() + DAY)
    own: bool = True

    @property
    def running(self) -> bool:
        """True today."""
        return self.first <= today() <= self.last


@dataclass(slots=True, eq=False)
class Member:
    """Somebody who asks: `organisation` is None where the credential is bad, and 401 is due."""

    name: str
    organisation: str | None
    token: str | None = field(default=None, repr=False)
    cookie: str | None = field(default=None, repr=False)  # of a session, opened through an OpenID provider

    @property
    def credential(self) -> str | None:
        """What the member is known by; None for the public."""
        return self.token or self.cookie

    def headers(self, basic: bool) -> dict[str, str]:
        """Return the credential as QGIS, a script or a browser on a page of ours sends it."""
        if self.cookie:
            cookies = "; ".join(f"{name}={self.cookie}" for name in COOKIES)
            return {"Cookie": cookies, "Sec-Fetch-Site": "same-origin"}
        if self.token is None:
            return {}
        if basic:
            return {"Authorization": "Basic " + b64encode(f"x:{self.token}".encode()).decode()}
        return {"Authorization": f"Bearer {self.token}"}


def cadastre(usages: tuple[str, ...], communes: tuple[str, ...], datasets: Iterable[str] = PLAN) -> list[Given]:
    """Return the whole plan, or some of its datasets, over some communes."""
    return [Given(dataset, BASE, usages, communes) for dataset in datasets]


def water(usages: tuple[str, ...], communes: tuple[str, ...]) -> list[Given]:
    """Return both groups of the water pipes over some communes."""
    return [Given(WATER, group, usages, communes) for group in (BASE, TECHNICAL)]


def names(usages: tuple[str, ...], communes: tuple[str, ...]) -> list[Given]:
    """Return the names of the legal persons that have rights in some communes, without these rights themselves."""
    return [Given(dataset, PERSONAL, usages, communes) for dataset in (PERSONS, PREMISES)]


def rights(usages: tuple[str, ...], communes: tuple[str, ...]) -> list[Given]:
    """Return the rights of legal persons on parcels and premises of some communes, without names."""
    return [Given(dataset, BASE, usages, communes) for dataset in (PERSONS, PREMISES)]


def public(communes: Sequence[str]) -> Agreement:
    """Return what everybody is given in a database of the hunt's own; elsewhere it is read, never granted."""
    a, b, c, _ = communes
    given = (*cadastre(ALL_USAGES, (a, b, c), ["communes"]), *cadastre(LOOK, (a, b), ["sections"]))
    return Agreement(f"{PREFIX}public-1", PUBLIC, given)


def agreements(communes: Sequence[str], held: Iterable[str]) -> list[Agreement]:
    """Return the agreements of a hunt over four communes: neighbours, crossed ones, ended ones and ones to come.

    They speak of the datasets that are `held` only; one that would give nothing is left out.
    """
    four = a, b, c, d = tuple(communes)
    drawn = [
        Agreement("a-1", "commune-a", (*cadastre(ALL_USAGES, (a,)), Given(IMAGES, BASE, ALL_USAGES, (a,)))),
        Agreement("a-3", "commune-a", (Given(WATER, BASE, ALL_USAGES, (a, b)),)),
        Agreement("a-4", "commune-a", (*rights(ALL_USAGES, (a, b)), *names(("feature", "file"), (a,)))),
        Agreement("a-2", "commune-a", tuple(cadastre(ALL_USAGES, (b,))), last=today() - DAY),
        Agreement("b-1", "commune-b", (*cadastre(LOOK, (b,)), Given(IMAGES, BASE, LOOK, (b,)))),
        Agreement("b-3", "commune-b", (Given(PREMISES, BASE, LOOK, (b,)), *names(LOOK, (b,)))),
        Agreement("b-2", "commune-b", tuple(cadastre(ALL_USAGES, (a, c))), first=today() + DAY),
        Agreement("eaux-1", "eaux", (Given(WATER, BASE, ALL_USAGES, (a, b, c)),)),
        Agreement("eaux-2", "eaux", (Given(WATER, TECHNICAL, ("feature", "tile"), (c, d)),)),
        Agreement("eaux-3", "eaux", (Given(PARCELS, BASE, ("image",), (a, b)),)),
        Agreement("regie-1", "regie", (Given(WATER, BASE, ALL_USAGES, (a, b)),)),
        Agreement("regie-2", "regie", tuple(water(ALL_USAGES, (c,)))),
        Agreement("epci-1", "epci", (Given(PARCELS, BASE, ("feature",), (a,)),)),
        Agreement("epci-2", "epci", (Given(PARCELS, BASE, ("tile",), (b,)),)),
        Agreement("epci-3", "epci", (Given(PARCELS, BASE, ("file", "image"), (c,)),)),
        Agreement("epci-4", "epci", tuple(cadastre(ALL_USAGES, (d,))), last=today() - DAY),
        Agreement("epci-5", "epci", (Given("batiments", BASE, LOOK, (a, b)), *water(("feature",), (b,)))),
        Agreement("dept-1", "departement", tuple(cadastre(ALL_USAGES, four))),
        Agreement("dept-2", "departement", (*water(ALL_USAGES, four), Given(IMAGES, BASE, LOOK, four))),
        Agreement("dept-3", "departement", tuple(rights(ALL_USAGES, four))),
        Agreement(
            "etat-2",
            "etat",
            (Given(PERSONS, BASE, LOOK, (c,)), Given(PREMISES, BASE, LOOK, (d,)), *names(ALL_USAGES, (d,))),
        ),
        Agreement("etat-1", "etat", (Given(IMAGES, BASE, ("image",), (c, d)),)),
    ]
    return [ours for one in drawn if (ours := prefixed(one, set(held))).given]


def prefixed(one: Agreement, held: set[str]) -> Agreement:
    """Return an agreement under the hunt's names, with what it gives of the datasets that are held."""
    given = tuple(each for each in one.given if each.dataset in held)
    return Agreement(PREFIX + one.id, PREFIX + one.organisation, given, one.first, one.last)


def organisations(granted: Iterable[Agreement]) -> list[str]:
    """Return the organisations to add, one without any agreement among them."""
    return sorted({agreement.organisation for agreement in granted} - {PUBLIC}) + [f"{PREFIX}vide"]
