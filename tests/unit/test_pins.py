"""What is installed is what was tested: pins agree, have hashes, and name no addresses."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path
from typing import Any

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


REASON = re.compile(r"^\| ([^|]+) \| ([^|]+) \| ([^|]+) \|$", re.MULTILINE)


def reasons() -> dict[str, str]:
    """What CONTRIBUTING says that each library is for; one row may hold several."""
    page = (ROOT / "CONTRIBUTING.md").read_text("utf-8").partition("## Dependencies")[2]
    return {
        name: found[2]
        for found in REASON.finditer(page)
        for name in found[1].partition(" (")[0].split(", ")
        if len(found[2]) > 4 and len(found[3]) > 2
    }


def wanted_by(project: dict[str, Any]) -> set[str]:
    groups = (line for group in project["dependency-groups"].values() for line in group if isinstance(line, str))
    optional = (line for group in project["project"]["optional-dependencies"].values() for line in group)
    return {re.split(r"[<>=\[]", line)[0] for line in (*project["project"]["dependencies"], *optional, *groups)}


def test_every_dependency_has_a_reason_and_a_licence() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    wanted = {name for name in wanted_by(project) if not name.startswith("types-")}
    assert wanted - set(reasons()) == set()


def test_every_reason_is_for_something_that_is_used() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    of_node = {name for package in ROOT.glob("tests/real/*-package.json") for name in loaded(package)["dependencies"]}
    assert set(reasons()) - wanted_by(project) - of_node - {"types-…"} == set()


def loaded(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return found
