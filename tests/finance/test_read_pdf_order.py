"""Whatever stands wherever on a page: each word is read once, in its place."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from dsapp.finance.reading.graphics import Graphics
from dsapp.finance.reading.hyphens import Vocabulary
from dsapp.finance.reading.joints import source_lines
from dsapp.finance.reading.order import reading_order
from dsapp.finance.reading.page_text import PageWords, turned_boxes
from dsapp.finance.reading.paragraphs import paragraphs

WORDS = st.lists(
    st.tuples(
        st.text(st.characters(categories=["L", "N", "P"]), min_size=1, max_size=12),
        st.integers(0, 560),
        st.integers(0, 800),
        st.integers(4, 90),
        st.sampled_from([7.0, 10.0, 10.0, 10.0, 14.0]),
    ),
    min_size=1,
    max_size=80,
)
RULES = st.lists(st.tuples(st.integers(0, 560), st.integers(0, 800), st.integers(10, 400)), max_size=12)


def page_of(words: list[tuple[str, int, int, int, float]]) -> PageWords:
    sizes = np.array([size for *_, size in words], dtype=np.float32)
    left = np.array([x for _, x, *_ in words], dtype=np.float32)
    base = np.array([y for _, _, y, *_ in words], dtype=np.float32)
    right = left + np.array([width for _, _, _, width, _ in words], dtype=np.float32)
    boxes = np.stack([left, base - 0.2 * sizes, right, base + 0.8 * sizes], axis=1).astype(np.float32)
    none = np.zeros(len(words), dtype=bool)
    return PageWords([text for text, *_ in words], boxes, boxes, base, sizes, none, none)


def graphics_of(across: list[tuple[int, int, int]], down: list[tuple[int, int, int]]) -> Graphics:
    flat = np.array([(x, y, x + length, y) for x, y, length in across], dtype=float).reshape(-1, 4)
    upright = np.array([(x, y, x, y + length) for x, y, length in down], dtype=float).reshape(-1, 4)
    return Graphics(0.0, flat, upright)


@settings(max_examples=150, deadline=None)
@given(words=WORDS, across=RULES, down=RULES)
def test_every_word_is_read_once_with_its_own_place(words, across, down):
    page = page_of(words)
    lines = reading_order(page, graphics_of(across, down))
    order = np.concatenate([line.words for line in lines])
    assert sorted(order.tolist()) == list(range(len(words)))

    result = paragraphs(source_lines(1, page, lines))
    letters = sorted("".join(result.text.split()))
    assert len(letters) >= sum(len(text) for text, *_ in words) - result.num_joined
    assert result.places.starts[0] == 0 and len(result.places.starts) == len(words)
    assert result.blocks[0].start == 0 and result.blocks[-1].end == len(result.text)
    for before, after in zip(result.blocks, result.blocks[1:], strict=False):
        assert before.start < before.end < after.start


@settings(max_examples=100, deadline=None)
@given(
    boxes=st.lists(st.tuples(*[st.floats(0, 500)] * 4), min_size=1, max_size=5), turn=st.sampled_from([0, 90, 180, 270])
)
def test_turning_a_page_there_and_back_changes_nothing(boxes, turn):
    given_ = np.array([(min(a, c), min(b, d), max(a, c), max(b, d)) for a, b, c, d in boxes])
    shown = (842.0, 595.0) if turn in (90, 270) else (595.0, 842.0)
    turned = turned_boxes(given_, turn, 595.0, 842.0)
    assert (turned[:, 2] >= turned[:, 0]).all() and (turned[:, 3] >= turned[:, 1]).all()
    assert np.allclose(turned_boxes(turned, (360 - turn) % 360, *shown), given_)


def test_the_rest_of_the_document_decides_on_a_hyphen():
    words = Vocabulary(["a cooperation of co-owners", "the state and the wide sea of a state, so wide"])
    assert words.only_marks("cooper-", "ation")
    assert not words.only_marks("co-", "owners")
    assert not words.only_marks("state-", "wide")
    assert words.only_marks("infor-", "mation")
    assert not words.only_marks("Smith-", "Jones")
    assert words.only_marks("infor\u00ad", "mation")
