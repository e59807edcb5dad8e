"""The wheel holds all that a user needs: installed where the repository is absent and sockets are blocked, it reviews a contract."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
AT_ROOT = ("__init__.py", "__main__.py")
SHIPPED = ("core", "finance", "medical", "manufacturing", "pipelines")
CONTRACT = """SERVICES AGREEMENT

This Services Agreement is made on 3 March 2024 between Ostrander Logistics Inc. ("Supplier") and Brackwater Foods Ltd ("Customer").

1. Liability. Supplier's aggregate liability under this Agreement shall not exceed the fees paid in the one (1) month before the claim arose.

2. Law. This Agreement is governed by the laws of the State of Delaware.
"""
NO_NETWORK = """
import socket

def _refuse(*arguments, **options):
    raise RuntimeError("the network was asked for")

socket.socket.connect = socket.socket.connect_ex = _refuse
socket.getaddrinfo = socket.gethostbyname = socket.create_connection = _refuse
"""

pytestmark = pytest.mark.slow


def succeed(command: Sequence[object], **options: object) -> str:
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False, **options)  # type: ignore[call-overload]
    assert done.returncode == 0, f"{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
    return done.stdout


@dataclass(frozen=True)
class Installed:
    """A wheel made of the tracked files, and an environment that has it but not the repository."""

    wheel: Path
    tracked: tuple[str, ...]
    home: Path

    def run(self, *arguments: object) -> str:
        """Run a program of the environment's ``bin`` from a folder outside the repository, with a cache of its own."""
        kept = ("PATH", "HOME", "LANG", "TMPDIR", "LD_LIBRARY_PATH")
        environment = {name: os.environ[name] for name in kept if name in os.environ}
        environment |= {"DSAPP_CACHE": str(self.home / "cache"), "HF_HUB_OFFLINE": "1"}
        program = self.home / "venv/bin" / str(arguments[0])
        return succeed([program, *arguments[1:]], cwd=self.home, env=environment, timeout=280)


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    listing = shutil.which("git") and subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if not listing or listing.returncode:
        pytest.skip("needs a git checkout")
    home = tmp_path_factory.mktemp("wheel")
    tracked = tuple(name for name in listing.stdout.split("\0") if name and (ROOT / name).is_file())
    for name in tracked:
        target = home / "source" / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, target)
    succeed([sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", home / "dist", home / "source"])
    (wheel,) = (home / "dist").glob("*.whl")
    shutil.rmtree(home / "source")
    python = home / "venv/bin/python"
    succeed([sys.executable, "-m", "venv", "--without-pip", home / "venv"])
    packages = Path(succeed([python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"]).strip())
    (packages / "others.pth").write_text(f"{_other_packages(home / 'others')}\n")
    (packages / "sitecustomize.py").write_text(NO_NETWORK)
    succeed([sys.executable, "-m", "pip", "--python", python, "install", "--no-deps", "--no-index", "--quiet", wheel])
    return Installed(wheel, tracked, home)


def _other_packages(folder: Path) -> Path:
    """Links to all that this environment has installed but dsapp and what leads to the repository."""
    folder.mkdir()
    for entry in Path(sysconfig.get_path("purelib")).iterdir():
        if not entry.name.startswith(("dsapp", "__editable__")) and entry.suffix != ".pth":
            (folder / entry.name).symlink_to(entry)
    return folder


def test_the_wheel_holds_every_file_of_the_packages_and_nothing_else(installed):
    with zipfile.ZipFile(installed.wheel) as archive:
        names = set(archive.namelist())
    wanted = {f"dsapp/{name}" for name in installed.tracked if name.split("/")[0] in (*SHIPPED, *AT_ROOT)}
    inside = {name for name in names if name.startswith("dsapp/")}
    assert inside == wanted, sorted(inside ^ wanted)[:20]
    assert all(name.startswith("dsapp-") for name in names - inside)
    for part in ("bundles/contracts/card.json", "playbooks/nda.toml", "recipes/contracts.toml"):
        assert f"dsapp/finance/{part}" in inside
    for part in ("templates/review.html", "schemas/findings-1.json"):
        assert f"dsapp/finance/documents/{part}" in inside
    assert any(name.endswith("LICENSE") for name in names)


def test_the_wheel_stays_small(installed):
    assert installed.wheel.stat().st_size < 64 << 20


def test_it_reviews_a_contract_without_repository_and_network(installed):
    where = installed.run("python", "-c", "import dsapp; print(dsapp.__file__)").strip()
    assert Path(where).is_relative_to(installed.home)
    blocked = "import socket\ntry: socket.getaddrinfo('localhost', 1)\nexcept RuntimeError: print('blocked')"
    assert installed.run("python", "-c", blocked).strip() == "blocked"
    assert installed.run("dsapp", "--version").startswith("dsapp ")
    (installed.home / "contract.txt").write_text(CONTRACT, encoding="utf-8")
    told = installed.run("dsapp", "finance", "review", "contract.txt", "--us", "Brackwater Foods Ltd")
    assert "reviewed: 1 of 1" in told and "quarantined: 0" in told
    (page,) = (installed.home / "review/items").glob("*/review.html")
    assert "laws of the State of Delaware" in page.read_text(encoding="utf-8")
    assert any((installed.home / "cache/builds").iterdir())


def test_doctor_finds_it_sound(installed):
    told = installed.run("dsapp", "doctor")
    assert told.rstrip().endswith("fine") and "bundle finance/contracts: version" in told
