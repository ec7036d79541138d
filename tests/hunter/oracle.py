"""What each caller may see, in Python: from the agreements that the test granted and the world as it was invented."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from tests.hunter.members import Agreement, Member
from tests.hunter.world import BASE, Thing

PUBLIC = "public"
BEFORE, BETWEEN, LATER = "2026-06-30", "2026-08-15", "2999-01-01"  # the two editions are of July and October

Things = dict[str, dict[str, Thing]]


@dataclass(slots=True)
class Oracle:
    """The world and the agreements of the moment; it is told when an agreement changes.

    `past` is the world as it was before the newest edition, where one was delivered.
    """

    things: Things
    agreements: dict[str, Agreement]
    past: Things | None = None

    def communes(self, member: Member, dataset: str, group: str, usage: str | None) -> frozenset[str]:
        """Return where a caller has a group for a usage, or for any: nowhere with a bad credential."""
        return frozenset(
            commune
            for agreement in self.agreements.values()
            if member.organisation and agreement.running and agreement.organisation in (member.organisation, PUBLIC)
            for given in agreement.given
            if (given.dataset, given.group) == (dataset, group) and (usage is None or usage in given.usages)
            for commune in given.communes
        )

    def has(self, member: Member, dataset: str, usage: str | None = None) -> bool:
        """True where a caller may know of a dataset."""
        return bool(self.communes(member, dataset, BASE, usage))

    def groups(self, member: Member, dataset: str, usage: str | None) -> frozenset[str]:
        """Return the groups that a caller has somewhere."""
        known = next(iter(self.things[dataset].values())).groups
        return frozenset(group for group in known if self.communes(member, dataset, group, usage))

    def groups_of(self, member: Member, thing: Thing, usage: str) -> frozenset[str]:
        """Return the groups that a caller has on one object: none where base is not given."""
        given = frozenset(
            group for group in thing.groups if thing.commune in self.communes(member, thing.dataset, group, usage)
        )
        return given if BASE in given else frozenset()

    def visible(self, member: Member, dataset: str, usage: str, day: str = LATER) -> dict[str, Thing]:
        """Return the objects that a caller sees for a usage, as of a day."""
        communes = self.communes(member, dataset, BASE, usage)
        return {id: thing for id, thing in self.as_of(day)[dataset].items() if thing.commune in communes}

    def as_of(self, day: str) -> Things:
        """Return the world as it was on a day."""
        if day == BEFORE:
            return {dataset: {} for dataset in self.things}
        return self.past if self.past and day == BETWEEN else self.things

    def ever(self) -> Iterator[tuple[str, Thing]]:
        """Yield every object that is or was, by its dataset."""
        for world in (self.things, self.past or {}):
            for dataset, things in world.items():
                for thing in things.values():
                    yield dataset, thing

    def seen_anyhow(self, member: Member) -> set[str]:
        """Return every id that a caller sees of anything, for any usage; a commune's is also an attribute."""
        communes = {dataset: self.communes(member, dataset, BASE, None) for dataset in self.things}
        seen = {thing.id for dataset, thing in self.ever() if thing.commune in communes[dataset]}
        return seen.union(*communes.values())

    def all_ids(self) -> set[str]:
        """Return every id of the world."""
        return {thing.id for _, thing in self.ever()}

    def columns(self, dataset: str, groups: Iterable[str]) -> set[str]:
        """Return the names of attributes that some groups hold."""
        first = next(iter(self.things[dataset].values()))
        return {name for group in groups for name in first.groups[group]} | {"edition"}
