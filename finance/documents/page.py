"""``review.html``: one contract as read, its words marked, and what was found beside them, in a file of its own.

The page is made from the dictionary of ``findings.json`` and the text with its blocks. It holds its style and script, fetches
nothing, and works from a file. Every finding, fact and clause type leads to its words, and the words lead back.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...core.files import write_text
from ..classify import Choice
from .findings_json import findings
from .marks import Mark, Piece, Point, laid_out
from .proofs import shown_value
from .templating import LEVEL_LETTERS, render

if TYPE_CHECKING:
    from ..clauses import Clause
    from ..document import Block, Document
    from ..review import Review

PAGE_NAME = "review.html"
HOME = "../../index.html"
BLOCKS_PER_CHUNK = 24
"""Blocks that the browser lays out together; chunks out of sight cost nothing."""
MAX_OUTLINE = 3000
"""Entries of the outline; a longer contract shows its upper levels only."""

KIND_NAMES: Mapping[str, str] = {
    "red_line": "Red line",
    "deviation": "Deviation",
    "missing": "Missing",
    "forbidden": "Forbidden",
    "one_sided": "One-sided",
    "contradiction": "Contradiction",
    "change": "Tracked change",
    "reference": "Reference",
    "signature": "Signature",
    "gap": "Left open",
}
CHOICE_NAMES: Mapping[Choice, str] = {"entailment": "yes", "contradiction": "no", "not_mentioned": "not mentioned"}
STATUS_NAMES: Mapping[str, str] = {
    "passed": "Passed",
    "failed": "Finding",
    "undecided": "Undecided",
    "not_applicable": "Does not apply",
}


def write_page(
    review: Review,
    path: Path,
    *,
    item_id: str,
    source_name: str,
    home: str = HOME,
    data: Mapping[str, Any] | None = None,
) -> None:
    """Write the page to ``path``.

    ``home`` is the relative address of the run's index, "" for none. ``data`` is ``findings(review, ...)`` where the caller
    has it already. Raises DiskFullError.
    """
    write_text(path, page_html(review, item_id=item_id, source_name=source_name, home=home, data=data))


def page_html(
    review: Review, *, item_id: str, source_name: str, home: str = HOME, data: Mapping[str, Any] | None = None
) -> str:
    """The page as a string: the same review gives the same bytes."""
    data = findings(review, item_id, source_name) if data is None else data
    outline = _outline(review, data)
    return render(
        "review",
        {
            "data": data,
            "home": home,
            "chunks": list(_chunks(review, data)),
            "outline": outline[:MAX_OUTLINE],
            "outline_left": max(0, len(outline) - MAX_OUTLINE),
            "has_pages": review.document.num_pages is not None,
            "kind_names": KIND_NAMES,
            "choice_names": CHOICE_NAMES,
            "status_names": STATUS_NAMES,
            "kinds": _in_order(found["kind"] for found in data["findings"]),
            "counts": level_counts(data["findings"]),
            "finding_of_check": {found["check"]: found for found in reversed(data["findings"])},
            "fact_groups": _grouped(data["facts"], "group"),
            "label_groups": _label_groups(data["clauses"]),
            "shown_value": shown_value,
        },
    )


def level_counts(found: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    """How many findings stand at each level, highest first."""
    return {level: sum(one["level"] == level for one in found) for level in LEVEL_LETTERS}


@dataclass(frozen=True)
class BlockView:
    """One block as the template draws it: its element, indentation, and pieces of text with their marks."""

    tag: str
    css: str
    pieces: tuple[PieceView, ...]


@dataclass(frozen=True)
class PieceView:
    """One piece: its text, and by kind of mark what it leads to."""

    text: str
    points: tuple[Point, ...]
    opens: tuple[Mark, ...]
    findings: tuple[int, ...]
    level: str
    labels: tuple[int, ...]
    facts: tuple[int, ...]
    insertion: Any
    comment: Any
    run_in: bool

    @property
    def css(self) -> str:
        """The classes of its element; empty where it needs none."""
        names = ("l" if self.labels else "", "x" if self.facts else "", "n" if self.comment else "")
        run_in = "run-in" if self.run_in else ""
        return " ".join(name for name in (*names, run_in) if name)


def _chunks(review: Review, data: Mapping[str, Any]) -> Iterator[list[BlockView]]:
    document = review.document
    blocks = _covering_blocks(document)
    starts = {clause.start: clause for clause in review.tree.clauses}
    marks = [*_marks(data), *_run_ins(review)]
    levels = {found["number"]: found["level"] for found in data["findings"]}
    pieces = laid_out([(block.start, block.end) for block in blocks], marks, list(_points(review, data)))
    views: list[BlockView] = []
    for block, own in zip(blocks, pieces, strict=True):
        clause = starts.get(block.start)
        shown = tuple(_piece_view(document.text, piece, levels) for piece in own)
        views.append(BlockView(_tag(block), _css(block, clause), shown))
        if len(views) == BLOCKS_PER_CHUNK:
            yield views
            views = []
    if views:
        yield views


def _covering_blocks(document: Document) -> list[Block]:
    """The document's blocks without overlap, and a paragraph for any words that no block holds."""
    from ..document import Block

    covered: list[Block] = []
    position = 0
    length = len(document.text)
    for block in sorted(document.blocks, key=lambda block: (block.start, block.end)):
        start, end = max(block.start, position), min(block.end, length)
        if document.text[position:start].strip():
            covered.append(Block(position, start))
        if end > start:
            covered.append(Block(start, end, block.kind, block.level, block.number))
            position = end
    if document.text[position:].strip():
        covered.append(Block(position, length))
    return covered


def _tag(block: Block) -> str:
    return f"h{min(6, max(3, (block.level or 1) + 2))}" if block.kind == "heading" else "p"


def _css(block: Block, clause: Clause | None) -> str:
    names = ["b", block.kind.replace("_", "-")]
    level = clause.level if clause is not None else (block.level or 1) if block.kind == "list_item" else 0
    if block.kind != "heading" and level > 1:
        names.append(f"in{min(level - 1, 5)}")
    if clause is not None and clause.kind in ("title", "signature"):
        names.append(clause.kind)
    return " ".join(names)


def _piece_view(text: str, piece: Piece, levels: Mapping[int, str]) -> PieceView:
    keys: dict[str, list[Any]] = {}
    for mark in piece.marks:
        keys.setdefault(mark.kind, []).append(mark.key)
    numbers = tuple(dict.fromkeys(keys.get("finding", ())))
    worst = min((list(LEVEL_LETTERS).index(levels[number]) for number in numbers), default=None)
    return PieceView(
        text=text[piece.start : piece.end],
        points=piece.points,
        opens=piece.opens,
        findings=numbers,
        level="" if worst is None else list(LEVEL_LETTERS)[worst],
        labels=tuple(dict.fromkeys(keys.get("label", ()))),
        facts=tuple(dict.fromkeys(keys.get("fact", ()))),
        insertion=keys.get("insertion", [None])[0],
        comment=keys.get("comment", [None])[0],
        run_in="run_in" in keys,
    )


def _marks(data: Mapping[str, Any]) -> Iterator[Mark]:
    for found in data["findings"]:
        for index, quote in enumerate(found["quotes"]):
            yield Mark("finding", found["number"], quote["start"], quote["end"], f"q-{found['number']}-{index}")
    for index, label in enumerate(data["clauses"]):
        yield Mark("label", index, label["quote"]["start"], label["quote"]["end"], f"tl-{index}")
    for index, fact in enumerate(data["facts"]):
        yield Mark("fact", index, fact["quote"]["start"], fact["quote"]["end"], f"tx-{index}")
    for index, change in enumerate(data["changes"]):
        if change["kind"] == "insertion":
            yield Mark("insertion", change, change["quote"]["start"], change["quote"]["end"], f"tg-{index}")
    for index, comment in enumerate(data["comments"]):
        yield Mark("comment", comment, comment["quote"]["start"], comment["quote"]["end"], f"tn-{index}")


def _run_ins(review: Review) -> Iterator[Mark]:
    """The headings that stand in front of a clause's own words on the same line."""
    text = review.document.text
    for clause in review.tree.clauses:
        if clause.heading and clause.kind == "clause":
            reach = clause.start + len(clause.number) + len(clause.heading) + 8
            at = text.find(clause.heading, clause.start, min(reach, clause.end))
            if at >= 0:
                yield Mark("run_in", clause.index, clause.start, at + len(clause.heading))


def _points(review: Review, data: Mapping[str, Any]) -> Iterator[Point]:
    for page, start in page_starts(review.document):
        yield Point("page", start, page, f"p-{page}")
    for clause in review.tree.clauses:
        yield Point("clause", clause.start, clause.index, f"c-{clause.index}")
    for index, change in enumerate(data["changes"]):
        if change["kind"] == "deletion":
            yield Point("deletion", change["quote"]["start"], change, f"tg-{index}")
    for letter, group in (
        ("d", "deadlines"),
        ("r", "references"),
        ("e", "definitions"),
        ("u", "undefined_terms"),
        ("o", "obligations"),
    ):
        for index, row in enumerate(data[group]):
            yield Point("target", row["quote"]["start"], anchor=f"t{letter}-{index}")
    for letter, group in (("k", "checks"), ("h", "positions")):
        for index, row in enumerate(data[group]):
            for order, quote in enumerate(row["quotes"]):
                yield Point("target", quote["start"], anchor=f"t{letter}-{index}-{order}")


def page_starts(document: Document) -> Iterator[tuple[int, int]]:
    """Each page's number and the offset of its first character that is not white space; nothing without pages."""
    places, seen = document.places, set()
    if places.pages is None:
        return
    previous = None
    for start, page in zip(places.starts.tolist(), places.pages.tolist(), strict=True):
        if page != previous and page not in seen:
            seen.add(page)
            while start < len(document.text) and document.text[start].isspace():
                start += 1
            yield page, start
        previous = page


@dataclass(frozen=True)
class OutlineEntry:
    """A line of the outline. ``level`` is the worst finding's inside the clause itself, "" for none."""

    index: int
    depth: int
    number: str
    heading: str
    level: str


def _outline(review: Review, data: Mapping[str, Any]) -> list[OutlineEntry]:
    worst: dict[int, str] = {}
    for found in data["findings"]:  # most serious first, so the first one wins
        for clause in [*found["clauses"], *(quote["clause"] for quote in found["quotes"])]:
            if clause is not None:
                worst.setdefault(clause["index"], found["level"])
    entries = [
        OutlineEntry(
            clause.index,
            clause.level,
            clause.path or clause.number,
            clause.heading or _opening(review.document.text, clause),
            worst.get(clause.index, ""),
        )
        for clause in review.tree.clauses
        if clause.heading or (clause.number and clause.level <= 2)
    ]
    depth = 6
    while len(entries) > MAX_OUTLINE and depth > 1:
        depth -= 1
        entries = [entry for entry in entries if entry.depth <= depth]
    return entries


def _opening(text: str, clause: Clause) -> str:
    """The first words of a clause without a heading."""
    words = text[clause.start : clause.start + len(clause.number) + 80].lstrip()
    return words.removeprefix(clause.number).lstrip(" .):\t\n–-")


def _grouped(rows: Sequence[Mapping[str, Any]], key: str) -> list[tuple[str, list[tuple[int, Mapping[str, Any]]]]]:
    groups: dict[str, list[tuple[int, Mapping[str, Any]]]] = {}
    for index, row in enumerate(rows):
        groups.setdefault(row[key], []).append((index, row))
    return list(groups.items())


def _label_groups(labels: Sequence[Mapping[str, Any]]) -> list[tuple[str, list[tuple[int, Mapping[str, Any]]]]]:
    """The index of clause types by title, unfair terms last."""
    groups = _grouped(labels, "title")
    return sorted(groups, key=lambda group: (group[1][0][1]["group"] == "unfair", group[0]))


def _in_order(values: Iterator[str]) -> list[str]:
    return list(dict.fromkeys(values))
