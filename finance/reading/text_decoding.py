"""From bytes to text for formats that do not say their encoding: byte order mark, UTF-8, UTF-16 by its zeros, else cp1252.

A guess is told in a note; what is no text, or text in an encoding that cannot be told, is refused.
"""

from __future__ import annotations

import codecs
import re
from pathlib import Path
from typing import NamedTuple

from ...core.errors import InputError

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_SAMPLE_BYTES = 65_536
_MIN_ZERO_SHARE = 0.3
_MAX_CONTROL_SHARE = 0.005
# In a western single-byte encoding letters with accents are few; more of them mean Cyrillic, Greek, Chinese, ...
_MAX_ACCENT_SHARE = 0.3
_WESTERN_SIGNS = bytes(
    [0x80, 0x82, 0x84, 0x85, *range(0x91, 0x98), 0x99, 0xA0, 0xA7, 0xA9, 0xAB, 0xAE, 0xB0, 0xB7, 0xBB]
)
_ASCII_LETTERS = bytes([*range(0x41, 0x5B), *range(0x61, 0x7B)])
# A file in UTF-8 may have a broken character or two (cut at its end, pasted); more and it is in another encoding.
_MIN_SOUND_PER_BROKEN = 4
_CONTROLS = re.compile(rb"[\x01-\x08\x0e-\x19\x1c-\x1f\x7f]")
_REMEDY = "Open it in the program it came from and save it as text in UTF-8, as DOCX or as PDF."


class Decoded(NamedTuple):
    """Text, the encoding it was read in, and notes on how that was found."""

    text: str
    encoding: str
    notes: tuple[str, ...]


def read_bounded(path: Path, limit: int) -> bytes:
    """The bytes of the file at ``path``; its size is looked at first, and never more than ``limit`` is read.

    Raises:
        InputError: ``too_large``, ``empty`` or ``unreadable``.
    """
    try:
        size = path.stat().st_size
        if size <= limit:
            with open(path, "rb") as stream:
                content = stream.read(limit + 1)
            size = max(size, len(content))
    except OSError as error:
        raise InputError(f"the file cannot be read: {error.strerror or error}", code="unreadable") from error
    if size > limit:
        raise InputError(
            f"the file has {size:,} bytes; at most {limit:,} are read",
            code="too_large",
            remedy="Split it into its contracts and review them one by one.",
        )
    if not content:
        raise InputError("the file is empty (0 bytes)", code="empty", remedy="Ask the sender for a new copy.")
    return content


def decode(content: bytes, declared: str | None = None) -> Decoded:
    """Decode the bytes of a text; ``declared`` is the encoding that the text itself claims (HTML), if any.

    Raises:
        InputError: ``binary`` (no text), ``unknown_encoding`` (text, but not in Unicode or a western encoding).
    """
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            text = content[len(mark) :].decode(encoding, errors="replace")
            return _checked(text, encoding, _broken_note(text, content, encoding))
    if (wide := _wide_encoding(content)) is not None:
        text = content.decode(wide, errors="replace")
        return _checked(text, wide, (f"Read as {wide.upper()}, guessed from its zero bytes.",))
    if b"\0" in content:
        raise InputError("the file holds zero bytes: it is not text", code="binary", remedy=_REMEDY)
    if len(_CONTROLS.findall(content)) > _MAX_CONTROL_SHARE * len(content):
        raise InputError("the file holds many control bytes: it is not text", code="binary", remedy=_REMEDY)
    try:
        return Decoded(content.decode("utf-8"), "utf-8", ())
    except UnicodeDecodeError:
        pass
    if declared is not None and (text := _as_declared(content, declared)) is not None:
        return Decoded(text, declared, ())
    text = content.decode("utf-8", errors="replace")
    broken = text.count("\ufffd")
    sound = len(content) - len(content.translate(None, bytes(range(0xC0, 0x100)))) - broken
    if sound >= _MIN_SOUND_PER_BROKEN * broken:
        return Decoded(text, "utf-8", (f"{broken} broken characters were replaced.",))
    accents = content.translate(None, bytes(range(0x80)) + _WESTERN_SIGNS)
    letters = len(content) - len(content.translate(None, _ASCII_LETTERS)) + len(accents)
    if len(accents) > _MAX_ACCENT_SHARE * letters:
        raise InputError(
            "the text is in an encoding that cannot be told (neither Unicode nor western)",
            code="unknown_encoding",
            remedy="Open it in an editor that shows it right and save it in UTF-8.",
        )
    text = content.decode("cp1252", errors="replace")
    return Decoded(text, "cp1252", ("Not in UTF-8; read as Windows-1252: accents and signs may be wrong.",))


def _as_declared(content: bytes, declared: str) -> str | None:
    """The text in the encoding that it claims; None where that is unknown or does not fit."""
    try:
        if codecs.lookup(declared).name in ("utf-7", "idna", "punycode", "unicode_escape", "raw_unicode_escape"):
            return None
        text = content.decode(declared)
    except (LookupError, UnicodeError, ValueError, AssertionError, TypeError):
        return None
    return text if isinstance(text, str) else None


def _wide_encoding(content: bytes) -> str | None:
    sample = content[:_SAMPLE_BYTES]
    half = len(sample) // 2
    if half < 2:
        return None
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    if odd >= _MIN_ZERO_SHARE * half and even < 0.1 * odd:
        return "utf-16-le"
    if even >= _MIN_ZERO_SHARE * half and odd < 0.1 * even:
        return "utf-16-be"
    return None


def _broken_note(text: str, content: bytes, encoding: str) -> tuple[str, ...]:
    broken = text.count("\ufffd") - content.count("\ufffd".encode(encoding))
    return (f"{broken} broken characters were replaced.",) if broken > 0 else ()


def _checked(text: str, encoding: str, notes: tuple[str, ...]) -> Decoded:
    if "\0" in text:
        raise InputError("the file holds zero characters: it is not text", code="binary", remedy=_REMEDY)
    return Decoded(text, encoding, notes)
