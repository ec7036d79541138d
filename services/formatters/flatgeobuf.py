"""A table as FlatGeobuf: typed columns, its system of coordinates, and an index where the order is free."""

from io import BytesIO

from services.layers import Layer, write_layer
from services.rows import Table


def write(table: Table) -> bytes:
    """Return a page as FlatGeobuf. Its index puts objects in an order of its own, and wants a geometry for each."""
    columns = {"id": "text", **{column.name: column.kind for column in table.columns}}
    layer = Layer(table.dataset.id, table.dataset.geometry, columns, table.page.crs.srid)
    indexed = table.page.geometry and not table.page.sort
    rows = [[*values, wkb and bytes.fromhex(wkb)] for *values, wkb in table.rows]
    target = BytesIO()
    write_layer(target, "FlatGeobuf", layer, rows, {"SPATIAL_INDEX": "YES" if indexed else "NO"})
    return target.getvalue()
