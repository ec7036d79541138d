"""Draw a plan: vector PDF, exact scale, text that is text, fonts embedded."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cache
from io import BytesIO
from pathlib import Path

import reportlab
import shapely
from reportlab.lib.colors import HexColor
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from catalog.loader import datasets
from services.plan import MARGIN, Plan, Shape, Sheet
from services.plan_signs import (
    GREY,
    INK,
    PAPER,
    area,
    draw_buildings,
    draw_lines,
    draw_marks,
    draw_numbers,
    draw_turned,
    draw_waters,
)
from services.plan_text import block_lines, notice, parcel_number, title

TEXT, BOLD, ITALIC = "Plan", "Plan-Bold", "Plan-Italic"
FONTS = {TEXT: "Vera.ttf", BOLD: "VeraBd.ttf", ITALIC: "VeraIt.ttf"}

ASKED_FILL, ASKED_LINE = HexColor("#fff3b0"), HexColor("#c1121f")
SECTION, COMMUNE = HexColor("#2a6f4e"), HexColor("#5a189a")

CROSSES = (5, 10, 20, 50, 100, 200)  # metres between the crosses of the grid, which are 40 mm apart at least
ENOUGH = 0.35  # of a parcel left free by its buildings and pools: its number is written there
LABEL_SIZES = (7.0, 6.0, 5.0, 4.2)  # points; a name that has no room at the last is left out


def draw(plan: Plan) -> bytes:
    """Return the plan as a PDF of one page."""
    file = BytesIO()
    width, height = plan.sheet.size
    _register_fonts()
    canvas = Canvas(file, pagesize=(width * mm, height * mm), lang="fr", initialFontName=TEXT)
    canvas.setTitle(title(plan))
    canvas.setAuthor("Géosocle")
    canvas.setSubject(datasets()["parcelles"].source.attribution or "")
    _draw_map(canvas, plan)
    _draw_frame(canvas, plan.sheet)
    _draw_block(canvas, plan)
    canvas.showPage()
    canvas.save()
    return file.getvalue()


@cache
def _register_fonts() -> None:
    folder = Path(reportlab.__file__).parent / "fonts"
    for name, file in FONTS.items():
        pdfmetrics.registerFont(TTFont(name, str(folder / file)))


def _draw_map(canvas: Canvas, plan: Plan) -> None:
    sheet = plan.sheet
    canvas.saveState()
    left, bottom, right, top = (value * mm for value in sheet.frame)
    frame = canvas.beginPath()
    frame.rect(left, bottom, right - left, top - bottom)
    canvas.clipPath(frame, stroke=0, fill=0)
    canvas.setLineJoin(1)
    area(canvas, sheet, plan.parcel.geometry, None, ASKED_FILL)
    draw_waters(canvas, plan)
    draw_buildings(canvas, plan)
    draw_lines(canvas, plan)
    for shapes, line in (
        (plan.parcels, (INK, 0.35, ())),
        (plan.sections, (SECTION, 0.9, (6, 2))),
        (plan.communes, (COMMUNE, 1.4, (8, 2, 1, 2))),
    ):
        for shape in shapes:
            area(canvas, sheet, shape.geometry, line, None)
    area(canvas, sheet, plan.parcel.geometry, (ASKED_LINE, 1.4, ()), None)
    draw_marks(canvas, plan)
    _draw_grid(canvas, sheet)
    _draw_names(canvas, plan)
    canvas.restoreState()


def _draw_grid(canvas: Canvas, sheet: Sheet) -> None:
    """Mark round coordinates by crosses, with their values along the frame."""
    step = next(length for length in CROSSES if length * 1000 / sheet.scale >= 40)
    west, south, east, north = sheet.ground
    left, bottom, _, _ = sheet.frame
    xs = [x * step for x in range(int(west // step) + 1, int(east // step) + 1)]
    ys = [y * step for y in range(int(south // step) + 1, int(north // step) + 1)]
    canvas.setStrokeColor(GREY)
    canvas.setFillColor(GREY)
    canvas.setLineWidth(0.25)
    canvas.setFont(TEXT, 4.5)
    for x, y in ((x, y) for x in xs for y in ys):
        _cross(canvas, *sheet.paper(x, y))
    for x in xs:
        canvas.drawString((sheet.paper(x, south)[0] + 0.5) * mm, (bottom + 1) * mm, f"{x:.0f}")
    for y in ys:
        canvas.drawString((left + 1) * mm, (sheet.paper(west, y)[1] + 0.5) * mm, f"{y:.0f}")


def _cross(canvas: Canvas, x: float, y: float) -> None:
    canvas.line((x - 1.5) * mm, y * mm, (x + 1.5) * mm, y * mm)
    canvas.line(x * mm, (y - 1.5) * mm, x * mm, (y + 1.5) * mm)


def _draw_names(canvas: Canvas, plan: Plan) -> None:
    """Write names, the most needed first: a name that would lie on another one moves aside, or is left out."""
    parcel, taken = plan.parcel, [_north_box(plan.sheet)]
    asked = Style(BOLD, ASKED_LINE, (9.0, 7.0, 5.0), always=True)
    built = [one.geometry for one in (*plan.buildings, *plan.surfaces)]
    names = [(Shape(parcel_number(parcel.numero), beside(parcel.geometry, built)), asked)]
    names += [
        (Shape(parcel_number(shape.name), beside(shape.geometry, built)), Style(TEXT, INK, LABEL_SIZES))
        for shape in plan.parcels
        if shape.geometry != parcel.geometry
    ]
    for shapes, style in ((plan.sections, OF_SECTION), (plan.localities, OF_PLACE)):
        names += [(replace(shape, geometry=beside(shape.geometry, [parcel.geometry])), style) for shape in shapes]
    for shape, style in names:
        if placed := _place(plan.sheet, shape, style, taken):
            taken.append(shapely.box(*placed.box))
            _written(canvas, placed, style)
    draw_turned(canvas, plan.sheet, plan.words, ITALIC, taken)
    draw_numbers(canvas, plan, ITALIC, taken)


def beside(geometry: shapely.Geometry, others: list[shapely.Geometry]) -> shapely.Geometry:
    """Return what others leave free of a shape, where that is enough to write in; else all of it."""
    touching = [one for one in others if shapely.intersects(one, geometry)]
    free = shapely.difference(geometry, shapely.union_all(touching)) if touching else geometry
    return free if shapely.area(free) > ENOUGH * shapely.area(geometry) else geometry


@dataclass(frozen=True, slots=True)
class Style:
    """How a kind of name is written: the largest size that has room is taken."""

    font: str
    colour: HexColor
    sizes: tuple[float, ...]
    always: bool = False


OF_SECTION, OF_PLACE = Style(BOLD, SECTION, (18.0, 12.0)), Style(ITALIC, GREY, (8.0, 6.0))


@dataclass(frozen=True, slots=True)
class Placed:
    """A text where it will be, in points from the bottom left corner; `x` is its middle, `y` its base line."""

    text: str
    x: float
    y: float
    size: float
    width: float

    @property
    def box(self) -> tuple[float, float, float, float]:
        """The text's own box, a little widened."""
        half = self.width / 2 + 0.4
        return (self.x - half, self.y - self.size * 0.15, self.x + half, self.y + self.size * 0.85)


def _place(sheet: Sheet, shape: Shape, style: Style, taken: list[shapely.Geometry]) -> Placed | None:
    """Return a name in the widest place of what is seen of its shape, None where it has no room."""
    seen = shapely.intersection(shape.geometry, shapely.box(*sheet.ground))
    if not shape.name or shapely.area(seen) == 0:
        return None
    radius = shapely.maximum_inscribed_circle(seen, tolerance=sheet.scale / 1000)
    room = 2 * shapely.length(radius) * 1000 / sheet.scale * mm
    widths = {size: pdfmetrics.stringWidth(shape.name, style.font, size) for size in style.sizes}
    fitting = [size for size in style.sizes if max(widths[size], size) <= room]
    if not fitting and not style.always:
        return None
    size = fitting[0] if fitting else style.sizes[-1]
    x, y = (value * mm for value in sheet.paper(*shapely.get_coordinates(radius)[0]))
    places = (
        Placed(shape.name, x, y - size * (0.35 + shift), size, widths[size]) for shift in (0, 1.3, -1.3, 2.6, -2.6)
    )
    return next((place for place in places if not shapely.intersects(taken, shapely.box(*place.box)).any()), None)


def _written(canvas: Canvas, placed: Placed, style: Style) -> None:
    """Write a text in one piece, centred, over a white halo that lines do not cross."""
    left, bottom, right, top = placed.box
    canvas.setFillColor(PAPER)
    canvas.setFillAlpha(0.7)
    canvas.rect(left, bottom, right - left, top - bottom, stroke=0, fill=1)
    canvas.setFillAlpha(1)
    canvas.setFillColor(style.colour)
    canvas.setFont(style.font, placed.size)
    canvas.drawCentredString(placed.x, placed.y, placed.text)


def _draw_frame(canvas: Canvas, sheet: Sheet) -> None:
    _draw_north(canvas, sheet)
    left, bottom, right, top = (value * mm for value in sheet.frame)
    canvas.setStrokeColor(INK)
    canvas.setLineWidth(0.8)
    canvas.rect(left, bottom, right - left, top - bottom, stroke=1, fill=0)
    canvas.rect(left, MARGIN * mm, right - left, bottom - MARGIN * mm, stroke=1, fill=0)


def _north_box(sheet: Sheet) -> shapely.Geometry:
    _, _, right, top = (value * mm for value in sheet.frame)
    return shapely.box(right - 13 * mm, top - 26 * mm, right, top)


def _draw_north(canvas: Canvas, sheet: Sheet) -> None:
    west, south, east, north = _north_box(sheet).bounds
    x, y = (west + east) / 2, south + 6 * mm
    arrow = canvas.beginPath()
    arrow.moveTo(x, y + 14 * mm)
    arrow.lineTo(x - 3 * mm, y)
    arrow.lineTo(x, y + 3 * mm)
    arrow.lineTo(x + 3 * mm, y)
    arrow.close()
    canvas.setFillColor(PAPER)
    canvas.rect(west, south, east - west, north - south, stroke=0, fill=1)
    canvas.setFillColor(INK)
    canvas.setStrokeColor(PAPER)
    canvas.setLineWidth(0.6)
    canvas.drawPath(arrow, stroke=1, fill=1)
    canvas.setFont(BOLD, 9)
    canvas.drawCentredString(x, y - 4 * mm, "N")


def _draw_block(canvas: Canvas, plan: Plan) -> None:
    left, top = (MARGIN + 4) * mm, plan.sheet.frame[1] * mm
    middle = left + (plan.sheet.size[0] - 2 * MARGIN) / 2 * mm
    canvas.setFillColor(INK)
    canvas.setFont(BOLD, 13)
    canvas.drawString(left, top - 8 * mm, "PLAN CADASTRAL")
    facts, sources = block_lines(plan)
    _lines(canvas, left, top - 14 * mm, facts, 8.5)
    _lines(canvas, middle, top - 7 * mm, sources, 7.5)
    _lines(canvas, left, (MARGIN + 5) * mm, notice(plan), 5.5)
    _draw_scale_bar(canvas, plan.sheet, middle, (MARGIN + 13) * mm)


def _lines(canvas: Canvas, x: float, y: float, lines: Iterable[str], size: float) -> None:
    text = canvas.beginText(x, y)
    text.setFont(TEXT, size, size * 1.45)
    text.setFillColor(INK)
    for line in lines:
        text.textLine(line)
    canvas.drawText(text)


def _draw_scale_bar(canvas: Canvas, sheet: Sheet, x: float, y: float) -> None:
    """Draw four parts of a round length, of which the whole is 40 mm at least on the paper."""
    part = next(length for length in (2, 2.5, 5, 10, 20, 25, 50, 100) if length * 1000 / sheet.scale >= 10)
    width = part * 1000 / sheet.scale * mm
    canvas.setStrokeColor(INK)
    canvas.setLineWidth(0.4)
    for index in range(4):
        canvas.setFillColor(INK if index % 2 == 0 else PAPER)
        canvas.rect(x + index * width, y, width, 1.6 * mm, stroke=1, fill=1)
    canvas.setFillColor(INK)
    canvas.setFont(TEXT, 6)
    for index in (0, 2, 4):
        canvas.drawCentredString(x + index * width, y + 2.6 * mm, f"{index * part:g}" + (" m" if index == 4 else ""))
