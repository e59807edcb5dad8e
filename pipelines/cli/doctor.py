"""``dsapp doctor``: is this machine fit, and what one command mends what is not.

It looks at hardware, installed packages, backends, the bundles of all domains (every hash), the cache and the disk.
"""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import typer

from ...core.extras import installed_version
from .options import JsonOption
from .output import EXIT_FAILED, STANDARD_OUTPUT, printable, write_json_to

if TYPE_CHECKING:
    from ...core.hardware import Hardware

DOMAINS = ("finance", "medical", "manufacturing")
DOCTOR_SCHEMA = "dsapp.doctor/1"
LOW_DISK_BYTES = 1 << 30
LOW_MEMORY_BYTES = 2 << 30


@dataclass(frozen=True)
class Check:
    """One thing looked at. ``note`` works without it; ``broken`` does not. ``fix`` is a command or a deed."""

    name: str
    state: Literal["ok", "note", "broken"]
    detail: str
    fix: str = ""


def doctor(json_target: JsonOption = None) -> None:
    """Look at the machine, the packages, the backends and the bundles; one fix a line. Exit code 1 if something is broken.

    Example:  dsapp doctor --json doctor.json
    """
    from ...core import hardware
    from ..manifest import versions

    machine = hardware.inspect(gpu=hardware.gpu_is_likely())
    checks = [*_machine(machine), *_packages(), *_backends(), *_bundles(), *_folders()]
    broken = any(check.state == "broken" for check in checks)
    if json_target:
        content: dict[str, Any] = {
            "schema": DOCTOR_SCHEMA,
            "fine": not broken,
            "versions": versions(),
            "hardware": machine.as_dict(),
            "checks": [asdict(check) for check in checks],
        }
        write_json_to(json_target, content)
    if json_target != STANDARD_OUTPUT:
        for check in checks:
            print(printable(f"{check.state:7} {check.name}: {check.detail}"))
            if check.fix:
                print(printable(f"        fix: {check.fix}"))
        print("something needed is broken" if broken else "fine")
    raise typer.Exit(EXIT_FAILED if broken else 0)


def _machine(machine: Hardware) -> Iterator[Check]:
    yield Check("system", "ok", f"{machine.system}, {machine.machine}")
    cores = f"{machine.processor}, {machine.cores} of {machine.cores_installed} cores usable"
    yield Check("processor", "ok", f"{cores}; {', '.join(machine.instructions) or 'no vector instructions known'}")
    if not machine.int8_is_fast:
        yield Check("int8", "note", "this processor has no int8 dot products, so the default is fp32")
    free, total = machine.memory_free_bytes, machine.memory_bytes
    memory = f"{free / 2**30:.1f} of {total / 2**30:.1f} GiB free"
    if free < LOW_MEMORY_BYTES:
        yield Check("memory", "note", memory, "close other programs, or run with fewer --workers")
    else:
        yield Check("memory", "ok", memory)
    for gpu in machine.gpus:
        name = f"{gpu.name}, {gpu.memory_bytes / 2**30:.0f} GiB"
        if gpu.problem:
            yield Check("GPU", "note", f"{name}: {gpu.problem}", "update its driver, or install a torch that fits it")
        else:
            yield Check("GPU", "ok", f"{name}: a kernel was run and its result is right")
    if not machine.gpus:
        note = "no driver of one found" if machine.gpu_note == "not looked for" else machine.gpu_note
        yield Check("GPU", "ok", f"none ({note}); everything runs on the CPU")


def _packages() -> Iterator[Check]:
    """Every package that dsapp requires, by its own metadata; none is imported."""
    try:
        required = metadata.requires(__name__.split(".")[0]) or []
    except metadata.PackageNotFoundError:
        yield Check("packages", "note", "dsapp runs from a folder and is not installed", "pip install dsapp")
        return
    names = [requirement_name(line) for line in required if "extra ==" not in line]
    missing = [name for name in names if not installed_version(name)]
    if missing:
        yield Check("packages", "broken", f"not installed: {', '.join(missing)}", f"pip install {' '.join(missing)}")
    else:
        yield Check("packages", "ok", f"all {len(names)} required ones are installed")


def _backends() -> Iterator[Check]:
    from ...core.backends import registry

    for name, backend in sorted(registry.known().items()):
        why_not = backend.available()
        if why_not is None:
            yield Check(f"backend {name}", "ok", f"{', '.join(backend.precisions)} on {backend.device}")
        else:
            yield Check(f"backend {name}", "note", why_not.problem, why_not.fix)


def _bundles() -> Iterator[Check]:
    from ...core.bundle import check_bundles

    reinstall = "pip install --force-reinstall --no-deps dsapp"
    root = Path(__file__).resolve().parents[2]
    for domain in DOMAINS:
        if not (root / domain).is_dir():
            continue
        found = check_bundles(root / domain / "bundles")
        if not found:
            yield Check(f"bundles of {domain}", "broken", "none is installed", reinstall)
        for entry in found:
            name = f"bundle {domain}/{entry.path.name}"
            if entry.bundle is None:
                yield Check(name, "broken", entry.problem, reinstall)
            else:
                facts = f"version {entry.bundle.version}, hash {entry.bundle.hash[:12]}"
                yield Check(name, "ok", f"{facts}, every file as its card says")


def _folders() -> Iterator[Check]:
    from ...core.build import cache_folder

    cache = cache_folder()
    place = next(path for path in (cache, *cache.parents) if path.exists())
    try:
        cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=cache):
            pass
        yield Check("cache", "ok", f"{cache} can be written")
    except OSError as error:
        fix = "set DSAPP_CACHE to a folder that can be written; until then builds are made anew each time"
        yield Check("cache", "note", f"{cache} cannot be written ({error.strerror})", fix)
    for name, path in (("cache's disk", place), ("this folder's disk", Path(os.getcwd()))):
        free = shutil.disk_usage(path).free
        state, fix = ("note", "free some space") if free < LOW_DISK_BYTES else ("ok", "")
        yield Check(name, state, f"{free / 2**30:.1f} GiB free", fix)


def requirement_name(line: str) -> str:
    """The package that a line of an installed package's requirements names."""
    return re.split(r"[^A-Za-z0-9._-]", line.strip(), maxsplit=1)[0]
