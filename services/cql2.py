"""CQL2 text → CQL2 JSON, which is the standard's own tree; only what `filters` then turns into a condition.

Written here because the parser that comes with pygeoapi gives AND and OR the same rank, knows no doubled quote and
recurses without a limit.
"""

import re
from typing import Any

import shapely
from shapely.errors import ShapelyError

from catalog.errors import BadRequest

Tree = dict[str, Any] | list[Any] | str | float | int | bool

MAX_LENGTH = 20_000
MAX_DEPTH = 20

TOKENS = re.compile(
    r"""\s*(?:(?P<number>[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?)
    | '(?P<string>(?:[^']|'')*)'
    | "(?P<quoted>(?:[^"]|"")*)"
    | (?P<word>[A-Za-z_][A-Za-z0-9_.]*)
    | (?P<sign><>|<=|>=|[=<>(),*/%^+-]))""",
    re.VERBOSE | re.ASCII,
)
COMPARISONS = {"=", "<>", "<", "<=", ">", ">="}
SHAPES = {"POINT", "LINESTRING", "POLYGON", "MULTIPOINT", "MULTILINESTRING", "MULTIPOLYGON"}
SPATIAL = {"S_INTERSECTS", "S_DISJOINT", "S_CONTAINS", "S_WITHIN", "S_TOUCHES", "S_CROSSES", "S_OVERLAPS", "S_EQUALS"}
TEMPORAL = {"T_AFTER", "T_BEFORE", "T_EQUALS", "T_INTERSECTS", "T_DISJOINT", "T_DURING"}
RESERVED = {"AND", "OR", "NOT", "BETWEEN", "LIKE", "IN", "IS", "NULL", "DIV"}


class Malformed(BadRequest):
    """Le filtre est incorrect."""

    def __init__(self) -> None:
        super().__init__(parameter="filter")


def parse(text: str) -> Tree:
    """Read a filter. Raises Malformed."""
    if len(text) > MAX_LENGTH:
        raise Malformed
    parser = Parser(text)
    tree = parser.disjunction(0)
    parser.end()
    return tree


class Parser:
    """One pass over the tokens of a filter, by recursive descent: a method a rule of the grammar."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = list(scan(text))
        self.position = 0

    def peek(self) -> tuple[str, str, int, int]:
        """Return the next token: kind, text, where it begins and ends."""
        return self.tokens[self.position] if self.position < len(self.tokens) else ("end", "", 0, 0)

    def take(self) -> tuple[str, str, int, int]:
        """Return the next token and go past it."""
        token = self.peek()
        self.position += 1
        return token

    def accepts(self, *texts: str) -> str | None:
        """Go past the next token if it is a word or sign among `texts`, and return it in capitals."""
        kind, text, _, _ = self.peek()
        if kind in ("word", "sign") and text.upper() in texts:
            self.position += 1
            return text.upper()
        return None

    def expect(self, text: str) -> None:
        """Go past one given token. Raises Malformed."""
        if not self.accepts(text):
            raise Malformed

    def end(self) -> None:
        """Raises Malformed where something is left."""
        if self.peek()[0] != "end":
            raise Malformed

    def disjunction(self, depth: int) -> Tree:
        """One or more conjunctions, by OR."""
        if depth > MAX_DEPTH:
            raise Malformed
        parts = [self.conjunction(depth)]
        while self.accepts("OR"):
            parts.append(self.conjunction(depth))
        return parts[0] if len(parts) == 1 else {"op": "or", "args": parts}

    def conjunction(self, depth: int) -> Tree:
        """One or more negations, by AND."""
        parts = [self.negation(depth)]
        while self.accepts("AND"):
            parts.append(self.negation(depth))
        return parts[0] if len(parts) == 1 else {"op": "and", "args": parts}

    def negation(self, depth: int) -> Tree:
        """A predicate, what stands in brackets, or NOT of either."""
        if depth > MAX_DEPTH:
            raise Malformed
        if self.accepts("NOT"):
            return {"op": "not", "args": [self.negation(depth + 1)]}
        if self.accepts("("):
            tree = self.disjunction(depth + 1)
            self.expect(")")
            return self.related(self.sum(depth, tree), depth)  # what stood in brackets may be a number
        return self.predicate(depth)

    def predicate(self, depth: int) -> Tree:
        """A spatial, temporal or comparing predicate; a truth value alone is one too."""
        if name := self.accepts(*SPATIAL):
            return self.pair(name, self.shape)
        if name := self.accepts(*TEMPORAL):
            return self.pair(name, self.moment)
        return self.related(self.sum(depth), depth)

    def related(self, left: Tree, depth: int) -> Tree:
        """What is said of an operand; nothing may be."""
        if sign := self.accepts(*COMPARISONS):
            return {"op": sign, "args": [left, self.sum(depth)]}
        if self.accepts("IS"):
            negated = self.accepts("NOT")
            self.expect("NULL")
            return inverted({"op": "isNull", "args": [left]}, negated)
        negated = self.accepts("NOT")
        if name := self.accepts("BETWEEN", "LIKE", "IN"):
            return inverted(self.ranged(name, left, depth), negated)
        if negated:
            raise Malformed
        return left

    def ranged(self, name: str, left: Tree, depth: int) -> Tree:
        """What follows BETWEEN, LIKE or IN."""
        if name == "LIKE":
            return {"op": "like", "args": [left, self.operand()]}
        if name == "BETWEEN":
            low = self.sum(depth)
            self.expect("AND")
            return {"op": "between", "args": [left, low, self.sum(depth)]}
        self.expect("(")
        values = [self.sum(depth)]
        while self.accepts(","):
            values.append(self.sum(depth))
        self.expect(")")
        return {"op": "in", "args": [left, values]}

    def pair(self, name: str, argument: Any) -> Tree:
        """The two arguments of a spatial or temporal predicate."""
        self.expect("(")
        first = argument()
        self.expect(",")
        second = argument()
        self.expect(")")
        return {"op": name.lower(), "args": [first, second]}

    def sum(self, depth: int, first: Tree | None = None) -> Tree:
        """One or more products, by + or -; `first` is what has been read of it."""
        tree = self.product(depth, first)
        while True:
            if sign := self.accepts("+", "-"):
                tree = {"op": sign, "args": [tree, self.product(depth)]}
            elif self.peek()[0] == "number" and self.peek()[1][0] in "+-":  # `a -1`: the sign was read with the number
                tree = {"op": "+", "args": [tree, self.product(depth)]}
            else:
                return tree

    def product(self, depth: int, first: Tree | None = None) -> Tree:
        """One or more powers, by *, /, % or DIV."""
        tree = self.power(depth, first)
        while sign := self.accepts("*", "/", "%", "DIV"):
            tree = {"op": sign.lower(), "args": [tree, self.power(depth)]}
        return tree

    def power(self, depth: int, first: Tree | None = None) -> Tree:
        """An operand, or one raised to another."""
        tree = self.term(depth) if first is None else first
        return {"op": "^", "args": [tree, self.term(depth)]} if self.accepts("^") else tree

    def term(self, depth: int) -> Tree:
        """An operand, or a sum in brackets."""
        if depth > MAX_DEPTH:
            raise Malformed
        if not self.accepts("("):
            return self.operand()
        tree = self.sum(depth + 1)
        self.expect(")")
        return tree

    def operand(self) -> Tree:
        """A literal, a property, or one of them without regard to case."""
        kind, text, _, _ = self.take()
        if kind == "string":
            return text.replace("''", "'")
        if kind == "quoted":
            return {"property": text.replace('""', '"')}
        if kind == "number":
            return float(text) if re.search(r"[.eE]", text) or len(text) > 18 else int(text)
        if kind != "word" or text.upper() in RESERVED:
            raise Malformed
        if text.upper() in ("TRUE", "FALSE"):
            return text.upper() == "TRUE"
        return self.called(text) if self.accepts("(") else {"property": text}

    def called(self, name: str) -> Tree:
        """What stands in the brackets of CASEI, DATE or TIMESTAMP; there are no other functions."""
        match name.upper():
            case "CASEI":
                tree: Tree = {"op": "casei", "args": [self.operand()]}
            case "DATE" | "TIMESTAMP" as kind:
                tree = {kind.lower(): self.string()}
            case _:
                raise Malformed
        self.expect(")")
        return tree

    def string(self) -> str:
        """One string."""
        kind, text, _, _ = self.take()
        if kind != "string":
            raise Malformed
        return text.replace("''", "'")

    def moment(self) -> Tree:
        """A temporal argument."""
        if not self.accepts("INTERVAL"):
            return self.operand()
        self.expect("(")
        start = self.string()
        self.expect(",")
        stop = self.string()
        self.expect(")")
        return {"interval": [start, stop]}

    def shape(self) -> Tree:
        """A spatial argument: a property, a box, or a geometry as WKT."""
        start = self.peek()[2]
        word = self.accepts("BBOX", *SHAPES)
        if not word:
            return self.operand()
        self.expect("(")
        stop = self.closing()
        if word == "BBOX":
            return {
                "bbox": [
                    float(text) for kind, text, begin, _ in self.tokens if kind == "number" and start < begin < stop
                ]
            }
        try:
            return shapely.geometry.mapping(shapely.from_wkt(self.text[start:stop]))
        except ShapelyError as error:
            raise Malformed from error

    def closing(self) -> int:
        """Go past the bracket that closes the one just passed, and return where it ends."""
        depth = 1
        while depth:
            kind, text, _, stop = self.take()
            if kind == "end":
                raise Malformed
            depth += {"(": 1, ")": -1}.get(text, 0) if kind == "sign" else 0
        return stop


def scan(text: str) -> list[tuple[str, str, int, int]]:
    """Return the tokens of a filter. Raises Malformed."""
    tokens = []
    position, length = 0, len(text.rstrip())
    while position < length:
        match = TOKENS.match(text, position)
        if match is None:
            raise Malformed
        kind = str(match.lastgroup)
        tokens.append((kind, match[kind], match.start(kind), match.end()))
        position = match.end()
    return tokens


def inverted(tree: Tree, negated: object) -> Tree:
    """Return the tree, or its negation."""
    return {"op": "not", "args": [tree]} if negated else tree
