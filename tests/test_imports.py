"""Imports point one way, every package is shipped, and nothing heavy is loaded before it is used."""

from __future__ import annotations

import ast
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

import dsapp

ROOT = Path(__file__).resolve().parents[1]
DOMAINS = ("finance", "medical", "manufacturing")
PACKAGES = ("core", *DOMAINS, "pipelines")
MAY_IMPORT = {
    "core": {"core"},
    **{domain: {domain, "core"} for domain in DOMAINS},
    "pipelines": {"pipelines", "core", *DOMAINS},
}
DOMAIN_KNOWING = ("pipelines/cli/", "pipelines/serve/")
HEAVY = {
    "cronsim",
    "duckdb",
    "lightgbm",
    "pg8000",
    "python_calamine",
    "sqlalchemy",
    "tzlocal",
    "accelerate",
    "dateparser",
    "icalendar",
    "jinja2",
    "lxml",
    "matplotlib",
    "monai",
    "numpy",
    "onnx",
    "onnxruntime",
    "onnxscript",
    "openvino",
    "pandas",
    "psutil",
    "pydicom",
    "pypdfium2",
    "rapidfuzz",
    "safetensors",
    "scipy",
    "sklearn",
    "torch",
    "transformers",
    "xlsxwriter",
}
"""What dsapp requires, but for typer and what typer draws in itself (rich with its markdown, pydantic)."""


def sources() -> Iterator[Path]:
    for package in PACKAGES:
        yield from sorted((ROOT / package).rglob("*.py"))


def imported(path: Path) -> Iterator[tuple[int, str]]:
    """Each import of a module of dsapp in a file, as (line, dotted path below the root)."""
    here = path.relative_to(ROOT).with_suffix("").parts
    package = here if path.name == "__init__.py" else here[:-1]
    package = package[:-1] if package and package[-1] == "__init__" else package
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom):
            if node.level:
                base = package[: len(package) - (node.level - 1)]
                if node.module:
                    yield node.lineno, ".".join((*base, node.module))
                else:
                    yield from ((node.lineno, ".".join((*base, name.name))) for name in node.names)
            elif node.module and node.module.split(".")[0] == "dsapp":
                yield node.lineno, f"absolute:{node.module}"
        elif isinstance(node, ast.Import):
            for name in node.names:
                if name.name.split(".")[0] == "dsapp":
                    yield node.lineno, f"absolute:{name.name}"


def test_imports_point_one_way() -> None:
    wrong = []
    for path in sources():
        name = path.relative_to(ROOT).as_posix()
        package = name.split("/")[0]
        for line, module in imported(path):
            if module.startswith("absolute:"):
                wrong.append(f"{name}:{line}: {module}: inside the package imports are relative")
                continue
            target = module.split(".")[0]
            if target in PACKAGES and target not in MAY_IMPORT[package]:
                wrong.append(f"{name}:{line}: {package} must not import {target}")
            elif package == "pipelines" and target in DOMAINS and not name.startswith(DOMAIN_KNOWING):
                wrong.append(f"{name}:{line}: only the command line and the service know a domain")
    assert wrong == []


def test_every_package_is_shipped() -> None:
    listed = set(tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["setuptools"]["packages"])
    folders = {path.parent.relative_to(ROOT) for path in sources()}
    assert {"dsapp", *(".".join(("dsapp", *folder.parts)) for folder in folders)} == listed
    without = [folder.as_posix() for folder in folders if not (ROOT / folder / "__init__.py").is_file()]
    assert without == []


@pytest.mark.parametrize(
    "code",
    [
        "import dsapp",
        "import sys; sys.argv = ['dsapp', '--help']; from dsapp.pipelines.cli import main\ntry: main()\nexcept SystemExit: pass",
        "import sys; sys.argv = ['dsapp', 'finance', 'review', '--help']; from dsapp.pipelines.cli import main\n"
        "try: main()\nexcept SystemExit: pass",
    ],
    ids=["import", "help", "command help"],
)
def test_nothing_heavy_is_loaded_before_it_is_used(code: str) -> None:
    report = f"{code}\nimport sys; print('LOADED', *sorted({{name.split('.')[0] for name in sys.modules}}), sep=' ')"
    done = subprocess.run([sys.executable, "-c", report], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.rsplit("LOADED", 1)[1].split())
    assert "dsapp" in loaded
    assert loaded & HEAVY == set()


def test_the_package_under_test_is_this_checkout() -> None:
    assert Path(dsapp.__file__).resolve().parent == ROOT
