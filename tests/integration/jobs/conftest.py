"""Two neighbouring communes, the organisation of each, and what asks and runs as them."""

import pytest

from catalog import access
from catalog.access import Right
from catalog.database import as_loader, connect, pool
from hunter.members import DAY
from services.running import Running
from tests.integration.jobs.desk import TODAY, A, B

PARCELS = """
INSERT INTO cadastre.parcelles
    (id, commune, unite, edition, prefixe, section, numero, contenance, arpente, geom, feature)
SELECT format('%%s000AA%%s', %(commune)s::text, to_char(i, 'FM0000')), %(commune)s, 'f', '2026-01-01', '000', 'AA',
       to_char(i, 'FM0000'), CASE WHEN i %% 2 = 0 THEN i END, CASE WHEN i %% 3 = 0 THEN true END,
       ST_Multi(ST_MakeEnvelope(360000 + 10 * i, 6630000, 360010 + 10 * i, 6630010, 2154)), '{'
FROM generate_series(1, %(count)s) i
"""
PIPES = """
WITH pipe AS (
    INSERT INTO reseaux.canalisations_eau (id, commune, unite, edition, objet, exploitant, geom, feature)
    SELECT 'C1.' || commune, commune, 'e', '2026-01-01', 'C1', 'Régie d''Été',
           ST_GeomFromText('MULTILINESTRING((360000 6630000, 360100 6630000))', 2154), '{'
    FROM unnest(%(communes)s::text[]) commune RETURNING id, commune, unite, edition)
INSERT INTO reseaux.canalisations_eau_technical (id, commune, unite, edition, materiau, an_pose, feature)
SELECT id, commune, unite, edition, 'PVC <110', 1987, '' FROM pipe
"""


@pytest.fixture
def world(database):
    """Two neighbouring communes with parcels and a pipe, and the organisation of each."""
    with as_loader(database) as connection:
        connection.execute(PARCELS, {"commune": A, "count": 30})
        connection.execute(PARCELS, {"commune": B, "count": 20})
        connection.execute(PIPES, {"communes": [A, B]})
    with connect(database, "admin") as connection:
        for name, code in (("ici", A), ("voisine", B)):
            access.add_organisation(connection, name, name, "commune", [code])
            rights = [
                Right("parcelles", "base", ("feature", "file"), (code,)),
                Right("canalisations_eau", "base", ("file",), (A, B)),
                Right("canalisations_eau", "technical", ("file",), (code,)),
            ]
            access.add_agreement(connection, f"c-{name}", name, "essai", TODAY, TODAY + DAY, rights)
    return database


@pytest.fixture
def web(world):
    with pool(world, "web") as connections:
        yield connections


@pytest.fixture
def running(world):
    with pool(world, "worker") as connections:
        yield Running(world, connections)


@pytest.fixture
def tokens(world):
    with connect(world, "admin") as connection:
        return {name: access.issue_token(connection, name) for name in ("ici", "voisine")}


@pytest.fixture
def ici(web, tokens):
    return access.authenticate(web, tokens["ici"])


@pytest.fixture
def voisine(web, tokens):
    return access.authenticate(web, tokens["voisine"])
