"""What the files of a bundle must look like before anything reads them: limits, allowed kinds, a sound safetensors header.

Bundles come from strangers. Nothing here unpickles, imports or evaluates; a file that is not on the list of kinds that
hold data alone is refused. Used by ``core/bundle`` when it opens or makes a bundle.
"""

from __future__ import annotations

import json
import os
import re
import stat
import zipfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any

from .errors import BundleFormatError, BundleIntegrityError

MAX_JSON_BYTES = 4 << 20
MAX_FILE_BYTES = 8 << 30
MAX_NUM_FILES = 2000
MAX_DEPTH = 6
MAX_JSON_DEPTH = 50
MAX_HEADER_BYTES = 16 << 20
MAX_NUM_TENSORS = 50_000

PICKLE_SUFFIXES = (".pt", ".pth", ".bin", ".pkl", ".pickle", ".ckpt", ".joblib", ".npy", ".npz", ".h5", ".dill")
DATA_SUFFIXES = (".safetensors", ".json", ".txt", ".md", ".model", ".csv", ".toml", ".svg", ".png")
DATA_NAMES = ("LICENSE", "NOTICE")

DTYPE_BITS = {
    "F64": 64, "F32": 32, "F16": 16, "BF16": 16, "F8_E4M3": 8, "F8_E5M2": 8,
    "I64": 64, "I32": 32, "I16": 16, "I8": 8, "U64": 64, "U32": 32, "U16": 16, "U8": 8, "BOOL": 8,
}  # fmt: skip

PLAIN_PATH = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.+-]*(/[A-Za-z0-9_][A-Za-z0-9_.+-]*)*")


def safe_relative(text: Any, what: str) -> PurePosixPath:
    """``text`` as a path that stays below the folder it is relative to.

    Raises:
        BundleFormatError: it is absolute, climbs, or holds anything but letters, digits and ``_ . + - /``.
    """
    if not isinstance(text, str) or len(text) > 255 or not PLAIN_PATH.fullmatch(text):
        raise BundleFormatError(f"{what}: {str(text)[:80]!r} is not a plain path inside the bundle")
    return PurePosixPath(text)


def list_files(folder: Path) -> dict[str, Path]:
    """Every file below ``folder`` by its relative path with forward slashes, sorted.

    Raises:
        BundleFormatError: a link, a pipe or another special file, or a name that is no plain path.
        BundleIntegrityError: too many files, too deep, or a folder that cannot be read.
    """
    found: dict[str, Path] = {}
    for path in _walk(folder, 0):
        relative = path.relative_to(folder).as_posix()
        safe_relative(relative, str(folder))
        found[relative] = path
        if len(found) > MAX_NUM_FILES:
            raise BundleIntegrityError(f"{folder} holds more than {MAX_NUM_FILES} files; that is no bundle")
    return dict(sorted(found.items()))


def _walk(folder: Path, depth: int) -> Iterator[Path]:
    if depth > MAX_DEPTH:
        raise BundleIntegrityError(f"{folder} lies more than {MAX_DEPTH} folders deep; that is no bundle")
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError as error:
        raise BundleIntegrityError(f"{folder} cannot be read: {error.strerror}") from error
    for entry in entries:
        mode = entry.stat(follow_symlinks=False).st_mode
        if stat.S_ISDIR(mode):
            yield from _walk(Path(entry.path), depth + 1)
        elif stat.S_ISREG(mode):
            yield Path(entry.path)
        else:
            kind = "a link" if stat.S_ISLNK(mode) else "a special file"
            raise BundleFormatError(
                f"{entry.path} is {kind}; a bundle holds plain files only: copy the real file there"
            )


def read_small(path: Path) -> bytes:
    """The bytes of a file of settings. Raises BundleIntegrityError (unreadable) or BundleFormatError (too big)."""
    try:
        if path.stat().st_size > MAX_JSON_BYTES:
            raise BundleFormatError(f"{path} is larger than {MAX_JSON_BYTES >> 20} MiB")
        return path.read_bytes()
    except OSError as error:
        raise BundleIntegrityError(f"{path} cannot be read: {error.strerror}") from error


def parse_object(content: bytes, what: str) -> dict[str, Any]:
    """A JSON object from bytes; ``what`` names it in errors.

    Raises:
        BundleFormatError: not UTF-8 JSON, a repeated key, too deep, not an object, or NaN.
    """
    try:
        value = json.loads(content.decode("utf-8"), object_pairs_hook=_without_repeats, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        reason = "nested too deep" if isinstance(error, RecursionError) else str(error)[:200]
        raise BundleFormatError(f"{what} is not JSON that is accepted here: {reason}") from error
    if not isinstance(value, dict):
        raise BundleFormatError(f"{what} must hold a JSON object")
    if _deeper_than(value, MAX_JSON_DEPTH):
        raise BundleFormatError(f"{what} is nested deeper than {MAX_JSON_DEPTH}")
    return value


def _without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    content = dict(pairs)
    if len(content) != len(pairs):
        raise ValueError("a key stands twice in one object")
    return content


def _refuse_constant(text: str) -> Any:
    raise ValueError(f"{text} is no JSON number")


def _deeper_than(value: Any, depth: int) -> bool:
    level = [value]
    for _ in range(depth):
        level = [
            child
            for parent in level
            for child in (parent.values() if isinstance(parent, dict) else parent)
            if isinstance(child, (dict, list))
        ]
        if not level:
            return False
    return True


def check_kind(path: Path) -> None:
    """Refuse a file that is, or is named like, anything but plain data; check a safetensors header.

    Raises:
        BundleFormatError: a pickle by name or content, an archive, a kind not listed, or a malformed header.
    """
    suffix = path.suffix.lower()
    if suffix in PICKLE_SUFFIXES:
        raise BundleFormatError(
            f"{path} may hold a pickle, which can run code; save the weights as .safetensors and write the card anew"
        )
    with open(path, "rb") as stream:
        head = stream.read(4096)
    if _is_pickle(head) or (head[:2] == b"PK" and zipfile.is_zipfile(path)):
        raise BundleFormatError(f"{path} is a pickle or an archive by its content, whatever its name; refused")
    if suffix not in DATA_SUFFIXES and path.name not in DATA_NAMES:
        raise BundleFormatError(f"{path}: a bundle holds no such kind of file; allowed: {', '.join(DATA_SUFFIXES)}")
    if suffix == ".safetensors":
        check_safetensors(path)


def _is_pickle(head: bytes) -> bool:
    # protocol 2 and later open with PROTO, a version, and a known opcode
    return (
        len(head) > 2
        and head[0] == 0x80
        and 2 <= head[1] <= 8
        and chr(head[2]) in "\x95}]()cXK\x8aq\x8c\x89\x88NGBCIJM"
    )


def check_safetensors(path: Path) -> None:
    """Check that the header of a safetensors file is sound and its tensors fill the file exactly, without overlap or hole.

    Raises:
        BundleFormatError: it is not. The rules are those of the safetensors format description.
    """
    size = path.stat().st_size
    with open(path, "rb") as stream:
        length = int.from_bytes(stream.read(8), "little")
        if size < 8 or length > size - 8:
            raise BundleFormatError(f"{path} is no safetensors file: its header would be longer than the file")
        if length > MAX_HEADER_BYTES:
            raise BundleFormatError(f"{path}: a header of {length} bytes is above the limit of {MAX_HEADER_BYTES}")
        header = parse_object(stream.read(length), f"the header of {path}")
    metadata = header.pop("__metadata__", {})
    if not isinstance(metadata, dict) or not all(isinstance(value, str) for value in metadata.values()):
        raise BundleFormatError(f"{path}: __metadata__ must map text to text")
    if len(header) > MAX_NUM_TENSORS:
        raise BundleFormatError(f"{path} lists more than {MAX_NUM_TENSORS} tensors")
    spans = sorted(_span(path, name, entry) for name, entry in header.items())
    reached = 0
    for start, end in spans:
        if start != reached:
            raise BundleFormatError(f"{path}: tensors overlap or leave a hole at byte {min(start, reached)}")
        reached = end
    if reached != size - 8 - length:
        raise BundleFormatError(f"{path}: tensors fill {reached} bytes, the file holds {size - 8 - length}")


def _span(path: Path, name: str, entry: Any) -> tuple[int, int]:
    if not isinstance(entry, dict) or entry.keys() != {"dtype", "shape", "data_offsets"}:
        raise BundleFormatError(f"{path}: tensor {name[:80]!r} must have dtype, shape and data_offsets")
    bits, shape, offsets = DTYPE_BITS.get(str(entry["dtype"])), entry["shape"], entry["data_offsets"]
    if bits is None:
        raise BundleFormatError(f"{path}: tensor {name[:80]!r} has the unknown dtype {str(entry['dtype'])[:20]!r}")
    if not _naturals(shape) or not _naturals(offsets) or len(offsets) != 2:
        raise BundleFormatError(f"{path}: shape or data_offsets of tensor {name[:80]!r} are malformed")
    elements = 1
    for axis in shape:
        elements *= axis
        if elements > MAX_FILE_BYTES:
            raise BundleFormatError(f"{path}: tensor {name[:80]!r} is too large")
    if offsets[1] - offsets[0] != elements * bits // 8:
        raise BundleFormatError(f"{path}: data_offsets of tensor {name[:80]!r} do not fit its shape and dtype")
    return offsets[0], offsets[1]


def _naturals(value: Any) -> bool:
    return isinstance(value, list) and all(type(x) is int and 0 <= x < 1 << 53 for x in value)
