"""Tell somebody how a run ended: a webhook, an e-mail, or a command. Each within bounded time, and never to the run's harm.

A target is one of
    https://HOST/...  or http://   JSON is posted there
    env:NAME                       the same, with the address in that environment variable (where it is a secret itself)
    mailto:NAME@HOST               an e-mail through the SMTP server of DSAPP_SMTP
    command:WORDS                  a program, its words split as a shell would, without a shell; it gets the JSON as input
Passwords come from the environment; none is stored or printed.
"""

from __future__ import annotations

import contextlib
import json
import os
import shlex
import signal
import smtplib
import ssl
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP as SMTP_POLICY
from typing import Any
from urllib.parse import urlsplit

from ...core.errors import UsageError
from .types import NotifyOn, State

SCHEMA = "dsapp.schedule.notification/1"
SECONDS_PER_TRY = 10.0
COMMAND_SECONDS = 30.0
NUM_TRIES = 3
FIRST_PAUSE_SECONDS = 1.0
SMTP_PORTS = {"smtp": 587, "smtps": 465}
LOCAL_HOSTS = ("localhost", "127.0.0.1", "::1")
TOLD = {
    NotifyOn.failure: {State.failed},
    NotifyOn.warning: {State.failed, State.warning},
    NotifyOn.always: {State.failed, State.warning, State.done},
}


@dataclass(frozen=True)
class News:
    """What is told about the end of a run. It holds neither the command nor anything that the command printed."""

    schedule: str
    planned: datetime
    state: State
    exit_code: int | None
    attempts: int
    reason: str
    host: str
    log: str
    fence: int

    def as_dict(self) -> dict[str, Any]:
        """As the JSON that a webhook or a command gets."""
        return {
            "schema": SCHEMA,
            "schedule": self.schedule,
            "planned": self.planned.isoformat(),
            "state": self.state.value,
            "exit_code": self.exit_code,
            "attempts": self.attempts,
            "reason": self.reason,
            "host": self.host,
            "log": self.log,
            "fence": self.fence,
        }

    def subject(self) -> str:
        """In one line."""
        return f"dsapp: {self.schedule} {self.state.value}, planned {self.planned:%Y-%m-%d %H:%M} UTC"


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """News go where they were addressed to, and nowhere else."""

    def redirect_request(self, req: Any, fp: Any, code: int, msg: str, headers: Any, newurl: str) -> None:
        return None


def check_target(target: str) -> str:
    """The target as it is stored.

    Raises:
        UsageError: it is of no known kind, or holds a password.
    """
    kind, _, rest = target.partition(":")
    if any(ord(letter) < 32 for letter in target) or len(target) > 2000:
        raise UsageError("--notify has a control character in it, or is too long")
    if kind in ("http", "https"):
        _check_web(target, "--notify")
    elif kind == "env":
        if not rest.isidentifier():
            raise UsageError(f"--notify env:NAME needs the name of an environment variable, not {rest[:80]!r}")
    elif kind == "mailto":
        name, at, host = rest.rpartition("@")
        if not (name and at and host) or any(letter in rest for letter in " ,;<>\"'?"):
            raise UsageError(f"--notify mailto:{rest[:80]} is no address; write mailto:NAME@HOST, one a --notify")
    elif kind == "command":
        try:
            words = shlex.split(rest)
        except ValueError as error:
            raise UsageError(f"--notify command: the words cannot be split: {error}") from error
        if not words:
            raise UsageError("--notify command: needs a program")
    else:
        raise UsageError(
            f"--notify {shown_target(target)!r} is of no known kind; write https://..., env:NAME, mailto:NAME@HOST or "
            "command:WORDS"
        )
    return target


def shown_target(target: str) -> str:
    """The target for a person, without what may be a secret in a web address."""
    if target.startswith(("http:", "https:")):
        try:
            parts = urlsplit(target)
            return f"{parts.scheme}://{parts.hostname}{f':{parts.port}' if parts.port else ''}/..."
        except ValueError:
            return "http..."
    return target[:100]


def notify(
    targets: Sequence[str],
    when: NotifyOn,
    news: News,
    *,
    environment: Mapping[str, str] = os.environ,
    pause: Callable[[float], None] = time.sleep,
) -> list[str]:
    """Send the news to all targets; returns a line for each that could not be reached, and never raises for it."""
    if news.state not in TOLD[when]:
        return []
    troubles = []
    for target in targets:
        trouble = ""
        for count in range(NUM_TRIES):
            if count:
                pause(FIRST_PAUSE_SECONDS * 2 ** (count - 1))
            trouble = _try(target, news, environment)
            if not trouble:
                break
        if trouble:
            troubles.append(f"{shown_target(target)} was not told: {trouble}")
    return troubles


def _try(target: str, news: News, environment: Mapping[str, str]) -> str:
    kind, _, rest = target.partition(":")
    try:
        if kind in ("http", "https"):
            _post(target, news)
        elif kind == "env":
            if not environment.get(rest):
                return f"the environment variable {rest} is not set"
            _check_web(environment[rest], f"the address in {rest}")
            _post(environment[rest], news)
        elif kind == "mailto":
            _mail(rest, news, environment)
        else:
            _call(shlex.split(rest), news, environment)
    except UsageError as error:
        return str(error)
    except urllib.error.HTTPError as error:
        return f"HTTP status {error.code}"
    except smtplib.SMTPResponseException as error:
        return f"the mail server answered {error.smtp_code}"
    except subprocess.TimeoutExpired:
        return f"it took longer than {COMMAND_SECONDS:g} s"
    except Exception as error:  # whatever a library makes of a strange answer: it must not harm the run
        reason = getattr(error, "reason", None) or getattr(error, "strerror", None) or ""
        return " ".join(part for part in (type(error).__name__, str(reason)[:100]) if part)
    return ""


def _check_web(address: str, what: str) -> None:
    try:
        parts = urlsplit(address)
        is_good = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        is_good = False
        parts = None
    if not is_good or any(letter.isspace() for letter in address):
        raise UsageError(f"{what} is no web address")
    if parts is not None and (parts.username is not None or parts.password is not None):
        raise UsageError(f"{what} holds a user or password; keep the address in a variable and name it as env:NAME")


def _post(address: str, news: News) -> None:
    request = urllib.request.Request(
        address,
        data=json.dumps(news.as_dict()).encode(),
        headers={"Content-Type": "application/json", "User-Agent": "dsapp"},
        method="POST",
    )
    opener = urllib.request.build_opener(_NoRedirect)
    with opener.open(request, timeout=SECONDS_PER_TRY) as answer:
        answer.read(1 << 10)


def _mail(address: str, news: News, environment: Mapping[str, str]) -> None:
    server = environment.get("DSAPP_SMTP", "")
    if not server:
        raise UsageError("DSAPP_SMTP is not set; write smtp://USER@HOST:587 or smtps://USER@HOST:465 into it")
    try:
        parts = urlsplit(server if "://" in server else f"smtp://{server}")
        scheme, host, port = parts.scheme, parts.hostname, parts.port
    except ValueError as error:
        raise UsageError("the address in DSAPP_SMTP cannot be read") from error
    if scheme not in SMTP_PORTS or not host or parts.password is not None:
        raise UsageError("DSAPP_SMTP must be smtp://USER@HOST:PORT or smtps://..., the password in DSAPP_SMTP_PASSWORD")
    message = EmailMessage(policy=SMTP_POLICY)
    message["Subject"] = news.subject()
    message["From"] = environment.get("DSAPP_SMTP_FROM") or parts.username or f"dsapp@{news.host}"
    message["To"] = address
    message.set_content("".join(f"{name}: {value}\n" for name, value in news.as_dict().items() if name != "schema"))
    context = ssl.create_default_context()
    port = port or SMTP_PORTS[scheme]
    if scheme == "smtps":
        client: smtplib.SMTP = smtplib.SMTP_SSL(host, port, timeout=SECONDS_PER_TRY, context=context)
    else:
        client = smtplib.SMTP(host, port, timeout=SECONDS_PER_TRY)
    with client:
        client.ehlo()
        encrypted = scheme == "smtps"
        if not encrypted and client.has_extn("starttls"):
            client.starttls(context=context)
            client.ehlo()
            encrypted = True
        password = environment.get("DSAPP_SMTP_PASSWORD", "")
        if password:
            if not encrypted and host not in LOCAL_HOSTS:
                raise UsageError("the mail server offers no encryption, so the password is not sent to it")
            client.login(parts.username or "", password)
        client.send_message(message)


def _call(words: Sequence[str], news: News, environment: Mapping[str, str]) -> None:
    process = subprocess.Popen(
        list(words),
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        env={**environment, "DSAPP_SCHEDULE": news.schedule, "DSAPP_STATE": news.state.value},
    )
    try:
        process.communicate(json.dumps(news.as_dict()).encode(), timeout=COMMAND_SECONDS)
    finally:
        with contextlib.suppress(OSError):
            if os.name == "posix":
                os.killpg(process.pid, signal.SIGKILL)
            else:
                process.kill()
        process.wait()
    if process.returncode:
        raise UsageError(f"it ended with exit code {process.returncode}")
