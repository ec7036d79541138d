"""What is drawn on a page of PDF, by pypdf's own reading."""

import pypdf

Segment = tuple[tuple[float, ...], tuple[float, ...]]


def lines_of(page: pypdf.PageObject) -> list[Segment]:
    """The straight lines of a page: (x, y) → (x, y) in points."""
    found, start = [], None

    def visit(operator, operands, *_):
        nonlocal start
        if operator in (b"m", b"l"):
            point = tuple(float(value) for value in operands)
            if operator == b"l":
                found.append((start, point))
            start = point

    page.extract_text(visitor_operand_before=visit)
    return found
