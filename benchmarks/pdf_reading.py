"""How well PDF contracts are read: agreement of words with another party's text of the same contracts, and speed.

    python benchmarks/pdf_reading.py FOLDER [--texts FILE] [--json F]

FOLDER holds PDFs. FILE is JSON lines (may be gzipped) with ``title`` and ``text``; a title is a PDF's name without its
ending. Without ``--texts`` a file ``*.jsonl.gz`` beside or above FOLDER is taken. Agreement is 2 x longest common
subsequence of words over the number of words of both texts; beside ours stands ``pdfium``, PDFium's own order of the
page's text. Intervals resample contracts.
"""

from __future__ import annotations

import argparse
import gzip
import json
import platform
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pypdfium2
from rapidfuzz.distance import Indel

from dsapp.core.evaluation import bootstrap
from dsapp.core.files import write_json
from dsapp.core.hardware import inspect
from dsapp.finance.reading import read

SYSTEMS: dict[str, Callable[[Path], str]] = {"dsapp": lambda path: read(path).text, "pdfium": lambda path: _plain(path)}


def main() -> int:
    """Read every PDF with each system, print a table, write rows."""
    parser = argparse.ArgumentParser(description="Agreement and speed of reading PDF contracts.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--texts", type=Path, help="JSON lines with title and text")
    parser.add_argument("--json", help="write the rows to this file, - for standard output")
    parser.add_argument("--repetitions", type=int, default=3)
    options = parser.parse_args()
    paths = sorted(path for path in options.folder.iterdir() if path.suffix.lower() == ".pdf")
    truth = _texts(options.texts or _texts_near(options.folder), {path.stem for path in paths})
    paths = [path for path in paths if path.stem in truth]
    if not paths:
        parser.error(f"no PDF in {options.folder} has a text of the same title")
    num_pages = sum(_num_pages(path) for path in paths)
    rows: list[dict[str, Any]] = []
    for system, text_of in SYSTEMS.items():
        agreements = np.array([_agreement(text_of(path), truth[path.stem]) for path in paths])
        seconds = [_seconds(text_of, paths) for _ in range(options.repetitions)]
        print(f"{system}: agreement {agreements.mean():.4f}, {num_pages / min(seconds):.1f} pages/s")
        for path, agreement in zip(paths, agreements, strict=True):
            print(f"  {agreement:.4f}  {path.name}")
        low, high = bootstrap(lambda chosen, values=agreements: float(values[chosen].mean()), range(len(paths)))
        rates = [num_pages / second for second in seconds]
        rows.append(_row(system, "word_agreement", float(agreements.mean()), low, high, "fraction", len(paths)))
        rows.append(_row(system, "worst_word_agreement", float(agreements.min()), None, None, "fraction", len(paths)))
        rows.append(_row(system, "speed", float(np.median(rates)), min(rates), max(rates), "pages/s", len(seconds)))
    if options.json == "-":
        json.dump(rows, sys.stdout, indent=1)
    elif options.json:
        write_json(Path(options.json), rows)
    return 0


def _row(
    system: str, metric: str, value: float, low: float | None, high: float | None, unit: str, repetitions: int
) -> dict[str, Any]:
    return {
        "benchmark": "pdf_reading",
        "system": system,
        "metric": metric,
        "value": value,
        "low": low,
        "high": high,
        "unit": unit,
        "machine": _machine(),
        "versions": {"python": platform.python_version(), "pypdfium2": pypdfium2.version.PYPDFIUM_INFO.version},
        "repetitions": repetitions,
    }


def _machine() -> str:
    here = inspect()
    return f"{here.processor}, {here.cores} cores, {here.memory_bytes >> 30} GiB"


def _agreement(text: str, truth: str) -> float:
    ours, theirs = text.split(), truth.split()
    return Indel.normalized_similarity(ours, theirs)


def _plain(path: Path) -> str:
    pdf = pypdfium2.PdfDocument(path)
    try:
        return "\n".join(pdf[number].get_textpage().get_text_bounded() for number in range(len(pdf)))
    finally:
        pdf.close()


def _num_pages(path: Path) -> int:
    pdf = pypdfium2.PdfDocument(path)
    try:
        return len(pdf)
    finally:
        pdf.close()


def _seconds(text_of: Callable[[Path], str], paths: list[Path]) -> float:
    start = time.perf_counter()
    for path in paths:
        text_of(path)
    return time.perf_counter() - start


def _texts_near(folder: Path) -> Path:
    for place in (folder, folder.parent):
        for found in sorted(place.glob("*.jsonl.gz")):
            return found
    raise SystemExit(f"no *.jsonl.gz beside or above {folder}: name one with --texts")


def _texts(path: Path, titles: set[str]) -> dict[str, str]:
    opener = gzip.open if path.suffix == ".gz" else open
    found: dict[str, str] = {}
    with opener(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            contract = json.loads(line)
            if contract["title"] in titles:
                found[contract["title"]] = contract["text"]
    return found


if __name__ == "__main__":
    raise SystemExit(main())
