"""Make the sample contracts of ``data_samples/contracts`` from the texts in ``data_samples/sources/contracts``.

    python data_samples/make_contracts.py [FOLDER]

The same texts give the same files: names, dates and metadata are fixed. Needs the development packages (reportlab).
"""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Literal

from contract_docx import write_docx
from contract_pdf import write_pdf
from contract_source import Block, Run, parse

HERE = Path(__file__).resolve().parent
SOURCES = HERE / "sources" / "contracts"
CONTRACTS = HERE / "contracts"
LINE_WIDTH = 72
LINES_PER_PAGE = 52


@dataclass(frozen=True)
class Sample:
    """One sample: the source's name, the file made of it, its title, the running header, and how it is set."""

    source: str
    file: str
    title: str
    header: str
    columns: Literal[1, 2] = 1


SAMPLES = (
    Sample(
        "services",
        "services_agreement.pdf",
        "Professional Services Agreement",
        "Calder Systems / Northwind Analytics: Professional Services Agreement",
        2,
    ),
    Sample("nda", "nda_one_way.docx", "Non-Disclosure Agreement", "Halvorsen Biologics: Non-Disclosure Agreement"),
    Sample(
        "clean_nda",
        "nda_mutual.pdf",
        "Mutual Non-Disclosure Agreement",
        "Larkfield / Northwind: Mutual Non-Disclosure Agreement",
    ),
    Sample("saas", "cloud_subscription.html", "Cloud Subscription Agreement", "Lumenstack Cloud"),
    Sample("lease", "office_lease.pdf", "Office Lease", "Office Lease: 61 Mercer Quay, fourth floor"),
    Sample(
        "employment",
        "employment_agreement.txt",
        "Employment Agreement",
        "Northwind Analytics Ltd - Employment Agreement",
    ),
    Sample(
        "loan", "term_loan.pdf", "Term Loan Agreement", "Fenwick Row Capital / Northwind Analytics: Term Loan Agreement"
    ),
    Sample(
        "distribution",
        "distribution_tracked.docx",
        "Distribution Agreement",
        "Brightwater / Northwind: Distribution Agreement, draft of 13 August 2026",
    ),
    Sample("consulting", "consulting_agreement.md", "Consulting Agreement", ""),
    Sample("terms", "consumer_terms.html", "Terms of Service", "Pinegrove Fitness"),
)


def make(folder: Path) -> list[Path]:
    """Write every sample into ``folder`` and return the files."""
    folder.mkdir(parents=True, exist_ok=True)
    made: list[Path] = []
    for sample in SAMPLES:
        path = folder / sample.file
        _WRITERS[path.suffix](parse(SOURCES / f"{sample.source}.txt"), path, sample)
        made.append(path)
    return made


def _pdf(blocks: Sequence[Block], path: Path, sample: Sample) -> None:
    write_pdf(blocks, path, title=sample.title, header=sample.header, num_columns=sample.columns)


def _docx(blocks: Sequence[Block], path: Path, sample: Sample) -> None:
    write_docx(blocks, path, title=sample.title, header=sample.header)


def _txt(blocks: Sequence[Block], path: Path, sample: Sample) -> None:
    """Plain text, hard-wrapped, with a running header and a page number on each page."""
    lines: list[str] = []
    for block in blocks:
        if block.kind == "lines":
            lines += [row[0] for row in block.rows]
        elif block.kind in ("title", "centred"):
            lines += [block.text.center(LINE_WIDTH).rstrip()]
        else:
            number = f"{block.number} " if block.number else ""
            lines += textwrap.wrap(number + block.text, LINE_WIDTH, break_long_words=False, break_on_hyphens=False)
        lines.append("")
    pages = [lines[start : start + LINES_PER_PAGE] for start in range(0, len(lines), LINES_PER_PAGE)]
    sheets = [
        "\n".join(
            [
                sample.header.center(LINE_WIDTH).rstrip(),
                "",
                *page,
                "",
                f"Page {number} of {len(pages)}".center(LINE_WIDTH).rstrip(),
            ]
        )
        for number, page in enumerate(pages, start=1)
    ]
    path.write_text("\n\n\n".join(sheets) + "\n", encoding="utf-8", newline="\n")


def _markdown(blocks: Sequence[Block], path: Path, sample: Sample) -> None:
    parts: list[str] = []
    for index, block in enumerate(blocks):
        words = "".join(_starred(run) for run in block.runs)
        if block.kind == "title":
            parts.append(f"{'#' if index == 0 else '##'} {words}")
        elif block.kind == "heading":
            parts.append(f"## {block.number} {words}")
        elif block.kind == "table":
            head, *rows = (f"| {' | '.join(row)} |" for row in block.rows)
            parts.append("\n".join([head, "|" + " --- |" * len(block.rows[0]), *rows]))
        elif block.kind == "lines":
            parts.append("  \n".join(row[0].replace("_", "\\_") for row in block.rows))
        elif block.kind == "centred":
            parts.append(f"**{words}**")
        else:
            parts.append(f"{block.number} {words}".strip())
    path.write_text("\n\n".join(parts) + "\n", encoding="utf-8", newline="\n")


def _starred(run: Run) -> str:
    return {"": "{}", "bold": "**{}**", "italic": "*{}*"}[run.style].format(run.text)


def _html(blocks: Sequence[Block], path: Path, sample: Sample) -> None:
    """A web page with the furniture of one: navigation, a script, a footer."""
    body = "\n".join(_element(block, index == 0) for index, block in enumerate(blocks))
    path.write_text(
        _PAGE.format(title=escape(sample.title), site=escape(sample.header), body=body), encoding="utf-8", newline="\n"
    )


def _element(block: Block, first: bool) -> str:
    words = "".join(
        {"": "{}", "bold": "<strong>{}</strong>", "italic": "<em>{}</em>"}[run.style].format(escape(run.text))
        for run in block.runs
    )
    number = f"{block.number} " if block.number else ""
    if block.kind == "table":
        head, *rows = block.rows
        cells = "".join(f"<th>{escape(cell)}</th>" for cell in head)
        rest = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>\n" for row in rows)
        return f"<table>\n<tr>{cells}</tr>\n{rest}</table>"
    if block.kind == "lines":
        return "<p>" + "<br>\n".join(escape(row[0]) for row in block.rows) + "</p>"
    tag = {"title": "h1" if first else "h2", "centred": "h3", "heading": "h2"}.get(block.kind, "p")
    return f"<{tag}>{number}{words}</{tag}>"


_PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>{title} | {site}</title>
<style>body {{ font-family: sans-serif; max-width: 46em; margin: 2em auto; }}</style>
<script>window.visits = (window.visits || 0) + 1;</script>
</head>
<body>
<nav><a href="/">{site}</a> <a href="/pricing">Pricing</a> <a href="/help">Help</a></nav>
<main>
{body}
</main>
<footer>&copy; 2026 {site}. All rights reserved.</footer>
</body>
</html>
"""

_WRITERS: dict[str, Callable[[Sequence[Block], Path, Sample], None]] = {
    ".pdf": _pdf,
    ".docx": _docx,
    ".txt": _txt,
    ".md": _markdown,
    ".html": _html,
}


if __name__ == "__main__":
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else CONTRACTS
    for written in make(target):
        print(written)
