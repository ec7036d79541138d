"""The baseline, `sql/migrations/0001` to `0026`: it replaces thirty earlier migrations, which made the same tables.

A database that had them all has nothing of the baseline to apply; one that stopped on the way cannot go on with it.
"""

from catalog.errors import SettingsError

FIRST_AFTER = "0064"
_NAMES = """
0001_roles 0002_postgis 0003_access 0004_protect 0005_cadastre 0006_reseaux 0007_imagerie 0008_jobs 0009_visible_extents
0010_agreements 0012_explanations 0015_registre 0016_quotas 0018_identities 0030_objets_du_plan
0031_commentaires_et_liens 0032_installation 0034_units 0035_loads_queued 0037_mutations 0043_qualite 0044_commentaires
0050_tile_keys 0053_periods 0054_bearers 0057_passe_index 0058_mutations_attributs 0059_fusions 0060_chargements
0063_personnes_morales
"""
REPLACED = tuple(f"{name}.sql" for name in _NAMES.split())
# Functions alone, of which some are not as they were.
RUN_AGAIN = ("0009_datasets.sql", "0013_register_functions.sql", "0085_prepare.sql")


def had_all(done: set[str]) -> bool:
    """True for a database that had all the replaced migrations. Raises SettingsError where it had but some of them."""
    missing = [name for name in REPLACED if name not in done]
    if len(missing) == len(REPLACED):
        return False
    if missing:
        raise SettingsError(
            f"Cette base vient d'une version antérieure qui n'a pas fini de la préparer : il lui manque {len(missing)}"
            f" de ses {len(REPLACED)} migrations, depuis réunies en d'autres, à partir de {missing[0]}. Passez d'abord"
            f" « geosocle migrate » de la dernière version qui a {REPLACED[-1]}, ou chargez une base neuve."
        )
    return True
