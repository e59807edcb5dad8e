"""List the contracts below the paths that a user names, as items of a job, in an order that stays the same.

The ``find`` of the review job. Folders are walked without following a link twice; what is no contract by its name is
passed over, what looks like one and cannot become an item (a pipe, an unreadable folder, a file of an old format, one
that is too large) comes as a ``Refusal`` with its reason. Nothing is parsed here beyond a first look at odd formats.
"""

from __future__ import annotations

import hashlib
import os
import re
import stat
import unicodedata
from collections.abc import Iterator, Sequence
from pathlib import Path

from ...core.errors import InputError
from ...core.files import HASH_CHUNK_BYTES
from ...core.job import Item, Refusal
from ..document import Format
from . import MAX_BYTES
from .limits import MAX_FOLDER_DEPTH, MEBIBYTE
from .sniff import SUFFIXES, sniff

OLD_SUFFIXES = frozenset({".doc", ".rtf", ".odt"})
SLUG_CHARS = 60
LARGEST = max(MAX_BYTES.values())
BYTES_A_PAGE: dict[Format, float] = {"pdf": 10_000, "docx": 5_000, "txt": 3_000, "md": 3_000, "html": 8_000}
"""Rough sizes of a page by format: they serve the ETA alone."""

_NOT_SLUG = re.compile(r"[^a-z0-9]+")
_LOCK_FILE = re.compile(r"~\$|\.~lock\.")


def find(inputs: Sequence[Path]) -> Iterator[Item | Refusal]:
    """Yield an item for each contract at or below ``inputs``, and a refusal for each that cannot become one.

    From folders only files with a contract's name ending are taken (``SUFFIXES``; ``.doc``, ``.rtf`` and ``.odt``
    when their content is another format that is read); a file named itself is always taken. The same file reached
    twice is one item; two files with the same content are two.
    """
    walk = _Walk()
    for given in inputs:
        yield from walk.below(Path(given))


class _Walk:
    """One listing: remembers the files and folders it has seen and the ids it has given."""

    def __init__(self) -> None:
        self._seen: set[str] = set()
        self._ids: set[str] = set()
        self._num_repeated = 0

    def below(self, given: Path) -> Iterator[Item | Refusal]:
        try:
            status = given.stat()
        except OSError as error:
            yield self._refused(given, given.name, *_os_trouble(error))
            return
        if not stat.S_ISDIR(status.st_mode):
            yield from self._file(given, given.name, status, given=True)
            return
        taken = 0
        self._num_repeated = 0
        for found in self._folder(given, given, 0):
            taken += 1
            yield found
        if not taken and not self._num_repeated:
            yield self._refused(
                given,
                given.name or "folder",
                "nothing_found",
                "the folder holds no contract",
                f"put files with these endings into it: {', '.join(SUFFIXES)}",
            )

    def _folder(self, root: Path, folder: Path, depth: int) -> Iterator[Item | Refusal]:
        relative = os.path.relpath(folder, root) if folder != root else folder.name or "folder"
        real = os.path.realpath(folder)
        if real in self._seen:
            self._num_repeated += 1
            return
        self._seen.add(real)
        if depth > MAX_FOLDER_DEPTH:
            reason = f"folders lie more than {MAX_FOLDER_DEPTH} deep"
            yield self._refused(folder, relative, "too_deep", reason, "move the contracts further up")
            return
        try:
            with os.scandir(folder) as entries:
                names = sorted(entry.name for entry in entries)
        except OSError as error:
            yield self._refused(folder, relative, *_os_trouble(error))
            return
        for name in names:
            if name.startswith(".") or _LOCK_FILE.match(name) or name == "__MACOSX":
                continue
            yield from self._entry(root, folder / name, depth)

    def _entry(self, root: Path, path: Path, depth: int) -> Iterator[Item | Refusal]:
        relative = os.path.relpath(path, root)
        suffix = path.suffix.lower()
        wanted = suffix in SUFFIXES or suffix in OLD_SUFFIXES
        try:
            status = path.stat()
        except OSError as error:
            if wanted or path.is_symlink():
                yield self._refused(path, relative, *_os_trouble(error))
            return
        if stat.S_ISDIR(status.st_mode):
            yield from self._folder(root, path, depth + 1)
        elif wanted or not stat.S_ISREG(status.st_mode):
            yield from self._file(path, relative, status, given=False)

    def _file(self, path: Path, relative: str, status: os.stat_result, *, given: bool) -> Iterator[Item | Refusal]:
        real = os.path.realpath(path)
        if real in self._seen:
            self._num_repeated += 1
            return
        self._seen.add(real)
        if not stat.S_ISREG(status.st_mode):
            yield self._refused(
                path,
                relative,
                "not_a_file",
                f"it is {_special(status.st_mode)}, not a file",
                "save its content as a file",
            )
            return
        suffix = path.suffix.lower()
        limit = MAX_BYTES[SUFFIXES[suffix]] if suffix in SUFFIXES else LARGEST
        if status.st_size > limit:
            size = f"{status.st_size / MEBIBYTE:,.0f} MiB, more than {limit // MEBIBYTE} MiB"
            yield self._refused(path, relative, "too_large", f"it has {size}", "split it and review the parts")
            return
        fmt = SUFFIXES.get(suffix)
        if suffix in OLD_SUFFIXES and not given:
            try:
                fmt = sniff(path).format
            except InputError as error:
                yield self._refused(path, relative, error.code, error.message, error.remedy)
                return
        try:
            digest = _digest(path)
        except InputError as error:
            yield self._refused(path, relative, error.code, error.message, error.remedy)
            return
        except OSError as error:
            yield self._refused(path, relative, *_os_trouble(error))
            return
        cost = max(1.0, status.st_size / BYTES_A_PAGE[fmt or "pdf"])
        yield Item(self._id(relative), path, digest, round(cost, 1))

    def _refused(self, path: Path, relative: str, code: str, reason: str, remedy: str) -> Refusal:
        return Refusal(self._id(relative), path, code, reason, remedy)

    def _id(self, relative: str) -> str:
        """A readable id: the name's letters and a hash of the path below its input; a repeated path counts up."""
        key = os.fsencode(Path(relative).as_posix())
        slug = _slug(Path(relative).stem)
        count = 0
        while True:
            suffix = b"" if count == 0 else b"\x00%d" % count
            name = f"{slug}-{hashlib.sha256(key + suffix).hexdigest()[:8]}"
            if name not in self._ids:
                self._ids.add(name)
                return name
            count += 1


def _slug(name: str) -> str:
    """The name in lower-case ASCII letters, digits and single hyphens."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode("ascii").lower()
    return _NOT_SLUG.sub("-", plain).strip("-")[:SLUG_CHARS].rstrip("-") or "contract"


def _digest(path: Path) -> str:
    """SHA-256 of a regular file in hex, in pieces; a file that turned into a pipe is not waited for."""
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
    digest = hashlib.sha256()
    with os.fdopen(os.open(path, flags), "rb") as stream:
        if not stat.S_ISREG(os.fstat(stream.fileno()).st_mode):
            raise InputError("it is not a file any more", code="not_a_file", remedy="run again")
        while chunk := stream.read(HASH_CHUNK_BYTES):
            digest.update(chunk)
    return digest.hexdigest()


def _special(mode: int) -> str:
    if stat.S_ISFIFO(mode):
        return "a named pipe"
    if stat.S_ISSOCK(mode):
        return "a socket"
    return "a device"


def _os_trouble(error: OSError) -> tuple[str, str, str]:
    """Code, reason and remedy for what the system answered."""
    said = error.strerror or type(error).__name__
    if isinstance(error, FileNotFoundError):
        return "not_found", f"it does not exist ({said})", "check the path; a link may point to a file that is gone"
    if isinstance(error, PermissionError):
        return "unreadable", f"it may not be read ({said})", "give yourself the right to read it and run again"
    return "unreadable", f"it cannot be read ({said})", "check the path and the disk, then run again"
