"""A job over small text files whose first word says what happens to it. Also a program, to be killed from outside.

python toy_jobs.py INPUT OUT CALLS [WORKERS]
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dsapp.core.errors import BundleError, InputError, MissingExtraError, NumericError
from dsapp.core.files import write_text
from dsapp.core.job import Closing, Item, Refusal, Result
from dsapp.pipelines.executors.local import Local
from dsapp.pipelines.executors.processes import Processes
from dsapp.pipelines.run import run

SECRET = "the Supplier shall never be liable to Wolkenkuckucksheim"


@dataclass(frozen=True)
class Toy:
    """Reverses the text of each file. ``calls`` is a file that gets a line for each item begun."""

    calls: str = ""
    shout: bool = False
    bundle: str = "b1"
    pause: float = 0.0
    looks_for: str = "text files (.txt)"
    name: str = "toy.reverse"
    cost_unit: str = "letters"

    def settings(self) -> Mapping[str, Any]:
        return {"shout": self.shout}

    def bundles(self) -> Mapping[str, str]:
        return {"toy": self.bundle}

    def prepare(self, progress: Callable[[str], None], *, keep: bool = False) -> None:
        """Nothing to make ready."""

    def find(self, inputs: Sequence[Path]) -> Iterator[Item | Refusal]:
        for folder in inputs:
            for path in sorted(folder.rglob("*.txt")) if folder.is_dir() else [folder]:
                if path.name.startswith("pipe"):
                    yield Refusal(path.stem, path, "not_a_file", "it is a named pipe", "remove it")
                    continue
                content = path.read_bytes()
                yield Item(path.stem, path, hashlib.sha256(content).hexdigest(), float(len(content)))

    def do(self, item: Item, folder: Path) -> Result:
        if self.calls:
            with open(self.calls, "a", encoding="utf-8") as calls:
                calls.write(item.id + "\n")
        text = item.path.read_text(encoding="utf-8")
        time.sleep(self.pause)
        misbehave(text.split()[0] if text.split() else "", text)
        words = text.upper() if self.shout else text
        write_text(folder / "out" / "reversed.txt", words[::-1])
        return Result({"length": len(text), "ending": words[-3:]}, ("out/reversed.txt",))

    def close(self, closing: Closing, folder: Path) -> Sequence[str]:
        lines = [f"{stored.item.id} {stored.result.summary['length']}" for stored in closing.stored]
        lines += [f"{refusal.id} refused: {refusal.code}" for refusal in closing.refused]
        write_text(folder / "index.html", "\n".join(lines) + "\n")
        if closing.refused:
            write_text(folder / "refused.txt", "see index\n")
            return ["index.html", "refused.txt"]
        return ["index.html"]


def misbehave(word: str, text: str) -> None:
    if word == "refuse":
        raise InputError("it cannot be read", code="broken", remedy="save it again")
    if word == "bug":
        raise KeyError(text)
    if word == "numeric":
        raise NumericError("the model gave infinity")
    if word == "nomodel":
        raise BundleError("the bundle is missing; install it")
    if word == "noextra":
        raise MissingExtraError("it needs the package glue: pip install glue")
    if word == "outofmemory":
        raise MemoryError
    if word == "leave":
        sys.exit(7)
    if word == "print":
        print("printed by the job")
    if word == "die":
        os._exit(9)
    if word == "loop":
        while True:
            pass
    if word == "hog":
        held = []
        while True:
            held.append(bytearray(b"x") * (16 << 20))
            time.sleep(0.02)


@dataclass(frozen=True)
class OtherToy(Toy):
    name: str = "toy.other"


@dataclass(frozen=True)
class Windowed(Toy):
    """Has fields that are no plain words or numbers."""

    window: tuple[float, ...] = ()
    names: tuple[tuple[str, int], ...] = ()
    extra: Any = None


@dataclass(frozen=True)
class Unloadable(Toy):
    """Refuses to be built in any process but its maker's."""

    maker: int = 0

    def __post_init__(self) -> None:
        if self.maker != os.getpid():
            raise ValueError(SECRET)


@dataclass(frozen=True)
class Probing(Toy):
    """Tells of the process that works on the item."""

    def do(self, item: Item, folder: Path) -> Result:
        threads = [os.environ[name] for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS")]
        return Result(
            {
                "pid": os.getpid(),
                "threads": threads,
                "inherited": os.environ.get("PYTHONPATH"),
                "path": [entry for entry in sys.path if not entry],
            }
        )


@dataclass(frozen=True)
class Spawning(Toy):
    """Starts a program that outlives the item."""

    def do(self, item: Item, folder: Path) -> Result:
        child = subprocess.Popen(["sleep", "600"])
        Path(self.calls).write_text(str(child.pid))
        while True:
            time.sleep(1)


def workers(number: int, **limits: Any) -> Processes:
    """Worker processes that may load the jobs of this file."""
    return Processes(number, packages=("toy_jobs",), **limits)


def write_inputs(folder: Path, texts: Mapping[str, str]) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        (folder / f"{name}.txt").write_text(text, encoding="utf-8")
    return folder


def outputs_of(folder: Path) -> dict[str, bytes]:
    """Every output by name, but for those that tell times of day and the lock."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.relative_to(folder).parts[0] not in ("run.json", "journal.jsonl", ".lock")
    }


if __name__ == "__main__":
    from toy_jobs import Toy as ImportableToy

    num_workers = int(sys.argv[4]) if len(sys.argv) > 4 else 0
    ended = run(
        ImportableToy(calls=sys.argv[3], pause=0.15),
        [Path(sys.argv[1])],
        Path(sys.argv[2]),
        executor=workers(num_workers) if num_workers else Local(),
    )
    sys.exit(ended.exit_code)
