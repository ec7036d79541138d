"""Named ways to spoil DGFiP's file of legal persons: its text, its lines, its columns."""

from collections.abc import Callable
from random import Random

type Mutator = Callable[[Random, bytes], bytes]
type Lines = list[list[bytes]]

WORDS = (
    b"", b" ", b'"', b'"ab', b'a"b"c', b'""', b"a;b", b"a\tb", b"\0", b"\x1b[31m", b"\xe9", "é".encode(), b"\\N", b"-1",
    b"9" * 300, b"x" * 70_000, b"=cmd|' /C calc'!A0", b"../../etc/passwd", b"1e9", "٣".encode(), b"\xff\xfe", b"\r",
)  # fmt: skip


def lines(content: bytes) -> Lines:
    """The lines of a file, cut."""
    return [one.split(b";") for one in content.splitlines()]


def joined(cut: Lines) -> bytes:
    """Lines as text."""
    return b"\n".join(b";".join(one) for one in cut) + b"\n"


def by_lines(change: Callable[[Random, Lines], object]) -> Mutator:
    """A mutator of lines, the heading first."""

    def mutate(random: Random, content: bytes) -> bytes:
        cut = lines(content)
        change(random, cut)
        return joined(cut)

    return mutate


def words(random: Random, cut: Lines) -> None:
    """Other words in some places."""
    for one in random.sample(cut[1:], 9):
        one[random.randrange(len(one))] = random.choice(WORDS)


def column(change: Callable[[list[bytes], int], object]) -> Mutator:
    """A mutator that does the same to a column of every line."""

    def mutate(random: Random, cut: Lines) -> None:
        place = random.randrange(len(cut[0]) - 1)
        for one in cut:
            change(one, place)

    return by_lines(mutate)


def swapped(one: list[bytes], place: int) -> None:
    """Two columns in the other order."""
    one[place : place + 2] = one[place : place + 2][::-1]


def quoted(_: Random, cut: Lines) -> None:
    """Every value in quotes."""
    cut[:] = [[b'"' + value.replace(b'"', b'""') + b'"' for value in one] for one in cut]


def one_line(random: Random, cut: Lines, change: Callable[[list[bytes]], object]) -> None:
    """Do something to one line."""
    change(random.choice(cut[1:]))


def flipped(random: Random, content: bytes) -> bytes:
    spoiled = bytearray(content)
    for _ in range(random.choice((1, 10))):
        spoiled[random.randrange(len(spoiled))] ^= 1 << random.randrange(8)
    return bytes(spoiled)


def both_encodings(_: Random, content: bytes) -> bytes:
    """UTF-8 in the first half, what Windows writes in the second."""
    half = len(content) // 2
    return content[:half] + content[half:].decode("utf-8", "ignore").encode("cp1252", "replace")


MUTATORS: dict[str, Mutator] = {
    "bytes_flipped": flipped,
    "cut": lambda random, content: content[: random.randrange(len(content))],
    "words_of_all_kinds": by_lines(words),
    "columns_swapped": column(swapped),
    "column_missing": column(lambda one, place: one.pop(place)),
    "column_missing_below": by_lines(lambda random, cut: [one.pop() for one in cut[1:]]),
    "column_more": column(lambda one, place: one.insert(place, b"x")),
    "heading_missing": by_lines(lambda _, cut: cut.pop(0)),
    "heading_twice": by_lines(lambda _, cut: cut.insert(1, cut[0])),
    "heading_in_the_middle": by_lines(lambda _, cut: cut.insert(len(cut) // 2, cut[0])),
    "in_quotes": by_lines(quoted),
    "line_of_more": by_lines(lambda random, cut: one_line(random, cut, lambda one: one.extend([b"x"] * 5))),
    "line_of_less": by_lines(lambda random, cut: one_line(random, cut, lambda one: one.clear())),
    "line_without_end": by_lines(lambda random, cut: one_line(random, cut, lambda one: one.append(b"y" * 200_000))),
    "shuffled": by_lines(lambda random, cut: random.shuffle(cut)),
    "doubled": by_lines(lambda _, cut: cut.extend(cut[1:])),
    "with_a_mark": lambda _, content: b"\xef\xbb\xbf" + content,
    "crlf": lambda _, content: content.replace(b"\n", b"\r\n"),
    "cr": lambda _, content: content.replace(b"\n", b"\r"),
    "latin_1": lambda _, content: content.decode().encode("cp1252", "replace"),
    "utf_16": lambda _, content: content.decode().encode("utf-16"),
    "both_encodings": both_encodings,
    "nuls": lambda random, content: content[:500] + b"\0" + content[500:],
    "commas": lambda _, content: content.replace(b";", b","),
    "a_quote_that_nothing_closes": lambda random, content: content.replace(b"COMMUNE DE", b'"COMMUNE DE', 1),
    "a_name_in_two_lines": lambda _, content: content.replace(b"COMMUNE DE", b'"COMMUNE\nDE"', 1),
    "years_mixed": lambda _, content: content + content.replace(b";", b"|"),
    "no_parcel": by_lines(lambda random, cut: [one.__setitem__(6, b"9999") for one in cut[1:]]),
    "another_departement": by_lines(lambda random, cut: [one.__setitem__(0, b"44") for one in cut[1:]]),
    "nothing": lambda *_: b"",
    "a_line_alone": lambda _, content: content.split(b"\n")[0],
}  # fmt: skip
