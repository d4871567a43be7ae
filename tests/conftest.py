"""In CI nothing may be skipped: CAMPAIGNER_TESTS_NOTHING_SKIPPED=1 makes every skip a failure."""

from __future__ import annotations

import os
import signal
from collections.abc import Generator

import pytest
from hypothesis import settings

# How long a thing takes is measured by benchmarks: a busy machine is no fault of a property.
settings.register_profile("patient", deadline=None)
settings.load_profile("patient")
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # A shell's background job ignores Ctrl-C, and so would every command that is begun from here.
    signal.signal(signal.SIGINT, signal.default_int_handler)


def _forbid_skip(report: pytest.TestReport | pytest.CollectReport) -> None:
    """Expected failures (xfail) count as skipped inside pytest; they ran, so they may stay."""
    if report.skipped and not hasattr(report, "wasxfail") and os.environ.get("CAMPAIGNER_TESTS_NOTHING_SKIPPED"):
        report.outcome = "failed"
        report.longrepr = f"{report.nodeid} was skipped, and nothing may be here: {report.longrepr}"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    _forbid_skip(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """A whole file that skips itself never gets as far as a test."""
    report = yield
    _forbid_skip(report)
    return report
