"""What is found in a commune as it is published, and served with it: its mutations and its anomalies."""

from datetime import date

from catalog.database import Connection
from catalog.loader import datasets
from catalog.model import BASE
from etl import mutations
from etl.publication import Left, Publication, insert, refresh_statistics
from etl.quality import contract, whole
from etl.report import Unit
from etl.rows import Row
from etl.staging import copy
from etl.tables import Tables, query


def keep_mutations(connection: Connection, publication: Publication, days: set[date]) -> None:
    """Find what became of the parcels of a commune, and serve it; on some days sheets have left."""
    found = connection.execute(query("publication_editions"), publication.parameters())
    editions = sorted({edition for (edition,) in found} | days)
    keep_found(connection, publication, mutations.DATASET, mutations.renewed(connection, publication.commune, editions))


def keep_anomalies(connection: Connection, publication: Publication, left: list[Left]) -> None:
    """Find what only the whole commune shows, serve it, and keep the commune's score."""
    for name in ("quality_passed", "set_scores", "drop_scores"):
        connection.execute(query(name), publication.parameters())
    doubles = [(one.dataset, one.unit, one.id) for one in left if one.reason]
    found = whole.renewed(connection, publication.commune, publication.newest, doubles)
    keep_found(connection, publication, contract.DATASET, found)
    whole.keep_score(connection, publication.commune)


def keep_found(
    connection: Connection, publication: Publication, dataset: str, found: list[tuple[Unit, list[Row]]]
) -> None:
    """Serve rows that were found in what is published: no delivery brings them."""
    part = Tables(datasets()[dataset], BASE)
    for unit, rows in found:
        copy(connection, part, publication.delivery, unit, rows)
    if found:
        insert(connection, part, publication)
        connection.execute(query("stage_drop", stage=part.stage), publication.parameters(units=None))
    refresh_statistics(connection, part, publication.commune)
