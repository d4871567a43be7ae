"""The systemd unit that is shipped: what the docs show, sound, and with less than 2.0 of 10 left open."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
UNIT = ROOT / "deploy" / "campaigner.service"
PAGE = ROOT / "docs" / "how-to" / "run-as-a-service.md"
EXPOSURE = re.compile(r"Overall exposure level for campaigner\.service: (\d+\.\d+) ")


def analyze(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = shutil.which("systemd-analyze")
    if command is None or "--offline" not in _run(command, "--help").stdout:
        pytest.skip("needs systemd-analyze of systemd 250 or newer")
    return _run(command, *arguments)


def _run(*command: str | Path) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "SYSTEMD_PAGER": "cat"}
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)


def exposure_of(unit: Path) -> float:
    done = analyze("security", "--offline=true", unit)
    found = EXPOSURE.search(done.stdout)
    assert found, done
    return float(found[1])


def test_little_is_left_open() -> None:
    assert exposure_of(UNIT) < 2.0


def test_what_is_left_open_is_counted_at_all(tmp_path: Path) -> None:
    """A unit that guards itself against nothing is near 10: the number above says something."""
    bare = tmp_path / UNIT.name
    bare.write_text("[Service]\nExecStart=/bin/true\n")
    assert exposure_of(bare) > 9


def test_systemd_understands_every_line(tmp_path: Path) -> None:
    """It says so of a line that it would ignore; the program itself is not installed here."""
    for name, more, sound in (("good", "", True), ("bad", "ProtectEverything=yes\n", False)):
        unit = tmp_path / name / UNIT.name
        unit.parent.mkdir()
        unit.write_text(
            UNIT.read_text()
            .replace("/opt/campaigner/bin/campaigner", "/bin/true")
            .replace("[Install]", f"{more}[Install]")
        )
        done = analyze("verify", unit)
        about_it = [line for line in done.stderr.splitlines() if UNIT.name in line]
        assert (about_it == []) is sound, done.stderr


def test_the_page_shows_the_unit_that_is_shipped() -> None:
    block = re.search(r"^   ```ini\n(.*?)^   ```$", PAGE.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    assert block
    assert re.sub(r"^   ", "", block[1], flags=re.MULTILINE) == UNIT.read_text("utf-8")


def test_the_unit_is_in_the_wheel_where_the_page_says() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    shared = project["tool"]["hatch"]["build"]["targets"]["wheel"]["shared-data"]
    assert f"/opt/campaigner/lib/campaigner/{shared['deploy/campaigner.service']} " in PAGE.read_text("utf-8")


def test_what_the_promise_rests_on_is_in_the_unit() -> None:
    """No privileges, and secrets that come by credential: no number counts that."""
    lines = UNIT.read_text().splitlines()
    assert {
        "DynamicUser=yes",
        "NoNewPrivileges=yes",
        "CapabilityBoundingSet=",
        "UMask=0077",
        "StateDirectoryMode=0700",
    } <= set(lines)
    assert any(line.startswith("LoadCredential=") for line in lines)
    assert not any(
        line.startswith(("Environment", "SetCredential", "AmbientCapabilities", "User=root")) for line in lines
    )
