"""``dsapp schedule``: commands of dsapp at times, run once each, by one scheduler or by several that share a store."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ...core.errors import RunError, UsageError
from ..schedule.types import CatchUp, NotifyOn, State
from .options import JsonOption, to_out_folder, to_words
from .output import EXIT_FAILED, EXIT_QUARANTINED, complain, printable, write_json_to

if TYPE_CHECKING:
    from ..schedule.store import Store
    from ..schedule.types import Schedule

app = typer.Typer(no_args_is_help=True, help="Commands at times: add them, run them, see what came of them.")

NOT_SCHEDULED = ("schedule", "serve")
NameArgument = Annotated[str, typer.Argument(help="Name of the schedule.", metavar="NAME", show_default=False)]
StoreOption = Annotated[
    str | None,
    typer.Option(
        "--store",
        metavar="URL",
        parser=to_words,
        help="SQLite file, or postgresql://USER@HOST/DATABASE. Without it DSAPP_SCHEDULES, else a file of this user's.",
    ),
]
LogsOption = Annotated[
    Path | None,
    typer.Option(
        "--logs",
        metavar="D",
        parser=to_out_folder,
        help="Folder for log files. Without it one beside the SQLite file, or in this user's data folder.",
        show_default=False,
    ),
]
LimitOption = Annotated[int, typer.Option("--limit", min=1, max=10_000, metavar="N", help="Show the last N runs.")]


class Target(StrEnum):
    """The schedulers that a schedule can be written for."""

    systemd = "systemd"
    cron = "cron"


@app.command(context_settings={"ignore_unknown_options": False})
def add(
    name: NameArgument,
    command: Annotated[
        list[str],
        typer.Argument(help="The command, after --, without dsapp.", metavar="-- COMMAND", show_default=False),
    ],
    cron: Annotated[
        str,
        typer.Option(
            "--cron", metavar="TIMES", parser=to_words, help="Five fields as in crontab, or @daily and its kin."
        ),
    ],
    time_zone: Annotated[
        str | None,
        typer.Option(
            "--time-zone", metavar="ZONE", parser=to_words, help="As Europe/Berlin. Without it this machine's."
        ),
    ] = None,
    catch_up: Annotated[
        CatchUp,
        typer.Option(
            "--catch-up", help="Times missed while no scheduler ran: leave out, run the latest one, or run each."
        ),
    ] = CatchUp.latest,
    retries: Annotated[
        int, typer.Option("--retries", min=0, max=100, metavar="N", help="Attempts after one that failed.")
    ] = 0,
    retry_seconds: Annotated[
        float,
        typer.Option(
            "--retry-seconds", min=0, metavar="S", help="Wait before the first retry; each next one waits twice."
        ),
    ] = 60.0,
    deadline: Annotated[
        float,
        typer.Option("--deadline", min=0, metavar="MIN", help="Kill an attempt after so many minutes. 0 is none."),
    ] = 0.0,
    notify: Annotated[
        list[str] | None,
        typer.Option(
            "--notify",
            metavar="TARGET",
            help="https://..., env:NAME (a web address in that variable), mailto:NAME@HOST, or command:WORDS. May be repeated.",
            show_default=False,
        ),
    ] = None,
    notify_on: Annotated[
        NotifyOn, typer.Option("--notify-on", help="failure; warning: also when items went into quarantine; or always.")
    ] = NotifyOn.failure,
    store: StoreOption = None,
) -> None:
    """Add a schedule. The command is started in the current folder, once at each time.

    Example:  dsapp schedule add nightly --cron "0 5 * * *" -- finance review contracts --out review
    """
    from ..schedule.notify import check_target
    from ..schedule.times import local_zone_name, next_time, normal_cron, zone_of
    from ..schedule.types import Settings
    from .commands import check_command
    from .schedule_show import shown_time

    words = command[1:] if command[:1] == ["dsapp"] else list(command)
    zone = time_zone or local_zone_name()
    zone_of(zone)
    settings = Settings(
        name=name,
        cron=normal_cron(cron),
        time_zone=zone,
        command=tuple(words),
        folder=os.getcwd(),
        catch_up=catch_up,
        retries=retries,
        retry_seconds=retry_seconds,
        deadline_seconds=deadline * 60,
        notify=tuple(check_target(target) for target in notify or ()),
        notify_on=notify_on,
    )
    settings.check()
    check_command(words, NOT_SCHEDULED)
    with _opened(store) as opened:
        schedule = opened.add(settings, datetime.now(UTC))
        following = next_time(settings.cron, zone, schedule.cursor)
        print(f"{name}: next {shown_time(following, zone)}")
        print(f"run it with: dsapp schedule start{_store_words(store)}", file=sys.stderr)


@app.command("list")
def list_schedules(store: StoreOption = None, json_target: JsonOption = None) -> None:
    """List the schedules: when each runs next, and how it ended last.

    Example:  dsapp schedule list
    """
    from .schedule_show import schedule_json, schedule_lines

    with _opened(store) as opened:
        schedules = opened.list()
        unfinished = {run.schedule: run for run in opened.unfinished()}
        followings = {one.settings.name: _following(one) for one in schedules}
        if json_target:
            write_json_to(
                json_target,
                [
                    schedule_json(one, followings[one.settings.name], unfinished.get(one.settings.name))
                    for one in schedules
                ],
            )
            return
        if not schedules:
            print("no schedules; add one with: dsapp schedule add NAME --cron TIMES -- COMMAND")
        for one in schedules:
            name = one.settings.name
            ended = [run for run in opened.history(name, limit=2) if run.state not in (State.running, State.waiting)]
            print(schedule_lines(one, followings[name], ended[0] if ended else None, unfinished.get(name)))


@app.command()
def now(name: NameArgument, store: StoreOption = None, logs: LogsOption = None) -> None:
    """Run a schedule's command at once, here, and wait for it. A retry that is due later is made now instead.

    Exit codes: 0 done, 3 some items in quarantine, 1 failed or running already, 2 wrong usage.

    Example:  dsapp schedule now nightly
    """
    from ..schedule.claims import Claims
    from ..schedule.scheduler import Scheduler

    with _opened(store) as opened, _stopped_by_signals() as (stop, _):
        claims = Claims(opened)
        claim = claims.claim_by_hand(name, datetime.now(UTC))
        scheduler = Scheduler(opened, _logs_folder(store, logs), claims=claims, report=_report)
        run = scheduler.run_claim(claim, stop, echo=sys.stdout.buffer)
    if run is None:
        raise RunError(f"{name}: the lease was lost, so its end is not recorded; see dsapp schedule history {name}")
    if run.state is State.warning:
        raise typer.Exit(EXIT_QUARANTINED)
    if run.state is not State.done:
        raise typer.Exit(EXIT_FAILED)


@app.command()
def pause(name: NameArgument, store: StoreOption = None) -> None:
    """Begin no further runs of a schedule; one that runs now goes on to its end.

    Example:  dsapp schedule pause nightly
    """
    with _opened(store) as opened:
        opened.pause(name)
    print(f"{printable(name)}: paused")


@app.command()
def resume(name: NameArgument, store: StoreOption = None) -> None:
    """Let a paused schedule run again, from its next time on.

    Example:  dsapp schedule resume nightly
    """
    from .schedule_show import shown_time

    with _opened(store) as opened:
        opened.resume(name, datetime.now(UTC))
        schedule = opened.get(name)
        print(f"{name}: next {shown_time(_following(schedule), schedule.settings.time_zone)}")


@app.command()
def remove(name: NameArgument, store: StoreOption = None) -> None:
    """Remove a schedule, its history and its log files.

    Example:  dsapp schedule remove nightly
    """
    from .schedule_show import remove_logs

    with _opened(store) as opened:
        remove_logs(opened.remove(name))
    print(f"{printable(name)}: removed")


@app.command()
def history(
    name: Annotated[
        str | None, typer.Argument(help="Name of a schedule; all without it.", metavar="NAME", show_default=False)
    ] = None,
    limit: LimitOption = 20,
    store: StoreOption = None,
    json_target: JsonOption = None,
) -> None:
    """Show the last runs, the latest first: when each was planned, how it ended, and its attempts.

    Example:  dsapp schedule history nightly
    """
    from .schedule_show import run_json, run_lines

    with _opened(store) as opened:
        runs = opened.history(name, limit=limit)
        zones = {one.settings.name: one.settings.time_zone for one in opened.list()}
    if json_target:
        write_json_to(json_target, [run_json(run) for run in runs])
        return
    if not runs:
        print("no runs yet")
    for run in runs:
        print(run_lines(run, zones))


@app.command()
def logs(
    name: NameArgument,
    run: Annotated[
        int | None, typer.Option("--run", min=1, metavar="ID", help="The run of this number, as history shows it.")
    ] = None,
    attempt: Annotated[
        int | None, typer.Option("--attempt", min=1, metavar="N", help="An earlier attempt of the run.")
    ] = None,
    store: StoreOption = None,
) -> None:
    """Print what the command printed: at the last run, or at one of the history.

    Example:  dsapp schedule logs nightly
    """
    from .schedule_show import print_log

    with _opened(store) as opened:
        runs = [one for one in opened.history(name, limit=10_000) if one.attempts]
    chosen = next((one for one in runs if run in (None, one.id)), None)
    if chosen is None:
        raise UsageError(f"{name} has no {'run yet' if run is None else f'run {run} that was begun'}; see its history")
    attempts = [one for one in chosen.attempts if attempt in (None, one.number) and one.log]
    if not attempts:
        raise UsageError(f"run {chosen.id} has no such attempt with a log; see dsapp schedule history {name}")
    print_log(attempts[-1])


@app.command()
def start(
    store: StoreOption = None,
    logs: LogsOption = None,
    parallel: Annotated[
        int, typer.Option("--parallel", min=1, max=64, metavar="N", help="Run at most N commands at a time.")
    ] = 2,
    stop_seconds: Annotated[
        float,
        typer.Option(
            "--stop-seconds",
            min=0,
            metavar="S",
            help="When stopped, give running commands so long to end by themselves.",
        ),
    ] = 60.0,
) -> None:
    """Run the schedules, in the foreground, until SIGTERM or Ctrl-C. Several may share one store.

    Stopped, it begins nothing more and waits; a command that is not done in time is asked to end and goes on at the
    next start. A second signal asks at once.

    Example:  dsapp schedule start --store postgresql://dsapp@db.example.com/dsapp
    """
    from ..schedule.scheduler import Scheduler

    with _opened(store) as opened, _stopped_by_signals() as (stop, hurry):
        folder = _logs_folder(store, logs)
        scheduler = Scheduler(opened, folder, parallel=parallel, stop_seconds=stop_seconds, report=_report)
        schedules = opened.list()
        _report(f"{len(schedules)} schedules in {opened.database.name}, logs in {folder}")
        scheduler.serve(stop, hurry)


@app.command()
def export(
    name: NameArgument,
    to: Annotated[Target, typer.Option("--to", help="Which scheduler to write for.", show_default=False)],
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            metavar="D",
            parser=to_out_folder,
            help="Folder for the files; else they are printed.",
            show_default=False,
        ),
    ] = None,
    store: StoreOption = None,
) -> None:
    """Write a schedule as a systemd service and timer, or as lines of a crontab. Pause it here before you install it there.

    Example:  dsapp schedule export nightly --to systemd --out units
    """
    from ..schedule import crontab, systemd

    with _opened(store) as opened:
        schedule = opened.get(name)
    if to is Target.cron:
        files, notes = {f"dsapp-{name}.cron": crontab.lines(schedule.settings)}, crontab.not_carried(schedule.settings)
    else:
        files, notes = systemd.units(schedule.settings, datetime.now(UTC)), systemd.not_carried(schedule.settings)
        if not systemd.verify(files):
            notes = [*notes, "systemd-analyze is not on this machine, so the units were not verified"]
    for note in notes:
        complain(f"{name}: {note}")
    if not schedule.paused:
        complain(f"{name}: dsapp schedule start would run it too; before you install it: dsapp schedule pause {name}")
    if out is None:
        print("\n".join(content.rstrip("\n") + "\n" for content in files.values()), end="")
        return
    from ...core.files import write_text

    for file, content in files.items():
        write_text(out / file, content)
        print(printable(out / file))
    if to is Target.systemd:
        print(systemd.installing(list(files)), file=sys.stderr)


@contextlib.contextmanager
def _opened(address: str | None) -> Iterator[Store]:
    from ..schedule.database import Database, check_address, default_address
    from ..schedule.store import Store

    if address is not None:
        check_address(address)
    database = Database(address or default_address())
    try:
        yield Store(database)
    finally:
        database.close()


@contextlib.contextmanager
def _stopped_by_signals() -> Iterator[tuple[threading.Event, threading.Event]]:
    """Two events that SIGTERM and SIGINT set, the second one at the second signal, instead of ending this process."""
    stop, hurry = threading.Event(), threading.Event()
    before: dict[Any, Any] = {}

    def end(number: int, frame: object) -> None:
        (hurry if stop.is_set() else stop).set()

    for number in (signal.SIGTERM, signal.SIGINT):
        before[number] = signal.signal(number, end)
    try:
        yield stop, hurry
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _logs_folder(address: str | None, logs: Path | None) -> Path:
    from ..schedule.database import data_folder, default_address

    if logs is not None:
        return Path(os.path.abspath(logs))
    given = (address or default_address()).removeprefix("sqlite:///")
    if "://" in given:
        return data_folder() / "schedule-logs"
    path = Path(os.path.abspath(Path(given).expanduser()))
    return path.with_name(f"{path.stem}-logs")


def _following(schedule: Schedule) -> datetime | None:
    from ..schedule.times import next_time

    if schedule.paused:
        return None
    return next_time(schedule.settings.cron, schedule.settings.time_zone, max(schedule.cursor, datetime.now(UTC)))


def _store_words(store: str | None) -> str:
    import shlex

    return f" --store {shlex.quote(store)}" if store else ""


def _report(line: str) -> None:
    print(printable(f"{datetime.now().astimezone().isoformat(timespec='seconds')} {line}"), file=sys.stderr, flush=True)
