"""The last step of reading: rows sorted by machine, local stamps moved to UTC, long tables turned wide, digests and notes written with the store."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...core.job import Refusal
from ..local_time import DAY, LocalTime
from .limits import FILES_NAMED, MAX_ROWS_A_MACHINE
from .pivot import pivot
from .staged import ARRAYS, Staged
from .zones import to_utc

if TYPE_CHECKING:
    import numpy as np

    from .staging import _Stager


def settle(
    stager: _Stager, store: Path, refusals: Sequence[Refusal], now: int, progress: Callable[[str], None]
) -> Staged:
    """Make the store of all that was spooled. Raises DiskFullError."""
    return _Settling(stager, store, now, progress).run(refusals)


class _Settling:
    def __init__(self, stager: _Stager, store: Path, now: int, progress: Callable[[str], None]) -> None:
        self.stager, self.store, self.now, self.progress = stager, store, now, progress
        self.plant = stager.plant
        self.zone = LocalTime(self.plant.time_zone)
        self.sensors = tuple(sensor.name for sensor in self.plant.sensors)
        self.refused: list[Refusal] = []

    def run(self, refusals: Sequence[Refusal]) -> Staged:
        import numpy as np

        stager = self.stager
        names = list(stager.codes)
        counts = stager.spool.counts(len(names)) if names else np.zeros(0, np.int64)
        order = sorted(range(len(names)), key=lambda code: names[code])
        sorted_counts = counts[order] if names else counts
        begins = np.zeros(len(names), np.int64)
        if names:
            begins[order] = np.r_[0, np.cumsum(sorted_counts)[:-1]]
        self.progress(f"sorting {stager.spool.num_rows:,} rows by {int((counts > 0).sum()):,} machines")
        stager.spool.sort_into(stager.work, begins)
        files = self._files_by_code()
        entries, written, event_bytes = {}, 0, 0
        outs = {name: open(self.store / f"{name}.bin", "wb") for name in ARRAYS}  # noqa: SIM115
        try:
            with open(self.store / "events.bin", "wb") as event_file:
                for code in order:
                    rows = int(counts[code])
                    if not rows:
                        continue
                    if rows > MAX_ROWS_A_MACHINE:
                        self.refused.append(self._too_long(names[code], rows))
                        continue
                    arrays, notes = self._machine(names[code], int(begins[code]), rows)
                    events = sorted(stager.events.by_machine.get(names[code], ()))
                    traits = stager.traits.get(names[code], {})
                    coded = _coded(events)
                    entries[names[code]] = {
                        "name": names[code],
                        "start": written,
                        "rows": len(arrays["times"]),
                        "digest": _digest(arrays, coded, traits),
                        "files": files.get(code, [])[:FILES_NAMED],
                        "notes": notes,
                        "events": [event_bytes, len(coded)] if events else [],
                        "traits": traits,
                        "runs": bool((arrays["running"] >= 0).any()),
                    }
                    event_file.write(coded)
                    event_bytes += len(coded)
                    written += len(arrays["times"])
                    for name, out in outs.items():
                        np.ascontiguousarray(arrays[name], ARRAYS[name]).tofile(out)
        except OSError as error:
            from ...core.errors import DiskFullError

            raise DiskFullError(
                f"no space left while writing {self.store}; free some and run the same command again"
            ) from error
        finally:
            for out in outs.values():
                out.close()
        staged = Staged(
            self.store,
            self.sensors,
            (*refusals, *stager.refused, *self.refused, *self._nobody(entries, refusals)),
            tuple(self._notes(entries)),
            any(entry["runs"] for entry in entries.values()),
            bool(self.plant.clock.column),
            entries,
        )
        staged.save()
        return staged

    def _machine(self, name: str, start: int, rows: int) -> tuple[dict[str, np.ndarray], list[str]]:
        """The arrays of one machine as the store holds them, and its notes."""
        import numpy as np

        stager = self.stager
        found: dict[str, Any] = {}
        for field in stager.spool.fields:
            if field.name != "code":
                per_row = max(1, field.width)
                size = np.dtype(field.dtype).itemsize * per_row
                array = np.fromfile(stager.work / f"{field.name}.bin", field.dtype, rows * per_row, offset=start * size)
                found[field.name] = array.reshape(rows, field.width) if field.width else array
        notes = [f"also named {', '.join(sorted(stager.old_names[name]))}"] if name in stager.old_names else []
        found["times"] = self._utc(found, notes)
        if stager.long:
            found = self._wide(found)
        ahead = int((found["times"] > self.now + DAY).sum())
        if ahead:
            latest = self.zone.text(int(found["times"].max()))
            notes.append(f"{ahead:,} rows lie in the future (up to {latest}): a clock is wrong, or the time zone")
        return {key: found[key] for key in ARRAYS}, notes

    def _utc(self, found: dict[str, Any], notes: list[str]) -> np.ndarray:
        import numpy as np

        times, naive = found["times"], found["naive"]
        if self.plant.time_zone == "UTC" or not naive.any():
            return times
        rows = np.flatnonzero(naive)
        series = found["tags"][rows] if self.stager.long else None
        moved = to_utc(times[rows], self.plant.time_zone, series)
        times[rows] = moved.times
        if moved.num_nonexistent:
            notes.append(
                f"{moved.num_nonexistent:,} rows bear a local time that the spring clock change left out: moved on by the change"
            )
        if moved.num_ambiguous:
            notes.append(
                f"{moved.num_ambiguous:,} rows of the hour that the autumn clock change repeats came once: taken as its first pass"
            )
        return times

    def _wide(self, found: dict[str, Any]) -> dict[str, Any]:
        """Long rows turned wide; running state and counter come from their columns, or from tags of their own."""
        import numpy as np

        num_sensors = len(self.sensors)
        wide = pivot(found["times"], found["tags"], found["values"], found["flags"], num_sensors + 2)
        state, counter = wide.values[:, num_sensors], wide.values[:, num_sensors + 1]
        running = np.where(np.isnan(state), -1, state).astype(np.int8)
        clock = counter
        if (found["running"] >= 0).any() or not np.isnan(found["clock"]).all():
            by_time, first = np.unique(found["times"], return_index=True)
            at = np.searchsorted(by_time, wide.times)
            running = np.where(running >= 0, running, found["running"][first][at]).astype(np.int8)
            clock = np.where(np.isnan(clock), found["clock"][first][at], clock)
        return {
            "times": wide.times,
            "values": wide.values[:, :num_sensors].astype(np.float32),
            "flags": np.ascontiguousarray(wide.flags[:, :num_sensors]),
            "running": running,
            "clock": clock,
        }

    def _files_by_code(self) -> dict[int, list[str]]:
        files: dict[int, list[str]] = {}
        for label, codes in zip(self.stager.labels, self.stager.machines_of, strict=True):
            for code in codes:
                listed = files.setdefault(code, [])
                if len(listed) < FILES_NAMED:
                    listed.append(label)
        return files

    def _notes(self, entries: dict[str, Any]) -> list[str]:
        stager = self.stager
        notes = [*stager.notes, *stager.words.notes(), *stager.events.notes]
        strangers = sorted(set(stager.events.by_machine) - set(entries))
        if strangers:
            shown = ", ".join(strangers[:5])
            notes.append(f"the logs tell of {len(strangers):,} machines without readings: {shown}")
        return notes

    def _nobody(self, entries: dict[str, Any], refusals: Sequence[Refusal]) -> list[Refusal]:
        if entries or refusals or self.stager.refused or self.refused:
            return []
        reason = "no reading of any machine was found"
        return [
            Refusal("inputs", Path(), "no_machines", reason, "check 'files' in the plant file, and the inputs", "read")
        ]

    @staticmethod
    def _too_long(name: str, rows: int) -> Refusal:
        reason = f"machine {name} has {rows:,} rows; {MAX_ROWS_A_MACHINE:,} are read at most"
        return Refusal(name, Path(name), "too_large", reason, "thin its readings out, or leave old ones away", "read")


def _coded(events: Sequence[Any]) -> bytes:
    rows = [[e.time, e.kind, e.code, e.component, e.until, e.note] for e in events]
    return json.dumps(rows, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


def _digest(arrays: dict[str, np.ndarray], events: bytes, traits: dict[str, str | float]) -> str:
    """SHA-256 of a machine's content with its rows in an order of their own: by time, and at one time by what they hold."""
    import numpy as np

    times = arrays["times"]
    bits = np.ascontiguousarray(arrays["values"], np.float32).view(np.uint32).astype(np.uint64)
    if len(times) > 1 and not (np.diff(times) > 0).all():
        weights = np.arange(1, bits.shape[1] + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15) | np.uint64(1)
        mixed = (bits * weights).sum(axis=1, dtype=np.uint64) + arrays["flags"].astype(np.uint64) @ weights
        order = np.lexsort((arrays["running"], mixed, times))
        arrays = {name: array[order] for name, array in arrays.items()}
    digest = hashlib.sha256()
    for name, kind in ARRAYS.items():
        digest.update(np.ascontiguousarray(arrays[name], kind).tobytes())
    digest.update(events)
    digest.update(json.dumps(traits, sort_keys=True).encode())
    return digest.hexdigest()
