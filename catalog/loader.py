"""Read the dataset files: TOML → `Dataset`, naming the file and the key that is wrong."""

import tomllib
from dataclasses import fields
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from types import MappingProxyType
from typing import Any

from catalog.errors import CatalogError
from catalog.model import BASE, COLUMN_TYPES, Dataset, Source
from catalog.rules import RULES, WEIGHTS, Rule
from catalog.territories import installation
from catalog.themes import THEMES


@cache
def datasets() -> dict[str, Dataset]:
    """Return every dataset of the catalogue by its id, in alphabetical order."""
    paths = sorted(files("catalog").joinpath("datasets").iterdir(), key=lambda path: path.name)
    return {dataset.id: dataset for dataset in map(read_dataset, (p for p in paths if p.name.endswith(".toml")))}


def read_dataset(path: Traversable) -> Dataset:
    """Read one dataset file; its name is the dataset's id. Raises CatalogError naming file and key."""
    try:
        content = tomllib.loads(path.read_text("utf-8"))
        return check(Dataset(id=path.name.removesuffix(".toml"), **{"srid": installation().srid} | typed(content)))
    except (tomllib.TOMLDecodeError, TypeError, ValueError, KeyError) as error:
        raise CatalogError(f"{path.name} : {error}") from error


def typed(content: dict[str, Any]) -> dict[str, Any]:
    """Turn the tables of a dataset file into the types of `Dataset`."""
    groups = {name: MappingProxyType(columns) for name, columns in content["groups"].items()}
    return content | {
        "source": Source(**content["source"]),
        "groups": MappingProxyType(groups),
        "keywords": tuple(content.get("keywords", ())),
        "quality": tuple(read_rule(declared) for declared in content.get("quality", ())),
    }


def read_rule(declared: dict[str, Any]) -> Rule:
    """Read one rule of quality. Raises ValueError naming the key that is unknown, missing or wrong."""
    known = [one.name for one in fields(Rule)]
    if unknown := [key for key in declared if key not in known]:
        raise ValueError(f"quality.{unknown[0]} : clé inconnue, parmi {', '.join(known)}")
    if (name := declared.get("rule")) not in RULES:
        raise ValueError(f"quality.rule : règle {name!r} inconnue, parmi {', '.join(RULES)}")
    if (severity := declared.get("severity")) not in WEIGHTS:
        raise ValueError(f"quality.severity ({name}) : {severity!r} inconnue, parmi {', '.join(WEIGHTS)}")
    for key, wanted in (("threshold", RULES[name].unit is not None), ("column", RULES[name].column)):
        if (key in declared) != wanted:
            raise ValueError(f"quality.{key} ({name}) : {'manque' if wanted else 'sans objet'}")
    return Rule(**declared)


def check(dataset: Dataset) -> Dataset:
    """Return the dataset, or raise ValueError where its parts do not fit together."""
    check_place(dataset)
    if BASE not in dataset.groups:
        raise ValueError("groups.base manque")
    if list(dataset.groups[BASE])[:2] != ["commune", "edition"]:
        raise ValueError("groups.base commence par commune et edition")
    for group, columns in dataset.groups.items():
        for column, kind in columns.items():
            if kind not in COLUMN_TYPES:
                raise ValueError(f"groups.{group}.{column} : type {kind!r} inconnu, parmi {', '.join(COLUMN_TYPES)}")
    names = [name for columns in dataset.groups.values() for name in columns]
    if len(names) != len(set(names)):
        raise ValueError("une colonne est dans deux groupes")
    for rule in dataset.quality:
        if rule.column is not None and rule.column not in names:
            raise ValueError(f"quality.column ({rule.rule}) : {rule.column!r} n'est pas une colonne")
    if "." not in dataset.table:
        raise ValueError("table : schema.nom attendu")
    return dataset


def check_place(dataset: Dataset) -> None:
    """Raise ValueError where a dataset has no place on the pages: its theme, and its rank there."""
    if dataset.theme not in THEMES:
        raise ValueError(f"theme : {dataset.theme!r} inconnu, parmi {', '.join(THEMES)}")
    if type(dataset.rank) is not int:
        raise ValueError(f"rank : {dataset.rank!r} n'est pas un nombre entier")
