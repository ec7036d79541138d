"""What is of another territory than the installation's is refused with that word, naming both."""

from catalog.errors import DeliveryError
from catalog.territories import Territory, installation, territory_of


def refusal(what: str, there: Territory, lot: str) -> DeliveryError:
    """Return the refusal of a lot by what tells its territory: a code, a commune."""
    words = f"lot d'un autre territoire : {what} ({there.name}), cette base est celle de {installation().name}"
    return DeliveryError(f"{words} : chargez-le dans la sienne", file=lot)


def refuse_elsewhere(code: str, lot: str) -> None:
    """Raise DeliveryError for a département or a commune (INSEE code) that is of another territory."""
    there = territory_of(code)
    if there != installation():
        raise refusal(code, there, lot)
