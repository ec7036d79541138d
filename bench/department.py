"""A département in the database: parcels loaded as the loader does, and members of each size."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import batched

from catalog.access import Right, add_agreement, add_organisation, issue_token
from catalog.database import Connection, as_loader, connect
from catalog.loader import datasets
from catalog.model import USAGES
from catalog.settings import Settings
from data_samples.department import FIRST_CODE, Row, department_batches
from etl.publication import Publication, insert, refresh_statistics
from etl.tables import Tables, identifiers, query, tables
from hunter.members import TODAY

EDITION = date(2026, 1, 1)
DELIVERY = 0
VILLAGE = 4000  # parcels
SEVERAL = 16


@dataclass(frozen=True, slots=True)
class Member:
    """A tenant of the bench: its token and the communes that its agreements give."""

    name: str
    token: str
    communes: tuple[str, ...]


def fill(settings: Settings, batches: Iterable[list[Row]], advance: Callable[[int], object] = bool) -> None:
    """Load communes of parcels as the role that loads, with its own statements; then have the database look at them."""
    parcels = tables(datasets()["parcelles"])[0]
    with as_loader(settings) as connection:
        for batch in batches:
            stage(connection, parcels, batch)
            publish(connection, parcels, commune=batch[0][1])
            advance(len(batch))
    with connect(settings, "admin") as connection:
        connection.execute("TRUNCATE staging.parcelles")
        connection.execute("VACUUM ANALYZE cadastre.parcelles, access.statistics")


def stage(connection: Connection, parcels: Tables, batch: list[Row]) -> None:
    """Copy the parcels of one commune to staging."""
    columns = ("commune", "prefixe", "section", "numero", "contenance", "geom", "edition", "arpente")
    statement = query("stage_copy", stage=parcels.stage, columns=identifiers(columns))
    with connection.cursor().copy(statement) as copy:
        for identifier, *values, geometry in batch:
            copy.write_row((identifier, identifier[:10] + "01", DELIVERY, *values, multi(geometry), EDITION, False))


def publish(connection: Connection, parcels: Tables, commune: str) -> None:
    """Serve what was staged of a commune, with its ready text, its count and its extent."""
    insert(connection, parcels, Publication("cadastre", DELIVERY, commune, (), EDITION))
    refresh_statistics(connection, parcels, commune)


def multi(polygon: str) -> str:
    """Return a polygon's EWKB as that of a multipolygon of one: heads are swapped, nothing is parsed."""
    return "0106000020" + polygon[10:18] + "01000000" + "0103000000" + polygon[18:]


def batches_with_town(town: int, parcels: int, communes: int) -> Iterator[list[Row]]:
    """Yield a town of that many parcels, then its neighbours: a real one's town in a small département."""
    yield from department_batches(communes=1, total=town)
    neighbours = department_batches(communes=communes, total=parcels)
    next(neighbours)
    yield from neighbours


def add_members(settings: Settings, communes: int) -> dict[str, Member]:
    """Make a village, a town, a group of communes with several agreements at once, and the whole département."""
    codes = tuple(f"{FIRST_CODE + index:05d}" for index in range(communes))
    territories = {
        "ville": codes[:1],
        "village": codes[1:2],
        "groupe": codes[: min(SEVERAL, communes)],
        "departement": codes,
    }
    with connect(settings, "admin") as connection:
        return {name: add_member(connection, name, codes) for name, codes in territories.items()}


def add_member(connection: Connection, name: str, communes: tuple[str, ...]) -> Member:
    """Add an organisation and its agreements of today, each over some of its communes."""
    add_organisation(connection, name, name.capitalize(), "commune", communes)
    today = TODAY
    for number, part in enumerate(batched(communes, max(4, len(communes) // 2))):
        right = Right("parcelles", "base", USAGES, tuple(part))
        days = today - timedelta(days=1), today + timedelta(days=365)
        add_agreement(connection, f"{name}-{number}", name, "Mesure", *days, [right])
    return Member(name, issue_token(connection, name), communes)
