"""What a PDF's page tree says of itself: how many pages it declares, and how many it names.

PDFium believes the declared number where it can and counts for itself where it cannot, without a word. So that pages that
are left out are told, the reader of the PDF format compares what was read with what this quick look at the file's bytes
finds. It follows no cross-reference table: of an object that stands there twice the later counts, as it does after an update.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice, pairwise

from ..document import Unread

SOURCE_REMEDY = "ask for the file again, or print it to a new PDF from the program that made it"
MAX_LOOKED_AT_BYTES = 64 << 20  # of objects and of unpacked object streams; beyond it nothing is said
MAX_OBJECT_BYTES = 8 << 20
MAX_HITS = 100_000

_PAGES = re.compile(rb"/Type\s*/Pages\b")
_CATALOG = re.compile(rb"/Type\s*/Catalog\b")
_PACKED = re.compile(rb"/Type\s*/ObjStm\b")
_OBJECT = re.compile(rb"(\d{1,10})\s+\d{1,5}\s+obj$")
_REFERENCE = re.compile(rb"(\d{1,10})\s+\d{1,5}\s+R\b")
_KIDS = re.compile(rb"/Kids\s*\[([^\]]*)\]")
_COUNT = re.compile(rb"/Count\s*(-?\d+)(?!\d*\s+\d+\s+R)")
_ROOT = re.compile(rb"/Pages\s+(\d{1,10})\s+\d{1,5}\s+R\b")
_FIRST = re.compile(rb"/First\s+(\d{1,9})\b")
_STREAM = re.compile(rb"\bstream\r?\n")
_OPENING_BYTES = 24  # the longest "NUMBER GENERATION obj" looked for


@dataclass(frozen=True)
class PageTree:
    """``declared`` is the root's /Count (None where it is no number), ``named`` how many pages the tree's nodes name."""

    declared: int | None
    named: int


def page_tree(content: bytes) -> PageTree | None:
    """The page tree of the PDF ``content``; None where it is not found in plain sight (encrypted, odd, very large)."""
    nodes: dict[int, bytes] = {}
    root: int | None = None
    try:
        for number, body in _objects(content):
            if _PAGES.search(body):
                nodes[number] = body
            elif (catalog := _ROOT.search(body)) is not None:
                root = int(catalog[1])
    except _TooMuchError:
        return None
    if root is None or root not in nodes:
        return None
    count = _COUNT.search(nodes[root])
    return PageTree(int(count[1][:18]) if count else None, _num_leaves(nodes, root))


def pages_left_out(tree: PageTree | None, num_pages: int) -> tuple[Unread, ...]:
    """The pages that the file promises beyond the ``num_pages`` that were found, as an entry of what could not be read."""
    if tree is None:
        return ()
    if tree.named > num_pages:
        damage = f"it names {_pages(tree.named)} and says that it has {num_pages:,}; the others were not read"
    elif tree.declared is not None and tree.declared > num_pages:
        damage = f"it says that it has {_pages(tree.declared)}, and {num_pages:,} can be found"
    else:
        return ()
    where = f"what follows page {num_pages}"
    return (Unread(where, "corrupt", f"the file is damaged: {damage}", SOURCE_REMEDY),)


def count_notes(tree: PageTree | None, num_pages: int) -> tuple[str, ...]:
    """A sentence where the file does not declare how many pages it has, or too few."""
    if tree is None or (tree.declared is not None and tree.declared >= num_pages):
        return ()
    return (f"the file is damaged: it does not say rightly how many pages it has; {_pages(num_pages)} found and read",)


def _pages(count: int) -> str:
    return f"{count:,} page{'' if count == 1 else 's'}"


def _num_leaves(nodes: dict[int, bytes], root: int) -> int:
    """Pages below ``root``; a node reached twice is followed once."""
    leaves, waiting, seen = 0, [root], {root}
    while waiting:
        kids = _KIDS.search(nodes[waiting.pop()])
        for reference in _REFERENCE.finditer(kids[1]) if kids else ():
            number = int(reference[1])
            if number not in nodes:
                leaves += 1
            elif number not in seen:
                seen.add(number)
                waiting.append(number)
    return leaves


class _TooMuchError(Exception):
    """The file holds more of what looks like page trees than is looked at."""


def _objects(content: bytes) -> Iterator[tuple[int, bytes]]:
    """Number and bytes of the objects that may be catalogs or nodes of the page tree, in the order of the file."""
    left = MAX_LOOKED_AT_BYTES
    end = 0
    for at in _hits(content):
        if at < end:
            continue
        opening = _opening(content, end, at)
        end = at
        if opening is None:
            continue
        number, begin = opening
        stop = content.find(b"endobj", at, at + MAX_OBJECT_BYTES)
        end = stop if stop >= 0 else min(len(content), at + MAX_OBJECT_BYTES)
        body = content[begin:end]
        if _PACKED.match(content, at):
            table, body = _unpacked(body)
            yield from _packed_objects(table, body)
        else:
            yield number, body
        left -= len(body)
        if left < 0:
            raise _TooMuchError


def _hits(content: bytes) -> list[int]:
    found: list[int] = []
    for kind in (_PAGES, _CATALOG, _PACKED):
        found += (match.start() for match in islice(kind.finditer(content), MAX_HITS + 1 - len(found)))
    if len(found) > MAX_HITS:
        raise _TooMuchError
    return sorted(found)


def _opening(content: bytes, low: int, at: int) -> tuple[int, int] | None:
    """Number of the object around ``at`` and where its content begins; None where none was opened since ``low``."""
    word = content.rfind(b"obj", low, at)
    if word < 0:
        return None
    found = _OBJECT.search(content[max(low, word - _OPENING_BYTES) : word + 3])
    return (int(found[1]), word + 3) if found else None


def _unpacked(stream: bytes) -> tuple[bytes, bytes]:
    """The table and the objects of an object stream that is packed in the one usual way; nothing of another."""
    opening = _STREAM.search(stream)
    head = stream[: opening.start()] if opening else b""
    first = _FIRST.search(head)
    if opening is None or first is None or b"/FlateDecode" not in head or b"/Predictor" in head:
        return b"", b""
    try:
        content = zlib.decompressobj().decompress(stream[opening.end() :], MAX_OBJECT_BYTES)
    except zlib.error:
        return b"", b""
    return content[: int(first[1])], content[int(first[1]) :]


def _packed_objects(table: bytes, objects: bytes) -> Iterator[tuple[int, bytes]]:
    """Number and bytes of each object; ``table`` is of pairs of a number and an offset, which must go up."""
    words = [int(word) for word in table.split() if word.isdigit() and len(word) < 11]
    numbers, offsets = words[0::2], [*words[1::2], len(objects)]
    if any(after < before for before, after in pairwise(offsets)):
        return
    for number, (begin, end) in zip(numbers, pairwise(offsets), strict=False):
        yield number, objects[begin:end]
