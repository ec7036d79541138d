"""The door of explanations: an administrator is told the truth about anybody's rights, others that there is no door."""

from random import Random
from typing import Any

from hunter.hunt import Hunt
from hunter.items import weighed
from hunter.members import ADMINISTRATOR, Member
from hunter.things import BASE, SEVERAL, Thing

PATH, NOWHERE = "/access/explain", "/access/inconnu"
USAGES = {
    "json": "feature", "html": "feature", "csv": "feature", "fgb": "feature", "jsonld": "feature",
    "mvt": "tile", "png": "image", "pdf": "image", "gpkg": "file",
}  # fmt: skip


def explanation(hunt: Hunt, random: Random, member: Member) -> None:
    """Ask why an organisation sees something; half the draws ask as the administrator."""
    if random.random() < 0.5:
        member = next((one for one in hunt.members if one.name == ADMINISTRATOR), member)
    about, asked, thing = question(hunt, random)
    form = random.choice(("json", "json", "json", "html"))
    params = [*asked.items(), ("f", form)]
    if member.name != ADMINISTRATOR:
        hidden = hunt.ask(member, PATH, params)
        if member.organisation:
            hunt.same(hidden, hunt.ask(member, NOWHERE, params), 404)
        return
    response = hunt.ask(member, PATH, params, known=speakable(hunt, asked["dataset"]))
    hunt.expect(response.status_code == 200, "an administrator is told nothing")
    if form == "json":
        judge(hunt, about, asked, thing, response.json())


def question(hunt: Hunt, random: Random) -> tuple[Member, dict[str, str], Thing | None]:
    """Draw whose rights are asked about, and what of: a dataset, or an object; for an attribute or a format, or all."""
    crossed = [dataset for dataset in SEVERAL if dataset in hunt.oracle.things and random.random() < 0.4]
    dataset = weighed(random, crossed or list(hunt.oracle.things))
    members = [one for one in hunt.members if one.organisation]
    granted = [one for one in members if hunt.oracle.has(one, dataset)]
    whose = str(random.choice(granted if granted and random.random() < 0.7 else members).organisation)
    things = hunt.oracle.things[dataset]
    thing = things[random.choice(sorted(things))] if random.random() < 0.5 else None
    asked = {"organisation": whose, "dataset": dataset}
    if thing and thing.sure:
        asked["feature"] = thing.id
    if random.random() < 0.4:
        columns = hunt.oracle.columns(dataset, hunt.oracle.known_groups(dataset))
        asked["attribute"] = random.choice(sorted(columns - {"edition"}))
    if random.random() < 0.4:
        asked["format"] = random.choice([*USAGES, *set(USAGES.values())])
    return Member("explained", whose), asked, thing if "feature" in asked else None


def speakable(hunt: Hunt, dataset: str) -> set[str]:
    """Return what an explanation may name to an administrator: communes, and a dataset with all its attributes."""
    columns = hunt.oracle.columns(dataset, hunt.oracle.known_groups(dataset))
    return columns | {dataset} | hunt.oracle.known.communes


def judge(hunt: Hunt, about: Member, asked: dict[str, str], thing: Thing | None, told: dict[str, Any]) -> None:
    """Judge each decision: what is served, and over which communes the group is given."""
    hunt.expect(told["commune"] == (thing.commune if thing else None), f"it is said to be in {told['commune']}")
    decisions = {(each["group"], each["usage"]): each for each in told["decisions"]}
    hunt.expect(set(decisions) == due(hunt, asked), f"decisions about {sorted(decisions)}")
    for (group, usage), each in decisions.items():
        given = hunt.oracle.communes(about, asked["dataset"], group, usage)
        served = given & hunt.oracle.communes(about, asked["dataset"], BASE, usage)
        here = served & {thing.commune} if thing else served
        hunt.expect(each["served"] == bool(here), f"{group} for {usage} is explained as {each['served']}")
        hunt.expect(bool(thing) or set(each["communes"]) == given, f"{group} for {usage}: over {each['communes']}")
        hunt.expect(bool(each["reason"]) != each["served"], f"{group} for {usage}: the reason {each['reason']!r}")


def due(hunt: Hunt, asked: dict[str, str]) -> set[tuple[str, str]]:
    """Return the groups and usages that a question is about."""
    dataset, form = asked["dataset"], asked.get("format")
    groups = [
        group
        for group in hunt.oracle.known_groups(dataset)
        if "attribute" not in asked or asked["attribute"] in hunt.oracle.columns(dataset, [group]) - {"edition"}
    ]
    usages = {USAGES.get(form, form)} if form else set(USAGES.values())
    return {(group, usage) for group in groups for usage in usages}
