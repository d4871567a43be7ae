"""What is installed is what was tested: pins agree, have hashes, and name no addresses."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
NAMES = ["requirements.txt", "requirements-build.txt", "requirements-dev.txt"]
# A pin: a name, its version, perhaps a marker, then its hashes.
PIN = re.compile(
    r"^([a-z0-9-]+)(?:\[[a-z,-]+\])?==([^ ;]+)(?: ; [^\\\n]+)?((?: \\\n    --hash=sha256:[0-9a-f]{64})+)$", re.MULTILINE
)


def pins(name: str) -> dict[str, str]:
    return {found[1]: found[2] for found in PIN.finditer((ROOT / name).read_text("utf-8"))}


@pytest.mark.parametrize("name", NAMES)
def test_every_line_is_a_pin_with_hashes_or_a_comment(name: str) -> None:
    rest = PIN.sub("", (ROOT / name).read_text("utf-8"))
    assert [line for line in rest.splitlines() if line and not line.startswith("    # via")] == []
    assert len(pins(name)) >= 5
    assert "://" not in rest


@pytest.mark.parametrize("name", NAMES[:2])
def test_what_users_install_is_what_the_tests_run_with(name: str) -> None:
    tested = pins("requirements-dev.txt")
    assert {library: version for library, version in pins(name).items() if tested.get(library) != version} == {}


def test_every_dependency_is_pinned() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    wanted = {re.split(r"[<>=\[]", line)[0] for line in project["project"]["dependencies"]}
    assert wanted - set(pins("requirements.txt")) == set()
