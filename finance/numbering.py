"""Arrange the numbers of clauses in a tree by their sequence: whether "(i)" is a roman one or the ninth letter, whether "30 days"
starts a clause, whether "4." goes on with the outer list or the inner one.

``finance/labels.py`` finds the candidates, ``finance/clauses.py`` makes clauses of what is placed here.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field

from .labels import GIVEN, INLINE, LINE, PARAGRAPH, Label, readings

MAX_DEPTH = 12
MAX_GAP = 4
LOOK_AHEAD_CHARS = 30_000
_RANK = {"chapter": 0, "article": 1, "section": 2}


@dataclass(slots=True)
class Placed:
    """A label that numbers a clause: its level (1 = highest), its parent (index into the same list) and its full path."""

    label: Label
    level: int
    parent: int | None
    path: str = ""
    kind: str = ""
    value: int = 0


@dataclass(slots=True)
class _Open:
    style: tuple[str, str]
    value: int
    key: tuple[str, ...]
    index: int
    grade: int
    titled: bool


@dataclass(slots=True)
class _Arrangement:
    labels: Sequence[Label]
    placed: list[Placed] = field(default_factory=list)
    open: list[_Open] = field(default_factory=list)
    closed: dict[tuple[str, str], tuple[int, int]] = field(default_factory=dict)
    last_multi: tuple[str, ...] = ()
    multi: dict[tuple[str, ...], int] = field(default_factory=dict)
    where: dict[tuple[str, str, int], list[int]] = field(default_factory=dict)
    next_wrap: list[int] = field(default_factory=list)


def arrange(candidates: Sequence[Label]) -> list[Placed]:
    """Choose the labels that number a clause and nest them, by their sequence. Linear in their number."""
    state = _Arrangement(candidates)
    latest: dict[tuple[str, bool], int] = {}
    state.next_wrap = [-1] * len(candidates)
    for index in range(len(candidates) - 1, -1, -1):
        label = candidates[index]
        if len(label.tokens) == 1 and not label.word:
            state.next_wrap[index] = latest.get((label.wrap, label.tokens[0].isupper()), -1)
            latest[label.wrap, label.tokens[0].isupper()] = index
    for index, label in enumerate(candidates):
        if len(label.tokens) == 1:
            for kind, value in readings(label.tokens[0]):
                state.where.setdefault((label.word or label.wrap, kind, value), []).append(index)
        else:
            state.multi[_key(label)] = label.start
    for index, label in enumerate(candidates):
        first, *rest = label.tokens
        if len(rest) == 1 and rest[0].strip("0") == "" and first.isdecimal():
            _place_plain(state, index, label, first)  # "1.0 Scope": a first level written with a zero
        elif rest:
            _place_multi(state, label)
        elif label.word:
            _place_word(state, label)
        else:
            _place_plain(state, index, label, first)
    _write_paths(state.placed)
    return state.placed


def _push(
    state: _Arrangement, depth: int, label: Label, style: tuple[str, str], value: int, key: tuple[str, ...]
) -> None:
    for level, gone in enumerate(state.open[depth:], start=depth):
        state.closed[gone.style] = (gone.value, level)
    del state.open[depth:]
    parent = state.open[-1].index if state.open else None
    state.open.append(_Open(style, value, key, len(state.placed), label.grade, label.titled))
    state.placed.append(Placed(label, depth + 1, parent, "", style[0] if style[0] in _RANK else style[1], value))


def _later(
    state: _Arrangement, index: int, name: str, kind: str, value: int, *, grade: int = INLINE, within: int
) -> bool:
    found = state.where.get((name, kind, value), ())
    at = bisect_right(found, index)
    for later in found[at : at + 3]:
        if state.labels[later].start - state.labels[index].start > within:
            return False
        if state.labels[later].grade >= grade:
            return True
    return False


def _place_plain(state: _Arrangement, index: int, label: Label, token: str) -> None:
    best: tuple[float, int, tuple[str, str], int] | None = None
    following = state.next_wrap[index]
    after = readings(state.labels[following].tokens[0]) if following >= 0 else ()
    for kind, value in readings(token):
        style = (label.wrap, kind)
        bonus = 8.0 if (kind, value + 1) in after else 0.0
        same_style = False
        for depth in range(len(state.open) - 1, -1, -1):
            item = state.open[depth]
            if item.style != style:
                continue
            same_style = True
            score = _continuation(state, index, label, item, kind, value)
            if score:
                score += bonus - 0.1 * (len(state.open) - depth)
                best = max(best, (score, depth, style, value)) if best else (score, depth, style, value)
        score = _beginning(state, index, label, kind, value, same_style)
        if score and len(state.open) < MAX_DEPTH:
            choice = (score + bonus, _depth_for_start(state, style, value), style, value)
            best = max(best, choice) if best else choice
    if best:
        _, depth, style, value = best
        parent = state.open[depth - 1] if depth else None
        absolute = (
            style[1] == "1" and label.wrap != "()" and (parent is None or parent.style[0] in ("article", "chapter"))
        )
        key = (str(value),) if absolute else (*(parent.key if parent else ()), token.lower())
        _push(state, depth, label, style, value, key)


def _depth_for_start(state: _Arrangement, style: tuple[str, str], value: int) -> int:
    """A list that starts stands under the innermost open item; one that runs on after a break stands where it stood."""
    before, depth = state.closed.get(style, (0, 0))
    return min(depth, len(state.open)) if value > 1 and before == value - 1 else len(state.open)


def _continuation(state: _Arrangement, index: int, label: Label, item: _Open, kind: str, value: int) -> float:
    alike = (1.0 if item.titled == label.titled else 0.0) + (1.0 if item.grade == label.grade else 0.0)
    if value == item.value + 1:
        if label.grade == INLINE and item.grade > INLINE:
            near = LOOK_AHEAD_CHARS if kind == "1" else 6000
            if _later(state, index, label.wrap, kind, value, grade=LINE, within=near):
                return 0.0
        return 10.0 + alike
    if label.grade == GIVEN:
        return 3.0 + alike
    skipped = label.grade == INLINE and kind == "1" and item.value < value <= item.value + 3
    if skipped and item.grade == INLINE and _later(state, index, label.wrap, kind, value + 1, within=8000):
        return 2.5
    if label.grade >= PARAGRAPH and item.value < value <= item.value + MAX_GAP:
        return 4.0 + alike if label.titled or kind != "1" else 2.5
    if label.grade >= PARAGRAPH and value == item.value and label.titled and item.titled and value > 1:
        return 2.0  # the same number twice: a slip of the drafter
    return 0.0


def _beginning(state: _Arrangement, index: int, label: Label, kind: str, value: int, same_style: bool) -> float:
    if value == 1:
        if label.grade == INLINE:
            allowed = label.opens and not same_style
            return 5.0 if allowed and _later(state, index, label.wrap, kind, 2, within=LOOK_AHEAD_CHARS) else 0.0
        if label.grade == LINE:
            return 5.0 if _later(state, index, label.wrap, kind, 2, within=LOOK_AHEAD_CHARS) else 0.0
        return 6.0 if not same_style else 5.5
    if same_style or label.grade < PARAGRAPH:
        return 0.0
    if state.closed.get((label.wrap, kind), (0, 0))[0] == value - 1 and kind == "1":
        return 6.0  # numbers that run on from article to article
    if label.grade == GIVEN:
        return 1.0
    begun = _later(state, index, label.wrap, kind, value + 1, within=LOOK_AHEAD_CHARS)
    return 1.5 if label.titled and begun and not state.open and kind in ("1", "I", "A") else 0.0


def _place_word(state: _Arrangement, label: Label) -> None:
    rank = _RANK[label.word]
    depth = 0
    while depth < len(state.open) and _RANK.get(state.open[depth].style[0], 9) < rank:
        depth += 1
    last = state.open[depth].value if depth < len(state.open) and state.open[depth].style[0] == label.word else None
    if last is None:
        last = next((v for (word, _), (v, _) in reversed(state.closed.items()) if word == label.word), None)
    for kind, value in reversed(readings(label.tokens[0])):
        fits = value == 1 if last is None else value == last + 1 or (value == 1 and depth > 0)
        if not fits and label.grade >= PARAGRAPH:
            fits = (value <= (last or 0) + MAX_GAP and value > (last or 0)) or (last is None and label.titled)
        if not fits and (label.grade == GIVEN or (label.shown.startswith("第") and value > (last or 0))):
            fits = True
        if fits and (label.grade > INLINE or last is not None or value == 1):
            key = (str(value),) if depth == 0 or label.word == "article" else (*state.open[depth - 1].key, str(value))
            _push(state, depth, label, (label.word, kind), value, key)
            return


def _place_multi(state: _Arrangement, label: Label) -> None:
    key = _key(label)
    value = next((v for _, v in readings(label.tokens[-1])), 0)
    depth = len(state.open)
    while depth and not (
        len(state.open[depth - 1].key) < len(key) and state.open[depth - 1].key == key[: len(state.open[depth - 1].key)]
    ):
        depth -= 1
    parent = state.open[depth - 1] if depth else None
    sibling = state.open[depth] if depth < len(state.open) and state.open[depth].style[0] == "multi" else None
    exact = parent is not None and parent.key == key[:-1]
    fits = False
    if exact:
        last = sibling.value if sibling and sibling.key[:-1] == key[:-1] else 0
        fits = value == last + 1 or (label.grade >= LINE and last < value <= last + MAX_GAP)
    if not fits and label.grade >= LINE:
        fits = _ahead(key, state)
    if not fits and label.grade == INLINE:
        fits = _next_of(key, state.last_multi) or (_ahead(key, state) and _followed(state, key, label.start))
    if fits or label.grade == GIVEN:
        if depth == 0 and sibling is None and state.open and not state.last_multi and label.grade < PARAGRAPH:
            return
        _push(state, min(depth, MAX_DEPTH - 1), label, ("multi", str(len(key))), value, key)
        state.last_multi = key


def _key(label: Label) -> tuple[str, ...]:
    return tuple(token.lstrip("0") or "0" if token.isdecimal() else token.lower() for token in label.tokens)


def _followed(state: _Arrangement, key: tuple[str, ...], position: int) -> bool:
    """Whether the number after ``key`` comes soon: then a number with no predecessor (on a lost page) counts all the same."""
    if not key[-1].isdecimal():
        return False
    after = state.multi.get((*key[:-1], str(int(key[-1]) + 1)), -1)
    return position < after <= position + 8000


def _order(key: tuple[str, ...]) -> tuple[tuple[int, str], ...]:
    return tuple((int(token), "") if token.isdecimal() else (0, token) for token in key)


def _first(key: tuple[str, ...]) -> int:
    return int(key[0]) if key and key[0].isdecimal() else 0


def _ahead(key: tuple[str, ...], state: _Arrangement) -> bool:
    """Whether ``key`` comes after all before it, and not too far after."""
    first = _first(key)
    tops = [item for item in state.open[:2] if item.key and item.key[0].isdecimal()]
    if state.last_multi and _order(key) <= _order(state.last_multi):
        return False
    if tops:
        return 0 <= first - int(tops[0].key[0]) <= 1 + (len(tops) > 0 and tops[0].style[0] == "multi")
    if state.last_multi:
        return first - _first(state.last_multi) <= 2
    return first <= 1 or not key[0].isdecimal()


def _next_of(key: tuple[str, ...], last: tuple[str, ...]) -> bool:
    if not last or len(key) != len(last):
        return False
    now, before = _order(key), _order(last)
    if now[:-1] == before[:-1]:
        return now[-1][0] == before[-1][0] + 1
    return _first(key) == _first(last) + 1 and all(part[0] == 1 for part in now[1:])


def _write_paths(placed: Sequence[Placed]) -> None:
    """Full numbers: "9.2(a)"; under articles that each count from one, "Article II, Section 1"."""
    starts = [
        p
        for p in placed
        if p.parent is not None and placed[p.parent].kind in _RANK and len(p.label.tokens) == 1 and p.value == 1
    ]
    restarted = len({p.parent for p in starts if p.kind in ("1", "section")}) > 1
    for item in placed:
        label = item.label
        bare = label.shown.strip("().） （")
        above = placed[item.parent] if item.parent is not None else None
        if len(label.tokens) > 1:
            item.path = re.sub(r"^[^\d\W]{3,}\.?\s*|^§+\s*", "", label.shown).strip() or label.shown
        elif label.word:
            item.path = (
                f"{above.path}, {label.shown}" if above and restarted and label.word == "section" else label.shown
            )
        elif above is None:
            item.path = bare
        elif above.kind in _RANK and item.kind == "1" and label.wrap != "()":
            item.path = f"{above.path}, {bare}" if restarted else bare
        else:
            item.path = f"{above.path}({bare})"
