"""What changes between two requests: the hunt's own agreements and tokens, in the database and for the oracle alike.

The next answer must know of each change: nothing that a server keeps may outlive what it was made from.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from itertools import count
from random import Random

from catalog.access import issue_token, revoke_token, rotate_token
from catalog.database import Connection, query
from hunter import granting
from hunter.hunt import Hunt
from hunter.members import ALL_USAGES, DAY, PREFIX, PUBLIC, Agreement, Given, Member, today
from hunter.things import BASE, TECHNICAL, WATER, Things

RUNNING = 0.6  # of the turns let an ended agreement run again, so that most run


@dataclass
class Actions:
    """The actions of one hunt. `reload` delivers a new edition and returns what then exists (tests alone have it);
    `kills` lets the services' connections be cut (never where members are served). `borders` maps communes to those
    around them, where that is known apart from the product.
    """

    connection: Connection
    hunt: Hunt
    reload: Callable[[], Things] | None = None
    kills: bool = False
    borders: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    drafts: list[Agreement] = field(default_factory=list)
    numbers: count = field(default_factory=lambda: count(1))
    pristine: dict[str, Agreement] = field(init=False)
    everybody: list[Member] = field(init=False)

    def __post_init__(self) -> None:
        self.everybody = list(self.hunt.members)
        self.pristine = {one.id: replace(one) for one in self.own()}

    def own(self) -> list[Agreement]:
        """Return the agreements that the hunt may change."""
        return [one for one in self.hunt.oracle.agreements.values() if one.own]

    def draw(self, random: Random) -> None:
        """Do one of them, most often an agreement's end."""
        rare = [self.grant, self.draft, self.lend, self.rotate, self.issue, self.revoke, self.kill]
        (action,) = random.choices([self.turn, self.amend, *rare], [8, 3, *(1 for _ in rare)])
        action(random)

    def turn(self, random: Random) -> None:
        """End an agreement as of yesterday, or let an ended one run again."""
        begun = [one for one in self.own() if one.first <= today()]
        stopped = [one for one in begun if not one.running]
        one = random.choice(stopped if stopped and random.random() < RUNNING else begun)
        one.last = today() - DAY if one.running else today()
        granting.set_last_day(self.connection, one)
        self.done(f"{one.id} {'runs again' if one.running else 'ends'}", one.organisation)

    def amend(self, random: Random) -> None:
        """Change communes and usages of what an agreement gives, or take a group away."""
        one = random.choice(self.own())
        changed = random.randrange(len(one.given))
        given = [self.other(random, each) if number == changed else each for number, each in enumerate(one.given)]
        if len(given) > 1 and random.random() < 0.3:
            del given[changed]
        one.given = tuple(given)
        granting.amend(self.connection, one)
        self.done(f"{one.id} is amended: {one.given[:3]}", one.organisation)

    def other(self, random: Random, given: Given) -> Given:
        """Return a gift of the same group of a dataset: elsewhere, for other usages."""
        return replace(given, usages=self.some(random, ALL_USAGES), communes=self.some(random, self.communes()))

    def some(self, random: Random, choices: tuple[str, ...]) -> tuple[str, ...]:
        """Return a few of some choices, in their order."""
        drawn = set(random.sample(choices, random.randint(1, len(choices))))
        return tuple(each for each in choices if each in drawn)

    def communes(self) -> tuple[str, ...]:
        """Return the communes that the hunt's agreements speak of."""
        return tuple(sorted(self.hunt.oracle.known.communes))

    def grant(self, random: Random) -> None:
        """Grant one more agreement: a copy of another's gifts, elsewhere."""
        one = self.another(random)
        granting.add(self.connection, one)
        self.known(one, "granted")

    def another(self, random: Random) -> Agreement:
        """Return one more agreement that nobody has granted yet."""
        model = random.choice([one for one in self.own() if one.organisation != PUBLIC])
        given = tuple(self.other(random, each) for each in model.given)
        return Agreement(f"{PREFIX}plus-{next(self.numbers)}", model.organisation, given)

    def known(self, one: Agreement, what: str) -> None:
        """Tell the oracle of an agreement."""
        self.hunt.oracle.agreements[one.id] = one
        self.done(f"{one.id} is {what} to {one.organisation}: {one.given[:3]}", one.organisation)

    def draft(self, random: Random) -> None:
        """Draft an agreement, which gives nothing; or sign one that was drafted before."""
        if self.drafts and random.random() < 0.4:
            one = self.drafts.pop()
            granting.sign(self.connection, one)
            self.known(one, "signed")
        else:
            one = self.another(random)
            if granting.may_be_signed(self.connection, one):
                granting.draft(self.connection, one)
                self.drafts.append(one)
                self.hunt.note(f"{one.id} is drafted for {one.organisation}")

    def lend(self, random: Random) -> None:
        """Grant the pipes of one commune with both groups, and those around it with one."""
        own = [one.organisation for one in self.own() if one.organisation != PUBLIC]
        if not self.borders or WATER not in self.hunt.oracle.things:
            return
        here, usages = random.choice(sorted(self.borders)), self.some(random, ALL_USAGES)
        given = tuple(Given(WATER, group, usages, (here,)) for group in (BASE, TECHNICAL))
        one = Agreement(f"{PREFIX}plus-{next(self.numbers)}", random.choice(own), given)
        granting.lend(self.connection, one, [BASE])
        one.given += (Given(WATER, BASE, usages, self.borders[here]),)
        self.known(one, "granted, with its neighbours lent,")

    def rotate(self, random: Random) -> None:
        """Give a member another token or session; the one before is a bad credential from then on."""
        signed_in = [one for one in self.hunt.members if one.cookie and one.organisation]
        self.renew(random.choice(self.holders() + signed_in))

    def issue(self, random: Random) -> None:
        """Give an organisation a second token, for somebody else of it."""
        organisation = random.choice(self.holders()).organisation
        member = Member(
            f"{organisation}-{next(self.numbers)}", organisation, issue_token(self.connection, organisation)
        )
        self.hunt.members.append(member)
        self.done(f"a token is issued to {member.name}")

    def revoke(self, random: Random) -> None:
        """Revoke a second token."""
        if second := [one for one in self.holders() if one.name.startswith(f"{one.organisation}-")]:
            self.withdraw(random.choice(second))

    def renew(self, member: Member) -> None:
        """Rotate a token; or sign out and in again."""
        old = Member(f"{member.name}, rotated", member.organisation, member.token, member.cookie)
        if member.cookie:
            granting.close_session(self.connection, member.cookie)
            member.cookie = granting.open_session(self.connection, str(member.organisation))
        else:
            member.token = rotate_token(self.connection, str(member.token))
        self.dead(old)

    def withdraw(self, member: Member) -> None:
        """Revoke a member's token."""
        revoke_token(self.connection, str(member.token))
        self.dead(member)

    def dead(self, member: Member) -> None:
        """Judge that a credential is bad from now on. The jobs of a token are nobody's; a session's outlive it."""
        member.organisation = None
        if member not in self.hunt.members:
            self.hunt.members.append(member)
        self.hunt.note(f"the credential of {member.name} is withdrawn")
        for id in [id for id, job in self.hunt.jobs.items() if member.token and job.token == member.token]:
            del self.hunt.jobs[id]
        self.hunt.ask(member, "/collections", [("f", "json")])
        if len(self.hunt.members) > 40:  # the oldest of the dead
            self.hunt.members.remove(next(one for one in self.hunt.members if one.name.endswith(", rotated")))

    def holders(self) -> list[Member]:
        """Return those whose token is good."""
        return [one for one in self.hunt.members if one.token and one.organisation]

    def kill(self, random: Random) -> None:
        """Cut the connections of the services: the next answers are as good."""
        if self.kills:
            self.connection.execute(query("kill_web", "hunter"))
            self.hunt.note("connections are cut")

    def deliver(self, random: Random) -> None:
        """Deliver a new edition, once."""
        if self.reload:
            self.hunt.oracle.known, self.reload = self.reload(), None
            self.hunt.note("a new edition is delivered")

    def done(self, words: str, organisation: str | None = None) -> None:
        """Note a change of rights, and judge that the jobs which lived on them are dead."""
        self.hunt.note(words)
        affected = (id for id, job in self.hunt.jobs.items() if organisation in (job.member.organisation, PUBLIC))
        for id in list(affected if organisation else ()):
            self.hunt.withdrawn(id)

    def reset(self) -> None:
        """Bring agreements and tokens back to what they were at first."""
        for one in self.own():
            first = self.pristine.get(one.id)
            if first is None:
                self.connection.execute(query("remove_agreement", "hunter"), [one.id])
                del self.hunt.oracle.agreements[one.id]
            elif one != first:
                one.last, one.given = first.last, first.given
                granting.set_last_day(self.connection, one)
                granting.amend(self.connection, one)
        for member in [one for one in self.holders() if one.name.startswith(f"{one.organisation}-")]:
            self.withdraw(member)
        granting.forget_drafts(self.connection)
        self.drafts.clear()
        self.hunt.members[:] = self.everybody
        self.hunt.jobs.clear()
