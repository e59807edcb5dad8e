"""Builds: what a backend compiles from a part for this machine, cached, checked against golden outputs before it is used.

The cache is ``DSAPP_CACHE``, else the user's cache folder. A build's key is made of everything that shapes it: the
bundle's hash, the part, the backend, the precision, library versions, the processor's instructions. It is made in a
temporary folder and renamed, so that another process sees all of it or nothing; whoever comes second waits for
the first. A build whose files are not those of its record is made again. Where the cache cannot be written, the
build lives in a temporary folder as long as the runtime.
"""

from __future__ import annotations

import errno
import hashlib
import json
import logging
import os
import platform
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from . import golden, hardware
from .backends.registry import Backend, Program
from .bundle import Bundle, Part
from .errors import BuildError, DiskFullError, DsappError
from .files import sha256_of, write_json

LOG = logging.getLogger(__name__)

BUILD_FORMAT = 1
RECORD_FILE = "build.json"
LOCK_WAIT_SECONDS = 900.0
LEFTOVER_SECONDS = 24 * 3600.0
CANNOT_WRITE = (errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOSPC, errno.EDQUOT, errno.ENOTDIR, errno.EEXIST)


@dataclass(frozen=True)
class Build:
    """A build that can be opened. ``seconds`` it took to make, ``deviations`` from the golden outputs, whether ``made_now``."""

    folder: Path
    seconds: float
    deviations: Mapping[str, float]
    made_now: bool
    temporary: tempfile.TemporaryDirectory[str] | None = field(default=None, repr=False, compare=False)


@dataclass(frozen=True)
class Order:
    """What is to be built: one part of a bundle by one backend at one precision."""

    bundle: Bundle
    part: Part
    backend: Backend
    precision: str
    threads: int

    @property
    def what(self) -> str:
        return f"the {self.backend.name} {self.precision} build of {self.bundle.name}/{self.part.name}"

    def key(self) -> dict[str, Any]:
        """Everything that shapes the build; another value of any means another build."""
        return {
            "format": BUILD_FORMAT,
            "bundle": self.bundle.hash,
            "part": self.part.name,
            "backend": self.backend.name,
            "precision": self.precision,
            "versions": {**self.backend.versions(), "python": platform.python_version()},
            "machine": platform.machine(),
            "system": sys.platform,
            "instructions": list(hardware.processor_and_instructions()[1]),
        }


def cache_folder() -> Path:
    """Where builds are kept: ``DSAPP_CACHE``, else ``dsapp`` in the user's cache folder of this system."""
    if told := os.environ.get("DSAPP_CACHE"):
        return Path(told).expanduser()
    if xdg := os.environ.get("XDG_CACHE_HOME"):
        return Path(xdg).expanduser() / "dsapp"
    if sys.platform == "darwin":
        return Path("~/Library/Caches/dsapp").expanduser()
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA", "~/AppData/Local")).expanduser() / "dsapp" / "cache"
    return Path("~/.cache/dsapp").expanduser()


def ensure(order: Order, *, progress: Callable[[str], None], warn: Callable[[str], None]) -> tuple[Build, Program]:
    """The build that ``order`` asks for, from the cache or made now, and its program.

    Raises:
        BuildError: it cannot be compiled or opened, or does not give the golden outputs.
    """
    key = order.key()
    digest = hashlib.sha256(json.dumps(key, sort_keys=True).encode()).hexdigest()
    root = cache_folder() / "builds"
    target = root / f"{order.bundle.name}-{order.part.name}-{order.backend.name}-{order.precision}-{digest[:24]}"
    found = _cached(order, target, key)
    if found:
        return found
    try:
        root.mkdir(parents=True, exist_ok=True)
        _sweep(root)
        with _locked(root / f".{target.name}.lock"):
            found = _cached(order, target, key)
            return found or _make_in_cache(order, target, key, progress)
    except (OSError, DiskFullError) as error:
        if isinstance(error, OSError) and error.errno not in CANNOT_WRITE:
            raise BuildError(f"{order.what} failed: {error}") from error
        warn(
            f"the cache {root} cannot be written ({error}); builds are made anew in each process: set DSAPP_CACHE to a folder that can"
        )
    return _make_in_temporary(order, key, progress)


def _cached(order: Order, target: Path, key: Mapping[str, Any]) -> tuple[Build, Program] | None:
    record = _sound_record(target, key)
    if record is None:
        return None
    try:
        program = order.backend.open(order.part, target, order.precision, order.threads)
    except Exception as error:  # whatever a library raises on a build it cannot read: it is made again
        LOG.warning("%s in %s does not open (%s); it is made again", order.what, target, type(error).__name__)
        return None
    return Build(target, record["seconds"], record["deviations"], made_now=False), program


def _sound_record(target: Path, key: Mapping[str, Any]) -> dict[str, Any] | None:
    """The record of the build in ``target`` if it is whole and of this key."""
    try:
        record = json.loads((target / RECORD_FILE).read_text(encoding="utf-8"))
        files = {path.name for path in target.iterdir()} - {RECORD_FILE}
        if record["key"] != key or record["files"].keys() != files:
            raise ValueError("other key or other files")
        for name, entry in record["files"].items():
            path = target / name
            if path.stat().st_size != entry["bytes"] or sha256_of(path) != entry["sha256"]:
                raise ValueError("a file has changed")
        if not isinstance(record["seconds"], (int, float)) or not isinstance(record["deviations"], dict):
            raise ValueError("malformed record")
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        LOG.warning("the build in %s is stale or damaged (%s); it is made again", target, error)
        return None
    return record


def _make_in_cache(
    order: Order, target: Path, key: Mapping[str, Any], progress: Callable[[str], None]
) -> tuple[Build, Program]:
    workshop = Path(tempfile.mkdtemp(prefix=".building-", dir=target.parent))
    try:
        record, _ = _make(order, workshop, key, progress)
        if target.exists():
            shutil.rmtree(target, ignore_errors=True)
        try:
            os.rename(workshop, target)
        except OSError:
            # where files cannot be locked another process may have been faster; its build is as good
            if found := _cached(order, target, key):
                return found
            raise
    finally:
        shutil.rmtree(workshop, ignore_errors=True)
    program = order.backend.open(order.part, target, order.precision, order.threads)
    return Build(target, record["seconds"], record["deviations"], made_now=True), program


def _make_in_temporary(order: Order, key: Mapping[str, Any], progress: Callable[[str], None]) -> tuple[Build, Program]:
    try:
        temporary = tempfile.TemporaryDirectory(prefix="dsapp-build-", ignore_cleanup_errors=True)
        record, program = _make(order, Path(temporary.name), key, progress)
    except (OSError, DiskFullError) as error:
        raise BuildError(
            f"{order.what} failed: neither the cache nor a temporary folder can be written: {error}"
        ) from error
    return Build(Path(temporary.name), record["seconds"], record["deviations"], True, temporary), program


def _make(
    order: Order, folder: Path, key: Mapping[str, Any], progress: Callable[[str], None]
) -> tuple[dict[str, Any], Program]:
    """Compile into ``folder``, check against the golden outputs, write the record. Raises BuildError."""
    wanted = golden.read_golden(order.part)
    tolerance = golden.tolerance_of(order.bundle, order.part.name, order.precision)
    progress(
        f"building {order.bundle.name}/{order.part.name} for {order.backend.name} {order.precision}, once for this machine"
    )
    started = time.perf_counter()
    try:
        order.backend.build(order.part, order.precision, folder)
        program = order.backend.open(order.part, folder, order.precision, order.threads)
        deviations = golden.check(program, wanted, tolerance=tolerance, what=order.what)
    except (OSError, DsappError):
        raise
    except Exception as error:  # a compiler may raise anything; the caller falls back to fp32
        raise BuildError(f"{order.what} failed: {type(error).__name__}: {str(error)[:300]}") from error
    seconds = round(time.perf_counter() - started, 2)
    files = {
        path.name: {"bytes": path.stat().st_size, "sha256": sha256_of(path)}
        for path in folder.iterdir()
        if path.is_file()
    }
    record = {"key": dict(key), "files": files, "seconds": seconds, "deviations": deviations}
    write_json(folder / RECORD_FILE, record)
    progress(f"built {order.bundle.name}/{order.part.name} in {seconds:.1f} s")
    return record, program


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Hold a lock that dies with this process; where locks do not work, or none comes in time, go on without."""
    try:
        import fcntl
    except ImportError:  # Windows: the rename alone keeps builders apart
        yield
        return
    with open(path, "a", encoding="utf-8") as handle:
        deadline = time.monotonic() + LOCK_WAIT_SECONDS
        while time.monotonic() < deadline:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                time.sleep(0.2)
            except OSError:  # a file system without locks
                break
        yield


def _sweep(root: Path) -> None:
    """Remove what builders that were killed left behind long ago."""
    for path in root.glob(".building-*"):
        with suppress(OSError):
            if time.time() - path.stat().st_mtime > LEFTOVER_SECONDS:
                shutil.rmtree(path, ignore_errors=True)
