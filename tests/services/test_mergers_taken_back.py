"""A merger said by mistake, and what came after it; what other sources hold under the old code meanwhile."""

import gzip
import json
from datetime import date

import pytest

from catalog.database import as_loader, connect
from catalog.errors import AgreementError
from catalog.fusions import merge
from data_samples.merger import renamed
from etl.fusions import remaining, take_back
from etl.pipeline import load
from etl.sources import Options
from tests.conftest import SAMPLES, clone
from tests.hunting.world import A as NEW
from tests.hunting.world import B as OLD
from tests.services.test_fusions import CONTENT, MERGED, ask, later, note

__all__ = ["later"]
SERVED = f"SELECT * FROM ({CONTENT}) c (t, id, commune, first, last) WHERE t NOT LIKE '%_passe' OR first < last"
PLAN = SAMPLES / "cadastre"
WHOLE = sorted((SAMPLES / "cadastre_edition2").glob(f"*{NEW}*"))
UNDER = f"SELECT dataset, objects FROM access.statistics WHERE commune = '{OLD}' AND objects > 0 ORDER BY 1"


def unmerge(settings) -> None:
    with as_loader(settings) as connection:
        take_back(connection, OLD)


def test_once_the_plan_has_followed_it_is_true_and_refused(cluster, loaded_template, later):
    with clone(cluster, loaded_template) as own:
        note(own)
        load("cadastre", [min(later[2].glob(f"*{NEW}{OLD[2:]}*"))], Options(), own)
        before = ask(own, CONTENT)
        with pytest.raises(AgreementError, match=f"le plan de {NEW} l'a suivie, il a 1 feuille"):
            unmerge(own)
        assert ask(own, CONTENT) == before


def test_sheets_that_left_for_it_come_back_first_then_all_is_as_if_it_had_never_been_said(cluster, loaded_template):
    with clone(cluster, loaded_template) as own, clone(cluster, loaded_template) as never:
        for settings in (own, never):
            if settings is own:
                note(own)
            load("cadastre", WHOLE, Options(complete=True), settings)
        assert ask(own, f"SELECT 1 FROM cadastre.mutations WHERE parcelles_avant LIKE '{OLD}%'")
        with pytest.raises(
            AgreementError, match=rf"5 feuille\(s\) de {OLD} ont été retirées .* Chargez-les de nouveau"
        ):
            unmerge(own)
        assert load("cadastre", sorted(PLAN.glob(f"*{OLD}*")), Options(), own).exit_code == 0
        unmerge(own)
        assert ask(own, SERVED) == ask(never, SERVED)


def test_what_is_said_to_remain_goes_when_the_files_come_again(cluster, loaded_template, later):
    with clone(cluster, loaded_template) as own:
        note(own)
        load("cadastre", [later[2]], Options(), own)
        with connect(own, "admin") as connection:
            told = list(remaining(connection, OLD, NEW))
        assert [line.partition(" :")[0] for line in told] == ["eau", "orthophotos", "personnes_morales"]
        for kind in ("eau", "orthophotos"):
            assert load(kind, [SAMPLES / kind], Options(), own).exit_code == 0
        assert {dataset for dataset, _ in ask(own, UNDER)} == {"personnes_morales", "locaux_personnes_morales"}


def test_a_file_of_etalab_that_has_followed_takes_the_place_of_that_of_the_old_commune(database, tmp_path):
    old, new = (SAMPLES / "etalab" / f"cadastre-{code}-parcelles.json.gz" for code in (OLD, NEW))
    assert load("cadastre", [old, new], Options(edition=date(2026, 7, 1)), database).exit_code == 0
    with connect(database, "admin") as connection:
        merge(connection, NEW, [OLD], MERGED)
    held = ask(database, f"SELECT id FROM cadastre.parcelles WHERE commune = '{OLD}' ORDER BY id")
    assert load("cadastre", [new], Options(edition=MERGED), database).exit_code == 0
    assert ask(database, f"SELECT id FROM cadastre.parcelles WHERE commune = '{OLD}' ORDER BY id") == held
    (tmp_path / new.name).write_bytes(followed(old, new))
    assert load("cadastre", [tmp_path / new.name], Options(edition=date(2026, 12, 1)), database).exit_code == 0
    assert ask(database, f"SELECT id FROM cadastre.parcelles WHERE commune = '{OLD}'") == []
    now = ask(database, f"SELECT id FROM cadastre.parcelles WHERE substr(id, 6, 3) = '{OLD[2:]}' ORDER BY id")
    assert now == [(renamed(id, OLD, NEW),) for (id,) in held]
    fused = ask(database, "SELECT parcelles_avant FROM cadastre.mutations WHERE nature = 'fusion de communes'")
    assert sorted(",".join(ids for (ids,) in fused).split(",")) == [id for (id,) in held]


def followed(old, new) -> bytes:
    """The file of the new commune with the parcels of the old one under its prefix."""
    whole, more = (json.loads(gzip.decompress(path.read_bytes())) for path in (new, old))
    for one in more["features"]:
        one["id"] = renamed(one["id"], OLD, NEW)
        one["properties"] |= {"id": one["id"], "commune": NEW, "prefixe": OLD[2:]}
    whole["features"] += more["features"]
    return gzip.compress(json.dumps(whole).encode())
