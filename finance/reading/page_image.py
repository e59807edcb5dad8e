"""Does a page's text layer fit what the page shows? The check that keeps wrong text from being judged.

A scanned page often carries an invisible layer of recognised text, and that layer can be wrong: shifted, from
another page, or garbage that still reads like words. A page that looks suspicious (covered by a picture, hidden
words, odd characters, nothing at all) is drawn small, and its ink is compared with where the words claim to stand:
words must lie on ink, ink must be covered by words, and the gaps between words must be gaps in the ink.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import islice, pairwise
from typing import TYPE_CHECKING, Any, Literal

from .limits import MAX_PDF_PICTURE_PIXELS
from .page_text import REPLACEMENT, PageText, PageWords

if TYPE_CHECKING:
    import numpy as np

Verdict = Literal["fits", "blank", "picture_only", "stamp_only", "unfit", "garbled", "picture_beside"]

COVER_OF_SCAN = 0.5
MAX_PICTURES_TRIED = 20
PICTURE_DPI = 108
INK_CONTRAST = 56
MIN_INK_SHARE = 0.0005
MIN_WORD_INK = 0.02
MIN_WORDS_ON_INK = 0.7
MIN_INK_COVERED = 0.3
MIN_GAPS_AGREE = 0.5
MIN_GAPS_TO_JUDGE = 30
GAP_REACH = 0.32  # of a line's height, to both sides of a gap's middle
MIN_GAP_WIDTH = 0.16  # of a line's height
SHIFTS = (-0.3, 0.0, 0.3)
MIN_WIDTH_CORRELATION = 0.5
MIN_STAMP_CHARS = 200
MAX_UNMAPPED_SHARE = 0.15
MIN_READABLE_SHARE = 0.5
MAX_VOWELLESS_SHARE = 0.6
MIN_WORDS_FOR_VOWELS = 50
_LATIN_WORD = re.compile(r"[A-Za-z]{3,}")
_VOWEL = re.compile(r"[aeiouyAEIOUY]")


@dataclass(frozen=True)
class PageCheck:
    """The verdict on a page; ``visible`` (bool[n], None = all) says which of its upright words are really drawn."""

    verdict: Verdict
    reason: str = ""
    visible: np.ndarray | None = None


def check_page(page: Any, text: PageText, cover: float) -> PageCheck:
    """Judge whether the text layer of a pypdfium2 page is what the page shows; pictures cover the share ``cover`` of it.

    The page is drawn only when something about it is suspicious.
    """
    words = text.upright
    num_chars = sum(map(len, words.texts))
    garbled = _garbled(words.texts, text.num_unmapped, text.num_chars)
    if garbled:
        return PageCheck("garbled", garbled)
    hidden = float(words.hidden.mean()) if len(words) else 0.0
    if num_chars and cover < COVER_OF_SCAN and hidden == 0:
        return PageCheck("fits")
    picture = _Picture(page, text)
    if not num_chars:
        if text.turned or picture.ink_share < MIN_INK_SHARE:
            if cover >= COVER_OF_SCAN and _has_picture_undrawn(page):
                return PageCheck(
                    "picture_only", "a picture covers the page and cannot be drawn: it is damaged or too large"
                )
            return PageCheck("blank")
        return PageCheck("picture_only", "the page is a picture: it holds no text")
    fit = _fit(picture, words)
    on_ink = fit.ink_in_word >= MIN_WORD_INK
    visible = ~words.hidden | on_ink
    if cover < COVER_OF_SCAN and visible.any():
        return PageCheck("fits", visible=visible)
    layer = words.hidden if hidden >= 0.5 else ~words.hidden
    if float(on_ink[layer].mean()) < MIN_WORDS_ON_INK:
        return PageCheck("unfit", "the text layer has words where the page shows blank paper")
    if fit.num_gaps >= MIN_GAPS_TO_JUDGE and fit.gaps_agree < MIN_GAPS_AGREE:
        return PageCheck("unfit", "the words of the text layer are not the words that the page shows")
    if _width_correlation(words) < MIN_WIDTH_CORRELATION:
        return PageCheck("unfit", "the words of the text layer are too long or too short for their places on the page")
    if fit.ink_covered < MIN_INK_COVERED:
        if num_chars < MIN_STAMP_CHARS:
            return PageCheck("stamp_only", "the page is a picture: only a stamp or a header on it is text")
        if hidden >= 0.5:
            return PageCheck("unfit", "the text layer covers only a small part of what the page shows")
        return PageCheck("picture_beside", "a picture covers much of the page; words in it were not read")
    return PageCheck("fits", visible=visible if hidden < 0.5 else None)


def _has_picture_undrawn(page: Any) -> bool:
    """Whether a picture of the page cannot be decoded: what PDFium then shows is white paper."""
    import pypdfium2.raw as pdfium

    for item in islice(page.get_objects([pdfium.FPDF_PAGEOBJ_IMAGE], max_depth=3), MAX_PICTURES_TRIED):
        bitmap = pdfium.FPDFImageObj_GetBitmap(item)
        if not bitmap:
            return True
        pdfium.FPDFBitmap_Destroy(bitmap)
    return False


def _garbled(texts: list[str], num_unmapped: int, num_chars: int) -> str:
    """Why the characters cannot be the page's words; empty when they can."""
    if num_chars < 20:
        return ""
    if num_unmapped > MAX_UNMAPPED_SHARE * num_chars:
        return "the file's fonts do not say which letters their shapes mean"
    joined = "".join(texts)
    readable = sum(map(str.isalnum, joined))
    fillers = sum(joined.count(char) for char in "_.-=*\u2026|")
    if len(joined) - fillers > 100 and readable < MIN_READABLE_SHARE * (len(joined) - fillers):
        return "most characters of the text layer are neither letters nor digits"
    if joined.count(REPLACEMENT) > MAX_UNMAPPED_SHARE * max(1, len(joined)):
        return "the file's fonts do not say which letters their shapes mean"
    latin = [match.group() for text in texts for match in _LATIN_WORD.finditer(text)]
    if len(latin) >= MIN_WORDS_FOR_VOWELS:
        vowelless = sum(1 for word in latin if not _VOWEL.search(word))
        if vowelless > MAX_VOWELLESS_SHARE * len(latin):
            return "the words of the text layer are not words"
    return ""


class _Picture:
    """A page drawn small and grey: ``ink`` bool[h, w], true where the page differs from its paper."""

    def __init__(self, page: Any, text: PageText) -> None:
        import numpy as np

        width, height = max(1.0, text.width), max(1.0, text.height)
        self.scale = min(PICTURE_DPI / 72, (MAX_PDF_PICTURE_PIXELS / (width * height)) ** 0.5)
        bitmap = page.render(scale=self.scale, grayscale=True)
        try:
            grey = bitmap.to_numpy()
            grey = grey.reshape(grey.shape[0], grey.shape[1]).astype(np.int16)
        finally:
            bitmap.close()
        self.height_points = text.height
        self.ink = np.abs(grey - _paper(grey)) > INK_CONTRAST
        rows, columns = self.ink.shape
        # Scans have dark edges and punch holes; what stands in the outermost strip is not counted as ink to cover.
        edge_y, edge_x = max(1, rows // 40), max(1, columns // 40)
        inner = np.zeros_like(self.ink)
        inner[edge_y : rows - edge_y, edge_x : columns - edge_x] = True
        self.inner_ink = self.ink & inner
        self.ink_share = float(self.inner_ink.mean()) if self.ink.size else 0.0

    def pixels(self, boxes: np.ndarray) -> np.ndarray:
        """Displayed boxes in points as pixel boxes (x0, top, x1, bottom), int64[n, 4], inside the picture."""
        import numpy as np

        rows, columns = self.ink.shape
        x0, x1 = boxes[:, 0] * self.scale, boxes[:, 2] * self.scale
        top, bottom = (self.height_points - boxes[:, 3]) * self.scale, (self.height_points - boxes[:, 1]) * self.scale
        placed = np.stack([np.floor(x0), np.floor(top), np.ceil(x1), np.ceil(bottom)], axis=1)
        return np.clip(placed, 0, [columns, rows, columns, rows]).astype(np.int64)


def _paper(grey: np.ndarray) -> np.ndarray:
    """The paper's grey at each pixel: the median of its tile, so that shading and coloured boxes are paper too."""
    import numpy as np

    rows, columns = grey.shape
    num_down, num_across = max(1, min(12, rows // 40)), max(1, min(8, columns // 40))
    paper = np.empty_like(grey)
    downs = np.linspace(0, rows, num_down + 1).astype(int)
    acrosses = np.linspace(0, columns, num_across + 1).astype(int)
    for top, bottom in pairwise(downs):
        for left, right in pairwise(acrosses):
            paper[top:bottom, left:right] = np.median(grey[top:bottom, left:right])
    return paper


@dataclass(frozen=True)
class _Fit:
    ink_in_word: np.ndarray
    ink_covered: float
    gaps_agree: float
    num_gaps: int


def _fit(picture: _Picture, words: PageWords) -> _Fit:
    """Compare ink with word boxes: ink share in each word, ink that words cover, and agreement of the word gaps."""
    import numpy as np

    boxes = picture.pixels(words.boxes)
    shares = [
        float(picture.ink[up:down, left:right].mean()) if down > up and right > left else 0.0
        for left, up, right, down in boxes.tolist()
    ]
    covered = np.zeros(picture.ink.shape, dtype=bool)
    reach = 2
    for left, up, right, down in boxes.tolist():
        covered[max(0, up - reach) : down + reach, max(0, left - reach) : right + reach] = True
    ink = picture.inner_ink
    num_ink = int(ink.sum())
    agree, num_gaps = _gaps(picture.ink, boxes, words)
    return _Fit(
        ink_in_word=np.array(shares),
        ink_covered=float((ink & covered).sum() / num_ink) if num_ink else 1.0,
        gaps_agree=agree,
        num_gaps=num_gaps,
    )


def _gaps(ink: np.ndarray, boxes: np.ndarray, words: PageWords) -> tuple[float, int]:
    """The share of gaps between neighbouring words at which the ink has a gap too, and how many were looked at.

    A layer that is a little to one side is still right, so the best of a few small shifts counts. Only for words that
    run left to right on the page as displayed.
    """
    import numpy as np

    if not len(words) or not np.array_equal(words.boxes, words.frame):
        return 1.0, 0
    hits = np.zeros(len(SHIFTS))
    num_gaps = 0
    order = np.lexsort((words.frame[:, 0], -np.round(words.baselines)))
    for a, b in pairwise(order):
        em = float(words.sizes[a])
        distance = float(words.frame[b, 0] - words.frame[a, 2])
        if abs(float(words.baselines[a] - words.baselines[b])) > 0.3 * em or not -0.2 * em < distance < 1.2 * em:
            continue
        height = max(4, int(boxes[a, 3] - boxes[a, 1]))
        up, down = int(boxes[a, 1] + 0.1 * height), int(boxes[a, 3] - 0.05 * height)
        if down <= up or not ink[up:down, int(boxes[a, 0]) : int(boxes[b, 2])].any():
            continue
        num_gaps += 1
        middle = (boxes[a, 2] + boxes[b, 0]) / 2
        for i, shift in enumerate(SHIFTS):
            left = max(0, int(middle + (shift - GAP_REACH) * height))
            right = int(middle + (shift + GAP_REACH) * height) + 1
            columns = np.any(ink[up:down, left:right], axis=0)
            hits[i] += _longest_blank(columns.tolist()) >= max(2, MIN_GAP_WIDTH * height)
    return (float(hits.max()) / num_gaps if num_gaps else 1.0), num_gaps


def _width_correlation(words: PageWords) -> float:
    """How well the lengths of the words and the widths of their boxes go together, -1 to 1; 1 where too few to say."""
    import numpy as np

    if len(words) < MIN_GAPS_TO_JUDGE:
        return 1.0
    letters = np.array([len(text) for text in words.texts], dtype=float)
    widths = (words.frame[:, 2] - words.frame[:, 0]) / words.sizes
    if letters.std() < 0.5 or widths.std() < 1e-3:
        return 1.0
    return float(np.corrcoef(letters, widths)[0, 1])


def _longest_blank(columns: list[bool]) -> int:
    """The longest run of columns without ink."""
    longest = run = 0
    for inked in columns:
        run = 0 if inked else run + 1
        longest = max(longest, run)
    return longest
