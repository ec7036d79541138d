"""pygeoapi's door to the features of one dataset, under the caller's own rights.

A page is one text made by PostgreSQL: `f=json` hands it on unread, pages of HTML take it apart; for formats that are
tables the same statement makes rows. What `query` returns holds `page_links` (self, the other formats, next), which
also come first among `links`: those that pygeoapi adds know nothing of parameters that it never sees.
"""

import json
from dataclasses import replace
from typing import Any

import psycopg
from psycopg.pq.abc import PGresult
from psycopg.rows import TupleRow
from pygeoapi.provider.base import BaseProvider

from catalog import quotas, register
from catalog.database import Connection, as_principal, query
from catalog.errors import NotFound
from catalog.loader import datasets
from catalog.model import BASE, Dataset
from catalog.quotas import Meter
from catalog.register import Read
from services import context
from services.columns import columns_of
from services.crs import CRS84, systems
from services.links import page_links
from services.parameters import Cursor, Page
from services.reading import note
from services.rows import TEXTS, Table, columns
from services.statements import (
    Statement,
    count_statement,
    item_statement,
    joined,
    page_statement,
    placement_statement,
    template,
)

Counting = psycopg.Cursor[TupleRow]

SCHEMAS: dict[str, dict[str, str]] = {
    "text": {"type": "string"},
    "integer": {"type": "integer"},
    "double precision": {"type": "number"},
    "boolean": {"type": "boolean"},
    "date": {"type": "string", "format": "date"},
}


def definition(dataset: Dataset) -> dict[str, Any]:
    """Return the part of pygeoapi's configuration that makes it serve a dataset's features."""
    return {
        "type": "feature",
        "name": f"{__name__}.FeatureProvider",
        "data": dataset.id,
        "id_field": "id",
        "crs": list(systems()),
        "storage_crs": CRS84.uri,
    }


class FeatureProvider(BaseProvider):
    """The features of one dataset; made anew for each request."""

    def __init__(self, provider_def: dict[str, Any]) -> None:
        super().__init__(provider_def)
        self.dataset = datasets()[self.data]
        self.get_fields()

    def __repr__(self) -> str:
        return f"<FeatureProvider {self.data}>"

    @property
    def groups(self) -> tuple[str, ...]:
        """The attribute groups that the caller has of the dataset, in some commune at least."""
        return context.current().principal.profile.groups(self.dataset.id, "feature")

    def get_fields(self) -> dict[str, dict[str, str]]:
        """Return the properties that the caller may see, with their types as JSON Schema."""
        self._fields = {
            name: dict(SCHEMAS[column.kind]) for name, column in columns_of(self.dataset, self.groups).items()
        }
        return self._fields

    def query(self, **_: object) -> dict[str, Any]:
        """Return one page. What is asked is in the context, read and checked: pygeoapi's reading is not used."""
        asked = context.current()
        page, who = asked.page, asked.principal
        quotas.request(who, self.dataset.id, "feature")
        groups, most = (BASE, *joined(self.groups, page)), 0 if gives_nothing(page) else page.limit
        with (
            quotas.features(who, self.dataset.id, "feature", groups, most) as meter,
            as_principal(asked.pool, who, "feature") as connection,
        ):
            page = self.within_quotas(connection, page, meter)
            self.note(connection, page)
            counting = self.counting(connection, page)
            text, returned, following = (b"", 0, None) if page.hits else self.read(connection, page, asked.format)
            matched = counting.fetchone()[0] if counting else known_count(page, returned, following)
        content: dict[str, Any] = {"type": "FeatureCollection", "numberReturned": returned}
        if matched is not None:
            content["numberMatched"] = matched
        content["page_links"] = page_links(self.dataset, asked, following)
        content["links"] = list(content["page_links"])
        content["features"] = text if asked.format == "json" else json.loads(b"[%s]" % text)
        if asked.format in TEXTS:
            content["table"] = self.table(content["features"], asked.page)
        return content

    def table(self, rows: list[Any], page: Page) -> Table:
        """Return rows with what is known of their columns."""
        return Table(self.dataset, columns(self.dataset, self.groups, page), rows, page)

    def within_quotas(self, connection: Connection, page: Page, meter: Meter) -> Page:
        """Return the page as far as quotas go; its features are charged, by the statement that will give them."""
        if not meter.shares:
            return page
        rows, values = self.given(page)
        found = connection.execute(template("quota_page").format(rows=rows), values)
        communes = [commune for (commune,) in found]
        count = meter.first(communes)
        if communes and not count:
            raise meter.exceeded
        return replace(page, limit=count) if count < len(communes) else page

    def given(self, page: Page) -> Statement:
        """Return the statement of a page but for its last row, which is not given."""
        return page_statement(self.dataset, self.groups, replace(page, limit=page.limit - 1))

    def note(self, connection: Connection, page: Page) -> None:
        """Write down what is about to be read of an audited dataset.

        A count is written down without features, as is a page that is empty beforehand.
        """
        if not register.audited(self.dataset):
            return
        who, groups = context.current().principal, (BASE, *joined(self.groups, page))
        if gives_nothing(page):
            register.write(who, Read(self.dataset.id, "feature", groups, kind="count" if page.hits else "read"))
        else:
            note(connection, who, self.dataset, "feature", groups, *self.given(page))

    def read(self, connection: Connection, page: Page, form: str) -> tuple[bytes, int, Cursor | int | None]:
        """Return the features' text, their number, and where the next page begins: a cursor, an offset or nowhere."""
        if page.area is not None and page.area.is_empty:
            return b"", 0, None
        found = received(connection, page_statement(self.dataset, self.groups, page, TEXTS.get(form)))
        count = min(found.ntuples, page.limit)
        text = b",".join([found.get_value(row, 0) or b"" for row in range(count)])
        if found.ntuples <= page.limit:
            return text, count, None
        commune, id, edition = ((found.get_value(count - 1, column) or b"").decode() for column in (1, 2, 3))
        offset = page.offset + page.limit
        return text, count, offset if page.sort else Cursor(commune, id, edition if page.days else "")

    def counting(self, connection: Connection, page: Page) -> Counting | None:
        """Ask how many match, where that is wanted or kept; the answer is awaited together with the page's."""
        if page.area is not None and page.area.is_empty:
            return None
        if page.narrowed:
            return connection.execute(*count_statement(self.dataset, self.groups, page)) if page.hits else None
        if page.after is not None:
            return None
        return connection.execute(query("visible_count", "services"), {"dataset": self.dataset.id})

    def get(self, identifier: str, **_: object) -> Any:
        """Return one feature, or the table of one. Raises NotFound, whether it is hidden or does not exist."""
        asked = context.current()
        statement = item_statement(self.dataset, self.groups, asked.page, TEXTS.get(asked.format))
        quotas.request(asked.principal, self.dataset.id, "feature")
        with (
            quotas.features(asked.principal, self.dataset.id, "feature", self.groups, 1) as meter,
            as_principal(asked.pool, asked.principal, "feature") as connection,
        ):
            if meter.shares or register.audited(self.dataset):
                self.admit(connection, identifier, meter)
            row = connection.execute(statement, {"id": identifier}).fetchone()
        if row is None:
            raise NotFound
        found = json.loads(row[0])
        return self.table([found], asked.page) if asked.format in TEXTS else found

    def admit(self, connection: Connection, identifier: str, meter: Meter) -> None:
        """Charge one feature and write down that it is read; nothing is where there is nothing to see."""
        found = connection.execute(placement_statement(self.dataset), {"id": identifier}).fetchone()
        if found is None:
            raise NotFound
        if not meter.take(found[0]):
            raise meter.exceeded
        if register.audited(self.dataset):
            read = Read(self.dataset.id, "feature", self.groups, {found[0]: [identifier]})
            register.write(context.current().principal, read)


def gives_nothing(page: Page) -> bool:
    """True for a count, and for a page that is empty beforehand."""
    return page.hits or (page.area is not None and page.area.is_empty)


def known_count(page: Page, returned: int, following: Cursor | int | None) -> int | None:
    """Return how many match where the page itself tells, being the last and the way to it known."""
    told = following is None and page.after is None and (returned or not page.offset)
    return page.offset + returned if told else None


def received(connection: Connection, statement: Statement) -> PGresult:
    """Return the rows of a statement as they came, their texts neither copied nor decoded."""
    cursor = connection.execute(*statement)
    cursor.fetchone()  # in a pipeline nothing is there before it is asked for
    return cursor.pgresult
