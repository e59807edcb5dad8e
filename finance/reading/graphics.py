"""What a PDF page draws besides words: how much of it pictures cover, and the ruled lines that make tables.

``page_image`` asks the cover, ``tables`` the lines. Rules are given in displayed coordinates (points, origin at the
lower left of the page as shown); thin filled boxes, stroked lines and the edges of rectangles all count as rules.
"""

from __future__ import annotations

import ctypes
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from .limits import MAX_PDF_PAGE_OBJECTS, MAX_PDF_RULES
from .page_text import turned_boxes

if TYPE_CHECKING:
    import numpy as np

THIN_POINTS = 2.5
MIN_RULE_POINTS = 6.0
MAX_PATH_SEGMENTS = 2_000

Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class Graphics:
    """``cover``: the share of the page that pictures cover, 0 to 1 (overlaps counted twice, then capped).

    ``horizontal`` and ``vertical`` float64[n, 4] are rules as flat boxes (x0, y0, x1, y1).
    """

    cover: float
    horizontal: np.ndarray
    vertical: np.ndarray


def page_graphics(page: Any) -> Graphics:
    """Look at the objects of a pypdfium2 page, at most ``MAX_PDF_PAGE_OBJECTS`` of them."""
    import numpy as np
    import pypdfium2.raw as pdfium

    left, bottom, right, top = page.get_bbox()
    left, right = min(left, right), max(left, right)
    bottom, top = min(bottom, top), max(bottom, top)
    covered = 0.0
    lines: list[Box] = []
    for number, item in enumerate(page.get_objects(max_depth=3)):
        if number >= MAX_PDF_PAGE_OBJECTS:
            break
        if item.type == pdfium.FPDF_PAGEOBJ_PATH:
            if item.level == 0 and len(lines) < MAX_PDF_RULES:
                lines += _rules_of(item)
        elif item.type in (pdfium.FPDF_PAGEOBJ_IMAGE, pdfium.FPDF_PAGEOBJ_SHADING):
            x0, y0, x1, y1 = item.get_bounds()
            wide = min(max(x0, x1), right) - max(min(x0, x1), left)
            high = min(max(y0, y1), top) - max(min(y0, y1), bottom)
            covered += max(0.0, wide) * max(0.0, high)
    area = (right - left) * (top - bottom)
    boxes = np.array(lines[:MAX_PDF_RULES], dtype=np.float64).reshape(-1, 4)
    boxes = boxes[np.isfinite(boxes).all(axis=1)] - np.array([left, bottom, left, bottom])
    boxes = turned_boxes(boxes, page.get_rotation() % 360, right - left, top - bottom)
    wide, high = boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1]
    return Graphics(
        cover=min(1.0, covered / area) if area > 0 else 0.0,
        horizontal=boxes[(high <= THIN_POINTS) & (wide >= MIN_RULE_POINTS)],
        vertical=boxes[(wide <= THIN_POINTS) & (high >= MIN_RULE_POINTS)],
    )


def _rules_of(item: Any) -> list[Box]:
    """The rules that one path draws, in the page's own space."""
    x0, y0, x1, y1 = item.get_bounds()
    if min(abs(x1 - x0), abs(y1 - y0)) <= THIN_POINTS:
        return [(min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1))]
    rules: list[Box] = []
    for line in _lines_of(item):
        for (ax, ay), (bx, by) in pairwise(line):
            if abs(ax - bx) <= 0.5 or abs(ay - by) <= 0.5:
                rules.append((min(ax, bx), min(ay, by), max(ax, bx), max(ay, by)))
    return rules


def _lines_of(item: Any) -> list[list[tuple[float, float]]]:
    """The straight lines of a path as runs of points in the page's space; curves break a run."""
    import pypdfium2.raw as pdfium

    num_segments = pdfium.FPDFPath_CountSegments(item)
    if not 0 < num_segments <= MAX_PATH_SEGMENTS:
        return []
    matrix = item.get_matrix()
    x, y = ctypes.c_float(), ctypes.c_float()
    runs: list[list[tuple[float, float]]] = []
    for index in range(num_segments):
        segment = pdfium.FPDFPath_GetPathSegment(item, index)
        pdfium.FPDFPathSegment_GetPoint(segment, x, y)
        point = matrix.on_point(x.value, y.value)
        kind = pdfium.FPDFPathSegment_GetType(segment)
        if kind == pdfium.FPDF_SEGMENT_LINETO and runs:
            runs[-1].append(point)
        else:
            runs.append([point])
        if pdfium.FPDFPathSegment_GetClose(segment) and len(runs[-1]) > 2:
            runs[-1].append(runs[-1][0])
    return runs
