"""What each caller may see, in Python: from the agreements that the hunt granted and the things that exist."""

from collections.abc import Iterable
from dataclasses import dataclass

from hunter.members import PUBLIC, Agreement, Member
from hunter.things import BASE, Held, Thing, Things


@dataclass(slots=True)
class Oracle:
    """The things and the agreements of the moment; it is told when either changes."""

    known: Things
    agreements: dict[str, Agreement]

    @property
    def things(self) -> Held:
        """What exists today."""
        return self.known.now

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

    def beyond(self, member: Member, dataset: str, usage: str | None) -> frozenset[str]:
        """Return the communes of which a caller sees objects that nobody told us of."""
        return self.communes(member, dataset, BASE, usage) - self.known.communes

    def has(self, member: Member, dataset: str, usage: str | None = None) -> bool:
        """True where a caller may know of a dataset."""
        return bool(self.communes(member, dataset, BASE, usage))

    def datasets(self, member: Member, usage: str | None = None) -> set[str]:
        """Return the datasets that a caller may know of, those without objects too."""
        granted = {given.dataset for agreement in self.agreements.values() for given in agreement.given}
        return {dataset for dataset in granted | set(self.things) if self.has(member, dataset, usage)}

    def groups(self, member: Member, dataset: str, usage: str | None) -> frozenset[str]:
        """Return the groups that a caller has somewhere."""
        return frozenset(g for g in self.known_groups(dataset) if self.communes(member, dataset, g, usage))

    def known_groups(self, dataset: str) -> Iterable[str]:
        """Return all the groups of a dataset."""
        return next(iter(self.things[dataset].values())).groups

    def groups_of(self, member: Member, thing: Thing, usage: str) -> frozenset[str]:
        """Return the groups that a caller has on one object: none where base is not given."""
        given = frozenset(
            group for group in thing.groups if thing.commune in self.communes(member, thing.dataset, group, usage)
        )
        return given if BASE in given else frozenset()

    def visible(self, member: Member, dataset: str, usage: str, day: str | None = None) -> dict[str, Thing]:
        """Return the objects that a caller sees for a usage, as of a day."""
        communes = self.communes(member, dataset, BASE, usage)
        held = self.known.days.get(day, self.things) if day else self.things
        return {id: thing for id, thing in held.get(dataset, {}).items() if thing.commune in communes}

    def seen_anyhow(self, member: Member) -> set[str]:
        """Return every id that a caller sees of anything, for any usage; what attributes mention is seen too."""
        told, seen = self.known.told, set[str]()
        for dataset in self.things:
            communes = self.communes(member, dataset, BASE, None)
            seen.update(communes, *(told[dataset, each] for each in communes if (dataset, each) in told))
        return seen

    def columns(self, dataset: str, groups: Iterable[str]) -> set[str]:
        """Return the names of attributes that some groups hold."""
        first = next(iter(self.things[dataset].values()))
        return {name for group in groups for name in first.groups[group]} | {"edition"}
