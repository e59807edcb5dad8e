"""The words of one PDF page: what its text layer says, and where each word stands on the page as displayed.

First stage of the PDF reader. PDFium gives characters in the order of the page's content, with boxes in the page's own
space; here they become words in displayed coordinates (points, origin at the lower left of the page as shown, so that
page rotation and crop are already applied), together with a second frame for layout in which the text runs upright.
"""

from __future__ import annotations

import ctypes
import math
import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ...core.errors import InputError
from .limits import MAX_PDF_PAGE_CHARS

if TYPE_CHECKING:
    import numpy as np

HYPHEN_MARK = 0x02  # PDFium's sign for a hyphen at the end of a line
SOFT_HYPHEN = "\u00ad"
WORD_GAP_EM = 0.3
WHITE_LEVEL = 245
BOLD_WEIGHT = 600
INVISIBLE_RENDER_MODES = frozenset({3, 7})
_LIGATURES = {
    0xFB00: "ff", 0xFB01: "fi", 0xFB02: "fl", 0xFB03: "ffi", 0xFB04: "ffl", 0xFB05: "st", 0xFB06: "st",
}  # fmt: skip
_DROPPED = frozenset([0x200B, 0x2060, 0xFEFF, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)])
_SPACES = frozenset([0x20, 0x09, 0x0A, 0x0B, 0x0C, 0x0D, 0x85, 0xA0, 0x1680, *range(0x2000, 0x200B), 0x2028, 0x2029, 0x202F, 0x205F, 0x3000])  # fmt: skip
REPLACEMENT = "\ufffd"
INNER_SOFT_HYPHEN = re.compile(f"{SOFT_HYPHEN}(?!$)")


@dataclass(frozen=True)
class PageWords:
    """The words of one page that share a writing direction.

    ``boxes`` float32[n, 4] (x0, y0, x1, y1) are in displayed coordinates; ``frame`` float32[n, 4] are the same boxes
    turned so that the text runs left to right; ``baselines`` and ``sizes`` (the em, in points) float32[n] belong to the
    frame. ``hidden`` marks words that are drawn invisible, transparent or white.
    """

    texts: list[str]
    boxes: np.ndarray
    frame: np.ndarray
    baselines: np.ndarray
    sizes: np.ndarray
    bold: np.ndarray
    hidden: np.ndarray

    def __len__(self) -> int:
        return len(self.texts)

    def only(self, keep: np.ndarray) -> PageWords:
        """The words where ``keep`` (bool[n]) is true."""
        return PageWords(
            [text for text, kept in zip(self.texts, keep, strict=True) if kept],
            *(a[keep] for a in (self.boxes, self.frame, self.baselines, self.sizes, self.bold, self.hidden)),
        )


@dataclass(frozen=True)
class PageText:
    """A page's text layer: ``upright`` words first, ``turned`` ones (stamps up a margin) by direction after it.

    ``num_slanted`` counts characters at other angles (watermarks), ``num_outside`` words beyond the page's edges,
    ``num_overprinted`` words set twice on the same spot (some programs make bold so); all are left out. ``num_unmapped`` counts characters whose font does not say what they mean, of ``num_chars``.
    """

    width: float
    height: float
    upright: PageWords
    turned: tuple[PageWords, ...]
    num_chars: int
    num_unmapped: int
    num_slanted: int
    num_outside: int
    num_overprinted: int


def page_text(page: Any, where: str) -> PageText:
    """Read the text layer of a pypdfium2 page; ``where`` names the page in errors.

    Raises:
        InputError: the page holds more characters than ``MAX_PDF_PAGE_CHARS`` (code ``too_large``).
        PdfiumError: PDFium cannot load the page's text.
    """
    text_page = page.get_textpage()
    try:
        num_chars = text_page.count_chars()
        if num_chars > MAX_PDF_PAGE_CHARS:
            raise InputError(
                f"{where} holds {num_chars:,} characters, more than {MAX_PDF_PAGE_CHARS:,}",
                code="too_large",
                remedy="split the file or save the contract alone",
            )
        raw = _raw_words(text_page, num_chars)
    finally:
        text_page.close()
    return _place(raw, page)


@dataclass(frozen=True)
class _RawWords:
    """Words in PDFium's order; ``boxes`` and ``origins`` in the page's own space, ``angles`` in radians."""

    texts: list[str]
    boxes: np.ndarray
    origins: np.ndarray
    angles: np.ndarray
    sizes: np.ndarray
    bold: np.ndarray
    hidden: np.ndarray
    num_chars: int
    num_unmapped: int


def _raw_words(text_page: Any, num_chars: int) -> _RawWords:
    """Read all codes and boxes first, then font, angle and colour once a word: calls into PDFium are what costs."""
    import numpy as np

    index, texts, after_space, num_unmapped = _characters(text_page, num_chars)
    boxes = _char_boxes(text_page, index)
    looks = _Looks(text_page)
    starts = np.flatnonzero(after_space)
    fonts = looks.at(index[starts])
    lengths = np.diff(np.append(starts, len(index)))
    split = _apart(boxes, np.repeat(fonts[:, 3], lengths), np.repeat(fonts[:, 2], lengths)) & ~after_space
    if split.any():
        starts = np.flatnonzero(after_space | split)
        fonts = looks.at(index[starts])
    ends = np.append(starts[1:], len(index))[: len(starts)]
    if len(starts):
        low = np.minimum.reduceat(boxes[:, :2], starts, axis=0)
        high = np.maximum.reduceat(boxes[:, 2:], starts, axis=0)
        outer = np.hstack([low, high])
    else:
        outer = np.zeros((0, 4))
    return _RawWords(
        texts=["".join(texts[a:b]) for a, b in zip(starts.tolist(), ends.tolist(), strict=True)],
        boxes=outer,
        origins=fonts[:, :2],
        angles=fonts[:, 2],
        sizes=fonts[:, 3],
        bold=fonts[:, 4] > 0,
        hidden=fonts[:, 5] > 0,
        num_chars=len(index),
        num_unmapped=num_unmapped,
    )


def _characters(text_page: Any, num_chars: int) -> tuple[np.ndarray, list[str], np.ndarray, int]:
    """The page's visible characters: their index, text, whether white space stood before, and how many are unmapped."""
    import numpy as np
    import pypdfium2.raw as pdfium

    handle, get_unicode = text_page.raw, pdfium.FPDFText_GetUnicode
    index: list[int] = []
    texts: list[str] = []
    after_space: list[bool] = []
    num_unmapped = 0
    space = True
    high_surrogate = 0
    for i in range(num_chars):
        code = get_unicode(handle, i)
        if code in _SPACES:
            space = True
            continue
        if 0x20 < code < 0x7F:
            text = chr(code)
        elif code in _DROPPED:
            continue
        elif 0xD800 <= code < 0xDC00:
            high_surrogate = code
            continue
        else:
            if 0xDC00 <= code < 0xE000:
                code = 0x10000 + ((high_surrogate - 0xD800) << 10) + code - 0xDC00 if high_surrogate else 0xFFFD
            text = _mapped(code)
            if text == REPLACEMENT or pdfium.FPDFText_HasUnicodeMapError(handle, i) == 1:
                num_unmapped += 1
        high_surrogate = 0
        index.append(i)
        texts.append(text)
        after_space.append(space)
        space = False
    return np.array(index, dtype=np.int64), texts, np.array(after_space, dtype=bool), num_unmapped


def _mapped(code: int) -> str:
    """The text of one code: ligatures opened, a symbol font's signs as bullets, the rest of private use as U+FFFD."""
    if code == HYPHEN_MARK:
        return "-"
    if code in _LIGATURES:
        return _LIGATURES[code]
    if 0xF000 <= code < 0xF100:
        return "\u2022"
    if 0xE000 <= code < 0xF900 or code >= 0xF0000 or code < 0x20 or 0x7F <= code < 0xA0 or code in (0xFFFE, 0xFFFF):
        return REPLACEMENT
    return chr(code)


def _char_boxes(text_page: Any, index: np.ndarray) -> np.ndarray:
    """Loose boxes (x0, y0, x1, y1) of the characters at ``index``, float64[n, 4]."""
    import numpy as np
    import pypdfium2.raw as pdfium

    rects = (pdfium.FS_RECTF * max(1, len(index)))()
    handle, get_box = text_page.raw, pdfium.FPDFText_GetLooseCharBox
    for rect, i in zip(rects, index.tolist(), strict=False):
        get_box(handle, i, ctypes.byref(rect))
    corners = np.frombuffer(memoryview(rects), dtype=np.float32).reshape(-1, 4)[: len(index)].astype(np.float64)
    left, top, right, bottom = (corners[:, i] for i in range(4))
    return np.stack(
        [np.minimum(left, right), np.minimum(bottom, top), np.maximum(left, right), np.maximum(bottom, top)], axis=1
    )


class _Looks:
    """How a character is drawn: origin x and y, angle, em in points, bold, hidden.

    All but the origin belong to the text object, which many words share, so it is asked once.
    """

    def __init__(self, text_page: Any) -> None:
        import pypdfium2.raw as pdfium

        self._pdfium = pdfium
        self._handle = text_page.raw
        self._matrix = pdfium.FS_MATRIX()
        self._x, self._y = ctypes.c_double(), ctypes.c_double()
        self._rgba = tuple(ctypes.c_uint() for _ in range(4))
        self._objects: dict[int, tuple[float, float, float, float]] = {}

    def at(self, index: np.ndarray) -> np.ndarray:
        """float64[n, 6] for the characters at ``index``."""
        import numpy as np

        get_origin, handle, x, y = self._pdfium.FPDFText_GetCharOrigin, self._handle, self._x, self._y
        rows = np.empty((len(index), 6))
        for row, i in zip(rows, index.tolist(), strict=True):
            get_origin(handle, i, x, y)
            row[:] = (x.value, y.value, *self._object(i))
        return rows

    def _object(self, index: int) -> tuple[float, float, float, float]:
        pdfium, handle = self._pdfium, self._handle
        text_object = pdfium.FPDFText_GetTextObject(handle, index)
        if not text_object:
            return self._look(index, invisible=False)
        key = ctypes.addressof(text_object.contents)
        known = self._objects.get(key)
        if known is None:
            mode = pdfium.FPDFTextObj_GetTextRenderMode(text_object)
            known = self._objects[key] = self._look(index, invisible=mode in INVISIBLE_RENDER_MODES)
        return known

    def _look(self, index: int, *, invisible: bool) -> tuple[float, float, float, float]:
        pdfium, handle, matrix = self._pdfium, self._handle, self._matrix
        angle, scale = 0.0, 1.0
        if pdfium.FPDFText_GetMatrix(handle, index, matrix):
            angle = math.atan2(matrix.b, matrix.a)
            scale = math.hypot(matrix.c, matrix.d)
        size = pdfium.FPDFText_GetFontSize(handle, index) * scale
        bold = pdfium.FPDFText_GetFontWeight(handle, index) >= BOLD_WEIGHT
        return angle, max(0.1, size), float(bold), float(invisible or self._pale(index))

    def _pale(self, index: int) -> bool:
        """Whether a character is filled with white, or with next to nothing."""
        red, green, blue, alpha = self._rgba
        if not self._pdfium.FPDFText_GetFillColor(self._handle, index, red, green, blue, alpha):
            return False
        return alpha.value < 16 or min(red.value, green.value, blue.value) >= WHITE_LEVEL


def _apart(boxes: np.ndarray, sizes: np.ndarray, angles: np.ndarray) -> np.ndarray:
    """bool[n]: a character stands away from the one before it, along its line or across it."""
    import numpy as np

    apart = np.ones(len(boxes), dtype=bool)
    if len(boxes) < 2:
        return apart
    before, here, size = boxes[:-1], boxes[1:], sizes[1:]
    gap = np.maximum(here[:, :2] - before[:, 2:], before[:, :2] - here[:, 2:]).max(axis=1)
    step = np.abs(here[:, :2] + here[:, 2:] - before[:, :2] - before[:, 2:]) / 2
    cos, sin = np.abs(np.cos(angles[1:])), np.abs(np.sin(angles[1:]))
    across = step[:, 1] * cos + step[:, 0] * sin
    apart[1:] = (gap > WORD_GAP_EM * size) | (across > 0.7 * size)
    return apart


def _place(raw: _RawWords, page: Any) -> PageText:
    """Turn raw words into displayed coordinates, group them by direction, drop what lies off the page."""
    import numpy as np

    left, bottom, right, top = page.get_bbox()
    turn = page.get_rotation() % 360
    width, height = abs(right - left), abs(top - bottom)
    shift = np.array([min(left, right), min(bottom, top)])
    boxes = turned_boxes(raw.boxes - np.tile(shift, 2), turn, width, height)
    origins = turned_boxes(np.tile(raw.origins - shift, 2), turn, width, height)
    shown_width, shown_height = (height, width) if turn in (90, 270) else (width, height)

    # The angle at which a reader sees the words, counter-clockwise; page rotation is clockwise.
    angles = np.degrees(raw.angles) - turn
    quarters = np.round(angles / 90.0)
    slanted = np.abs(angles - quarters * 90.0) > 3.0
    middle = (boxes[:, :2] + boxes[:, 2:]) / 2
    finite = np.isfinite(boxes).all(axis=1) & np.isfinite(origins).all(axis=1) & np.isfinite(raw.sizes)
    inside = finite & (middle > 0).all(axis=1) & (middle[:, 0] < shown_width) & (middle[:, 1] < shown_height)
    quarter = quarters.astype(np.int64) % 4
    again = _overprinted(raw.texts, boxes, inside)
    inside &= ~again

    def group(direction: int) -> PageWords:
        keep = np.flatnonzero((quarter == direction) & inside & ~slanted)
        back = direction * 90  # turning the page clockwise by this makes the words upright
        frame = turned_boxes(boxes[keep], back, shown_width, shown_height)
        baselines = turned_boxes(origins[keep], back, shown_width, shown_height)[:, 1]
        # Fonts declare their height carelessly; a box reaches at least over the letters, and not into the next line.
        sizes = raw.sizes[keep]
        frame[:, 1] = np.clip(frame[:, 1], baselines - 0.35 * sizes, baselines - 0.2 * sizes)
        frame[:, 3] = np.clip(frame[:, 3], baselines + 0.74 * sizes, baselines + 1.05 * sizes)
        upright = (shown_height, shown_width) if direction % 2 else (shown_width, shown_height)
        return PageWords(
            [_clean(raw.texts[i]) for i in keep],
            turned_boxes(frame, (360 - back) % 360, *upright).astype(np.float32),
            frame.astype(np.float32),
            baselines.astype(np.float32),
            sizes.astype(np.float32),
            raw.bold[keep],
            raw.hidden[keep],
        )

    groups = [group(direction) for direction in range(4)]
    # A page whose text mostly runs sideways (a landscape table on a portrait page) is read in its own direction.
    groups.sort(key=lambda words: -sum(map(len, words.texts)))
    return PageText(
        width=shown_width,
        height=shown_height,
        upright=groups[0],
        turned=tuple(words for words in groups[1:] if len(words)),
        num_chars=raw.num_chars,
        num_unmapped=raw.num_unmapped,
        num_slanted=sum(len(raw.texts[i]) for i in np.flatnonzero(slanted & inside)),
        num_outside=int((~inside & ~again).sum()),
        num_overprinted=int(again.sum()),
    )


def _overprinted(texts: list[str], boxes: np.ndarray, inside: np.ndarray) -> np.ndarray:
    """bool[n]: the same word stands within a point of an earlier one."""
    import numpy as np

    again = np.zeros(len(texts), dtype=bool)
    seen: set[tuple[str, int, int]] = set()
    for i in np.flatnonzero(inside).tolist():
        text, x, y = texts[i], round(float(boxes[i, 0])), round(float(boxes[i, 1]))
        again[i] = any((text, x + dx, y + dy) in seen for dx in (0, -1, 1) for dy in (0, -1, 1))
        seen.add((text, x, y))
    return again


def _clean(text: str) -> str:
    """A word in composed form (some fonts map ";" to its Greek twin), hyphens that only allow a break taken out."""
    return text if text.isascii() else INNER_SOFT_HYPHEN.sub("", unicodedata.normalize("NFC", text))


def turned_boxes(boxes: np.ndarray, clockwise: int, width: float, height: float) -> np.ndarray:
    """Boxes (x0, y0, x1, y1) on a page of ``width`` x ``height`` points after turning the page clockwise.

    ``clockwise`` is 0, 90, 180 or 270 degrees; the origin stays at the lower left of the page as it then lies.
    """
    import numpy as np

    x0, y0, x1, y1 = (boxes[:, i] for i in range(4))
    if clockwise == 90:
        corners = (y0, width - x1, y1, width - x0)
    elif clockwise == 180:
        corners = (width - x1, height - y1, width - x0, height - y0)
    elif clockwise == 270:
        corners = (height - y1, x0, height - y0, x1)
    else:
        corners = (x0, y0, x1, y1)
    return np.stack(corners, axis=1)
