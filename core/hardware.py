"""What this machine can do: usable cores and memory, the processor's instructions, a GPU that really computes.

Limits of containers count: a cgroup's quota lowers the cores, its limit lowers the memory. The default variant of a
runtime, the number of threads and the key of a build come from here; ``dsapp doctor`` prints it.
"""

from __future__ import annotations

import os
import platform
import subprocess
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any

INSTRUCTIONS = {
    "avx2": "avx2",
    "avx512_vnni": "avx512_vnni",
    "avx_vnni": "avx_vnni",
    "avx512_bf16": "avx512_bf16",
    "amx_bf16": "amx_bf16",
    "amx_int8": "amx_int8",
    "asimddp": "arm_dotprod",
    "i8mm": "arm_i8mm",
}
"""Flags of /proc/cpuinfo that decide which variant is fast, and the name under which they are reported."""

APPLE_FEATURES = {"hw.optional.arm.FEAT_DotProd": "arm_dotprod", "hw.optional.arm.FEAT_I8MM": "arm_i8mm"}

INT8_INSTRUCTIONS = ("avx512_vnni", "avx_vnni", "amx_int8", "arm_dotprod", "arm_i8mm")
"""With any of these, int8 products are faster than fp32 ones; without, int8 gains next to nothing."""

GPU_TOLERANCE = 1e-3


@dataclass(frozen=True)
class Gpu:
    """A GPU as torch sees it. ``problem`` is empty when a product computed on it was right."""

    name: str
    memory_bytes: int
    compute_capability: str
    problem: str = ""


@dataclass(frozen=True)
class Hardware:
    """This machine. ``cores`` is a number of whole cores this process may use; memory is in bytes.

    ``instructions`` are the names of ``INSTRUCTIONS`` that the processor has. ``gpus`` is empty and ``gpu_note`` says why
    when there is none, or when none was asked for.
    """

    processor: str
    machine: str
    system: str
    cores: int
    cores_installed: int
    memory_bytes: int
    memory_free_bytes: int
    instructions: tuple[str, ...]
    gpus: tuple[Gpu, ...] = ()
    gpu_note: str = "not looked for"

    @property
    def int8_is_fast(self) -> bool:
        """Whether the processor multiplies int8 faster than fp32."""
        return any(name in self.instructions for name in INT8_INSTRUCTIONS)

    def as_dict(self) -> dict[str, Any]:
        """JSON-able form."""
        return asdict(self)


def inspect(*, gpu: bool = False) -> Hardware:
    """Look at this machine; ``gpu`` also imports torch and runs a kernel on each GPU (seconds)."""
    import psutil

    memory = psutil.virtual_memory()
    limit, used = memory_limit(), memory_used()
    total = memory.total if limit is None else min(memory.total, limit)
    free = memory.available if limit is None else max(0, min(memory.available, limit - used))
    gpus, note = gpus_at_work() if gpu else ((), "not looked for")
    processor, instructions = processor_and_instructions()
    return Hardware(
        processor=processor,
        machine=platform.machine(),
        system=f"{platform.system()} {platform.release()}",
        cores=usable_cores(),
        cores_installed=os.cpu_count() or 1,
        memory_bytes=total,
        memory_free_bytes=free,
        instructions=instructions,
        gpus=gpus,
        gpu_note=note,
    )


def default_threads() -> int:
    """Threads for a runtime that was not told: the usable cores, or fewer where OMP_NUM_THREADS says so."""
    asked = os.environ.get("OMP_NUM_THREADS", "")
    cores = usable_cores()
    return min(cores, int(asked)) if asked.isdigit() and int(asked) > 0 else cores


def usable_cores(root: Path = Path("/")) -> int:
    """Whole cores that this process may use: its affinity, lowered by the CPU quota of its cgroups; at least 1."""
    try:
        cores = len(os.sched_getaffinity(0))
    except AttributeError:  # not Linux
        cores = os.cpu_count() or 1
    for folder in _cgroups(root, "cpu"):
        quota = _read(folder / "cpu.max").split()
        if len(quota) != 2:
            quota = [_read(folder / "cpu.cfs_quota_us"), _read(folder / "cpu.cfs_period_us")]
        try:
            share = int(quota[0]) / int(quota[1])
        except (ValueError, ZeroDivisionError):  # "max", "-1" below, or no such file
            continue
        if share > 0:
            cores = min(cores, max(1, int(share)))
    return max(1, cores)


def memory_limit(root: Path = Path("/")) -> int | None:
    """The lowest memory limit of this process's cgroups in bytes; None where there is none."""
    limits = []
    for folder in _cgroups(root, "memory"):
        for name in ("memory.max", "memory.limit_in_bytes"):
            text = _read(folder / name)
            # cgroup v1 writes "no limit" as a number near 2**63
            if text.isdigit() and int(text) < 1 << 60:
                limits.append(int(text))
    return min(limits, default=None)


def memory_used(root: Path = Path("/")) -> int:
    """Bytes that count against this process's own cgroup; 0 where there is none."""
    for folder in _cgroups(root, "memory"):
        for name in ("memory.current", "memory.usage_in_bytes"):
            text = _read(folder / name)
            if text.isdigit():
                return int(text)
    return 0


def _cgroups(root: Path, controller: str) -> list[Path]:
    """This process's cgroup folders for ``controller``, its own first, then its ancestors up to the root."""
    base = root / "sys/fs/cgroup"
    folders: list[Path] = []
    for line in _read(root / "proc/self/cgroup").splitlines():
        number, _, rest = line.partition(":")
        controllers, _, path = rest.partition(":")
        if number == "0" and not controllers:
            tree = base
        elif controller in controllers.split(","):
            tree = base / controller
        else:
            continue
        folder = tree / path.strip("/")
        while folder != tree and tree in folder.parents:
            folders.append(folder)
            folder = folder.parent
        folders.append(tree)
    return folders


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""


@cache
def processor_and_instructions() -> tuple[str, tuple[str, ...]]:
    """The processor's name, and which of ``INSTRUCTIONS`` it has."""
    if platform.system() == "Darwin":
        found = [name for key, name in APPLE_FEATURES.items() if _sysctl(key) == "1"]
        if "AVX2" in _sysctl("machdep.cpu.leaf7_features").split():
            found.append("avx2")
        return _sysctl("machdep.cpu.brand_string") or platform.processor(), tuple(sorted(found))
    name, flags = parse_cpuinfo(_read(Path("/proc/cpuinfo")).splitlines())
    return name or platform.processor() or platform.machine(), flags


def parse_cpuinfo(lines: Iterable[str]) -> tuple[str, tuple[str, ...]]:
    """The name and the known instructions of the first processor in the text of /proc/cpuinfo."""
    name, flags = "", set()
    for line in lines:
        key, _, value = line.partition(":")
        if key.strip() == "model name" and not name:
            name = value.strip()
        elif key.strip() in ("flags", "Features") and not flags:
            flags = set(value.split())
    return name, tuple(sorted(INSTRUCTIONS[flag] for flag in flags & INSTRUCTIONS.keys()))


def _sysctl(key: str) -> str:
    try:
        done = subprocess.run(["/usr/sbin/sysctl", "-n", key], capture_output=True, text=True, timeout=5, check=False)
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout.strip()


def gpu_is_likely() -> bool:
    """Whether an NVIDIA or AMD driver shows itself; costs no import, so a machine without one never loads torch for it."""
    return any(Path(path).exists() for path in ("/dev/nvidiactl", "/dev/kfd", "/dev/dxg")) or bool(
        platform.system() == "Windows" and os.environ.get("CUDA_PATH")
    )


@cache
def gpus_at_work() -> tuple[tuple[Gpu, ...], str]:
    """Every GPU that torch finds, each asked for a product whose result is compared with the CPU's; and a note if none."""
    from .extras import has

    if not has("torch"):
        return (), "torch is not installed"
    import torch

    if not torch.cuda.is_available():
        built = "this torch is built for the CPU only" if torch.version.cuda is None else "no driver or no device"
        return (), f"torch finds no GPU ({built})"
    return tuple(_try_gpu(number) for number in range(torch.cuda.device_count())), ""


def _try_gpu(number: int) -> Gpu:
    import torch

    name, memory, capability, problem = f"GPU {number}", 0, "", ""
    try:
        facts = torch.cuda.get_device_properties(number)
        name, memory, capability = facts.name, facts.total_memory, f"{facts.major}.{facts.minor}"
        left = torch.linspace(-1, 1, 128 * 96).reshape(128, 96)
        right = torch.linspace(1, -1, 96 * 64).reshape(96, 64)
        product = (left.to(f"cuda:{number}") @ right.to(f"cuda:{number}")).cpu()
        wanted = left @ right
        if not torch.allclose(product, wanted, rtol=GPU_TOLERANCE, atol=GPU_TOLERANCE * float(wanted.abs().max())):
            problem = "computed a wrong product"
    except (RuntimeError, AssertionError) as error:
        problem = f"could not compute: {str(error).splitlines()[0][:200] if str(error) else type(error).__name__}"
    return Gpu(name, memory, capability, problem)
