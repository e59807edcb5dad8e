"""Bundles: a folder that holds one trained model, opened only when every file is the one its card names.

``bundle.json`` says what the parts are and how they run; ``card.json`` says what the model is for and gives size and
SHA-256 of every other file; the bundle's hash is the SHA-256 of ``card.json``, so it changes with any byte of any file.
A runtime opens a bundle at a variant; training makes one with ``write_card``.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .bundle_files import MAX_FILE_BYTES, check_kind, list_files, parse_object, read_small, safe_relative
from .errors import BundleError, BundleFormatError, BundleIntegrityError
from .files import sha256_of, write_json

FORMAT = 1
CONFIG_FILE = "bundle.json"
CARD_FILE = "card.json"
GOLDEN_FOLDER = "golden"
PLAIN_NAME = re.compile(r"[a-z0-9][a-z0-9_.-]{0,63}")
MAX_NUM_PARTS = 64


@dataclass(frozen=True)
class Part:
    """One model of a bundle.

    ``backend`` is the kind of file it comes as: ``torch`` (safetensors and a network's name), ``linear`` or ``trees``.
    ``folder`` holds its files, ``config`` is what its network or backend is made with. ``golden`` is the file with inputs and
    outputs that every build of it must give again, None where the bundle has none.
    """

    name: str
    backend: str
    network: str
    folder: Path
    config: dict[str, Any] = field(default_factory=dict)
    golden: Path | None = None


@dataclass(frozen=True)
class Bundle:
    """A trained model, each file of it checked. ``config`` is bundle.json, ``card`` is card.json, ``hash`` the card's SHA-256."""

    name: str
    version: str
    path: Path
    hash: str
    config: dict[str, Any]
    card: dict[str, Any]
    parts: Mapping[str, Part]

    @classmethod
    def open(cls, path: Path) -> Bundle:
        """Open the bundle in the folder ``path``: every file's size, SHA-256 and kind is checked before any is used.

        Raises:
            BundleIntegrityError: the folder or a file is missing, a file is not the one the card names, or the card
                does not name it.
            BundleFormatError: unknown format version, malformed JSON or safetensors, a pickle, a link, a path that leaves the folder.
        """
        path = Path(path)
        if not path.is_dir():
            raise BundleIntegrityError(f"there is no bundle at {path}: no such folder")
        files = list_files(path)
        for required in (CONFIG_FILE, CARD_FILE):
            if required not in files:
                raise BundleIntegrityError(f"{path} is no bundle, or an incomplete one: {required} is missing")
        card_bytes = read_small(files[CARD_FILE])
        card = parse_object(card_bytes, str(files[CARD_FILE]))
        _check_files(path, files, card)
        config = parse_object(read_small(files[CONFIG_FILE]), str(files[CONFIG_FILE]))
        if config.get("format") != FORMAT:
            raise BundleFormatError(
                f"{path} has bundle format {str(config.get('format'))[:20]!r}; this version of dsapp reads format {FORMAT}: "
                "install the version that the bundle was made for, or train it anew"
            )
        return cls(
            name=_plain_name(config.get("name"), f"the name in {path / CONFIG_FILE}"),
            version=_text(config.get("version"), f"the version in {path / CONFIG_FILE}"),
            path=path,
            hash=hashlib.sha256(card_bytes).hexdigest(),
            config=config,
            card=card,
            parts=_parts(path, config, files),
        )


def _check_files(folder: Path, files: Mapping[str, Path], card: Mapping[str, Any]) -> None:
    listed = card.get("files")
    if not isinstance(listed, dict) or not listed:
        raise BundleFormatError(f"{folder / CARD_FILE} does not list the bundle's files")
    for name in listed:
        safe_relative(name, f"files in {folder / CARD_FILE}")
    if missing := sorted(listed.keys() - files.keys()):
        raise BundleIntegrityError(f"{folder / missing[0]} is missing; fetch the bundle again")
    if extra := sorted(files.keys() - listed.keys() - {CARD_FILE}):
        raise BundleIntegrityError(f"{folder / extra[0]} is not in the card; remove it, or fetch the bundle again")
    for name, entry in listed.items():
        _check_file(files[name], entry)


def _check_file(path: Path, entry: Any) -> None:
    wanted = (entry.get("bytes"), entry.get("sha256")) if isinstance(entry, dict) else (None, None)
    if type(wanted[0]) is not int or not re.fullmatch(r"[0-9a-f]{64}", str(wanted[1])):
        raise BundleFormatError(f"the card's entry for {path} needs bytes and sha256")
    size = path.stat().st_size
    if size > MAX_FILE_BYTES:
        raise BundleIntegrityError(f"{path} is larger than {MAX_FILE_BYTES >> 30} GiB")
    if size != wanted[0]:
        raise BundleIntegrityError(f"{path} has {size} bytes, its card says {wanted[0]}; fetch the bundle again")
    if sha256_of(path) != wanted[1]:
        raise BundleIntegrityError(f"{path} is not the file its card names (other SHA-256); fetch the bundle again")
    check_kind(path)


def _parts(folder: Path, config: Mapping[str, Any], files: Mapping[str, Path]) -> dict[str, Part]:
    where = folder / CONFIG_FILE
    entries = config.get("parts")
    if not isinstance(entries, list) or not 0 < len(entries) <= MAX_NUM_PARTS:
        raise BundleFormatError(f"{where} must list 1 to {MAX_NUM_PARTS} parts")
    parts: dict[str, Part] = {}
    for entry in entries:
        if not isinstance(entry, dict):
            raise BundleFormatError(f"{where}: a part is not an object")
        name = _plain_name(entry.get("name"), f"the name of a part in {where}")
        if name in parts:
            raise BundleFormatError(f"{where}: two parts are called {name!r}")
        relative = safe_relative(entry.get("folder"), f"the folder of part {name!r} in {where}")
        if not any(file.startswith(f"{relative}/") for file in files):
            raise BundleIntegrityError(f"{folder / relative}, the folder of part {name!r}, is missing or empty")
        settings = entry.get("config", {})
        if not isinstance(settings, dict):
            raise BundleFormatError(f"{where}: the config of part {name!r} is not an object")
        golden = golden_file(folder, name)
        parts[name] = Part(
            name=name,
            backend=_plain_name(entry.get("backend"), f"the backend of part {name!r} in {where}"),
            network=_text(entry.get("network", ""), f"the network of part {name!r} in {where}"),
            folder=folder / relative,
            config=settings,
            golden=golden if golden.relative_to(folder).as_posix() in files else None,
        )
    return parts


def golden_file(folder: Path, part: str) -> Path:
    """Where the golden inputs and outputs of ``part`` lie in the bundle folder ``folder``."""
    return folder / GOLDEN_FOLDER / f"{part}.safetensors"


def _plain_name(value: Any, what: str) -> str:
    if not isinstance(value, str) or not PLAIN_NAME.fullmatch(value):
        raise BundleFormatError(f"{what} must be a short word of a-z, 0-9 and _ . -; got {str(value)[:80]!r}")
    return value


def _text(value: Any, what: str) -> str:
    if not isinstance(value, str) or len(value) > 200 or not value.isprintable():
        raise BundleFormatError(f"{what} must be a short line of text")
    return value


def write_card(folder: Path, card: Mapping[str, Any]) -> str:
    """Write ``card.json`` into ``folder`` with size and SHA-256 of every other file under ``files``; return the bundle's hash.

    Call it last: any later change of a file makes the bundle refuse to open.

    Raises:
        BundleFormatError: a file is of a kind that bundles may not hold.
        BundleIntegrityError: the folder has no bundle.json.
        DiskFullError: no space left.
    """
    folder = Path(folder)
    files = list_files(folder)
    files.pop(CARD_FILE, None)
    if CONFIG_FILE not in files:
        raise BundleIntegrityError(f"{folder} has no {CONFIG_FILE}: write it before the card")
    for path in files.values():
        check_kind(path)
    sums = {name: {"sha256": sha256_of(path), "bytes": path.stat().st_size} for name, path in files.items()}
    write_json(folder / CARD_FILE, {**card, "files": sums})
    return hashlib.sha256((folder / CARD_FILE).read_bytes()).hexdigest()


def find_bundles(root: Path, *, depth: int = 3) -> list[Path]:
    """The folders at most ``depth`` below ``root`` that hold a bundle.json, sorted; nothing in them is opened or trusted."""
    root = Path(root)
    found: list[Path] = []
    level = [root]
    for _ in range(depth + 1):
        below: list[Path] = []
        for folder in level:
            if (folder / CONFIG_FILE).is_file():
                found.append(folder)
                continue
            try:
                below += [child for child in folder.iterdir() if child.is_dir() and not child.is_symlink()]
            except OSError:
                continue
        level = below
    return sorted(found)


@dataclass(frozen=True)
class BundleCheck:
    """What became of opening one bundle folder: the bundle, or the problem in words."""

    path: Path
    bundle: Bundle | None
    problem: str = ""


def check_bundles(root: Path) -> list[BundleCheck]:
    """Open every bundle below ``root``; a broken one is reported, never raised."""
    checks = []
    for path in find_bundles(root):
        try:
            checks.append(BundleCheck(path, Bundle.open(path)))
        except BundleError as error:
            checks.append(BundleCheck(path, None, str(error)))
    return checks
