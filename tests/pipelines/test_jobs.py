"""A job as JSON: another process builds an equal one of it, and nothing but a job."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from toy_jobs import Toy, Windowed

from dsapp.core.errors import UsageError
from dsapp.finance.review import ReviewJob
from dsapp.pipelines.jobs import build, job_from, job_to

PACKAGES = ("toy_jobs",)


@dataclass
class Thawed:
    """No frozen dataclass."""

    name: str = "thawed"


def test_an_equal_job_comes_back() -> None:
    jobs = [
        ReviewJob(us="Müller & Söhne \u202e GmbH", playbook="/a/b.toml", variant="fp32", classifier="rules"),
        Toy(shout=True, pause=0.1),
        Windowed(window=(-600.0, 1500.5), names=(("left", 1), ("right", 2)), extra={"depth": (1, None, True)}),
    ]
    for job in jobs:
        content = json.loads(json.dumps(job_to(job, PACKAGES)))
        assert job_from(content, PACKAGES) == job


@pytest.mark.parametrize("value", [Path("a"), {1, 2}, float("nan"), [1, 2], b"x", {1: 2}])
def test_fields_that_would_come_back_otherwise_are_refused(value: Any) -> None:
    with pytest.raises(UsageError):
        job_to(Windowed(extra=value), PACKAGES)


@pytest.mark.parametrize(
    ("module", "name", "told"),
    [
        ("os", "system", "must lie in dsapp"),
        ("subprocess", "Popen", "must lie in dsapp"),
        ("dsapp_other", "Job", "must lie in dsapp"),
        ("__main__", "Job", "must lie in dsapp"),
        ("dsapp.finance.review", "review", "frozen dataclass"),
        ("dsapp.finance.review", "Path", "frozen dataclass"),
        ("dsapp.finance.review", "Review", "no job"),
        ("dsapp.finance.review", "Absent", "has no 'Absent'"),
        ("dsapp.finance.review", "ReviewJob.find", "has no"),
        ("dsapp.no_such_module", "Job", "cannot be imported"),
        ("dsapp.../os", "Job", "must lie in"),
    ],
)
def test_nothing_but_a_job_of_a_known_package_is_built(module: str, name: str, told: str) -> None:
    with pytest.raises(UsageError, match=told):
        job_from({"module": module, "class": name, "fields": {}})


def test_fields_of_another_class_and_classes_that_can_change_are_refused() -> None:
    for fields in ({"command": "true"}, None, ["us"], "us"):
        with pytest.raises(UsageError, match="fields"):
            build(ReviewJob, fields)
    with pytest.raises(UsageError, match="frozen"):
        build(Thawed, {"name": "x"})


def test_a_job_s_own_checks_hold_when_it_is_built_again() -> None:
    with pytest.raises(UsageError, match="classifier"):
        job_from({"module": "dsapp.finance.review", "class": "ReviewJob", "fields": {"classifier": "guess"}})
