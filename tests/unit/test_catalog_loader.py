"""Dataset files: read as values, refused with the file and the key that is wrong."""

from pathlib import Path

import pytest

from catalog.errors import CatalogError
from catalog.loader import datasets, read_dataset
from catalog.themes import THEMES, by_theme

GOOD = """
title = "Bornes"
description = "Bornes du plan cadastral."
theme = "details"
kind = "cadastre"
table = "cadastre.bornes"
geometry = "MultiPoint"

[source]
format = "EDIGEO"
licence = "Licence Ouverte 2.0"

[groups.base]
commune = "text"
edition = "date"
numero = "integer"

[groups.technical]
precision = "double precision"
"""


def written(folder: Path, content: str) -> Path:
    path = folder / "bornes.toml"
    path.write_text(content, "utf-8")
    return path


def test_the_name_of_the_file_is_the_id_of_the_dataset(tmp_path):
    assert read_dataset(written(tmp_path, GOOD)).id == "bornes"


def test_a_dataset_knows_the_table_of_each_of_its_groups(tmp_path):
    bornes = read_dataset(written(tmp_path, GOOD))
    assert bornes.group_table() == ("cadastre", "bornes")
    assert bornes.group_table("technical") == ("cadastre", "bornes_technical")


def test_columns_are_those_of_the_groups_asked_for_in_the_order_of_the_file(tmp_path):
    bornes = read_dataset(written(tmp_path, GOOD))
    assert list(bornes.columns()) == ["commune", "edition", "numero"]
    assert list(bornes.columns(("base", "technical"))) == ["commune", "edition", "numero", "precision"]
    assert bornes.columns(("unknown",)) == {}


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (("title =", "titel ="), "titel"),
        (('"integer"', '"numeric"'), "numero"),
        (('precision = "double precision"', 'numero = "integer"'), "deux groupes"),
        (('commune = "text"\n', ""), "groups.base"),
        (("[groups.base]", "[groups.basic]"), "groups.base"),
        (('"cadastre.bornes"', '"bornes"'), "table"),
        (('title = "Bornes"', 'title = "Bornes'), "line"),
        (("[source]", "[origin]"), "source"),
    ],
)
def test_a_wrong_file_is_named_with_its_wrong_key(tmp_path, change, named):
    path = written(tmp_path, GOOD.replace(*change))
    with pytest.raises(CatalogError, match=rf"bornes\.toml.*{named}"):
        read_dataset(path)


def test_every_dataset_of_the_catalogue_is_right_and_has_its_table_once():
    tables = [dataset.table for dataset in datasets().values()]
    assert {"communes", "parcelles", "canalisations_eau", "orthophotos"} <= set(datasets())
    assert len(tables) == len(set(tables))


RULE = 'rule = "vide"\nseverity = "mineure"\ncolumn = "nom"'


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ('"vide"', '"videe"', "quality.rule : règle 'videe' inconnue, parmi vide, "),
        ('"mineure"', '"grave"', "quality.severity (vide) : 'grave' inconnue, parmi bloquante, "),
        ('column = "nom"', "", "quality.column (vide) : manque"),
        ('column = "nom"', 'column = "surnom"', "quality.column (vide) : 'surnom' n'est pas une colonne"),
        ('column = "nom"', 'column = "nom"\nthreshold = 1', "quality.threshold (vide) : sans objet"),
        ('column = "nom"', 'column = "nom"\ncolour = 1', "quality.colour : clé inconnue, parmi rule, "),
    ],
)
def test_a_rule_of_quality_that_is_unknown_or_ill_declared_is_refused_by_file_and_key(tmp_path, old, new, fault):
    text = (Path(__file__).parents[2] / "catalog/datasets/lieux_dits.toml").read_text("utf-8").split("[[quality]]")[0]
    path = tmp_path / "lieux.toml"
    path.write_text(f"{text}[[quality]]\n{RULE.replace(old, new)}\n", "utf-8")
    with pytest.raises(CatalogError) as refused:
        read_dataset(path)
    assert str(refused.value).startswith(f"lieux.toml : {fault}")


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ('theme = "details"', 'theme = "detail"', "theme : 'detail' inconnu, parmi parcelles, proprietaires, "),
        ('theme = "details"\n', "", "theme"),
        ('theme = "details"', 'theme = "details"\nrank = "1"', "rank : '1' n'est pas un nombre entier"),
    ],
)
def test_a_theme_that_is_unknown_or_missing_is_refused_by_file_and_key(tmp_path, old, new, fault):
    with pytest.raises(CatalogError, match=rf"bornes\.toml : .*{fault}"):
        read_dataset(written(tmp_path, GOOD.replace(old, new)))


def test_datasets_stand_by_theme_in_its_order_the_most_used_first_and_no_theme_is_empty():
    found = by_theme(datasets().values())
    assert list(found) == list(THEMES)
    assert [each.id for each in found["parcelles"]][:2] == ["parcelles", "batiments"]
    assert sum(map(len, found.values())) == len(datasets())
    some = by_theme(datasets()[id] for id in ("anomalies", "communes", "mutations"))
    assert {theme: [each.id for each in held] for theme, held in some.items()} == {
        "limites": ["communes"],
        "suivi": ["mutations", "anomalies"],
    }
