"""What each caller may see, in Python: from the agreements that the test granted and the world as it was invented."""

from collections.abc import Iterable
from dataclasses import dataclass

from tests.hunter.members import Agreement, Member
from tests.hunter.world import BASE, Thing

PUBLIC = "public"


@dataclass(slots=True)
class Oracle:
    """The world and the agreements of the moment; it is told when an agreement changes."""

    things: dict[str, dict[str, Thing]]
    agreements: dict[str, Agreement]

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

    def visible(self, member: Member, dataset: str, usage: str) -> dict[str, Thing]:
        """Return the objects that a caller sees for a usage."""
        communes = self.communes(member, dataset, BASE, usage)
        return {id: thing for id, thing in self.things[dataset].items() if thing.commune in communes}

    def seen_anyhow(self, member: Member) -> set[str]:
        """Return every id that a caller sees of anything, for any usage; a commune's is also an attribute."""
        communes = {dataset: self.communes(member, dataset, BASE, None) for dataset in self.things}
        seen = {
            t.id for dataset, things in self.things.items() for t in things.values() if t.commune in communes[dataset]
        }
        return seen.union(*communes.values())

    def all_ids(self) -> set[str]:
        """Return every id of the world."""
        return {id for things in self.things.values() for id in things}

    def columns(self, dataset: str, groups: Iterable[str]) -> set[str]:
        """Return the names of attributes that some groups hold."""
        first = next(iter(self.things[dataset].values()))
        return {name for group in groups for name in first.groups[group]} | {"edition"}
