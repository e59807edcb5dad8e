"""The lines of a document as the segmenter sees them: where each starts and ends, whether it opens a paragraph, what the source says of it."""

from __future__ import annotations

from dataclasses import dataclass

from .document import Document


@dataclass(frozen=True, slots=True)
class Line:
    """One line that is not blank. ``opens`` is whether it starts a paragraph, ``closes`` whether it ends one; ``number`` and ``level``
    are the source's own numbering, ``heading`` whether the source calls it a heading."""

    start: int
    end: int
    opens: bool
    closes: bool
    number: str = ""
    level: int | None = None
    heading: bool = False
    kind: str = "paragraph"

    def __len__(self) -> int:
        return self.end - self.start


def lines_of(document: Document) -> list[Line]:
    """The lines of the document's text that are not blank, in order."""
    text = document.text
    blocks = {block.start: block for block in document.blocks}
    found: list[Line] = []
    position, blank_before = 0, True
    size = len(text)
    while position < size:
        end = text.find("\n", position)
        end = size if end < 0 else end
        if not text[position:end].strip():
            blank_before = True
        else:
            block = blocks.get(position)
            next_end = text.find("\n", end + 1)
            closes = not text[end + 1 : size if next_end < 0 else next_end].strip()
            found.append(
                Line(
                    position,
                    end,
                    blank_before or block is not None,
                    closes,
                    block.number if block else "",
                    block.level if block else None,
                    bool(block and block.kind == "heading"),
                    block.kind if block else "paragraph",
                )
            )
            blank_before = False
        position = end + 1
    return found
