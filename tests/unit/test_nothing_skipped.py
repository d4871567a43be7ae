"""CI's promise that nothing is skipped holds for every way of skipping."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

CONFTEST = Path(__file__).parents[1] / "conftest.py"
WAYS = {
    "mark": "@pytest.mark.skip(reason='no node here')\ndef test_it(): pass",
    "inside": "def test_it(): pytest.skip('no node here')",
    "fixture": "@pytest.fixture\ndef node(): pytest.skip('no node here')\ndef test_it(node): pass",
    "file": "pytest.skip('no node here', allow_module_level=True)",
    "import": "pytest.importorskip('no_such_module', reason='no node here')",
}


def outcome(folder: Path, test: str, *, nothing_skipped: bool) -> tuple[int, str]:
    """Exit code and report of pytest on one file below the suite's own conftest."""
    (folder / "conftest.py").write_bytes(CONFTEST.read_bytes())
    (folder / "test_one.py").write_text(f"import pytest\n{test}\n")
    flag = {"CAMPAIGNER_TESTS_NOTHING_SKIPPED": "1"} if nothing_skipped else {}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-rs", "--rootdir", folder, "-c", os.devnull, "-p", "no:cacheprovider"],
        cwd=folder,
        env={"PATH": os.environ["PATH"], "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", **flag},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout


@pytest.mark.parametrize("way", WAYS)
def test_a_skip_fails_and_says_why(tmp_path: Path, way: str) -> None:
    code, report = outcome(tmp_path, WAYS[way], nothing_skipped=True)
    assert code in (pytest.ExitCode.TESTS_FAILED, pytest.ExitCode.INTERRUPTED)
    assert "no node here" in report
    assert re.search(r"1 (failed|error)", report)


@pytest.mark.parametrize("way", ["mark", "file"])
def test_without_the_flag_a_skip_is_a_skip(tmp_path: Path, way: str) -> None:
    code, report = outcome(tmp_path, WAYS[way], nothing_skipped=False)
    assert code in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED)
    assert "1 skipped" in report


def test_an_expected_failure_is_no_skip(tmp_path: Path) -> None:
    test = "@pytest.mark.xfail(strict=True)\ndef test_it(): assert False"
    assert outcome(tmp_path, test, nothing_skipped=True)[0] == pytest.ExitCode.OK
