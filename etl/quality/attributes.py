"""Rules on what is written of objects: names, texts, dates, areas, numbers. Pure."""

import re
from collections.abc import Iterator
from datetime import date

import numpy as np

from catalog.rules import Rule
from etl.quality.sheet import Found, Layer, Sheet, metres

MOJIBAKE = re.compile(r"[ÃÂ][\u0080-\u00bf]|â\u0080|â€|\ufffd|[\x00-\x1f\x7f-\x9f]")
DATES = ("CREAT_DATE", "UPDATE_DATE", "created", "updated")
DAY = re.compile(r"\d{4}-?\d{2}-?\d{2}")
SMALL = 20.0  # m²: below this difference, areas do not differ
QUOTED = 40  # characters of a wrong text


def empty(_sheet: Sheet, layer: Layer, rule: Rule) -> Iterator[Found]:
    """Find rows without a value in the column of the rule."""
    values = layer.column(rule.column or "")
    missing = [place for place, value in enumerate(values) if value is None or value == ""]
    return layer.at(missing, lambda _: f"({rule.column})")


def encoding(_sheet: Sheet, layer: Layer, _rule: Rule) -> Iterator[Found]:
    """Find texts of another encoding, or with characters that no text has."""
    for row in layer.rows:
        for name, value in row.values.items():
            if isinstance(value, str) and MOJIBAKE.search(value):
                yield Found(row.id, row.geometry, f"({name} : « {value[:QUOTED]} »)")


def unreadable_date(_sheet: Sheet, layer: Layer, _rule: Rule) -> Iterator[Found]:
    """Find what stands where a day should, such as `Absent`; GDAL gives 0 for it."""
    for row in layer.rows:
        for name in DATES:
            value = row.raw.get(name)
            if value not in (None, "") and not DAY.match(str(value)):
                yield Found(row.id, row.geometry, f"({name} : « {str(value)[:QUOTED]} »)")


def future_date(sheet: Sheet, layer: Layer, rule: Rule) -> Iterator[Found]:
    """Find days after the edition that tells them."""
    days = layer.column(rule.column or "")
    late = [place for place, day in enumerate(days) if isinstance(day, date) and day > sheet.edition]
    return layer.at(late, lambda place: f"({rule.column} : {days[place]:%d/%m/%Y})")


def inverted_dates(_sheet: Sheet, layer: Layer, _rule: Rule) -> Iterator[Found]:
    """Find objects changed before they were made."""
    pairs = list(zip(layer.column("creation"), layer.column("mise_a_jour"), strict=True))
    wrong = [n for n, (made, changed) in enumerate(pairs) if made and changed and made > changed]  # type: ignore[operator]
    return layer.at(wrong)


def no_area(_sheet: Sheet, layer: Layer, _rule: Rule) -> Iterator[Found]:
    """Find parcels whose official area is null or missing."""
    return layer.at(place for place, area in enumerate(layer.column("contenance")) if not area)


def other_area(_sheet: Sheet, layer: Layer, rule: Rule) -> Iterator[Found]:
    """Find parcels whose official area is far from that of their outline: real ones differ, none is corrected."""
    drawn, told = layer.areas, np.array([float(str(area or 0)) for area in layer.column("contenance")])
    least = np.maximum(SMALL, (rule.threshold or 0) * np.maximum(drawn, told))
    far = np.flatnonzero((told > 0) & (np.abs(drawn - told) > least))
    return layer.at(far, lambda place: f"({told[place]:.0f} m² écrits, {metres(drawn[place])} tracés)")


def null_number(_sheet: Sheet, layer: Layer, _rule: Rule) -> Iterator[Found]:
    """Find parcels numbered 0000."""
    return layer.at(place for place, number in enumerate(layer.column("numero")) if not str(number or "").strip("0"))


def other_number(_sheet: Sheet, layer: Layer, _rule: Rule) -> Iterator[Found]:
    """Find parcels whose section or number, as written, is not that of their identifier."""
    for row in layer.rows:
        known = {"section": row.id[8:10], "numero": row.id[10:14]}
        written = str(row.raw.get("TEX") or "").strip()
        if any(row.values.get(name, value) != value for name, value in known.items()):
            yield Found(row.id, row.geometry, f"({row.values.get('section')} {row.values.get('numero')})")
        elif written.isdigit() and written.lstrip("0") != row.id[10:14].lstrip("0"):
            yield Found(row.id, row.geometry, f"(« {written[:QUOTED]} » écrit)")
