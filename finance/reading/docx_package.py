"""Open a DOCX: a zip of XML parts joined by relationships (ECMA-376 part 2), from a stranger.

Every size is checked as declared and held to while unpacking; XML is parsed without DTD, entities, network or libxml2's
"huge" option. Both the transitional and the strict namespaces are understood: elements go by short names ("w:p").
"""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from posixpath import dirname, join, normpath
from typing import TYPE_CHECKING

from ...core.errors import InputError
from .limits import (
    MAX_DOCX_BYTES,
    MAX_DOCX_MEMBERS,
    MAX_DOCX_PART_BYTES,
    MAX_DOCX_RATIO,
    MAX_DOCX_UNPACKED_BYTES,
    MAX_XML_DEPTH,
    MAX_XML_TAGS,
    MEBIBYTE,
    MIN_DOCX_RATIO_BYTES,
)

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

REPAIR = "Open it in Word or LibreOffice and save it again as DOCX, or ask the sender for a new copy."
_DAMAGED = "the DOCX is damaged: one of its parts cannot be unpacked"
_UNPACKING_ERRORS = (zipfile.BadZipFile, zlib.error, EOFError, ValueError, RuntimeError, OSError)
_SUSPECT = "Do not open it; ask the sender what it is."

_OLE_MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_STRICT_WORD = "http://purl.oclc.org/ooxml/wordprocessingml/main"
_PREFIXES = {
    _WORD: "w",
    _STRICT_WORD: "w",
    "http://schemas.openxmlformats.org/markup-compatibility/2006": "mc",
    "http://schemas.openxmlformats.org/officeDocument/2006/math": "m",
    "http://purl.oclc.org/ooxml/officeDocument/math": "m",
    "http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing": "wp",
    "http://purl.oclc.org/ooxml/drawingml/wordprocessingDrawing": "wp",
    "http://schemas.openxmlformats.org/drawingml/2006/main": "a",
    "http://purl.oclc.org/ooxml/drawingml/main": "a",
    "http://schemas.openxmlformats.org/drawingml/2006/picture": "pic",
    "http://purl.oclc.org/ooxml/drawingml/picture": "pic",
    "http://schemas.openxmlformats.org/drawingml/2006/chart": "c",
    "http://purl.oclc.org/ooxml/drawingml/chart": "c",
    "http://schemas.openxmlformats.org/drawingml/2006/diagram": "dgm",
    "http://purl.oclc.org/ooxml/drawingml/diagram": "dgm",
    "http://schemas.microsoft.com/office/word/2010/wordprocessingShape": "wps",
    "http://schemas.microsoft.com/office/word/2010/wordprocessingGroup": "wpg",
    "http://schemas.microsoft.com/office/word/2010/wordprocessingCanvas": "wpc",
    "http://schemas.microsoft.com/office/word/2010/wordml": "w14",
    "urn:schemas-microsoft-com:vml": "v",
    "urn:schemas-microsoft-com:office:office": "o",
}
_RELATIONS = (
    "http://schemas.openxmlformats.org/officeDocument/2006/relationships",
    "http://purl.oclc.org/ooxml/officeDocument/relationships",
)


@lru_cache(maxsize=4096)
def short(tag: object) -> str:
    """An element's short name: "w:p"; "?:p" outside the known namespaces, "" for comments and instructions."""
    if not isinstance(tag, str):
        return ""
    if not tag.startswith("{"):
        return f"?:{tag}"
    namespace, _, local = tag[1:].partition("}")
    return f"{_PREFIXES.get(namespace, '?')}:{local}"


def value(element: Element | None, name: str = "val") -> str | None:
    """A WordprocessingML attribute (``w:val`` by default) of ``element``; None without one."""
    if element is None:
        return None
    found = element.get(f"{{{_WORD}}}{name}")
    return found if found is not None else element.get(f"{{{_STRICT_WORD}}}{name}")


def relation(element: Element, name: str = "id") -> str | None:
    """A relationship attribute (``r:id``) of ``element``."""
    for namespace in _RELATIONS:
        if (found := element.get(f"{{{namespace}}}{name}")) is not None:
            return found
    return None


def child(element: Element | None, *names: str) -> Element | None:
    """The element reached by following first children of the short ``names``; None when one is missing."""
    for name in names:
        if element is None:
            return None
        element = next((inner for inner in element if short(inner.tag) == name), None)
    return element


def children(element: Element | None, name: str) -> Iterator[Element]:
    """The children of ``element`` with the short ``name``."""
    if element is not None:
        yield from (inner for inner in element if short(inner.tag) == name)


def is_on(element: Element | None) -> bool:
    """Whether an on-off property (``w:vanish``) is there and not switched off."""
    return element is not None and (value(element) or "true").lower() not in ("0", "false", "off")


def integer(text: str | None) -> int | None:
    """``text`` as an int of sane size; None when it is none."""
    try:
        number = int(text) if text is not None and len(text) < 12 else None
    except ValueError:
        return None
    return number


@dataclass(frozen=True)
class Relationship:
    """One relationship of a part: its type's last word ("footnotes"), its target's member name or address."""

    kind: str
    target: str
    external: bool


@dataclass
class Package:
    """An open DOCX. ``main`` is the member that holds the document."""

    archive: zipfile.ZipFile
    names: frozenset[str]
    main: str = ""
    relationships: dict[str, dict[str, Relationship]] = field(default_factory=dict)

    def part(self, name: str) -> Element | None:
        """The root of an XML part; None when the package has no such part.

        Raises:
            InputError: the part is too large, too deep, or broken.
        """
        if name not in self.names:
            return None
        return _parse(_unpack(self.archive, name), name)

    def related(self, kind: str, source: str | None = None) -> list[Relationship]:
        """The relationships of ``source`` (the main document by default) of one kind, in the file's order."""
        return [r for r in self.relations_of(self.main if source is None else source).values() if r.kind == kind]

    def relations_of(self, source: str) -> dict[str, Relationship]:
        """The relationships of a part by their ids."""
        if source not in self.relationships:
            folder, _, name = source.rpartition("/")
            root = self.part(f"{folder}/_rels/{name}.rels" if folder else f"_rels/{name}.rels")
            found: dict[str, Relationship] = {}
            for entry in root if root is not None else ():
                if not isinstance(entry.tag, str):
                    continue
                target = entry.get("Target") or ""
                external = (entry.get("TargetMode") or "").lower() == "external"
                if not external:
                    target = normpath(join(dirname(source), target)) if not target.startswith("/") else target[1:]
                kind = (entry.get("Type") or "").rpartition("/")[2]
                found[entry.get("Id") or ""] = Relationship(kind, target, external)
            self.relationships[source] = found
        return self.relationships[source]


def open_package(path: Path) -> Package:
    """Open the DOCX at ``path`` and find its main document; the caller closes ``archive``.

    Raises:
        InputError: not a DOCX, encrypted, broken, or past a limit (codes ``encrypted``, ``unsupported``, ``corrupt``,
            ``too_large``, ``zip_bomb``, ``unsafe_xml``, ``too_deep``).
    """
    _check_file(path)
    try:
        archive = zipfile.ZipFile(path)
    except (zipfile.BadZipFile, EOFError, ValueError, NotImplementedError, OverflowError, RuntimeError) as error:
        raise InputError(
            "the DOCX is cut short or damaged: its zip index cannot be read", code="corrupt", remedy=REPAIR
        ) from error
    except OSError as error:
        raise InputError(f"the file cannot be read: {error.strerror or error}", code="unreadable") from error
    try:
        package = Package(archive, _check_members(archive))
        package.main = _main_part(package)
    except BaseException:
        archive.close()
        raise
    return package


def _check_file(path: Path) -> None:
    try:
        size = path.stat().st_size
        with open(path, "rb") as stream:
            head = stream.read(8)
            if head == _OLE_MAGIC:
                stream.seek(0)
                encrypted = "EncryptedPackage".encode("utf-16-le") in stream.read(MAX_DOCX_BYTES)
                raise _ole_error(encrypted)
    except OSError as error:
        raise InputError(f"the file cannot be read: {error.strerror or error}", code="unreadable") from error
    if size == 0:
        raise InputError("the file is empty (0 bytes)", code="empty", remedy="Ask the sender for a new copy.")
    if size > MAX_DOCX_BYTES:
        raise InputError(
            f"the DOCX has {size:,} bytes; at most {MAX_DOCX_BYTES:,} are read",
            code="too_large",
            remedy="Compress or remove its pictures, or split it.",
        )


def _ole_error(encrypted: bool) -> InputError:
    if encrypted:
        return InputError(
            "the DOCX is protected by a password",
            code="encrypted",
            remedy="Open it with its password in Word, remove the password (File, Info, Protect Document), save it again.",
        )
    return InputError(
        "this is an old binary Word file (.doc), not a DOCX",
        code="unsupported",
        remedy="Open it in Word or LibreOffice and save it as DOCX.",
    )


def _check_members(archive: zipfile.ZipFile) -> frozenset[str]:
    members = archive.infolist()
    if len(members) > MAX_DOCX_MEMBERS:
        raise InputError(
            f"the DOCX holds {len(members):,} members; at most {MAX_DOCX_MEMBERS:,} are read",
            code="zip_bomb",
            remedy=_SUSPECT,
        )
    total = sum(member.file_size for member in members)
    if total > MAX_DOCX_UNPACKED_BYTES:
        _check_truth(archive, members, MAX_DOCX_UNPACKED_BYTES)
        raise InputError(
            f"the DOCX would unpack to {total:,} bytes; at most {MAX_DOCX_UNPACKED_BYTES:,} are allowed",
            code="zip_bomb",
            remedy=_SUSPECT,
        )
    for member in members:
        allowed = max(MIN_DOCX_RATIO_BYTES, MAX_DOCX_RATIO * max(1, member.compress_size))
        if member.file_size > allowed:
            _check_truth(archive, [member], allowed)
            raise InputError(
                f"a member of the DOCX unpacks to more than {MAX_DOCX_RATIO} times its size",
                code="zip_bomb",
                remedy=_SUSPECT,
            )
        if member.flag_bits & 0x1:
            raise InputError(
                "the DOCX's zip is encrypted", code="encrypted", remedy="Ask the sender for a copy without a password."
            )
        if member.filename.endswith((".xml", ".rels")):
            _check_header(archive, member)
    return frozenset(member.filename for member in members)


def _check_header(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> None:
    """See that a part is where the index has it and bears its name there: else it would count as missing, and its words with it.

    Raises:
        InputError: it is not (code ``corrupt``).
    """
    try:
        archive.open(member).close()
    except _UNPACKING_ERRORS as error:
        raise InputError(_DAMAGED, code="corrupt", remedy=REPAIR) from error


def _check_truth(archive: zipfile.ZipFile, members: Sequence[zipfile.ZipInfo], allowed: int) -> None:
    """Tell a damaged index from one that says what is so: unpack ``members``, keeping nothing, until more than ``allowed`` bytes came.

    Raises:
        InputError: a member is damaged, or holds less than the index claims (code ``corrupt``).
    """
    unpacked = 0
    for member in sorted(members, key=lambda member: -member.file_size):
        held = 0
        try:
            with archive.open(member) as stream:
                while chunk := stream.read(MEBIBYTE):
                    held += len(chunk)
                    if unpacked + held > allowed:
                        return
        except _UNPACKING_ERRORS as error:
            raise InputError(_DAMAGED, code="corrupt", remedy=REPAIR) from error
        unpacked += held
    raise InputError(_DAMAGED, code="corrupt", remedy=REPAIR)


def _main_part(package: Package) -> str:
    for entry in package.relations_of("").values():
        if entry.kind == "officeDocument" and not entry.external:
            if entry.target in package.names:
                return entry.target
            break
    if "word/document.xml" in package.names:
        return "word/document.xml"
    if any(name.startswith(("xl/", "ppt/")) for name in package.names):
        raise InputError(
            "this is a workbook or a presentation, not a DOCX",
            code="unsupported",
            remedy="Save the contract as DOCX or PDF.",
        )
    raise InputError(
        "the DOCX has no main document (word/document.xml): it is not a Word file, or incomplete",
        code="corrupt",
        remedy=REPAIR,
    )


def _unpack(archive: zipfile.ZipFile, name: str) -> bytes:
    member = archive.getinfo(name)
    if member.file_size > MAX_DOCX_PART_BYTES:
        raise InputError(
            f"a part of the DOCX unpacks to {member.file_size:,} bytes; at most {MAX_DOCX_PART_BYTES:,} are read",
            code="zip_bomb",
            remedy=_SUSPECT,
        )
    if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise InputError("the DOCX is packed in a way that the format does not allow", code="corrupt", remedy=REPAIR)
    try:
        with archive.open(member) as stream:
            content = stream.read(MAX_DOCX_PART_BYTES + 1)
    except _UNPACKING_ERRORS as error:
        raise InputError(_DAMAGED, code="corrupt", remedy=REPAIR) from error
    if len(content) > MAX_DOCX_PART_BYTES:
        raise InputError("a part of the DOCX is larger than it claims", code="zip_bomb", remedy=_SUSPECT)
    return content


def _parse(content: bytes, name: str) -> Element:
    import lxml.etree as etree

    # A DTD has no place in these parts; refusing it ends external entities and entity bombs before the parser runs.
    if any("<!DOCTYPE".encode(encoding) in content for encoding in ("utf-8", "utf-16-le", "utf-16-be")):
        raise InputError(
            "the DOCX holds a document type declaration, which Word never writes: it may be an attack",
            code="unsafe_xml",
            remedy=_SUSPECT,
        )
    if content.count(b"<") > MAX_XML_TAGS:
        raise InputError(f"a part of the DOCX has more than {MAX_XML_TAGS:,} tags", code="too_large", remedy=REPAIR)
    parser = etree.XMLParser(
        resolve_entities=False,
        load_dtd=False,
        dtd_validation=False,
        no_network=True,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(content, parser)
    except etree.XMLSyntaxError as error:
        if "depth" in str(error).lower():
            raise InputError(
                f"the DOCX is nested deeper than {MAX_XML_DEPTH} levels", code="too_deep", remedy=REPAIR
            ) from error
        if "huge" in str(error).lower() or "buffer size" in str(error).lower():
            raise InputError("a paragraph of the DOCX is longer than 10 MB", code="too_large", remedy=REPAIR) from error
        raise InputError(
            f"the DOCX is damaged: {name.rpartition('/')[2]} is not well-formed XML (line {error.lineno})",
            code="corrupt",
            remedy=REPAIR,
        ) from error
    except (ValueError, LookupError) as error:
        raise InputError("the DOCX is damaged: a part is not XML", code="corrupt", remedy=REPAIR) from error
    if root is None or root.getroottree().docinfo.doctype:
        raise InputError("the DOCX is damaged: a part is empty or has a document type", code="corrupt", remedy=REPAIR)
    return root
