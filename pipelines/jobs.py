"""A job as JSON: where its class is found and what its fields hold, so that another process can build an equal one.

Worker processes get their job in this form, and the manifest keeps the fields for a retry. A class is looked up by name in
dsapp itself, or in a package that the caller named beforehand; only a frozen dataclass with a job's functions is built, and
only from its own fields.
"""

from __future__ import annotations

import dataclasses
import importlib
import json
from collections.abc import Mapping, Sequence
from typing import Any, cast

from ..core.errors import UsageError
from ..core.job import Job

PACKAGE = __name__.split(".")[0]
FUNCTIONS = ("settings", "bundles", "prepare", "find", "do", "close")


def fields_of(job: Job) -> dict[str, Any] | None:
    """The fields that a job was made with; None where they are no JSON (texts, numbers, truths, tuples, dictionaries)."""
    if not dataclasses.is_dataclass(job):
        return None
    fields = {one.name: getattr(job, one.name) for one in dataclasses.fields(job) if one.init}
    try:
        return json.loads(json.dumps(fields, allow_nan=False))
    except (TypeError, ValueError):
        return None


def job_to(job: Job, packages: Sequence[str] = ()) -> dict[str, Any]:
    """The job as JSON.

    Raises:
        UsageError: ``job_from`` could not make an equal job of it; the message says why.
    """
    kind = type(job)
    content = {"module": kind.__module__, "class": kind.__qualname__, "fields": fields_of(job)}
    if content["fields"] is None:
        raise UsageError("its fields must be texts, numbers, truths, and tuples or dictionaries of them")
    if job_from(content, packages) != job:
        raise UsageError("made anew from its fields it is another job")
    return content


def job_from(content: Mapping[str, Any], packages: Sequence[str] = ()) -> Job:
    """The job that ``job_to`` wrote; ``packages`` are those beside dsapp in which its class may lie.

    Raises:
        UsageError: the class lies elsewhere, is not there, or is no job; or the fields are not its own.
    """
    module, name = str(content["module"]), str(content["class"])
    if module.split(".")[0] not in (PACKAGE, *packages) or not all(part.isidentifier() for part in module.split(".")):
        raise UsageError(f"its class must lie in {' or '.join((PACKAGE, *packages))}, not in {module[:80]!r}")
    try:
        kind = getattr(importlib.import_module(module), name, None)
    except ImportError as error:
        raise UsageError(f"the module {module[:80]} cannot be imported") from error
    if kind is None:
        raise UsageError(f"its class must be importable by name: {module[:80]} has no {name[:80]!r}")
    return build(kind, content["fields"])


def build(kind: Any, fields: Any) -> Job:
    """A job of the class ``kind`` with these fields, of which lists become tuples.

    Raises:
        UsageError: ``kind`` is no frozen dataclass with a job's functions, or the fields are not its own.
    """
    params = getattr(kind, "__dataclass_params__", None)
    if not isinstance(kind, type) or not getattr(params, "frozen", False):
        raise UsageError("its class must be a frozen dataclass")
    if lacking := [name for name in FUNCTIONS if not callable(getattr(kind, name, None))]:
        raise UsageError(f"its class is no job: it lacks {', '.join(lacking)}")
    known = {field.name for field in dataclasses.fields(cast(Any, kind)) if field.init}
    if not isinstance(fields, Mapping) or not set(fields) <= known:
        raise UsageError("the fields are not those of its class")
    return cast(Any, kind)(**{name: _tuples(value) for name, value in fields.items()})


def _tuples(value: Any) -> Any:
    if isinstance(value, list):
        return tuple(_tuples(entry) for entry in value)
    if isinstance(value, dict):
        return {name: _tuples(entry) for name, entry in value.items()}
    return value
