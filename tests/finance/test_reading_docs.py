"""The page on reading quotes every limit and every code that reading can give."""

from __future__ import annotations

import re
from pathlib import Path

import dsapp.finance.reading as reading
from dsapp.finance.reading import SUFFIXES, limits

FOLDER = Path(reading.__file__).parent
PAGE = FOLDER.parents[1] / "docs" / "reading.md"


def test_every_limit_is_quoted_with_its_value():
    page = PAGE.read_text(encoding="utf-8")
    for name, value in vars(limits).items():
        if not name.isupper() or name == "MEBIBYTE":
            continue
        shown = f"{value // limits.MEBIBYTE:,} MiB" if name.endswith("BYTES") else f"{value:,}"
        assert f"| `{name}` | {shown} |" in page, name


def test_every_code_and_ending_is_explained():
    page = PAGE.read_text(encoding="utf-8")
    codes = {
        code
        for path in FOLDER.glob("*.py")
        for code in re.findall(r"code=\"([a-z_]+)\"", path.read_text(encoding="utf-8"))
    }
    assert codes and all(f"`{code}`" in page for code in codes), codes
    assert all(f"`{suffix}`" in page for suffix in SUFFIXES)
