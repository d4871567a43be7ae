"""A problem as the lines that `check` prints for it."""

from __future__ import annotations

from ..errors import Problem


def render(problem: Problem) -> str:
    """Return `FILE:LINE:COLUMN: SEVERITY: MESSAGE [CODE]`, and an indented line of help where there is any."""
    head = f"{problem.place}: {problem.severity}: {_one_line(problem.message)} [{problem.code}]"
    help_ = " ".join(filter(None, (_whose(problem), _one_line(problem.help))))
    return f"{head}\n    {help_}" if help_ else head


def _whose(problem: Problem) -> str:
    """Say which message, language and account it is about, where the problem knows them."""
    parts = [f'message "{problem.message_id}"'] if problem.message_id else []
    parts += [f"language {problem.language}"] if problem.language else []
    parts += [f"account {problem.account}"] if problem.account else []
    return f"{_one_line(', '.join(parts))}." if parts else ""


def _one_line(text: str) -> str:
    return " ".join(text.split())
