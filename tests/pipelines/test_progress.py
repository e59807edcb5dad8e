"""The time left goes by cost, lines come without a terminal, and a bar is drawn with one."""

from __future__ import annotations

import io
import time

import pytest

from dsapp.pipelines.progress import Bar, Lines, State, duration, for_stream, line


def test_the_line_tells_counts_cost_and_the_time_left_by_cost() -> None:
    state = State(num_items=100, num_done=50, num_quarantined=3, cost_total=1000, cost_done=250, unit="pages")
    assert line(state, 60) == "50 done, 3 quarantined, 47 left; 250 of 1,000 pages, about 3 min left"
    none_yet = State(10, 0, 0, 100, 0, "pages")
    assert line(none_yet, 60) == "0 done, 0 quarantined, 10 left; 0 of 100 pages"


@pytest.mark.parametrize(("seconds", "text"), [(12.4, "12 s"), (89, "89 s"), (600, "10 min"), (12_000, "3 h 20 min")])
def test_durations(seconds: float, text: str) -> None:
    assert duration(seconds) == text


def test_lines_come_also_while_one_long_item_is_worked_on() -> None:
    stream = io.StringIO()
    lines = Lines(stream, seconds=0.01)
    lines.note("2 are done already")
    lines.start(State(4, 2, 0, 10, 0, "pages"))
    for _ in range(300):
        if stream.getvalue().count("\n") >= 3:
            break
        time.sleep(0.01)
    lines.stop()
    printed = stream.getvalue().splitlines()
    assert printed[0] == "2 are done already"
    assert printed[1] == printed[2] == "2 done, 0 quarantined, 2 left; 0 of 10 pages"
    lines.stop()
    assert stream.getvalue().splitlines() == printed


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_bar_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "120")
    monkeypatch.setenv("TERM", "xterm")
    stream = Terminal()
    bar = for_stream(stream)
    assert isinstance(bar, Bar)
    bar.note("before")
    bar.start(State(4, 0, 0, 10, 0, "pages"))
    bar.note("[bold]not markup")
    bar.update(State(4, 3, 1, 10, 10, "pages"))
    bar.stop()
    text = stream.getvalue()
    assert "before" in text
    assert "[bold]not markup" in text
    assert "3 done, 1 quarantined, 0 left" in text
    assert "100%" in text


def test_no_terminal_no_bar() -> None:
    assert isinstance(for_stream(io.StringIO()), Lines)
