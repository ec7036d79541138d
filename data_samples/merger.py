"""A commune that merges into another: the plan gives its sheets and parcels the new code, and its own as a prefix."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from typing import Any

from data_samples.edits import DRAWN
from data_samples.model import World


def renamed(id: str, old: str, new: str) -> str:
    """Return what a section, a sheet or a parcel is called once `old` has merged into `new`."""
    if not id.startswith(old):
        return id
    prefix = old[2:] if id[5:8] == "000" else id[5:8]
    return new + prefix + id[8:]


def merged(world: World, old: str, new: str, edition: date) -> World:
    """Return the world in which `old` has merged into `new`: all sheets of both are of one edition."""
    grounds = [one.geometry for one in world.communes if one.code in (old, new)]
    communes = (
        replace(one, geometry=grounds[0].union(grounds[1])) if one.code == new else one
        for one in world.communes
        if one.code != old
    )
    feuilles = (replace(one, edition=edition) if one.commune in (old, new) else one for one in world.feuilles)

    def moved(objects: Iterable[Any]) -> tuple[Any, ...]:
        return tuple(_moved(one, old, new) if one.commune == old else one for one in objects)

    plan = {name: moved(getattr(world, name)) for name in DRAWN}
    return replace(world, communes=tuple(communes), feuilles=moved(feuilles), sections=moved(world.sections), **plan)


def _moved(one: Any, old: str, new: str) -> Any:
    """Return an object of the old commune as the new one has it."""
    names = {name: renamed(getattr(one, name), old, new) for name in ("sheet", "parcelle") if hasattr(one, name)}
    if hasattr(one, "prefixe"):
        id = renamed(one.id, old, new)
        names |= {"id": id, "prefixe": id[5:8]}
    return replace(one, commune=new, **names)
