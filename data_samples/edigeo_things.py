"""The objects of a lot, before they are records."""

from dataclasses import dataclass
from datetime import date

from data_samples.model import Shape


@dataclass(frozen=True, slots=True)
class Thing:
    """An object to be written: its class, number, attributes, geometry and what it is tied to."""

    subset: str
    class_: str
    rid: int
    attributes: dict[str, str]
    geometry: Shape
    created: date
    updated: date
    links: tuple[tuple[str, str, int], ...] = ()  # relation, subset, number

    @property
    def name(self) -> str:
        """Return the object's identifier in the lot."""
        return f"Objet_{self.rid}"
