"""The sample contracts as written by us: a small markup, parsed into blocks that the renderers turn into files.

A block is what stands between blank lines. ``= title``, ``~ centred line``, ``# 1. heading``; ``1.1 text`` is a numbered clause, ``(a) text``
an item, lines with ``|`` a table, lines with ``>`` a signature block, ``@@ page`` a new page; what stands between ``@@ scan`` and
``@@ end`` becomes a page that is only a picture. Within a line: ``**bold**``, ``*italic*``,
``[-Author date: deleted-]``, ``[+Author date: inserted+]`` and ``[>Author date: comment|words<]``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Kind = Literal["title", "centred", "heading", "clause", "item", "paragraph", "table", "lines", "page", "scan"]

_INLINE = re.compile(
    r"(?P<redacted>\[\*\*\*\])|\*\*(?P<bold>.+?)\*\*|\*(?P<italic>[^*]+?)\*"
    r"|\[-(?P<deleted>[^:\]]+?: ?.+?)-\]|\[\+(?P<inserted>[^:\]]+?: ?.+?)\+\]|\[>(?P<comment>[^|\]]+?)\|(?P<words>.+?)<\]"
)
_SIGNED = re.compile(r"(?P<author>.+?) (?P<date>\d{4}-\d\d-\d\d): ?(?P<text>.*)", re.S)
_NUMBER = re.compile(r"(?P<number>\d+\.\d+|\d+\.|\([a-z]\)) (?P<rest>.*)", re.S)


@dataclass(frozen=True)
class Mark:
    """Who changed or commented on words, on which day, and what the comment says."""

    kind: Literal["deleted", "inserted", "comment"]
    author: str
    date: str
    text: str = ""


@dataclass(frozen=True)
class Run:
    """Words of one style, with a tracked change or comment on them."""

    text: str
    style: Literal["", "bold", "italic"] = ""
    mark: Mark | None = None


@dataclass(frozen=True)
class Block:
    """One block; ``number`` is a heading's, clause's or item's, ``rows`` a table's cells or the lines of a signature block or scan."""

    kind: Kind
    runs: tuple[Run, ...] = ()
    number: str = ""
    rows: tuple[tuple[str, ...], ...] = ()

    @property
    def text(self) -> str:
        """The words as accepted, without number."""
        return "".join(run.text for run in self.runs if run.mark is None or run.mark.kind != "deleted")


def parse(path: Path) -> list[Block]:
    """The blocks of a source file.

    Raises:
        ValueError: a scan has no end, or a change or comment names no author and date.
    """
    pieces = [piece.strip("\n") for piece in re.split(r"\n[ \t]*\n", path.read_text(encoding="utf-8")) if piece.strip()]
    blocks: list[Block] = []
    scan: list[tuple[str, ...]] | None = None
    for piece in pieces:
        if piece == "@@ end":
            if scan is None:
                raise ValueError(f"{path.name}: an end without a scan")
            blocks.append(Block("scan", rows=tuple(scan)))
            scan = None
        elif scan is not None:
            scan += [*((line,) for line in piece.splitlines()), ("",)]
        elif piece == "@@ scan":
            scan = []
        else:
            blocks.append(_block(piece))
    if scan is not None:
        raise ValueError(f"{path.name}: a scan without an end")
    return blocks


def _block(piece: str) -> Block:
    if piece == "@@ page":
        return Block("page")
    if piece.startswith("| "):
        return Block(
            "table", rows=tuple(tuple(c.strip() for c in line.strip("| ").split("|")) for line in piece.splitlines())
        )
    if piece.startswith("> "):
        return Block("lines", rows=tuple((line.removeprefix("> "),) for line in piece.splitlines()))
    text = " ".join(piece.split("\n"))
    if text.startswith("= "):
        return Block("title", tuple(runs_of(text.removeprefix("= "))))
    if text.startswith("~ "):
        return Block("centred", tuple(runs_of(text.removeprefix("~ "))))
    number = _NUMBER.fullmatch(text.removeprefix("# "))
    if text.startswith("# "):
        return (
            Block("heading", (Run(number["rest"]),), number["number"]) if number else Block("heading", (Run(text[2:]),))
        )
    if number is None:
        return Block("paragraph", tuple(runs_of(text)))
    kind: Kind = "item" if number["number"].startswith("(") else "clause"
    return Block(kind, tuple(runs_of(number["rest"])), number["number"])


def runs_of(text: str) -> Iterator[Run]:
    """The runs of one line of markup."""
    position = 0
    for match in _INLINE.finditer(text):
        if match.start() > position:
            yield Run(text[position : match.start()])
        position = match.end()
        if match["redacted"]:
            yield Run("[***]")
        elif match["bold"]:
            yield Run(match["bold"], "bold")
        elif match["italic"]:
            yield Run(match["italic"], "italic")
        elif match["comment"]:
            author, date, said = _signed(match["comment"])
            yield Run(match["words"], mark=Mark("comment", author, date, said))
        else:
            author, date, words = _signed(match["deleted"] or match["inserted"])
            yield Run(words, mark=Mark("deleted" if match["deleted"] else "inserted", author, date))
    if position < len(text):
        yield Run(text[position:])


def _signed(said: str) -> tuple[str, str, str]:
    match = _SIGNED.fullmatch(said)
    if match is None:
        raise ValueError(f"a change or comment must begin 'Author 2026-01-31: ': {said[:60]!r}")
    return match["author"], match["date"], match["text"]
