"""A hunter that finds nothing must be able to find: each fault is planted in a copy, and found.

Some are looked for at the doors where they show soonest; `GEOSOCLE_HUNT_REQUESTS` above 2,000, at all: docs/chasse.md.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import pytest

from catalog.database import connect
from catalog.settings import Settings
from data_samples.edition import second_edition
from hunter import items
from hunter.doors import DOORS, WORKED
from hunter.hunt import CHANGES, Leak
from hunter.machine import hunt_by_machine
from tests.hunting import patches
from tests.hunting.serving import hunting_on, load_second_edition

# A picture has no place; rio-tiler silences this by a context that threads undo for each other.
pytestmark = pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning")

REQUESTS = 2000
LONG = int(os.environ.get("GEOSOCLE_HUNT_REQUESTS", "0")) > REQUESTS
SEED = 85


@dataclass(frozen=True)
class Fault:
    """A mistake that somebody could make: in the database, or in a module."""

    sql: str = ""
    patch: Callable[[pytest.MonkeyPatch], None] | None = None
    sign: str | None = None  # what the hunter must say of it, where it might stumble over the planting instead
    doors: tuple[str, ...] = tuple(DOORS)
    soon: tuple[str, ...] = ()  # the doors that are enough, but in the long run
    worker: bool = False
    past: bool = False
    probed: str = ""  # the dataset that is asked about most
    restless: float = CHANGES  # of the draws are followed by a change


def rules(old: str, new: str, name: str = "visible_communes") -> str:
    """Return the statement that changes the text of a function of the rules; it fails where the text is not found."""
    return f"""DO $plant$
DECLARE body text := pg_get_functiondef((SELECT oid FROM pg_proc WHERE proname = '{name}'));
BEGIN
    IF strpos(body, $old${old}$old$) = 0 THEN RAISE 'nothing to plant in {name}'; END IF;
    EXECUTE replace(body, $old${old}$old$, $new${new}$new$);
END $plant$"""


def policy(rule: str, dataset: str = "parcelles", table: str = "cadastre.parcelles") -> str:
    """Return the statement that changes a table's policy; `visible` stands for the caller's communes."""
    visible = f"SELECT unnest(access.visible_communes('{dataset}', 'base'))"
    return f"ALTER POLICY lecture ON {table} USING ({rule.replace('visible', visible)})"


OWN = "r.dataset = a_dataset AND r.attribute_group = a_group AND r.usage = wanted"
TODAY = "access.today() BETWEEN a.first_day AND a.last_day"
KEY = "access.organisation_of(current_setting('app.key', true))"
JOBS = ("export", "strangers")
FAULTS = {
    "the groups of one agreement over the communes of another": Fault(
        rules(OWN, "r.dataset = a_dataset AND r.usage = wanted")
    ),
    "the usages of one agreement over the communes of another": Fault(
        rules(OWN, "r.dataset = a_dataset AND r.attribute_group = a_group")
    ),
    "an agreement that ended yesterday": Fault(rules(TODAY, "access.today() BETWEEN a.first_day AND a.last_day + 1")),
    "an agreement that begins tomorrow": Fault(rules(TODAY, "access.today() <= a.last_day")),
    "everybody's rights for everybody": Fault(rules("a.organisation IN (caller, 'public')", "true")),
    "a revoked token": Fault(rules("t.revoked IS NULL AND", "", "organisation_of"), sign="bad credential"),
    "row security off on a table": Fault("ALTER TABLE cadastre.batiments DISABLE ROW LEVEL SECURITY"),
    "row security off on a side table": Fault(
        "ALTER TABLE reseaux.canalisations_eau_technical DISABLE ROW LEVEL SECURITY"
    ),
    "territory by geometry": Fault(
        "GRANT USAGE ON SCHEMA admin TO geosocle_reader; GRANT SELECT ON admin.limites TO geosocle_reader;"
        + policy(
            "EXISTS (SELECT FROM admin.limites AS l"
            " WHERE l.commune IN (visible) AND ST_Intersects(l.geom, parcelles.geom))"
        ),
        soon=("items", "vector tile"),
    ),
    "communes by their prefix": Fault(policy("commune LIKE ANY (SELECT left(c, 4) || '%' FROM (visible) AS v(c))")),
    "an unset key sees all": Fault(
        rules(KEY, f"coalesce({KEY}, 'chasse-departement')"),
        patches.forget_a_key,
        "foreign|not 404",
        ("item",),
    ),
    "one row in a thousand dropped": Fault(
        policy("commune IN (visible) AND abs(hashtext(id)) % 1000 <> abs(hashtext('85901000AB0007')) % 1000"),
        doors=("items", "vector tile", "export"),
        worker=True,
    ),
    "one row in a thousand leaked": Fault(
        policy("commune IN (visible) OR abs(hashtext(id)) % 1000 = abs(hashtext('85902000AB0007')) % 1000"),
        doors=("items", "vector tile"),  # a page of a whole commune and an export name the communes that they ask for
        probed="parcelles",
    ),
    "counts and extents of all": Fault(rules("caller IS NOT NULL AND", "true OR", "visible_statistics")),
    "settings of the session behind a pooler": Fault(patch=patches.session_settings),
    "a cache of documents without the caller": Fault(patch=patches.one_api_for_all),
    "a cache of answers without the caller": Fault(patch=patches.one_answer_for_all),
    "hidden properties in filters": Fault(
        patch=patches.every_property_may_be_named, sign="from missing|as missing", doors=("hidden property",)
    ),
    "tiles by the right to features": Fault(patch=patches.tiles_by_another_usage, doors=("vector tile",)),
    "images masked by a box": Fault(patch=patches.images_by_their_box, sign="foreign pixels", soon=("map tile",)),
    "row security off on the past": Fault(
        "ALTER TABLE cadastre.parcelles_passe DISABLE ROW LEVEL SECURITY",
        doors=("items", "encodings"),
        soon=("items",),
        past=True,
        probed="parcelles",
    ),
    "a plan with everybody's buildings": Fault(
        "ALTER TABLE cadastre.batiments DISABLE ROW LEVEL SECURITY", sign="foreign lines", doors=("plan",)
    ),
    "jobs that everybody knows": Fault(
        "ALTER POLICY demandeur ON jobs.jobs USING (true)", sign="not 404|foreign jobs", doors=JOBS, worker=True
    ),
    "jobs that outlive their agreement": Fault(
        "ALTER POLICY demandeur ON jobs.jobs USING"
        " (organisation = access.organisation_of(current_setting('app.key', true)))",
        sign="outlives",
        doors=JOBS,
        worker=True,
    ),
    "a draft agreement that opens": Fault(patch=patches.drafts_that_open, restless=0.3),
    "neighbours lent with the full groups": Fault(patch=patches.neighbours_as_oneself, restless=0.3),
    "a rotated token still alive": Fault(patch=patches.rotated_and_alive, sign="bad credential", restless=0.3),
    "an amended agreement served from a stale profile": Fault(patch=patches.one_profile_for_ever),
    "crossed columns on CSV alone": Fault(
        """CREATE FUNCTION planted_materiau(text) RETURNS text SECURITY DEFINER STABLE LANGUAGE sql
           AS 'SELECT materiau FROM reseaux.canalisations_eau_technical WHERE id = $1';
           GRANT EXECUTE ON FUNCTION planted_materiau(text) TO geosocle_reader""",
        patches.csv_by_another_way,
        sign="foreign columns",
        soon=("encodings",),
    ),
    "words looked for in the whole row": Fault(patch=patches.words_of_the_whole_row, sign="foreign"),
    "mutations without row security": Fault(
        "ALTER TABLE cadastre.mutations DISABLE ROW LEVEL SECURITY",
        doors=("items", "vector tile"),
        past=True,
        probed="mutations",
    ),
    "a past without policy, in files": Fault(
        "ALTER TABLE cadastre.batiments_passe DISABLE ROW LEVEL SECURITY",
        doors=("encodings",),
        past=True,
        probed="batiments",
    ),
    "a shared tile named without its rule": Fault(
        patch=patches.one_copy_of_a_tile_for_all, sign="foreign", soon=("vector tile",)
    ),
    "explanations for everybody": Fault(patch=patches.explained_to_all, sign="not 404", soon=("explanation",)),
    "an explanation of any group": Fault(
        patch=patches.explained_by_usage_alone, sign="is explained|over", soon=("explanation",)
    ),
    "a refusal that tells hidden from missing": Fault(
        patch=patches.hidden_is_forbidden, sign="tell hidden from missing"
    ),
}


def test_the_machine_finds_and_shrinks(cluster, loaded_template, world, capsys):
    plant = partial(planted, FAULTS["everybody's rights for everybody"])
    with (
        hunting_on(cluster, loaded_template, world, SEED, plant) as hunt,
        pytest.raises(Leak, match="foreign|not 404|leak|collections") as found,
    ):
        hunt_by_machine(hunt, hunt.actions, {name: DOORS[name] for name in ("items", "item", "list")}, examples=20)
    steps = [line for line in found.value.__notes__ if line.startswith("state.")]
    with capsys.disabled():
        print(f"\nshrunk to {len(steps)} steps after {hunt.requests} requests: {steps}")
    assert len(steps) <= 4


def planted(fault: Fault, settings: Settings) -> None:
    """Plant what stands in the database of a fault."""
    if fault.past:
        load_second_edition(settings)
    if fault.sql:
        with connect(settings, "admin") as connection:
            connection.execute(fault.sql)


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
def test_the_hunter_finds(cluster, loaded_template, world, monkeypatch, capsys, request, fault):
    plant = partial(planted, fault)
    later = second_edition(world) if fault.past else None
    if fault.patch:
        fault.patch(monkeypatch)
    if fault.probed:
        monkeypatch.setitem(items.WEIGHTS, fault.probed, 300)
    with (
        hunting_on(cluster, loaded_template, world, SEED, plant, worker=fault.worker, later=later) as hunt,
        pytest.raises(Leak, match=fault.sign) as found,
    ):
        hunt.restless = fault.restless
        hunt.run({name: WORKED[name] for name in tried(fault)}, REQUESTS)
    words = str(found.value).splitlines()[0]
    with capsys.disabled():
        print(f"\n{request.node.callspec.id}: found after {hunt.requests} requests at {where(fault)}: {words[:80]}")


def tried(fault: Fault) -> tuple[str, ...]:
    """Return the doors at which a fault is looked for."""
    return fault.doors if LONG or not fault.soon else fault.soon


def where(fault: Fault) -> str:
    """Say which doors were tried."""
    return "all doors" if tried(fault) == tuple(DOORS) else ", ".join(tried(fault))
