"""Read everything: each source of the inputs into the spool, then machine by machine into the store.

A source that cannot be read is refused with its reason and leaves nothing behind; the others go on. Memory holds a block of rows at a time, whatever
the size of the data.
"""

from __future__ import annotations

import contextlib
import shutil
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from ...core.errors import ConfigError, InputError, UsageError
from ...core.job import Refusal
from ..plant import Plant
from .blocks import Block, Counts, TableReader
from .database import database_relation, label_of
from .find import Source, Sources, find_sources
from .limits import MAX_MACHINES, MAX_UNUSABLE_SHARE, MIN_UNUSABLE_ROWS
from .logs import Events, log_wanted, read_log, read_traits, renamed
from .relation import Hints, Relation, connect, relations
from .settle import settle
from .spool import Field, Spool
from .staged import Staged
from .words import Words

TOLD_EVERY_S = 2.0


def stage(
    plant: Plant,
    inputs: Iterable[str | Path],
    folder: Path | str,
    progress: Callable[[str], None] = lambda line: None,
    *,
    now: int | None = None,
) -> Staged:
    """Read the ``inputs`` (files, folders, database addresses) by the plant file into a store below ``folder``, which is emptied first.

    ``now`` is the moment, in microseconds UTC, after which a reading lies in the future (default: the clock's).

    Raises:
        UsageError: the plant file reads a database and none is among the inputs.
        ConfigError: a time pattern of the plant file is none.
        DiskFullError: the store does not fit; nothing else in ``folder`` is touched.
        MissingExtraError: a database's driver is not installed.
    """
    _check_patterns(plant)
    sources = find_sources(plant, inputs)
    _check_databases(plant, sources)
    root = Path(folder)
    store = _emptied(root / "store")
    with tempfile.TemporaryDirectory(dir=root, prefix="work-") as work:
        stager = _Stager(plant, Path(work), progress)
        try:
            stager.run(sources)
            moment = now if now is not None else time.time_ns() // 1000
            return settle(stager, store, sources.refusals, moment, progress)
        finally:
            stager.close()


def _emptied(folder: Path) -> Path:
    if folder.is_symlink() or (folder.exists() and not (folder.is_dir() and _is_store(folder))):
        raise UsageError(f"{folder} is in the way: it is no store of readings; choose another folder")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def _is_store(folder: Path) -> bool:
    return all(entry.suffix in (".bin", ".json", ".part") for entry in folder.iterdir())


def _check_patterns(plant: Plant) -> None:
    """Patterns of time that DuckDB cannot follow are an error of the plant file, not of each source."""
    import duckdb

    patterns = {plant.readings.time_format, *(log.time_format for log in plant.logs)}
    with duckdb.connect() as connection:
        for pattern in sorted(pattern for pattern in patterns if "%" in pattern):
            try:
                connection.execute("SELECT try_strptime('x', ?)", [pattern]).fetchall()
            except duckdb.Error as error:
                raise ConfigError(
                    f"time_format {pattern!r} is no pattern that can be read", path="plant file"
                ) from error


def _check_databases(plant: Plant, sources: Sources) -> None:
    queries = [plant.readings.sql, *(log.sql for log in plant.logs)]
    if any(queries) and not sources.databases:
        raise UsageError(
            "the plant file reads a database by 'sql', and the inputs name none: add its address or its file"
        )
    if sources.databases and not any(queries):
        for address in sources.databases:
            label = label_of(address)
            remedy = "write the query as 'sql' under [readings] in the plant file"
            sources.refusals.append(
                Refusal(label, Path(label), "no_query", f"the plant file says not what to read from {label}", remedy)
            )
        sources.databases.clear()


class _Stager:
    """What is gathered while sources are read, one after another."""

    def __init__(self, plant: Plant, work: Path, progress: Callable[[str], None]) -> None:
        self.plant, self.work, self.progress = plant, work, progress
        self.words = Words(plant.readings.states)
        self.reader = TableReader(plant, self.words)
        self.long = self.reader.long
        self.codes: dict[str, int] = {}
        self.old_names: dict[str, set[str]] = {}
        self.labels: list[str] = []
        self.machines_of: list[set[int]] = []
        self.notes: list[str] = []
        self.events = Events()
        self.traits: dict[str, dict[str, str | float]] = {}
        self.refused: list[Refusal] = []
        width = 0 if self.long else len(plant.sensors)
        self.spool = Spool(work, _fields(self.long, width))
        self.files = work / "files"
        self.files.mkdir()
        self.connection = connect(work / "spill")
        self._told = time.monotonic()

    def run(self, sources: Sources) -> None:
        """Read all sources."""
        readings, plant = self.plant.readings, self.plant
        hints = Hints(self.reader.wanted(), readings.separator, readings.decimal, readings.encoding, readings.sheet)
        num_files = len(sources.readings)
        for number, source in enumerate(sources.readings, start=1):
            self._tell(f"reading file {number:,} of {num_files:,}: {source.label}")
            self._file(source, hints, self._readings)
        if readings.sql:
            for address in sources.databases:
                self._database(address, readings.sql, hints, self._readings)
        for index, log in enumerate(plant.logs):
            log_hints = Hints(log_wanted(log), encoding=readings.encoding)

            def take(relation: Relation, log=log) -> None:
                read_log(relation, log, plant, self.events)

            for source in sources.logs.get(index, ()):
                self._file(source, log_hints, take)
            if log.sql:
                for address in sources.databases:
                    self._database(address, log.sql, log_hints, take)
        if plant.traits:
            traits = plant.traits
            trait_hints = Hints(frozenset({traits.machine, *traits.columns}), encoding=readings.encoding)
            for source in sources.traits:
                self._file(source, trait_hints, lambda relation: read_traits(relation, traits, plant, self.traits))

    def close(self) -> None:
        """Let go of everything."""
        self.spool.close()
        self.connection.close()

    def _file(self, source: Source, hints: Hints, take: Callable[[Relation], None]) -> None:
        with (
            self._guard(source.label, source.path),
            relations(source.path, source.label, hints, self.connection, self.files) as found,
        ):
            for relation in found:
                take(relation)

    def _database(self, address: str, sql: str, hints: Hints, take: Callable[[Relation], None]) -> None:
        label = label_of(address)
        self._tell(f"reading {label}")
        with (
            self._guard(label, Path(label)),
            database_relation(address, sql, hints, self.files, self.progress) as relation,
        ):
            take(relation)

    @contextlib.contextmanager
    def _guard(self, label: str, path: Path) -> Iterator[None]:
        """Turn what a source does wrong into a refusal, and take back what it had given."""
        import duckdb

        rows, num_notes, num_labels = self.spool.num_rows, len(self.notes), len(self.labels)
        try:
            yield
            return
        except InputError as error:
            refusal = Refusal(label, path, error.code, error.message, error.remedy, "read")
        except (duckdb.Error, OSError, UnicodeError) as error:
            if isinstance(error, duckdb.IOException) and "No space left" in str(error):
                from ...core.errors import DiskFullError

                raise DiskFullError(
                    f"no space left in {self.work}; free some and run the same command again"
                ) from error
            said = " ".join(str(error).split())[:200]
            refusal = Refusal(
                label, path, "corrupt", f"{label} cannot be read to its end: {said}", "copy or export it again", "read"
            )
        self.refused.append(refusal)
        self.spool.rollback(rows)
        del self.notes[num_notes:]
        del self.labels[num_labels:]
        del self.machines_of[num_labels:]

    def _tell(self, line: str) -> None:
        if time.monotonic() - self._told >= TOLD_EVERY_S:
            self._told = time.monotonic()
            self.progress(line)

    def _readings(self, relation: Relation) -> None:
        """Spool the rows of one relation. Raises InputError."""
        counts = Counts()
        machines: set[int] = set()
        for block in self.reader.blocks(relation, counts):
            machines.update(self._spool(block))
        rejected = relation.num_rejected()
        self._weigh(relation, counts, rejected)
        self.labels.append(relation.label)
        self.machines_of.append(machines)
        self.notes.extend(relation.notes)

    def _spool(self, block: Block) -> list[int]:
        import numpy as np

        codes = [self._code(name) for name in block.machines]
        arrays = {
            "code": np.array(codes, np.int32)[block.codes],
            "times": block.times,
            "naive": block.naive,
            "values": block.values,
            "flags": block.flags,
            "running": block.running,
            "clock": block.clock,
        }
        if block.tags is not None:
            arrays["tags"] = block.tags
        self.spool.append(**arrays)
        return codes

    def _code(self, name: str) -> int:
        today = renamed(self.plant, name)
        if today != name:
            self.old_names.setdefault(today, set()).add(name)
        code = self.codes.setdefault(today, len(self.codes))
        if code >= MAX_MACHINES:
            raise InputError(
                f"more than {MAX_MACHINES:,} machines: {self.plant.readings.machine!r} names no machines",
                code="too_many_machines",
                remedy="name the machine's column by 'machine' in the plant file",
            )
        return code

    def _weigh(self, relation: Relation, counts: Counts, rejected: int) -> None:
        """Note what was left out of a source, or refuse it where that is too much."""
        label, total = relation.label, counts.rows + rejected
        unusable = counts.unusable + rejected
        if not total:
            raise InputError(f"{label} holds a header and no rows", code="no_rows", remedy="check the export")
        usable = total - unusable
        if not usable or unusable > max(MIN_UNUSABLE_ROWS, total * MAX_UNUSABLE_SHARE):
            raise _unusable(label, counts, rejected, total, self.plant)
        if rejected:
            self.notes.append(f"{label}: {rejected:,} of {total:,} lines did not fit the header and were left out")
        if counts.no_time:
            shown = f" ({counts.example!r})" if counts.example not in ("", "None", "nan", "<NA>") else ""
            self.notes.append(
                f"{label}: {counts.no_time:,} of {total:,} rows without a readable time{shown} were left out"
            )
        if counts.no_machine:
            self.notes.append(
                f"{label}: {counts.no_machine:,} of {total:,} rows without a machine's name were left out"
            )
        if counts.other_tags:
            self.notes.append(
                f"{label}: {counts.other_tags:,} values of tags that the plant file does not name were passed over"
            )


def _unusable(label: str, counts: Counts, rejected: int, total: int, plant: Plant) -> InputError:
    if rejected >= max(counts.no_time, counts.no_machine):
        return InputError(
            f"{label}: {rejected:,} of {total:,} lines do not fit its header",
            code="broken_lines",
            remedy="set 'separator' in the plant file, or export it again",
        )
    if counts.no_time >= counts.no_machine:
        readings = plant.readings
        return InputError(
            f"{label}: {counts.no_time:,} of {total:,} rows have no time that reads as {readings.time_format!r}; one reads {counts.example!r}",
            code="bad_time",
            remedy="set 'time_format' in the plant file: iso, epoch_s, epoch_ms, cycles, or a pattern like %d.%m.%Y %H:%M",
        )
    return InputError(
        f"{label}: {counts.no_machine:,} of {total:,} rows name no machine in {plant.readings.machine!r}",
        code="no_machine",
        remedy="name the machine's column by 'machine', or leave it empty to take the file's name",
    )


def _fields(long: bool, width: int) -> list[Field]:
    fields = [
        Field("code", "<i4"),
        Field("times", "<i8"),
        Field("naive", "|b1"),
        Field("values", "<f8" if long else "<f4", width),
        Field("flags", "|u1", width),
        Field("running", "|i1"),
        Field("clock", "<f8"),
    ]
    return [*fields, Field("tags", "<i4")] if long else fields
