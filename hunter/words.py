"""The door of words: `q` finds what bears them in the caller's own texts, and tells nothing of the others."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from random import Random

from hunter import decoders
from hunter.hunt import Hunt
from hunter.items import as_of_a_day, pick
from hunter.members import Member
from hunter.rows import READ
from hunter.things import Thing

WORD = re.compile("[0-9A-Za-zÀ-ÖØ-öø-ÿŒœ]+")
DAY = re.compile(r"\d{4}-\d\d-\d\d")
LIGATURES = {"œ": "oe", "æ": "ae", "ß": "ss"}
# Words that no text has, but that a row does which is searched whole.
OTHERS = ("feature", "polygon", "coordinates", "true", "properties", "chasse", "licorne")


def words(hunt: Hunt, random: Random, member: Member) -> None:
    """Search words of what is seen, of what is hidden and of nothing, as a page, a count or a file."""
    mine, other, visible = pick(hunt, random, member, "feature")
    text = drawn(random, mine, other)
    params = {"f": random.choice(("json", "json", *READ)), "limit": "10000", "q": text}
    expected = as_of_a_day(hunt, random, member, params, mine.dataset, visible)
    response = hunt.ask(member, f"/collections/{mine.dataset}/items", sorted(params.items()))
    if not member.organisation:
        return
    if not hunt.oracle.has(member, mine.dataset, "feature"):
        missing = hunt.ask(member, "/collections/inconnu/items", sorted(params.items()))
        hunt.same(response, missing, 404)
        return
    hunt.expect(response.status_code == 200, "a permitted search is refused")
    for id, thing in list(expected.items()):
        if not matches(text, texts(thing, hunt.oracle.groups_of(member, thing, "feature"))):
            del expected[id]
    reader = READ.get(params["f"], lambda body: decoders.collection(body)[0])
    hunt.compare(reader(response.content), expected, whole=len(expected) <= 10_000)


def drawn(random: Random, mine: Thing, other: Thing) -> str:
    """Return what to look for: beginnings of words of either probe's texts, all of them or one of several."""
    known = [word for probe in (mine, other) for text in texts(probe, probe.groups) for word in WORD.findall(text)]
    chosen = [random.choice(known or OTHERS) for _ in range(random.choice((1, 1, 2)))]
    if random.random() < 0.2:
        chosen.append(random.choice(OTHERS))
    return random.choice((" ", ",")).join(spelt(random, word) for word in chosen)


def spelt(random: Random, word: str) -> str:
    """Return a word as somebody else may write it, or its beginning."""
    begun = word[: random.randint(1, len(word))] if random.random() < 0.3 else word
    return random.choice((begun, begun.upper(), begun.lower(), plain(begun)))


def texts(thing: Thing, groups: Iterable[str] | Mapping[str, object]) -> list[str]:
    """Return the texts of an object that groups hold: days are none."""
    values = thing.attributes(frozenset(groups)).values()
    return [value for value in values if isinstance(value, str) and not DAY.fullmatch(value)]


def plain(text: str) -> str:
    """Return a text in small letters without accents or ligatures."""
    bare = unicodedata.normalize("NFD", text).lower()
    return "".join(LIGATURES.get(each, each) for each in bare if not unicodedata.combining(each))


def matches(asked: str, held: Iterable[str]) -> bool:
    """True where texts have words that begin as all those of one alternative do."""
    own = [word for text in held for word in re.findall("[0-9a-z]+", plain(text))]
    wanted = [WORD.findall(each) for each in asked.split(",")]
    return any(all(any(w.startswith(plain(each)) for w in own) for each in alternative) for alternative in wanted)
