"""What a run needs to know of its files, and how little of them it looks at for that."""

from __future__ import annotations

import subprocess
import sys

from campaigner.errors import Severity
from campaigner.plan.faults import faults

from .building import Planning, account, campaign


def _faults(planning: Planning) -> list[tuple[str, str | None]]:
    found = faults(planning.plan.files, planning.slots, planning.find_image)
    assert all(problem.severity is Severity.ERROR for problem in found)
    return [(problem.code, problem.message_id) for problem in found]


def test_errors_of_a_check_are_the_faults_of_a_run_and_no_advice_is() -> None:
    messages = """
        loud: {at: '08:00', text: 'Join us #migrantsday'}
        glued: {at: '09:00', text: '(#MigrantsDay)'}
        allowed: {at: '10:00', text: '(#UNDay)', allow: {tag-before: our brand}}
        long: {at: '11:00', text: 'TEXT'}
        unknown: {at: '12:00', text: 'Hello {nobody}'}
        styled: {at: '13:00', text: '𝗛𝗼𝗽𝗲'}
        quoted: {at: '14:00', text: 'https://iom.int/day”'}
        """.replace("TEXT", "long enough, " * 40)
    planning = Planning(campaign(messages), accounts=(account("desk"), account("other", "x")))
    errors = [problem for problem in planning.problems() if problem.severity is Severity.ERROR]
    assert {(problem.code, problem.message_id) for problem in errors} == set(_faults(planning))
    assert {code for code, _ in _faults(planning)} == {
        "tag-before", "text-too-long", "unknown-word", "styled-letters", "url-tail",
    }  # fmt: skip


def test_only_the_posts_that_are_asked_for_are_composed() -> None:
    planning = Planning(campaign("a: {at: '08:00', text: Hello}\nb: {at: '09:00', text: '{nobody}'}"))
    first, second = planning.slots
    assert not faults(planning.plan.files, [first], planning.find_image)
    assert [problem.code for problem in faults(planning.plan.files, [second], planning.find_image)] == ["unknown-word"]


def test_a_run_loads_no_lint() -> None:
    program = "import sys, campaigner.plan.faults, campaigner.engine.daemon, campaigner.engine.run_once;"
    program += "print([name for name in sys.modules if 'lint' in name or 'language_detection' in name])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
