"""Finished items on disk: ``items/<folder>/`` with the job's files and ``result.json``, there whole or not at all.

An item is worked on elsewhere and renamed into place, so a folder below ``items`` is a finished item. The key stored
with it (content, settings, bundles, version) decides whether it still holds.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from .. import __version__
from ..core.errors import DiskFullError
from ..core.files import NO_SPACE, write_json
from ..core.job import Item, Job, Result

RESULT_NAME = "result.json"
RESULT_SCHEMA = "dsapp.run.item/1"
MAX_NAME_BYTES = 150
MAX_RESULT_BYTES = 64 << 20


@dataclass(frozen=True)
class Kept:
    """A stored result as read back: the key it was made under, and the result."""

    id: str
    key: Mapping[str, Any]
    result: Result


def key_of(job: Job) -> dict[str, Any]:
    """The part of the key that all items of a job share: settings, bundle hashes, version; as JSON would read it back."""
    key = {"dsapp": __version__, "bundles": dict(job.bundles()), "settings": dict(job.settings())}
    return json.loads(json.dumps(key, sort_keys=True, allow_nan=False))


def item_key(shared: Mapping[str, Any], item: Item) -> dict[str, Any]:
    """The whole key of one item."""
    return {"digest": item.digest, **shared}


def key_hash(key: Mapping[str, Any]) -> str:
    """A short name for a key, for the journal."""
    return hashlib.sha256(json.dumps(key, sort_keys=True).encode()).hexdigest()[:16]


def differences(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    """Which parts of a key changed, in words (``the setting us``); empty when the stored result still holds."""
    changed = []
    if old.get("digest") != new["digest"]:
        changed.append("the content")
    for part, word in (("settings", "setting"), ("bundles", "bundle")):
        stored, after = old.get(part), new[part]
        before: Mapping[str, Any] = stored if isinstance(stored, Mapping) else {}
        changed.extend(
            f"the {word} {name}"
            for name in sorted({*before, *after})
            if name not in before or name not in after or before[name] != after[name]
        )
    if old.get("dsapp") != new["dsapp"]:
        changed.append(f"the version of dsapp ({old.get('dsapp')} to {new['dsapp']})")
    return changed


def folder_name(item_id: str) -> str:
    """A folder name for any id: the id itself where it is safe everywhere, else a slug and a hash of it."""
    slug = "".join(character if character.isalnum() or character in "._-" else "-" for character in item_id)
    fits = len(slug.encode("utf-8", "surrogatepass")) <= MAX_NAME_BYTES
    if slug == item_id and fits and slug and slug[0] not in ".-":
        return slug
    digest = hashlib.sha256(item_id.encode("utf-8", "surrogatepass")).hexdigest()[:12]
    head = slug.lstrip(".-").encode("utf-8", "surrogatepass")[: MAX_NAME_BYTES - 20].decode("utf-8", "ignore")
    return f"{head or 'item'}-{digest}"


def write_result(folder: Path, item: Item, key: Mapping[str, Any], result: Result) -> None:
    """Write ``result.json`` into the folder an item was worked on in.

    Raises:
        ValueError: the job names a file that it did not write, or that lies outside the folder.
    """
    for name in result.files:
        relative = PurePosixPath(name)
        if relative.is_absolute() or ".." in relative.parts or not (folder / relative).is_file():
            raise ValueError("the job names a file that is not in the item's folder")
    write_json(
        folder / RESULT_NAME,
        {
            "schema": RESULT_SCHEMA,
            "id": item.id,
            "digest": item.digest,
            "cost": item.cost,
            "key": key,
            "files": list(result.files),
            "summary": dict(result.summary),
        },
    )


def read_result(folder: Path) -> Kept | None:
    """Read a stored result; None where there is none, or it is damaged or incomplete (then the item is done again)."""
    path = folder / RESULT_NAME
    try:
        if path.stat().st_size > MAX_RESULT_BYTES:
            return None
        content = json.loads(path.read_text(encoding="utf-8"))
        if content["schema"] != RESULT_SCHEMA:
            return None
        kept = Kept(str(content["id"]), dict(content["key"]), Result(dict(content["summary"]), tuple(content["files"])))
        complete = all((folder / PurePosixPath(name)).is_file() for name in kept.result.files)
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None
    return kept if complete else None


def commit(work: Path, target: Path) -> None:
    """Move a finished item into place; an older result of it is replaced. Raises DiskFullError."""
    try:
        sync_folder(work)
        target.parent.mkdir(parents=True, exist_ok=True)
        if target.exists() or target.is_symlink():
            old = work.with_name(work.name + ".old")
            os.rename(target, old)
            os.rename(work, target)
            shutil.rmtree(old, ignore_errors=True)
        else:
            os.rename(work, target)
        sync_folder(target.parent)
    except OSError as error:
        if is_disk_full(error):
            raise DiskFullError(
                f"no space left while storing {target}; free some and run the same command again"
            ) from error
        raise


def sync_folder(folder: Path) -> None:
    """Flush a folder's entries to disk, where the system can do that."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def is_disk_full(error: OSError) -> bool:
    """Whether the error says that a disk or a quota is full."""
    return error.errno in NO_SPACE
