"""The run's manifest, ``run.json``: what ran on what, with which versions, how long, and what came of it.

It is the only output that holds times of day, so that every other output of two equal runs is equal.
"""

from __future__ import annotations

import json
import platform
import sys
from collections.abc import Mapping
from importlib import metadata
from pathlib import Path
from typing import Any

from .. import __version__

MANIFEST_NAME = "run.json"
MANIFEST_SCHEMA = "dsapp.run/1"
MAX_BYTES = 64 << 20
LIBRARIES = (
    "torch",
    "transformers",
    "onnxruntime",
    "openvino",
    "numpy",
    "scikit-learn",
    "pypdfium2",
    "lxml",
    "pydicom",
    "monai",
    "pandas",
)


def versions() -> dict[str, str]:
    """Versions of dsapp, Python and the key libraries that are installed; none is imported."""
    found = {"dsapp": __version__, "python": platform.python_version()}
    for library in LIBRARIES:
        try:
            found[library] = metadata.version(library)
        except metadata.PackageNotFoundError:
            continue
    return found


def machine() -> dict[str, str]:
    """The machine in words."""
    return {"system": platform.platform(), "processor": platform.machine(), "implementation": sys.implementation.name}


def read_manifest(folder: Path) -> dict[str, Any] | None:
    """The manifest of a run folder; None where there is none of ours."""
    path = folder / MANIFEST_NAME
    try:
        if not path.is_file() or path.stat().st_size > MAX_BYTES:
            return None
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return None
    if not isinstance(content, Mapping) or content.get("schema") != MANIFEST_SCHEMA:
        return None
    return dict(content)
