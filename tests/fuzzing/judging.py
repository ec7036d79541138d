"""What must hold of a load, whatever was loaded: nothing half, nothing lost, nothing unsaid."""

import json
import os
import re
from collections import Counter
from pathlib import Path
from typing import Any

from catalog.database import connect
from catalog.loader import datasets
from catalog.settings import Settings
from etl.loading import SHARED
from etl.report import IGNORED, PUBLISHED, REFUSED, UNCHANGED, Report, Unit

TABLES = {
    one.id: ".".join(one.group_table("base"))
    for one in datasets().values()
    if one.kind in ("cadastre", "personnes_morales")
}
OWN = {name: table for name, table in TABLES.items() if name not in (*SHARED, "anomalies")}
STATES = {PUBLISHED, UNCHANGED, REFUSED, IGNORED}
WAY_OUT = re.compile(
    r"demandez|indiquez|rechargez|chargez|reprenez|téléchargez|donnez|recommencez|retirez|envoyez|relancez|renommez"
    r"|enregistrez|exportez|vérifiez|corrigez|voyez|la remplace|« geosocle|décompressez|dépaquetez|signalez"
    r"|GEOSOCLE_|--\w",
    re.IGNORECASE,
)

LEFT = re.compile(r"(\d+) ligne\(s\)")

type Served = dict[tuple[str, str], dict[str, str]]  # unit and table → id → what is served of it


def served(settings: Settings) -> Served:
    """Return a digest of every row that is served, by unit and table."""
    found: Served = {}
    with connect(settings, "admin") as connection:
        for name, table in OWN.items():
            rows = connection.execute(f"SELECT unite, id, md5(t::text) FROM {table} t").fetchall()
            for unit, id, digest in rows:
                found.setdefault((unit, name), {})[id] = digest
    return found


def faults(report: Report, settings: Settings, before: Served, now: Served) -> list[str]:
    """Return what is wrong with a load that has ended, and with what it left: what is served before and now."""
    return [
        *(fault for unit in report.units for fault in of_unit(unit, now, before)),
        *half(settings),
        *unsaid(report, settings),
        *([] if report.exit_code in (0, 3, 4) else [f"exit code {report.exit_code}"]),
    ]


def of_unit(unit: Unit, now: Served, before: Served) -> list[str]:
    """Return what is wrong with a unit, its words and its rows."""
    if unit.status not in STATES:
        return [f"{unit.name} is {unit.status}"]
    if unit.status in (REFUSED, IGNORED):
        return [*wordless(unit), *(moved(unit, now, before) if unit.status == REFUSED else ())]
    return [*uncounted(unit), *(miscounted(unit, now) if unit.status == PUBLISHED else ())]


def wordless(unit: Unit) -> list[str]:
    """A refusal names the file, says why in French, and what to do."""
    words = unit.reason or ""
    return [
        f"{unit.name} ({unit.file}): {fault} in « {words} »"
        for fault, wrong in (
            ("no file", not unit.file),
            ("no reason", not words),
            ("no way out", not WAY_OUT.search(words)),
            ("a path of this machine", "/tmp/" in words.replace("/tmp/dehors.txt", "")),
            ("a word of Python", re.search(r"Error|Traceback|NoneType|<class|object at 0x", words)),
            ("a control character", any(ord(one) < 32 for one in words + unit.file)),
        )
        if wrong
    ]


def moved(unit: Unit, now: Served, before: Served) -> list[str]:
    """What a refused sheet served before is served still, but for what another sheet bears now."""
    elsewhere = {(name, id) for (_, name), rows in now.items() for id in rows}
    return [
        f"{unit.name} was refused, and its {name} are others"
        for (one, name), rows in before.items()
        if one == unit.name
        for left in [dict(rows.items() - now.get((one, name), {}).items())]
        if any((name, id) not in elsewhere or id in now.get((one, name), {}) for id in left)
    ]


def uncounted(unit: Unit) -> list[str]:
    """What is read is loaded, rejected with a reason, or seen again."""
    rejected = Counter(reject.layer for reject in unit.rejects)
    return [
        f"{unit.name} {name}: {counts}"
        for name, counts in unit.counts.items()
        if counts.read != counts.loaded + counts.rejected + counts.seen_again or counts.rejected != rejected[name]
    ] + [f"{unit.name}: {reject} without reason" for reject in unit.rejects if not reject.reason]


def miscounted(unit: Unit, now: Served) -> list[str]:
    """As many rows are served as were loaded."""
    return [
        f"{unit.name} {name}: {unit.counts[name].loaded} loaded, {len(now.get((unit.name, name), ()))} served"
        for name in unit.counts
        if name in OWN and unit.counts[name].loaded != len(now.get((unit.name, name), ()))
    ]


def half(settings: Settings) -> list[str]:
    """Nothing waits, every geometry is sound."""
    with connect(settings, "admin") as connection:
        waiting = [connection.execute(f"SELECT count(*) FROM staging.{name}").fetchone() for name in OWN]
        unsound = [
            name
            for name, table in TABLES.items()
            if connection.execute(f"SELECT count(*) FROM {table} WHERE NOT ST_IsValid(geom)").fetchone() != (0,)
        ]
    return [f"{name} not valid" for name in unsound] + (["rows are staged still"] if any(map(any, waiting)) else [])


def unsaid(report: Report, settings: Settings) -> list[str]:
    """The report is in the database as it was given."""
    with connect(settings, "admin") as connection:
        row = connection.execute(
            "SELECT report, status FROM etl.deliveries WHERE id = %s", [report.delivery]
        ).fetchone()
    same = row is not None and alike(row[0]) == alike(report.as_json())
    return [] if same or report.unchanged else ["the report is not in the database"]


def alike(report: Any) -> Any:
    """A report whose numbers are all of one kind: jsonb writes a huge one out in full."""
    return json.loads(json.dumps(report), parse_int=float)


def lost(units: list[Unit], told: int) -> list[str]:
    """Every object of the text is told of: as read, or in the words of what is left of it."""
    read = sum(counts.read for unit in units for counts in unit.counts.values())
    left = sum(int(found[1]) for unit in units if (found := LEFT.match(unit.reason or "")))
    return [] if read + left == told else [f"{units[0].name}: {told} objects in the text, {read + left} told of"]


def left_behind(folder: Path) -> list[str]:
    """Nothing of this process stays in the temporary folder."""
    return [f"left: {path.name}" for path in folder.glob(f"geosocle-livraison-{os.getpid()}-*")]
