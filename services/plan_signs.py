"""Draw the signs of a cadastral plan: hatched buildings, waters, paths, marks of limits, numbers, turned names."""

from collections.abc import Callable, Iterable
from math import cos, sin

import numpy as np
import shapely
from reportlab.lib.colors import Color, HexColor
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfgen.canvas import FILL_EVEN_ODD, Canvas
from shapely.affinity import rotate

from services.plan import Plan, Shape, Sheet

INK, GREY, PAPER = HexColor("#1a1a1a"), HexColor("#666666"), HexColor("#ffffff")
NUMBER = HexColor("#8e3b46")
WATER_FILL, WATER_LINE = HexColor("#dcecf7"), HexColor("#3b7fb3")
BUILDINGS = {"01": (HexColor("#f3d9c0"), 1.1, ()), "02": (HexColor("#faf0e6"), 1.8, (1.5, 1.5))}  # fill, hatches, dash
WATERS, STREAM, PATH, ARROW = ("34", "65"), "62", "21", "31"  # codes of SYM
JOINT_SIGNS = ("39", "41", "43", "45")  # of both neighbours
NUMBER_SIZE, SMALLEST, LARGEST = 5.0, 4.0, 7.5  # points

Stroke = tuple[Color, float, tuple[float, ...]]  # colour, width in points, dash
LINES: dict[str | None, Stroke] = {STREAM: (WATER_LINE, 0.4, ()), PATH: (GREY, 0.4, (3, 2))}
PLAIN: Stroke = (GREY, 0.3, ())
WATER: Stroke = (WATER_LINE, 0.3, ())


def area(canvas: Canvas, sheet: Sheet, geometry: shapely.Geometry, line: Stroke | None, fill: Color | None) -> None:
    """Put polygons down at their exact place, holes included, with an outline or filled, or both."""
    if line:
        pen(canvas, line)
    if fill:
        canvas.setFillColor(fill)
    path = canvas.beginPath()
    for part in shapely.get_parts(geometry):
        for ring in (part.exterior, *part.interiors):
            points = [sheet.paper(*point) for point in shapely.get_coordinates(ring)]
            path.moveTo(points[0][0] * mm, points[0][1] * mm)
            for x, y in points[1:-1]:
                path.lineTo(x * mm, y * mm)
            path.close()
    canvas.drawPath(path, stroke=bool(line), fill=bool(fill), fillMode=FILL_EVEN_ODD)


def pen(canvas: Canvas, line: Stroke) -> None:
    """Draw lines so from now on."""
    colour, width, dash = line
    canvas.setStrokeColor(colour)
    canvas.setLineWidth(width)
    canvas.setDash(*((list(dash), 0) if dash else ()))


def on_paper(sheet: Sheet, geometry: shapely.Geometry) -> shapely.Geometry:
    """Return a geometry in millimetres of paper."""
    return shapely.transform(geometry, lambda points: np.array([sheet.paper(x, y) for x, y in points]))


def draw_waters(canvas: Canvas, plan: Plan) -> None:
    """Fill rivers, ponds and pools; other surfaces, which are none, have their outline only."""
    for shape in plan.rivers:
        area(canvas, plan.sheet, shape.geometry, WATER, WATER_FILL)
    for shape in plan.surfaces:
        drawn = (WATER, WATER_FILL) if shape.name in WATERS else (PLAIN, None)
        area(canvas, plan.sheet, shape.geometry, *drawn)


def draw_buildings(canvas: Canvas, plan: Plan) -> None:
    """Hatch buildings: hard ones close and plain, light ones wide and dashed."""
    for building in plan.buildings:
        fill, step, dash = BUILDINGS.get(building.name or "", BUILDINGS["02"])
        area(canvas, plan.sheet, building.geometry, (INK, 0.4, ()), fill)
        pen(canvas, (GREY, 0.2, dash))
        for line in hatches(on_paper(plan.sheet, building.geometry), step):
            (x0, y0), (x1, y1) = line.coords
            canvas.line(x0 * mm, y0 * mm, x1 * mm, y1 * mm)
    canvas.setDash()


def hatches(shape: shapely.Geometry, step: float) -> list[shapely.LineString]:
    """Return the oblique lines that fill a shape, so far apart: lines of one sheet run on from shape to shape."""
    west, south, east, north = shape.bounds
    first, last = int((south - east) // step), int((north - west) // step) + 1
    lines = [
        shapely.LineString([(west, west + number * step), (east, east + number * step)])
        for number in range(first, last + 1)
    ]
    parts = shapely.get_parts(shapely.intersection(lines, shape))
    return [part for part in parts if part.geom_type == "LineString" and not part.is_empty]


def draw_lines(canvas: Canvas, plan: Plan) -> None:
    """Draw paths dashed, streams blue, arrows with their heads, pavements thin."""
    for shape in plan.lines:
        for part in shapely.get_parts(on_paper(plan.sheet, shape.geometry)):
            points = [(x * mm, y * mm) for x, y in part.coords]
            pen(canvas, LINES.get(shape.name, PLAIN))
            path = canvas.beginPath()
            path.moveTo(*points[0])
            for point in points[1:]:
                path.lineTo(*point)
            canvas.drawPath(path, stroke=1, fill=0)
            if shape.name == ARROW:
                _head(canvas, points[-2], points[-1])
    canvas.setDash()


def _head(canvas: Canvas, before: tuple[float, float], tip: tuple[float, float]) -> None:
    x, y = before[0] - tip[0], before[1] - tip[1]
    length = (x * x + y * y) ** 0.5 or 1
    for turn in (0.4, -0.4):
        back = x * cos(turn) - y * sin(turn), x * sin(turn) + y * cos(turn)
        canvas.line(*tip, tip[0] + back[0] / length * 1.4 * mm, tip[1] + back[1] / length * 1.4 * mm)


def draw_marks(canvas: Canvas, plan: Plan) -> None:
    """Put down signs along limits, marks upon them, wells and calvaries, each at its place and turned as it is."""
    for shape in plan.signs:
        _sign(canvas, plan.sheet, shape, _joint if shape.name in JOINT_SIGNS else _bar)
    for shape in plan.points:
        _sign(canvas, plan.sheet, shape, POINTS.get(shape.name or "", _dot))
    for shape in plan.marks:
        _sign(canvas, plan.sheet, shape, MARKS.get(shape.name or "", _stone))


def _sign(canvas: Canvas, sheet: Sheet, shape: Shape, draw: Callable[[Canvas], None]) -> None:
    x, y = sheet.paper(shape.geometry.x, shape.geometry.y)
    canvas.saveState()
    canvas.translate(x * mm, y * mm)
    canvas.rotate(shape.turn or 0)
    canvas.scale(mm, mm)
    canvas.setStrokeColor(INK)
    canvas.setFillColor(PAPER)
    canvas.setLineWidth(0.12)
    draw(canvas)
    canvas.restoreState()


def _stone(canvas: Canvas) -> None:
    canvas.circle(0, 0, 0.55, stroke=1, fill=1)


def _dot(canvas: Canvas) -> None:
    canvas.setFillColor(INK)
    canvas.circle(0, 0, 0.35, stroke=1, fill=1)


def _cross(canvas: Canvas) -> None:
    canvas.line(-0.8, -0.8, 0.8, 0.8)
    canvas.line(-0.8, 0.8, 0.8, -0.8)


def _calvary(canvas: Canvas) -> None:
    canvas.line(0, -1, 0, 1.4)
    canvas.line(-0.7, 0.6, 0.7, 0.6)


def _well(canvas: Canvas) -> None:
    canvas.circle(0, 0, 0.8, stroke=1, fill=1)
    _dot(canvas)


def _flow(canvas: Canvas) -> None:
    canvas.setStrokeColor(WATER_LINE)
    canvas.setLineWidth(0.2)
    canvas.line(-3, 0, 3, 0)
    canvas.line(3, 0, 1.8, 0.6)
    canvas.line(3, 0, 1.8, -0.6)


def _bar(canvas: Canvas) -> None:
    canvas.setLineWidth(0.2)
    canvas.line(0, -0.7, 0, 0.7)


def _joint(canvas: Canvas) -> None:
    canvas.setLineWidth(0.2)
    canvas.line(-0.3, -0.7, -0.3, 0.7)
    canvas.line(0.3, -0.7, 0.3, 0.7)


MARKS: dict[str, Callable[[Canvas], None]] = {"borne": _stone, "boulon": _dot, "croix": _cross}
POINTS: dict[str, Callable[[Canvas], None]] = {"12": _calvary, "30": _flow, "63": _well}


def draw_turned(
    canvas: Canvas, sheet: Sheet, shapes: Iterable[Shape], font: str, taken: list[shapely.Geometry]
) -> None:
    """Write words as the sheet has them, from their corner and along their direction, where nothing lies yet.

    Their height is a length on the ground; a word too small to be read is left out, none is larger than a title.
    """
    for shape in shapes:
        size = min((shape.size or 0) * 1000 / sheet.scale * mm, LARGEST)
        if size < SMALLEST or not shape.name:
            continue
        x, y = (value * mm for value in sheet.paper(shape.geometry.x, shape.geometry.y))
        box = shapely.box(x, y - size * 0.15, x + pdfmetrics.stringWidth(shape.name, font, size), y + size * 0.85)
        room = rotate(box, shape.turn or 0, origin=(x, y))
        if not shapely.intersects(taken, room).any():
            taken.append(room)
            canvas.saveState()
            canvas.translate(x, y)
            canvas.rotate(shape.turn or 0)
            canvas.setFillColor(INK)
            canvas.setFont(font, size)
            canvas.drawString(0, 0, shape.name)
            canvas.restoreState()


def draw_numbers(canvas: Canvas, plan: Plan, font: str, taken: list[shapely.Geometry]) -> None:
    """Write the numbers of the street over their points, where nothing lies yet."""
    for shape in plan.numbers:
        x, y = (value * mm for value in plan.sheet.paper(shape.geometry.x, shape.geometry.y))
        half = pdfmetrics.stringWidth(shape.name or "", font, NUMBER_SIZE) / 2
        room = shapely.box(x - half, y - NUMBER_SIZE * 0.4, x + half, y + NUMBER_SIZE * 0.4)
        if not shapely.intersects(taken, room).any():
            taken.append(room)
            canvas.saveState()
            canvas.translate(x, y)
            canvas.setFillColor(NUMBER)
            canvas.setFont(font, NUMBER_SIZE)
            canvas.drawCentredString(0, -NUMBER_SIZE * 0.35, shape.name or "")
            canvas.restoreState()
