"""What somebody writes of a parcel → the parcel: `/parcelle`, a page for people, leads straight to its plan.

Programs have `/collections/parcelles/items`. A parcel that the caller may not see answers as one that does not exist:
the communes of others are never looked at.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from catalog import quotas
from catalog.database import Connection, as_principal
from catalog.errors import BadRequest, NotFound
from catalog.loader import datasets
from catalog.model import BASE, Usage
from services import context
from services.pages import page
from services.parameters import EVERYWHERE, check_names
from services.reading import note
from services.statements import template

DATASET, NAMES = "parcelles", "communes"
ASKED = ("parcelle", "commune", "voir")
SHOWN: dict[str, Usage] = {"plan": "image", "fiche": "feature"}  # what is asked to be shown → by which usage it is had

WHOLE = re.compile(r"(?P<stem>[0-9][0-9AB][0-9]{6})(?P<section>[0-9A-Z]{2})(?P<numero>[0-9]{4})\Z", re.ASCII)
WRITTEN = tuple(
    re.compile(pattern, re.ASCII)
    for pattern in (
        r"(?P<section>[0-9A-Z]{1,2})[-/., ]+(?:N[O°.]* *)?(?P<numero>[0-9]{1,4})\Z",
        r"(?P<section>[0-9A-Z]{2})(?P<numero>[0-9]{4})\Z",
        r"(?P<section>0?[A-Z]|[A-Z]{2})(?P<numero>[0-9]{1,4})\Z",  # in 1234 nobody can tell where a section ends
    )
)


class UnreadParcel(BadRequest):
    """Écrivez la section puis le numéro, par exemple A 12 ou AB 345, ou les 14 caractères de l'identifiant."""


@dataclass(frozen=True, slots=True)
class Reference:
    """What a parcel is called: section and number as the plan writes them; `stem` is commune and prefix, if written."""

    section: str
    numero: str
    stem: str | None = None

    @property
    def end(self) -> str:
        """The last six characters of the parcel's id."""
        return self.section + self.numero


@dataclass(frozen=True, slots=True)
class Found:
    """A parcel that the caller sees; the commune's name where the caller sees that too."""

    commune: str
    id: str
    name: str | None


def routes() -> list[Route]:
    """Return the plain endpoint; the gate gives it its context."""
    return [Route("/parcelle", answer)]


def answer(_: Request) -> Response:
    """Lead to the parcel that is asked for; else say what to do. Raises NotFound for who has no parcels."""
    here = context.current()
    check_names(here.query, {*ASKED, *EVERYWHERE})
    given = {name: value.strip() for name, value in here.query}
    shown = choice(given.get("voir"))
    try:
        reference = read_reference(given.get("parcelle", ""))
    except UnreadParcel as error:
        return drawn(given, 400, wrong=str(error))
    found = [each for each in search(reference, SHOWN[shown]) if is_in(each, given.get("commune", ""))]
    if len(found) == 1:
        return RedirectResponse(f"{here.settings.public_url}{place(found[0].id, shown)}", status_code=303)
    return drawn(given, 200 if found else 404, reference=reference, found=found, shown=shown)


def choice(wanted: str | None) -> str:
    """Return what is shown: the plan, but for who asks for the sheet or has that alone. Raises NotFound, BadRequest."""
    usages = context.current().principal.profile.usages(DATASET)
    offered = [shown for shown, usage in SHOWN.items() if usage in usages]
    if not offered:
        raise NotFound
    if wanted is not None and wanted not in SHOWN:
        raise BadRequest(parameter="voir")
    return wanted if wanted in offered else offered[0]


def read_reference(text: str) -> Reference:
    """Read "A 12", "0A0012", "AB12", "section AB n° 12", or an id. Raises UnreadParcel."""
    plain = " ".join(re.sub(r"^SECTION\b|\bPARCELLE\b", " ", text.upper()).split())
    match = WHOLE.match(plain.replace(" ", "")) or next(filter(None, (form.match(plain) for form in WRITTEN)), None)
    if match is None:
        raise UnreadParcel
    parts = match.groupdict()
    return Reference(parts["section"].zfill(2), parts["numero"].zfill(4), parts.get("stem"))


def search(reference: Reference, usage: Usage) -> list[Found]:
    """Return the parcels of a name that the caller sees by a usage, by commune; noted and charged as any reading."""
    here = context.current()
    quotas.request(here.principal, DATASET, usage)
    with as_principal(here.pool, here.principal, usage) as connection:
        return given(connection, reference, usage)


def given(connection: Connection, reference: Reference, usage: Usage) -> list[Found]:
    """Read the parcels of a name in the caller's transaction. Raises QuotaExceeded."""
    principal, rows = context.current().principal, template("parcels_named")
    values = {"end": reference.end, "stem": reference.stem}
    for dataset, read in ((DATASET, rows), (NAMES, template("communes_noted").format(rows=rows))):
        note(connection, principal, datasets()[dataset], usage, (BASE,), read, values)
    found = [Found(*row) for row in connection.execute(rows, values)]
    with quotas.features(principal, DATASET, usage, (BASE,), len(found)) as meter:
        if meter.first(each.commune for each in found) < len(found):
            raise meter.exceeded
    return found


def is_in(found: Found, commune: str) -> bool:
    """True for a parcel in the commune of a code, or of a name that begins so; in any where none is asked for."""
    return found.commune == commune or folded(found.name or "").startswith(folded(commune))


def folded(text: str) -> str:
    """Return a name as it is compared: no accent, no capital, no hyphen."""
    bare = "".join(sign for sign in unicodedata.normalize("NFKD", text) if not unicodedata.combining(sign))
    return re.sub(r"[\W_]+", " ", bare.casefold()).strip()


def place(id: str, shown: str) -> str:
    """Return the path of a parcel's plan or of its sheet."""
    return f"/collections/{DATASET}/items/{id}" + ("/plan.pdf" if shown == "plan" else "")


def drawn(asked: Mapping[str, str], status: int, **values: object) -> Response:
    """Draw the form again, with what was found or what is wrong."""
    return Response(page("parcelle.html", asked_for=asked, **values), status, media_type="text/html")
