"""What the machine is said to be: the processor's text, containers' limits, threads."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from dsapp.core import hardware

XEON = """processor	: 0
model name	: Some Processor @ 2.00GHz
flags		: fpu avx2 avx512_vnni amx_int8 amx_bf16 nothing_known

processor	: 1
model name	: Some Processor @ 2.00GHz
flags		: fpu avx2
"""
ARM = "processor\t: 0\nFeatures\t: fp asimd asimddp i8mm\n"


def test_processors_are_read_from_their_own_words() -> None:
    name, found = hardware.parse_cpuinfo(XEON.splitlines())
    assert name == "Some Processor @ 2.00GHz"
    assert found == ("amx_bf16", "amx_int8", "avx2", "avx512_vnni")
    assert hardware.parse_cpuinfo(ARM.splitlines()) == ("", ("arm_dotprod", "arm_i8mm"))
    assert hardware.parse_cpuinfo([]) == ("", ())


@pytest.fixture
def root(tmp_path: Path):
    """A function that lays out a small /proc and /sys."""

    def lay(cgroup: str, files: dict[str, str]) -> Path:
        for name, text in {"proc/self/cgroup": cgroup, **files}.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        return tmp_path

    return lay


def test_a_quota_lowers_the_cores(root, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(8)), raising=False)
    assert hardware.usable_cores(root("", {})) == 8
    own = "sys/fs/cgroup/pod/box/cpu.max"
    assert hardware.usable_cores(root("0::/pod/box\n", {own: "max 100000\n"})) == 8
    assert hardware.usable_cores(root("0::/pod/box\n", {own: "250000 100000\n"})) == 2
    assert hardware.usable_cores(root("0::/pod/box\n", {own: "50000 100000\n"})) == 1
    assert hardware.usable_cores(root("0::/pod/box\n", {own: "nonsense\n"})) == 8
    above = {own: "max 100000", "sys/fs/cgroup/pod/cpu.max": "300000 100000"}
    assert hardware.usable_cores(root("0::/pod/box\n", above)) == 3


def test_a_quota_of_the_older_kind(root, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(8)), raising=False)
    folder = "sys/fs/cgroup/cpu/box"
    files = {f"{folder}/cpu.cfs_quota_us": "400000\n", f"{folder}/cpu.cfs_period_us": "100000\n"}
    assert hardware.usable_cores(root("4:cpu,cpuacct:/box\n", files)) == 4
    files[f"{folder}/cpu.cfs_quota_us"] = "-1\n"
    assert hardware.usable_cores(root("4:cpu,cpuacct:/box\n", files)) == 8


def test_a_container_lowers_the_memory(root) -> None:
    assert hardware.memory_limit(root("", {})) is None
    own = "sys/fs/cgroup/box/memory.max"
    assert hardware.memory_limit(root("0::/box\n", {own: "max\n"})) is None
    assert hardware.memory_limit(root("0::/box\n", {own: "2147483648\n"})) == 2 << 30
    assert hardware.memory_limit(root("0::/box\n", {own: "2147483648", "sys/fs/cgroup/memory.max": "1000"})) == 1000
    assert hardware.memory_used(root("0::/box\n", {"sys/fs/cgroup/box/memory.current": "77\n"})) == 77


def test_no_limit_of_the_older_kind_is_no_limit(root) -> None:
    files = {"sys/fs/cgroup/memory/box/memory.limit_in_bytes": str(2**63 - 4096)}
    assert hardware.memory_limit(root("9:memory:/box\n", files)) is None


def test_threads_follow_what_a_parent_process_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hardware, "usable_cores", lambda: 8)
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    assert hardware.default_threads() == 8
    for told, threads in (("2", 2), ("64", 8), ("0", 8), ("four", 8)):
        monkeypatch.setenv("OMP_NUM_THREADS", told)
        assert hardware.default_threads() == threads


def test_looking_at_the_machine_imports_no_torch_and_gives_json() -> None:
    code = """
import json, sys
from dsapp.core import hardware
found = hardware.inspect()
print(json.dumps({"torch": "torch" in sys.modules, **found.as_dict()}))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    found = json.loads(done.stdout)
    assert found["torch"] is False
    assert 1 <= found["cores"] <= found["cores_installed"]
    assert 0 < found["memory_free_bytes"] <= found["memory_bytes"]
    assert found["processor"]


def test_without_a_gpu_the_reason_is_given() -> None:
    found = hardware.inspect(gpu=True)
    assert found.gpus or found.gpu_note not in ("", "not looked for")
    assert all(gpu.problem == "" or gpu.problem.startswith("co") for gpu in found.gpus)
