"""Cut a document into a tree of clauses with their numbers and headings, and into parts (body, exhibits, schedules).

``segment`` reads ``Document.blocks`` and text: ``contents`` and ``outline`` find tables of contents, parts and regions, ``labels`` and
``numbering`` the numbers, ``headings`` the titles. Definitions and cross-references are collected beside the tree by ``finance/definitions.py`` and ``finance/references.py``.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING, Literal

from .document import Document

if TYPE_CHECKING:
    from .contents import Stretch
    from .labels import Label
    from .lines import Line
    from .numbering import Placed

PartKind = Literal["body", "exhibit", "schedule", "annex", "appendix", "amendment", "order_form"]
ClauseKind = Literal["title", "preamble", "recitals", "contents", "clause", "signature", "other"]


@dataclass(frozen=True)
class Part:
    """A document inside the file: the main body, or an exhibit, schedule or amendment attached to it."""

    index: int
    kind: PartKind
    title: str
    start: int
    end: int


@dataclass(frozen=True)
class Clause:
    """One node of the tree. ``start``..``end`` covers its own words, heading included, up to its first child;
    ``number`` is as shown ("9.2", "(a)", "Article IV"), ``path`` the full one ("9.2(a)")."""

    index: int
    part: int
    parent: int | None
    level: int
    kind: ClauseKind
    number: str
    path: str
    heading: str
    start: int
    end: int


@dataclass(frozen=True)
class Definition:
    """A defined term: where it is defined, and how often it is used elsewhere. ``circular`` when it is defined by itself."""

    term: str
    start: int
    end: int
    clause: int
    num_uses: int
    circular: bool = False


@dataclass(frozen=True)
class Reference:
    """A cross-reference: ``target`` as written ("Section 9.2", "Exhibit B", "the Master Agreement dated ...").

    ``status``: ``resolved`` (``clause`` or ``part`` says where), ``dangling`` (names a place this file should have and has not),
    ``not_supplied`` (another document, incorporated but not here), ``external`` (a statute or rule).
    """

    target: str
    start: int
    end: int
    status: Literal["resolved", "dangling", "not_supplied", "external"]
    clause: int | None = None
    part: int | None = None
    incorporated: bool = False


@dataclass(frozen=True)
class ClauseTree:
    """Parts and clauses in text order; ``definitions`` and ``references`` are filled by their own modules."""

    parts: tuple[Part, ...]
    clauses: tuple[Clause, ...]
    definitions: tuple[Definition, ...] = ()
    references: tuple[Reference, ...] = ()

    def at(self, position: int) -> Clause | None:
        """The innermost clause that holds the character ``position``; None before the first."""
        low, high = 0, len(self.clauses)
        while low < high:
            middle = (low + high) // 2
            if self.clauses[middle].start <= position:
                low = middle + 1
            else:
                high = middle
        return self.clauses[low - 1] if low else None

    def whole(self, clause: Clause) -> tuple[int, int]:
        """Start and end of a clause with all its children."""
        end = clause.end
        for index in range(clause.index + 1, len(self.clauses)):
            later = self.clauses[index]
            if later.level <= clause.level or later.part != clause.part:
                break
            end = later.end
        return clause.start, end


def segment(document: Document) -> ClauseTree:
    """Cut ``document`` into parts and clauses, with definitions and cross-references.

    The clauses cover the text without gap or overlap: the first starts at 0, each ends where the next starts. Runs in time linear
    in the text.
    """
    from .definitions import collect
    from .references import resolve

    tree = divide(document)
    definitions = collect(document, tree)
    tree = replace(tree, definitions=definitions)
    return replace(tree, references=resolve(document, tree, definitions))


def divide(document: Document) -> ClauseTree:
    """The tree alone, without definitions and references."""
    from .contents import contents, inside
    from .labels import labels
    from .lines import lines_of
    from .outline import regions, sections

    text = document.text
    if not text:
        return ClauseTree((), ())
    lines = lines_of(document)
    tables = contents(text, lines)
    candidates = [label for label in labels(text, lines, 0, len(text)) if not inside(label.start, tables)]
    parts: list[Part] = []
    nodes: list[_Node] = []
    for index, section in enumerate(sections(text, lines, tables)):
        low = bisect_left(candidates, section.start, key=lambda label: label.start)
        high = bisect_left(candidates, section.end, key=lambda label: label.start)
        own = candidates[low:high]
        after_tables = _after_tables(tables, section.start, section.body)
        first, lettered = _first_numbers(own, after_tables)
        for region in regions(text, replace(section, body=after_tables), first, lettered):
            nodes += _region_nodes(document, lines, index, region, own, section.title)
        title = section.title or _title_of(text, nodes, index)
        parts.append(Part(index, section.kind, title, section.start, section.end))
    return ClauseTree(tuple(parts), tuple(_clauses(text, _with_tables(nodes, parts, tables))))


def _after_tables(tables: Sequence[Stretch], start: int, body: int) -> int:
    """Where a part's own words begin, past a table of contents near its top."""
    at = bisect_left(tables, start, key=lambda table: table.start)
    while at < len(tables) and tables[at].start - start < 20_000 and tables[at].start >= start:
        body = max(body, tables[at].end)
        at += 1
    return body


def _with_tables(nodes: Sequence[_Node], parts: Sequence[Part], tables: Sequence[Stretch]) -> list[_Node]:
    from .contents import inside

    kept = [node for node in nodes if not inside(node.start, tables)]
    starts = {node.start for node in kept}
    for table in tables:
        part = bisect_right(parts, table.start, key=lambda part: part.start) - 1
        kept.append(_Node(table.start, 1, "contents", part))
        if table.end < parts[part].end and table.end not in starts:
            kept.append(_Node(table.end, 1, "other", part))
    return kept


@dataclass(slots=True)
class _Node:
    start: int
    level: int
    kind: ClauseKind
    part: int
    number: str = ""
    path: str = ""
    heading: str = ""


def _first_numbers(candidates: Sequence[Label], floor: int) -> tuple[int | None, int | None]:
    """Where the first plain clause number of a part stands ("1.", "1.1", "I.", "Article 1"), and where the first letter may ("A. Scope")."""
    from .numbering import arrange

    low = bisect_left(candidates, floor, key=lambda label: label.start)
    placed = [p for p in arrange(candidates[low:]) if p.label.word or p.label.wrap != "()"]
    plain = [p for p in placed if p.label.word or p.kind not in ("a", "i", "A")]
    first = next((p for p in plain if p.value <= 1), plain[0] if plain else None)
    lettered = next((p for p in placed if p.level == 1 and p.kind == "A" and p.label.titled), None)
    return first.label.start if first else None, lettered.label.start if lettered else None


def _region_nodes(
    document: Document,
    lines: Sequence[Line],
    part: int,
    region: Stretch,
    candidates: Sequence[Label],
    title: str,
) -> list[_Node]:
    from .labels import LINE
    from .numbering import arrange

    kind, start, end = region.kind, region.start, region.end
    low = bisect_left(candidates, start, key=lambda label: label.start)
    high = bisect_left(candidates, end, key=lambda label: label.start)
    own = candidates[low:high]
    if kind == "clause":
        return _body_nodes(document, lines, part, start, end, own)
    nodes = [_Node(start, 1, kind, part, heading=title if kind == "title" else "")]
    if kind == "recitals":
        items = [p for p in arrange([x for x in own if x.wrap != "" and len(x.tokens) == 1]) if p.level == 1]
        if len(items) >= 2:
            nodes += [_Node(p.label.start, 2, kind, part, p.label.shown, p.path, p.label.heading) for p in items]
    if kind == "signature":
        strong = [x for x in own if x.grade >= LINE and (x.word or x.tokens[0].isdecimal()) and x.wrap != "()"]
        placed = [p for p in arrange(strong) if p.level == 1]
        if len(placed) >= 3:  # terms that follow the signatures of an order form
            nodes += _body_nodes(
                document, lines, part, placed[0].label.start, end, [x for x in own if x.start >= placed[0].label.start]
            )
    return nodes


def _body_nodes(
    document: Document, lines: Sequence[Line], part: int, start: int, end: int, candidates: Sequence[Label]
) -> list[_Node]:
    """The clauses of the operative text: by numbers where it has a spine of them, else by headings, else by paragraphs."""
    from .headings import run_in_heading, standing_heading
    from .numbering import arrange

    text = document.text
    first = bisect_left(lines, start, key=lambda line: line.start)
    last = bisect_left(lines, end, key=lambda line: line.start)
    placed = arrange(candidates)
    spined = _has_spine(placed, start, end)
    taken = {p.label.start for p in placed} if spined else set()
    nodes, below = _numbered(document, lines, part, placed if spined else ())
    heads: list[_Node] = []
    for index in range(first, last):
        line = lines[index]
        if line.start in taken or index in below:
            continue
        heading = standing_heading(text, lines, index, spined=spined)
        if heading:
            heads.append(_Node(line.start, line.level or 1, "clause", part, heading=heading))
    if spined:
        nodes += _levelled(heads, nodes)
    else:
        run_in = [
            _Node(lines[i].start, 0, "clause", part, heading=run_in_heading(text, lines[i]))
            for i in range(first, last)
            if run_in_heading(text, lines[i])
        ]
        nodes = _under_headings(document, lines, part, start, end, candidates, heads, run_in)
    nodes.sort(key=lambda node: node.start)
    lead = text[start : nodes[0].start if nodes else end]
    if len(lead.strip()) > 200 or not nodes:
        nodes = [*_paragraphs(lines, part, start, nodes[0].start if nodes else end), *nodes]
    return nodes


def _has_spine(placed: Sequence[Placed], start: int, end: int) -> bool:
    """Whether numbers of the first level carry the text, rather than lists under headings without a number."""
    tops = [p for p in placed if p.level == 1]
    if len(tops) < 2:
        return False
    plain = [p for p in tops if p.kind not in ("a", "i") and p.label.wrap != "()"]
    reach = placed[-1].label.end - tops[0].label.start
    return (len(plain) >= 2 and reach > 0.15 * (end - start)) or reach > 0.5 * (end - start)


def _numbered(
    document: Document, lines: Sequence[Line], part: int, placed: Iterable[Placed]
) -> tuple[list[_Node], set[int]]:
    """Nodes of the placed numbers, and the indexes of lines that are titles below a bare number ("ARTICLE II", then its title)."""
    from .headings import is_title, standing_heading

    nodes: list[_Node] = []
    below: set[int] = set()
    for p in placed:
        heading = p.label.heading
        if not heading:
            at = bisect_left(lines, p.label.end, key=lambda line: line.end)
            if at + 1 < len(lines) and not document.text[p.label.end : lines[at].end].strip(" \t.:–—-*_"):
                following = lines[at + 1]
                words = document.text[following.start : following.end].strip() if len(following) <= 110 else ""
                if words and (standing_heading(document.text, lines, at + 1, spined=True) or is_title(words)):
                    heading = " ".join(words.split()).strip(" .:*_")
                    below.add(at + 1)
        nodes.append(_Node(p.label.start, p.level, "clause", part, p.label.shown, p.path, heading))
    return nodes, below


def _levelled(heads: Sequence[_Node], numbered: Sequence[_Node]) -> list[_Node]:
    """Headings between numbers stand beside the number that follows them."""
    for head in heads:
        at = bisect_left(numbered, head.start, key=lambda node: node.start)
        head.level = numbered[at].level if at < len(numbered) else 1
    return list(heads)


def _under_headings(
    document: Document,
    lines: Sequence[Line],
    part: int,
    start: int,
    end: int,
    candidates: Sequence[Label],
    heads: list[_Node],
    run_in: list[_Node],
) -> list[_Node]:
    """Clauses of a text without a spine of numbers: its headings, and under each the lists that it holds."""
    from .numbering import arrange

    depth: list[int] = []
    for head in heads:  # the source's levels may skip; ours do not
        while depth and depth[-1] >= head.level:
            depth.pop()
        depth.append(head.level)
        head.level = len(depth)
    known = {head.start for head in heads}
    nodes = sorted([*heads, *(node for node in run_in if node.start not in known)], key=lambda node: node.start)
    above = 0
    for node in nodes:
        if node.level:
            above = node.level
        else:
            node.level = above + 1
    edges = [start, *(node.start for node in nodes), end]
    result = list(nodes)
    for at, (left, right) in enumerate(pairwise(edges)):
        base = nodes[at - 1].level if at else 0
        low = bisect_left(candidates, left, key=lambda label: label.start)
        high = bisect_left(candidates, right, key=lambda label: label.start)
        for node in _numbered(document, lines, part, arrange(candidates[low:high]))[0]:
            if node.start == left and at:
                over = nodes[at - 1]
                over.number, over.path, over.heading = node.number, node.path, node.heading or over.heading
                base = over.level - node.level
                continue
            node.level += base
            result.append(node)
    return result


def _paragraphs(lines: Sequence[Line], part: int, start: int, end: int) -> list[_Node]:
    low = bisect_left(lines, start, key=lambda line: line.start)
    high = bisect_left(lines, end, key=lambda line: line.start)
    found = [_Node(line.start, 1, "clause", part) for line in lines[low:high] if line.opens and len(line) > 40]
    return found or [_Node(start, 1, "clause", part)]


def _title_of(text: str, nodes: Sequence[_Node], part: int) -> str:
    from .outline import title_line

    own = [node for node in nodes if node.part == part and node.kind in ("title", "preamble", "clause")]
    start = own[0].start if own else 0
    later = [node.start for node in own if node.kind == "clause"]
    return title_line(text, start, min(later[0] if later else start + 3000, start + 6000))


def _clauses(text: str, nodes: list[_Node]) -> Iterable[Clause]:
    nodes.sort(key=lambda node: node.start)
    kept: list[_Node] = []
    for node in nodes:
        if kept and kept[-1].start == node.start:
            if node.number or (not kept[-1].number and node.kind != "other"):
                kept[-1] = node
        else:
            kept.append(node)
    if not kept or kept[0].start > 0:
        kept.insert(0, _Node(0, 1, "other", 0))
    above: list[tuple[int, int]] = []  # (level, index) of the open ancestors
    part = -1
    for index, node in enumerate(kept):
        if node.part != part:
            above, part = [], node.part
        while above and above[-1][0] >= node.level:
            above.pop()
        parent = above[-1][1] if above else None
        level = (above[-1][0] if above else 0) + 1 if node.level > (above[-1][0] if above else 0) + 1 else node.level
        above.append((level, index))
        end = kept[index + 1].start if index + 1 < len(kept) else len(text)
        yield Clause(index, node.part, parent, level, node.kind, node.number, node.path, node.heading, node.start, end)
