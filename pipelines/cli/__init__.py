"""The command line, one file a command group; commands parse, call one library function, and show.

Nothing but typer is loaded before a command runs (rich draws the help). ``main`` turns every error of dsapp into its
message and an exit code; a traceback, which could quote an input, is printed under ``--debug`` alone.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import traceback
from typing import Annotated, NoReturn

import typer

from ... import __version__
from ...core.errors import DsappError, UsageError
from . import doctor, finance, manufacturing, runs, schedule
from .output import EXIT_FAILED, EXIT_USAGE, complain

DEBUG = "--debug"

app = typer.Typer(
    name="dsapp",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Start with:  dsapp finance review contracts/",
)
app.add_typer(finance.app, name="finance")
app.add_typer(manufacturing.app, name="manufacturing")
app.add_typer(runs.app, name="runs")
app.add_typer(schedule.app, name="schedule")
app.command(name="doctor")(doctor.doctor)


def _show_version(wanted: bool) -> None:
    if wanted:
        print(f"dsapp {__version__}")
        raise typer.Exit()


@app.callback()
def root(
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Print the version and leave.")
    ] = False,
    debug: Annotated[
        bool, typer.Option(DEBUG, help="Print the traceback of an error; it may quote the input.")
    ] = False,
) -> None:
    """Contract review and predictive maintenance in batches that can be stopped at any moment and continued with the same command."""


def main() -> NoReturn:
    """Run the command that ``sys.argv`` names and leave with its exit code."""
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(AttributeError, ValueError):
            stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    with contextlib.suppress(ValueError):  # not in the main thread
        signal.signal(signal.SIGTERM, _stop)
    arguments, debug = _take_debug(sys.argv[1:])
    try:
        app(arguments, prog_name="dsapp")
    except DsappError as error:
        _trace(debug)
        complain(str(error))
        sys.exit(EXIT_USAGE if isinstance(error, UsageError) else EXIT_FAILED)
    except BrokenPipeError:  # the reader of our output left; a flush at exit would complain once more
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(EXIT_FAILED)
    except OSError as error:
        _trace(debug)
        complain(f"{error.strerror or type(error).__name__}: {error.filename or 'no file named'}")
        sys.exit(EXIT_FAILED)
    except Exception as error:
        _trace(debug)
        complain(f"an error inside dsapp: {_place(error)}. Add {DEBUG} for the traceback, and please report it")
        sys.exit(EXIT_FAILED)
    sys.exit(0)


def _take_debug(arguments: list[str]) -> tuple[list[str], bool]:
    """``--debug`` means the same wherever it stands before a ``--``."""
    end = arguments.index("--") if "--" in arguments else len(arguments)
    kept = [argument for argument in arguments[:end] if argument != DEBUG]
    return kept + arguments[end:], len(kept) < end


def _place(error: BaseException) -> str:
    """Class and innermost place; the message itself may quote an input."""
    from ..executors.attempt import places

    found = places(error.__traceback__)
    return f"{type(error).__name__} at {found[-1]}" if found else type(error).__name__


def _trace(debug: bool) -> None:
    if debug:
        traceback.print_exc()


def _stop(number: int, frame: object) -> NoReturn:
    raise KeyboardInterrupt
