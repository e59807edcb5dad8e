"""Late imports: the one way in which heavy or optional packages come in.

``need("onnxruntime", "int8 on the CPU", extra="onnx")`` imports a package at the moment it is used; where it
is missing, the error names the feature, the package and the command that installs it.
"""

from __future__ import annotations

import importlib
import importlib.metadata
import importlib.util
from types import ModuleType

from .errors import MissingExtraError


def need(module: str, feature: str, *, extra: str | None = None) -> ModuleType:
    """Import and return ``module``.

    Raises:
        MissingExtraError: it is not installed; the message says how to get it.
    """
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        if error.name is None or error.name.split(".")[0] != module.split(".")[0]:
            raise
        package = f"dsapp[{extra}]" if extra else module.split(".")[0]
        raise MissingExtraError(
            f"{feature} needs the package {module.split('.')[0]}, which is not installed: pip install '{package}'"
        ) from error


def has(module: str) -> bool:
    """Whether ``module`` can be found, without importing it."""
    try:
        return importlib.util.find_spec(module) is not None
    except (ModuleNotFoundError, ValueError):
        return False


def installed_version(package: str) -> str:
    """The installed version of a distribution, without importing it; empty where it is not installed."""
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return ""
