"""News of a run: real web and mail servers of this machine, a command, and what happens when they fail."""

from __future__ import annotations

import json
import sys
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult
from schedule_parts import NIGHT, Serving, ended, eventually, settings, stores

from dsapp.core.errors import UsageError
from dsapp.pipelines.schedule.clock import FastClock
from dsapp.pipelines.schedule.notify import News, check_target, notify, shown_target
from dsapp.pipelines.schedule.types import NotifyOn, State

PLANNED = datetime(2026, 1, 10, 5, tzinfo=UTC)
pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")


def news(state: State = State.failed, **changes: Any) -> News:
    given: dict[str, Any] = {
        "schedule": "nightly",
        "planned": PLANNED,
        "state": state,
        "exit_code": 1,
        "attempts": 2,
        "reason": "exit code 1",
        "host": "plant-server",
        "log": "/logs/x.log",
        "fence": 7,
        **changes,
    }
    return News(**given)


def tell(target: str, environment: dict[str, str] | None = None, **changes: Any) -> list[str]:
    return notify(
        [target], NotifyOn.failure, news(**changes), environment=environment or {}, pause=lambda seconds: None
    )


class Web:
    """A web server that keeps what is posted and answers with ``codes`` in turn, the last one for ever."""

    def __init__(self, *codes: int, location: str = "") -> None:
        self.posted: list[dict[str, Any]] = []
        left = list(codes)
        web = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                web.posted.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
                self.send_response(left.pop(0) if len(left) > 1 else left[0])
                if location:
                    self.send_header("Location", location)
                self.end_headers()

            def log_message(self, *words: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook/token123"
        self.thread = threading.Thread(target=self.server.serve_forever)
        self.thread.start()

    def close(self) -> None:
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


@pytest.fixture
def web(request: pytest.FixtureRequest) -> Iterator[Any]:
    opened: list[Web] = []

    def make(*codes: int, **options: Any) -> Web:
        opened.append(Web(*codes, **options))
        return opened[-1]

    yield make
    for one in opened:
        one.close()


class Mailbox:
    """A mail server that keeps what it gets; ``password`` makes it ask for one."""

    def __init__(self, password: str = "") -> None:
        self.mails: list[Any] = []
        self.logins: list[tuple[str, str]] = []

        def check(server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
            self.logins.append((data.login.decode(), data.password.decode()))
            return AuthResult(success=data.password.decode() == password, handled=False)

        options = {"authenticator": check, "auth_required": True, "auth_require_tls": False} if password else {}
        self.controller = Controller(self, hostname="127.0.0.1", port=0, **options)  # type: ignore[arg-type]

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        self.mails.append(envelope)
        return "250 OK"

    def __enter__(self) -> Mailbox:
        # port 0 cannot be asked back from the controller before it has started, and its self-check needs the number
        import socket

        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.controller.port = probe.getsockname()[1]
        self.controller.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.controller.stop()

    @property
    def address(self) -> str:
        return f"smtp://planner@127.0.0.1:{self.controller.port}"


def test_a_webhook_gets_the_facts_as_json(web: Any) -> None:
    server = web(200)
    assert tell(server.url) == []
    assert server.posted == [
        {
            "schema": "dsapp.schedule.notification/1",
            "schedule": "nightly",
            "planned": "2026-01-10T05:00:00+00:00",
            "state": "failed",
            "exit_code": 1,
            "attempts": 2,
            "reason": "exit code 1",
            "host": "plant-server",
            "log": "/logs/x.log",
            "fence": 7,
        }
    ]


def test_a_webhook_is_tried_three_times(web: Any) -> None:
    server = web(503, 503, 204)
    assert tell(server.url) == []
    assert len(server.posted) == 3
    broken = web(500)
    (line,) = tell(broken.url)
    assert len(broken.posted) == 3
    assert line == f"http://127.0.0.1:{broken.server.server_port}/... was not told: HTTP status 500"


def test_a_redirect_is_not_followed(web: Any) -> None:
    elsewhere = web(200)
    server = web(302, location=elsewhere.url)
    (line,) = tell(server.url)
    assert "HTTP status 302" in line
    assert elsewhere.posted == []


def test_an_address_that_is_a_secret_comes_from_a_variable(web: Any) -> None:
    server = web(200)
    assert tell("env:HOOK", {"HOOK": server.url}) == []
    assert len(server.posted) == 1
    assert tell("env:HOOK") == ["env:HOOK was not told: the environment variable HOOK is not set"]
    assert tell("env:HOOK", {"HOOK": "file:///etc/passwd"}) == [
        "env:HOOK was not told: the address in HOOK is no web address"
    ]


def test_nobody_answers() -> None:
    (line,) = tell("http://127.0.0.1:9/secret-path")
    assert "Connection refused" in line
    assert "secret-path" not in line


def test_a_server_that_is_silent_costs_bounded_time(monkeypatch: pytest.MonkeyPatch) -> None:
    import socket

    monkeypatch.setattr("dsapp.pipelines.schedule.notify.SECONDS_PER_TRY", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        began = time.monotonic()
        (line,) = tell(f"http://127.0.0.1:{silent.getsockname()[1]}/")
        assert time.monotonic() - began < 10
    assert "timed out" in line.lower() or "timeout" in line.lower()


def test_a_mail_is_sent() -> None:
    with Mailbox() as box:
        assert (
            tell("mailto:planner@plant.example", {"DSAPP_SMTP": box.address, "DSAPP_SMTP_FROM": "dsapp@plant.example"})
            == []
        )
        (mail,) = box.mails
    assert mail.rcpt_tos == ["planner@plant.example"]
    assert mail.mail_from == "dsapp@plant.example"
    text = mail.content.decode()
    assert "Subject: dsapp: nightly failed, planned 2026-01-10 05:00 UTC" in text
    assert "reason: exit code 1" in text
    assert "log: /logs/x.log" in text


def test_a_mail_with_a_password() -> None:
    with Mailbox("geheim") as box:
        environment = {"DSAPP_SMTP": box.address, "DSAPP_SMTP_PASSWORD": "geheim"}
        assert tell("mailto:planner@plant.example", environment) == []
        assert box.logins == [("planner", "geheim")]
        (line,) = tell("mailto:planner@plant.example", {**environment, "DSAPP_SMTP_PASSWORD": "falsch"})
        assert line == "mailto:planner@plant.example was not told: the mail server answered 535"
        assert "falsch" not in line
        assert len(box.mails) == 1


def test_a_password_is_not_sent_in_clear_to_another_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dsapp.pipelines.schedule.notify.LOCAL_HOSTS", ())
    with Mailbox("geheim") as box:
        (line,) = tell("mailto:a@b.example", {"DSAPP_SMTP": box.address, "DSAPP_SMTP_PASSWORD": "geheim"})
        assert "offers no encryption" in line
        assert box.logins == []


def test_mail_settings_that_cannot_be_are_told() -> None:
    assert "DSAPP_SMTP is not set" in tell("mailto:a@b.example")[0]
    for wrong in ("ftp://host", "smtp://me:geheim@host", "smtp://host:99999"):
        (line,) = tell("mailto:a@b.example", {"DSAPP_SMTP": wrong})
        assert "geheim" not in line
        assert "DSAPP_SMTP" in line


def test_a_command_gets_the_json_and_no_shell(tmp_path: Path) -> None:
    (tmp_path / "told.py").write_text(
        "import pathlib, sys; pathlib.Path(sys.argv[1]).write_text(sys.stdin.read() + '|' + sys.argv[2])"
    )
    target = f"command:{sys.executable} {tmp_path / 'told.py'} {tmp_path / 'got'} '$HOME; touch x'"
    assert tell(check_target(target)) == []
    content, word = (tmp_path / "got").read_text().split("|")
    assert json.loads(content)["state"] == "failed"
    assert word == "$HOME; touch x"


def test_a_command_that_fails_or_hangs_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "exit code 4" in tell(f"command:{sys.executable} -c 'import sys; sys.exit(4)'")[0]
    assert "FileNotFoundError" in tell("command:/no/such/program")[0]
    monkeypatch.setattr("dsapp.pipelines.schedule.notify.COMMAND_SECONDS", 0.3)
    assert "longer than" in tell(f"command:{sys.executable} -c 'import time; time.sleep(60)'")[0]


@pytest.mark.parametrize(
    ("when", "told"),
    [
        (NotifyOn.failure, {State.failed}),
        (NotifyOn.warning, {State.failed, State.warning}),
        (NotifyOn.always, {State.failed, State.warning, State.done}),
    ],
)
def test_when_somebody_is_told(web: Any, when: NotifyOn, told: set[State]) -> None:
    server = web(200)
    for state in State:
        notify([server.url], when, news(state), environment={})
    assert {State(one["state"]) for one in server.posted} == told


@pytest.mark.parametrize(
    "target",
    [
        "slack",
        "ftp://host/x",
        "https://",
        "https://me:geheim@host/x",
        "https://host:port/",
        "http://a b/",
        "mailto:nobody",
        "mailto:a@b,c@d",
        "mailto:a@b\nBcc: c@d",
        "command:",
        "command:'open",
        "env:A B",
        "env:",
        "",
    ],
)
def test_a_target_that_cannot_be_is_refused(target: str) -> None:
    with pytest.raises(UsageError, match="--notify") as told:
        check_target(target)
    assert "geheim" not in str(told.value)


def test_what_is_shown_of_a_target() -> None:
    assert shown_target("https://hooks.example.com/services/T0/B0/secret") == "https://hooks.example.com/..."
    assert shown_target("mailto:a@b.example") == "mailto:a@b.example"


def test_a_run_tells_once_after_its_last_attempt_and_a_failing_target_harms_nothing(
    web: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dsapp.pipelines.schedule.notify.FIRST_PAUSE_SECONDS", 0.01)
    server = web(200)
    (store,) = stores(tmp_path, str(tmp_path / "store.db"))
    store.add(
        settings(
            tmp_path,
            cron="0 5 * * *",
            command=(str(tmp_path / "book"), "0", "1"),
            retries=1,
            retry_seconds=5,
            notify=("http://127.0.0.1:9/x", server.url),
        ),
        NIGHT,
    )
    with Serving(store, tmp_path, clock=FastClock(NIGHT, 60)):
        eventually(lambda: server.posted)
        (run,) = eventually(lambda: [run for run in ended(store, State.failed) if "was not told" in run.reason])
    (posted,) = server.posted
    assert (posted["schedule"], posted["state"], posted["attempts"]) == ("nightly", "failed", 2)
    assert run.reason.startswith("exit code 1; http://127.0.0.1:9/... was not told: ")
