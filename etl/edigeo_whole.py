"""Is a lot as it was written? What its text announces, against what is there. Pure.

All that is asked here holds of every line and record of the real lots that we have: eleven sheets, 1.2 million lines.
"""

import re
from collections.abc import Iterable, Iterator, Sequence

import numpy as np

HEAD = 8  # bytes before a value: a code of five, the length of the value in two figures, a colon
ZERO, COLON, NEW_LINE = b"0:\n"
AGAIN = "demandez la feuille de nouveau"
OBJECT = re.compile(r"\n(?:RTY[A-Z ]{2}[0-9]{2}:(FEA)$|SCP[A-Z ]{2}[0-9]{2}:[^;\n]*;[^;\n]*;(OBJ);)", re.MULTILINE)


def altered(content: bytes) -> str | None:
    """Return what is wrong with the first line that is not as long as it announces, or announces nothing."""
    octets = np.frombuffer(content + b"\n", np.uint8)
    ends = np.flatnonzero(octets == NEW_LINE)
    starts = np.concatenate(([0], ends[:-1] + 1))
    lengths = ends - starts
    places = np.flatnonzero(lengths >= HEAD)
    heads = octets[starts[places, None] + np.arange(HEAD)].astype(np.int16)
    announced = (heads[:, 5] - ZERO) * 10 + heads[:, 6] - ZERO
    wrong = (lengths > 0) & (lengths < HEAD)
    wrong[places] = (announced != lengths[places] - HEAD) | (heads[:, 7] != COLON)
    return said(content, starts, lengths, int(np.argmax(wrong))) if wrong.any() else None


def said(content: bytes, starts: np.ndarray, lengths: np.ndarray, place: int) -> str:
    """Say what is wrong with a line."""
    line = content[starts[place] : starts[place] + lengths[place]]
    if len(line) < HEAD or line[HEAD - 1] != COLON or not line[5:7].isdigit():
        return f"ligne {place + 1} altérée (ni code ni longueur) ; {AGAIN}"
    words = f"{int(line[5:7])} caractères annoncés, {len(line) - HEAD} trouvés"
    return f"ligne {place + 1} altérée ({line[:3].decode('ascii', 'replace')} : {words}) ; {AGAIN}"


def vectors(entry: Iterable[tuple[str, str]]) -> Iterator[str]:
    """Yield the names of the vector members that the entry of an exchange announces."""
    lot = ""
    for name, value in entry:
        if name == "LON":
            lot = value
        elif name == "GDN":
            yield f"{lot}{value}.VEC"


def absent(entry: Iterable[tuple[str, str]], there: Sequence[str]) -> list[str]:
    """Return the vector members that are announced and not there."""
    found = {name.upper() for name in there}
    return [name for name in vectors(entry) if name.upper() not in found]


def nameless(content: str, taken: int) -> str | None:
    """Return what is wrong with a vector member of which fewer objects were taken in than its text has signs of."""
    signs = OBJECT.findall(content)
    told = max(sum(bool(one[place]) for one in signs) for place in (0, 1))
    return None if told == taken else f"lot corrompu : {told} objets annoncés, {taken} décrits ; {AGAIN}"
