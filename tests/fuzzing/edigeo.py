"""Named ways to spoil an EDIGEO lot, as an attacker and as real life would: each takes a lot and gives another.

A lot is its members, bytes by name. Draws come from the generator that is handed in: the same seed, the same lot.
"""

import re
from collections.abc import Callable, Iterator
from random import Random

type Lot = dict[str, bytes]
type Mutator = Callable[[Random, Lot], Lot]

RECORD = b"RTYSA03:"
LINE = re.compile(rb"^([A-Z0-9]{3}[A-Z ]{2})(\d\d):(.*?)(\r?)$", re.MULTILINE)
MUTATORS: dict[str, Mutator] = {}


def mutator(function: Mutator) -> Mutator:
    """Enter a function under its name."""
    MUTATORS[function.__name__] = function
    return function


def member(random: Random, lot: Lot, suffix: str = "") -> str:
    """Draw a member, of that suffix."""
    return random.choice(sorted(name for name in lot if name.endswith(suffix)) or sorted(lot))


def written(code: bytes, value: bytes, tail: bytes = b"\r") -> bytes:
    """A line whose announced length is true."""
    return code + b"%02d:" % len(value) + value + tail


def changed(random: Random, lot: Lot, pattern: bytes, value: Callable[[bytes], bytes], most: int = 1) -> Lot:
    """Write other values, of true length, on some of the lines whose code and value match."""
    names = [name for name in sorted(lot) if re.search(pattern, lot[name], re.MULTILINE)]
    if not names:
        return lot
    name = random.choice(names)
    places = [found.start() for found in re.finditer(pattern, lot[name], re.MULTILINE)]
    chosen = set(random.sample(places, min(most, len(places))))

    def other(found: re.Match[bytes]) -> bytes:
        return written(found[1], value(found[3])[:99], found[4]) if found.start() in chosen else found[0]

    return lot | {name: LINE.sub(other, lot[name])}


# --- bytes and lines


@mutator
def bytes_flipped(random: Random, lot: Lot) -> Lot:
    name = member(random, lot)
    content = bytearray(lot[name])
    for _ in range(random.choice((1, 1, 3, 20))):
        content[random.randrange(len(content))] ^= 1 << random.randrange(8)
    return lot | {name: bytes(content)}


@mutator
def member_cut(random: Random, lot: Lot) -> Lot:
    name = member(random, lot)
    return lot | {name: lot[name][: random.randrange(len(lot[name]))]}


@mutator
def member_cut_and_closed(random: Random, lot: Lot) -> Lot:
    name = member(random, lot, ".VEC")
    return lot | {name: lot[name][: random.randrange(len(lot[name]))] + b"\r\nEOMT 00:\r\n"}


@mutator
def member_emptied(random: Random, lot: Lot) -> Lot:
    return lot | {member(random, lot): b""}


@mutator
def sector_of_zeros(random: Random, lot: Lot) -> Lot:
    name = member(random, lot, ".VEC")
    start = random.randrange(len(lot[name]))
    return lot | {name: lot[name][:start] + bytes(512) + lot[name][start + 512 :]}


def by_line(random: Random, lot: Lot, act: Callable[[list[bytes], int], object], times: int = 3) -> Lot:
    """Do something to some lines of a member."""
    name = member(random, lot)
    lines = lot[name].splitlines(keepends=True)
    for _ in range(random.randint(1, times)):
        act(lines, random.randrange(max(1, len(lines) - 1)))
    return lot | {name: b"".join(lines)}


@mutator
def lines_dropped(random: Random, lot: Lot) -> Lot:
    return by_line(random, lot, lambda lines, place: lines[place : place + 1] and lines.pop(place))


@mutator
def lines_doubled(random: Random, lot: Lot) -> Lot:
    return by_line(random, lot, lambda lines, place: lines.insert(place, lines[place]))


@mutator
def lines_swapped(random: Random, lot: Lot) -> Lot:
    def swap(lines: list[bytes], place: int) -> None:
        lines[place : place + 2] = lines[place : place + 2][::-1]

    return by_line(random, lot, swap)


@mutator
def lines_of_nonsense(random: Random, lot: Lot) -> Lot:
    return by_line(random, lot, lambda lines, place: lines.insert(place, random.randbytes(40) + b"\r\n"))


@mutator
def lengths_that_lie(random: Random, lot: Lot) -> Lot:
    def lie(lines: list[bytes], place: int) -> None:
        lines[place] = re.sub(rb"^(.{5})\d\d:", rb"\g<1>%02d:" % random.randrange(100), lines[place])

    return by_line(random, lot, lie)


@mutator
def values_cut_short(random: Random, lot: Lot) -> Lot:
    def cut(lines: list[bytes], place: int) -> None:
        lines[place] = lines[place].rstrip()[:-1] + b"\r\n"

    return by_line(random, lot, cut)


# --- records


def records(content: bytes) -> list[bytes]:
    """The header and the records of a member; the last one has its end."""
    head, *found = content.split(RECORD)
    return [head, *(RECORD + one for one in found)]


def by_record(random: Random, lot: Lot, act: Callable[[list[bytes]], object], suffix: str = ".VEC") -> Lot:
    """Do something to the records of a member, all but its first and its last."""
    name = member(random, lot, suffix)
    head, *middle, last = records(lot[name])
    act(middle)
    return lot | {name: b"".join([head, *middle, last])}


@mutator
def records_shuffled(random: Random, lot: Lot) -> Lot:
    return by_record(random, lot, random.shuffle)


@mutator
def records_dropped(random: Random, lot: Lot) -> Lot:
    def drop(found: list[bytes]) -> None:
        for _ in range(min(len(found), random.choice((1, 5, 50)))):
            found.pop(random.randrange(len(found)))

    return by_record(random, lot, drop, random.choice((".VEC", ".SCD", ".DIC", ".GEN", ".QAL")))


@mutator
def records_doubled(random: Random, lot: Lot) -> Lot:
    return by_record(
        random, lot, lambda found: found.extend(random.sample(found, min(len(found), random.choice((1, 30)))))
    )


@mutator
def objects_doubled(random: Random, lot: Lot) -> Lot:
    def double(found: list[bytes]) -> None:
        found.extend(one for one in found[:] if one.startswith(b"RTYSA03:FEA") and random.random() < 0.3)

    return by_record(random, lot, double)


def without(kind: bytes) -> Mutator:
    """A mutator that drops every record of a kind."""

    def drop(random: Random, lot: Lot) -> Lot:
        return {
            name: b"".join(one for one in records(content) if not one.startswith(RECORD + kind) or b"EOMT" in one)
            if name.endswith(".VEC")
            else content
            for name, content in lot.items()
        }

    return drop


MUTATORS |= {f"without_{kind.decode()}": without(kind) for kind in (b"PAR", b"PFE", b"PNO", b"LNK", b"FEA")}

# --- encodings


@mutator
def saved_in_utf_8(random: Random, lot: Lot) -> Lot:
    return {name: content.decode("latin-1").encode() for name, content in lot.items()}


@mutator
def one_member_in_utf_8(random: Random, lot: Lot) -> Lot:
    name = member(random, lot)
    return lot | {name: "\ufeff".encode() + lot[name].decode("latin-1").encode()}


@mutator
def saved_in_utf_16(random: Random, lot: Lot) -> Lot:
    return {name: content.decode("latin-1").encode("utf-16") for name, content in lot.items()}


@mutator
def accents_lost(random: Random, lot: Lot) -> Lot:
    return {name: content.decode("latin-1").encode("ascii", "replace") for name, content in lot.items()}


@mutator
def other_line_ends(random: Random, lot: Lot) -> Lot:
    end = random.choice((b"\n", b"\r", b"\r\r\n"))
    return {name: content.replace(b"\r\n", end) for name, content in lot.items()}


WORDS = (
    b"\x80\x93\x92cp1252", b"\xe9\xe8\xe0 accents", b"\\N", b"a\tb", b"\\.", b"-rf", b"'; DROP TABLE x; --",
    b"<script>alert(1)</script>", b"\x00", b"\x1b[31m", b"{0}%s%n", b"\xff" * 80, b"", b" ", "é".encode(),
    b"../../../etc/passwd", b"/vsicurl/http://127.0.0.1/", b"9" * 99,
)  # fmt: skip


@mutator
def words_of_all_kinds(random: Random, lot: Lot) -> Lot:
    return changed(random, lot, rb"^(ATVST)(\d\d):(.*?)(\r?)$", lambda _: random.choice(WORDS), 5)


# --- files


@mutator
def member_missing(random: Random, lot: Lot) -> Lot:
    name = member(random, lot)
    return {one: content for one, content in lot.items() if one != name}


@mutator
def member_twice(random: Random, lot: Lot) -> Lot:
    name = member(random, lot)
    stem, suffix = name.rsplit(".", 1)
    return lot | {random.choice((f"{stem}.{suffix.lower()}", f"{stem} (1).{suffix}", f"Copie de {name}")): lot[name]}


@mutator
def members_swapped(random: Random, lot: Lot) -> Lot:
    one, other = random.sample(sorted(lot), 2)
    return lot | {one: lot[other], other: lot[one]}


@mutator
def strange_files_beside(random: Random, lot: Lot) -> Lot:
    names = ("Thumbs.db", ".DS_Store", "._E000AB01.THF", "lisez moi.txt", "CON", "x.vrt", "a.THF", "-rf.VEC", "é.VEC")
    return lot | {random.choice(names): random.choice((b"", b"x", random.randbytes(300)))}


# --- identities


def identifiers(value: Callable[[Random, bytes], bytes], most: int = 4) -> Mutator:
    """A mutator that writes other identifiers of parcels."""

    def change(random: Random, lot: Lot) -> Lot:
        return changed(random, lot, rb"^(ATVST)(12):(.*?)(\r?)$", lambda old: value(random, old), most)

    return change


MUTATORS |= {
    "parcels_of_another_commune": identifiers(lambda _, old: b"999" + old[3:]),
    "parcels_of_no_section": identifiers(lambda _, old: old[:6] + b"??" + old[8:]),
    "parcels_of_the_same_number": identifiers(lambda _, old: old[:8] + b"0001", 9),
    "parcels_without_identifier": identifiers(lambda *_: b""),
    "parcels_in_small_letters": identifiers(lambda _, old: old.lower()),
    "parcels_of_long_identifiers": identifiers(lambda _, old: old * 8),
}


def line(pattern: bytes, *values: bytes, most: int = 1) -> Mutator:
    """A mutator that writes one of some values on the lines that match."""

    def change(random: Random, lot: Lot) -> Lot:
        value = random.choice(values)
        return changed(random, lot, rb"^(%s)(\d\d):(.*?)(\r?)$" % pattern, lambda _: value, most)

    return change


MUTATORS |= {
    "objects_of_one_name": line(rb"RIDSA", b"Objet_1", b"", b"Objet_", b"Objet_999999999999999999999", most=9),
    "classes_unknown": line(rb"SCPCP", b"ED;SeSD;OBJ;NOUVELLE_id", b";;OBJ;", b"ED;SeSD;OBJ;../x", most=3),
    "another_system": line(rb"RELSA", b"LAMB93", b"LAMBE", b"RGR92UTM40S", b"", b"EPSG:2154", b"\xe9" * 40),
    "another_edition": line(
        rb"TDASD", b"", b"Absent", b"99999999", b"20260230", b"00000000", b"20991231", b"19000101", b"2026-07-01"
    ),
    "days_that_are_none": line(rb"[OU]DASD", b"Absent", b"", b"0", b"20260231", b"99999999", most=9),
    "counts_that_lie": line(rb"(?:FTC|ATC|QAC|PTC)SN", b"0", b"99", b"-1", b"999999999", b"x", most=3),
    "areas_of_all_kinds": line(rb"ATVSR", b"-1", b"1e999", b"NaN", b"", b"+.", b"99999999999999", b"1,5", most=5),
    "another_lot_named": line(rb"LONSA", b"ED9999", b"", b"../ED", b"E" * 90),
    "links_to_nowhere": line(rb"FTPCP", b"ED;SeTOP_1;PAR;Arc_99999", b"ED;SeTOP_9;FEA;Objet_1", b";;;", b"", most=9),
    "relations_unknown": line(rb"SCPCP", b"ED;SeSD;REL;ID_S_RCO_FAC_GCHE", b"ED;SeSD;ASS;X_PARCELLE", most=9),
}

# --- places

PLACES = (
    b"+1e300;+1e300;", b"nan;nan;", b"+inf;-inf;", b"", b";;", b"+1.5;", b"0;0;", b"-9999999;-9999999;",
    b"+360000,5;+6630000,5;", b"+3;+46;", b"abc;def;", b"+360000.0;+6630000.0;+1.0;", b"+" + b"9" * 60 + b";+1;",
    b"0x10;0x10;", b"+1_0;+2_0;", b"+1e-320;+1e-320;", "+٣;+٣;".encode(),
)  # fmt: skip
MUTATORS["places_of_all_kinds"] = line(rb"CORCC", *PLACES, most=4)
MUTATORS["places_all_wrong"] = line(rb"CORCC", *PLACES, most=10**6)


@mutator
def places_moved(random: Random, lot: Lot) -> Lot:
    """One place some way off: outlines that cross, spikes, gaps between arcs."""

    def moved(value: bytes) -> bytes:
        try:
            x, y, *_ = map(float, value.split(b";")[:2])
        except ValueError:
            return value
        far = 10 ** random.uniform(-3, 6)
        return b"%+.3f;%+.3f;" % (x + random.uniform(-far, far), y + random.uniform(-far, far))

    return changed(random, lot, rb"^(CORCC)(\d\d):(.*?)(\r?)$", moved, random.choice((1, 10, 100)))


@mutator
def places_turned(random: Random, lot: Lot) -> Lot:
    """North before east, in every member."""
    turn = re.compile(rb"^(CORCC\d\d):([^;\r]*);([^;\r]*);", re.MULTILINE)
    return {name: turn.sub(rb"\1:\3;\2;", content) for name, content in lot.items()}


@mutator
def arcs_of_one_point(random: Random, lot: Lot) -> Lot:
    """Arcs that have lost all their points but one."""
    name = member(random, lot, ".VEC")
    return lot | {name: re.sub(rb"(CORCC.*\r?\n)(?:CORCC.*\r?\n)+", rb"\1", lot[name], count=random.randint(1, 9))}


def arc_of_points(number: int) -> Mutator:
    """A mutator that gives an arc that many points more."""

    def lengthen(random: Random, lot: Lot) -> Lot:
        name = member(random, lot, ".VEC")
        found = re.search(rb"CORCC\d\d:(.*?)\r?\n", lot[name])
        if not found:
            return lot
        points = b"".join(
            written(b"CORCC", b"+%d.%03d;+%d.0;" % (360000 + one % 999, one % 1000, 6630000 + one % 997)) + b"\n"
            for one in range(number)
        )
        return lot | {name: lot[name][: found.end()] + points + lot[name][found.end() :]}

    return lengthen


MUTATORS["arc_of_many_points"] = arc_of_points(20_000)
LONG: dict[str, Mutator] = {"arc_of_a_million_points": arc_of_points(1_000_000)}

# --- links


def by_link(random: Random, lot: Lot, change: Callable[[list[bytes]], list[bytes]], most: int = 20) -> Lot:
    """Change the pointers of some links."""

    def act(found: list[bytes]) -> None:
        places = [place for place, one in enumerate(found) if one.startswith(b"RTYSA03:LNK")]
        for place in random.sample(places, min(most, len(places))):
            pointers = re.findall(rb"FTPCP.*\r?\n", found[place])
            head, *_, tail = re.split(rb"FTPCP.*\r?\n", found[place])
            found[place] = head + b"".join(change(pointers)) + tail

    return by_record(random, lot, act)


@mutator
def links_turned(random: Random, lot: Lot) -> Lot:
    return by_link(random, lot, lambda ends: ends[::-1])


@mutator
def links_to_themselves(random: Random, lot: Lot) -> Lot:
    return by_link(random, lot, lambda ends: [ends[0]] * len(ends) if ends else ends)


@mutator
def links_of_one_end(random: Random, lot: Lot) -> Lot:
    return by_link(random, lot, lambda ends: ends[:1])


@mutator
def links_of_many_ends(random: Random, lot: Lot) -> Lot:
    return by_link(random, lot, lambda ends: ends * 400, 2)


def spoiled(random: Random, lot: Lot, name: str) -> Lot:
    """Spoil a lot in a named way; now and then in another one too."""
    lot = (MUTATORS | LONG)[name](random, lot)
    if random.random() < 0.2:
        other = random.choice(sorted(MUTATORS))
        lot = MUTATORS[other](random, lot) if all(lot.values()) and len(lot) > 2 else lot
    return lot


def told(lot: Lot) -> Iterator[bytes]:
    """Yield the class of each object that the text of a lot tells of, counted by lines alone.

    This shares nothing with the loader: a line that points to a class of objects of the schema is an object.
    """
    for name, content in lot.items():
        if name.upper().endswith(".VEC"):
            for one in re.split(rb"\r\n|\r|\n", content):
                parts = one[8:].split(b";")
                if one[:3] == b"SCP" and one[7:8] == b":" and parts[2:3] == [b"OBJ"]:
                    yield b"".join(parts[3:4])
