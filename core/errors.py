"""Every error that dsapp raises on purpose, on one page.

    DsappError
    ├── UsageError            the call is wrong: unknown option value, impossible combination    (exit 2)
    │   ├── ConfigError       a file of settings is wrong: playbook, recipe, job file            (exit 2)
    │   └── RunFolderError    the folder is no run folder, holds another job or foreign files    (exit 2)
    ├── InputError            one input cannot be read; the run quarantines it and goes on
    ├── BundleError           a bundle cannot be used
    │   ├── BundleFormatError     unknown format version, unknown network or backend, pickle
    │   └── BundleIntegrityError  a file is missing, oversize, or its SHA-256 is another
    ├── BuildError            a build could not be compiled, or does not give the golden outputs
    ├── NumericError          a model gave NaN or infinity; names the item
    ├── MissingExtraError     an optional package is not installed; names the extra
    └── RunError              a run cannot start or go on
        ├── RunBusyError          another live run holds the folder
        ├── DiskFullError         no space left; finished items stay, the same command continues
        └── WorkerError           a worker process died, hung or outgrew its memory

Each message says what is wrong, where, and what to do. The command line prints the message; only
``--debug`` prints a traceback. No message holds a contract's text or a patient's name.
"""

from __future__ import annotations

from pathlib import Path


class DsappError(Exception):
    """Base of all errors that dsapp raises on purpose."""


class UsageError(DsappError):
    """The caller asked for something that cannot be: the call must be changed."""


class ConfigError(UsageError):
    """A file of settings is wrong; ``path`` and ``line`` (1-based, may be None) say where, ``message`` what."""

    def __init__(self, message: str, *, path: Path | str | None = None, line: int | None = None) -> None:
        where = f"{path}" if path is not None else ""
        if where and line is not None:
            where += f", line {line}"
        super().__init__(f"{where}: {message}" if where else message)
        self.message = message
        self.path = path
        self.line = line


class RunFolderError(UsageError):
    """The folder cannot be used as asked: no run folder, another job's, somebody else's files, or not writable."""


class InputError(DsappError):
    """One input cannot be read. The run quarantines it and goes on.

    ``code`` is a short stable word (``empty``, ``encrypted``, ``no_text``, ...), ``message`` a
    sentence for a person, ``remedy`` what that person can do about it.
    """

    def __init__(self, message: str, *, code: str, remedy: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.remedy = remedy

    def __reduce__(self):  # keyword-only arguments do not survive the default pickling
        return (_input_error, (self.message, self.code, self.remedy))


def _input_error(message: str, code: str, remedy: str) -> InputError:
    return InputError(message, code=code, remedy=remedy)


class BundleError(DsappError):
    """A bundle cannot be used."""


class BundleFormatError(BundleError):
    """The bundle is not in a form that this version understands or accepts."""


class BundleIntegrityError(BundleError):
    """A file of the bundle is missing, oversize, or not the one its card names."""


class BuildError(DsappError):
    """A build could not be compiled, or does not give the bundle's golden outputs."""


class NumericError(DsappError):
    """A model gave NaN or infinity for an item; the message names the item."""


class MissingExtraError(DsappError):
    """An optional package is not installed; the message names it and the extra that brings it."""


class RunError(DsappError):
    """A run cannot start or go on."""


class RunBusyError(RunError):
    """A live run holds the output folder; the same command works once that run has ended."""


class DiskFullError(RunError):
    """No space is left where the run writes. What is finished stays; the same command continues."""


class WorkerError(RunError):
    """A worker process died, hung past its time, or outgrew its memory."""
