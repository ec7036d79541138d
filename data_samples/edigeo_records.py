"""EDIGEO's lines: a five-letter name, a length in two digits, a colon, a value; CRLF and ISO 8859-1."""

from collections.abc import Iterable

type Record = list[tuple[str, str]]

ENCODING = "iso-8859-1"
LONGEST = 72  # what is longer would be continued by NEXT lines, which nothing here needs


def pointer(lot: str, subset: str, kind: str, name: str) -> str:
    """Return a reference to a descriptor of a lot."""
    return f"{lot};{subset};{kind};{name}"


def line(name: str, value: str) -> str:
    """Return one line; no name stands for the empty line between a record's head and body."""
    if not name:
        return ""
    if len(value) > LONGEST:
        raise ValueError(f"{name} is {len(value)} characters long, more than {LONGEST}")
    return f"{name}{len(value):02d}:{value}"


def file_content(name: str, records: Iterable[Record]) -> bytes:
    """Return a whole file, from its BOM to its EOM."""
    lines = [line("BOMT ", name), line("CSET ", "IRV"), ""]
    for record in records:
        lines += [line(*field) for field in record] + [""]
    return "\r\n".join([*lines, line("EOMT ", ""), ""]).encode(ENCODING)


def coordinates(point: tuple[float, float]) -> str:
    """Return a point as EDIGEO writes it, to the centimetre."""
    return "".join(f"{value:+.2f};" for value in point)
