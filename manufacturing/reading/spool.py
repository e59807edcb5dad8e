"""Rows of all sources in the order they came, on disk, and then sorted by machine: no more than a block of rows is held in memory.

A source that fails half-way is rolled back to where it began, so that nothing is half read.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...core.errors import DiskFullError
from .limits import ROWS_AT_ONCE

if TYPE_CHECKING:
    import numpy as np


@dataclass(frozen=True)
class Field:
    """One array of the spool: ``width`` entries a row (0: a single one, no second axis)."""

    name: str
    dtype: str
    width: int = 0


class Spool:
    """Arrays that grow by blocks, each in a file of its own below ``folder``; the field ``code`` is the machine's number."""

    def __init__(self, folder: Path, fields: Sequence[Field]) -> None:
        self.fields = tuple(fields)
        self.folder = folder
        self.num_rows = 0
        self._files: dict[str, Any] = {field.name: open(folder / f"{field.name}.spool", "w+b") for field in fields}  # noqa: SIM115

    def append(self, **arrays: np.ndarray) -> None:
        """Add a block. Raises DiskFullError."""
        import numpy as np

        count = len(arrays["code"])
        try:
            for field in self.fields:
                np.ascontiguousarray(arrays[field.name], dtype=field.dtype).tofile(self._files[field.name])
        except OSError as error:
            raise DiskFullError(
                f"no space left while writing {self.folder}; free some and run the same command again"
            ) from error
        self.num_rows += count

    def rollback(self, num_rows: int) -> None:
        """Forget all rows after the first ``num_rows``."""
        for field in self.fields:
            stream = self._files[field.name]
            stream.flush()
            stream.truncate(num_rows * self._row_bytes(field))
            stream.seek(0, os.SEEK_END)
        self.num_rows = num_rows

    def blocks(self) -> Iterator[dict[str, np.ndarray]]:
        """The rows again, a block at a time."""
        import numpy as np

        for stream in self._files.values():
            stream.flush()
            stream.seek(0)
        for start in range(0, self.num_rows, ROWS_AT_ONCE):
            count = min(ROWS_AT_ONCE, self.num_rows - start)
            yield {
                field.name: _shaped(
                    np.fromfile(self._files[field.name], field.dtype, count * max(1, field.width)), field
                )
                for field in self.fields
            }

    def counts(self, num_codes: int) -> np.ndarray:
        """int64[codes]: rows of each machine."""
        import numpy as np

        total = np.zeros(num_codes, np.int64)
        stream = self._files["code"]
        stream.flush()
        stream.seek(0)
        for start in range(0, self.num_rows, ROWS_AT_ONCE):
            block = np.fromfile(stream, "<i4", min(ROWS_AT_ONCE, self.num_rows - start))
            total += np.bincount(block, minlength=num_codes)
        return total

    def sort_into(self, folder: Path, starts: np.ndarray) -> None:
        """Write each field to ``folder``/NAME.bin with the rows of machine ``code`` from row ``starts[code]`` on, in the order they came."""
        import numpy as np

        if not self.num_rows:
            return
        filled = starts.copy()
        kept = [field for field in self.fields if field.name != "code"]
        for field in kept:
            with open(folder / f"{field.name}.bin", "wb") as out:
                out.truncate(self.num_rows * self._row_bytes(field))
        for block in self.blocks():
            code = block["code"]
            order = np.argsort(code, kind="stable")
            ordered = code[order]
            firsts = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]])
            lengths = np.diff(np.r_[firsts, len(ordered)])
            within = np.arange(len(ordered)) - np.repeat(firsts, lengths)
            target = filled[ordered] + within
            filled[ordered[firsts]] += lengths
            for field in kept:
                # Mapped anew for each block, so that pages of earlier blocks do not stay with this process.
                stored = np.memmap(folder / f"{field.name}.bin", field.dtype, "r+", shape=_shape(field, self.num_rows))
                stored[target] = block[field.name][order]
                del stored

    def close(self) -> None:
        """Close and remove the files."""
        for name, stream in self._files.items():
            stream.close()
            (self.folder / f"{name}.spool").unlink(missing_ok=True)

    @staticmethod
    def _row_bytes(field: Field) -> int:
        import numpy as np

        return np.dtype(field.dtype).itemsize * max(1, field.width)


def _shape(field: Field, count: int) -> tuple[int, ...]:
    return (count, field.width) if field.width else (count,)


def _shaped(values: np.ndarray, field: Field) -> np.ndarray:
    return values.reshape(-1, field.width) if field.width else values
