"""A check of many files, spread over the processors; whether posts of different files touch is looked at afterwards."""

from __future__ import annotations

import gc
import os
import signal
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from ..errors import CampaignerError, Problem

if TYPE_CHECKING:
    from ..plan.check import Checked
    from ..plan.expand import Plan
    from ..post.profile import Quota
    from .wiring import Runtime

FEWEST_FILES = 16
MOST_PROCESSES = 4


class Part(NamedTuple):
    """What came of some of the files. Texts are digests by who posts, times are (Unix seconds, parts) by account."""

    problems: list[Problem]
    texts: Mapping[object, frozenset[bytes]]
    times: Mapping[object, list[tuple[float, int]]]


def spread(runtime: Runtime, paths: Sequence[Path]) -> tuple[list[Problem], int] | None:
    """The problems of all files, and their number; None where one process must see them all together.

    That is so for few files, on one processor, for files of one name, and where posts of different files come so close
    in words or in number that a problem might follow.
    """
    groups = _groups(runtime, paths)
    if groups is None:
        return None
    _import_what_is_needed()
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import get_context

    # Copies of this process, whatever a newer Python would rather do: what is imported here is there.
    with ProcessPoolExecutor(len(groups), mp_context=get_context("fork"), initializer=_begin) as pool:
        parts = list(pool.map(_check_some, [runtime.config_path] * len(groups), groups))
    done = [part for part in parts if part is not None]
    quotas = {name: account.profile.quotas for name, account in runtime.accounts.items()}
    if len(done) < len(parts) or _touch(done, quotas):
        return None
    return [problem for part in done for problem in part.problems], sum(map(len, groups))


def _groups(runtime: Runtime, paths: Sequence[Path]) -> list[list[Path]] | None:
    """The files in as many groups as there are processors, of about the same size; None when that is not worth it."""
    from ..files.folders import list_files

    listed = list_files(paths or runtime.config.campaigns, Path.cwd())
    names = [file.path.stem for file in listed]
    count = min(len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 1, MOST_PROCESSES)
    is_one_job = len(listed) < FEWEST_FILES or count < 2 or len(set(names)) < len(names)
    if is_one_job or any(account.long_text == "thread" for account in runtime.config.accounts.values()):
        return None
    groups: list[list[Path]] = [[] for _ in range(count)]
    for number, file in enumerate(sorted(listed, key=lambda file: _size(file.path))):
        groups[number % count].append(file.path)
    return groups


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _import_what_is_needed() -> None:
    """Once here, not in each process: they begin as copies of this one."""
    from ..files import campaigns  # noqa: F401
    from ..plan import check, compose, expand  # noqa: F401


def _begin() -> None:
    """Interrupts are the parent's business; and what a process makes goes with it: no rubbish is looked for."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    gc.disable()


def _check_some(config_path: Path, paths: list[Path]) -> Part | None:
    """The work of one process; None for what is better said by the parent, which will meet it too."""
    from ..plan.check import over
    from .output import Terminal
    from .wiring import Runtime

    runtime = Runtime(Terminal(), config_option=config_path)
    try:
        source = runtime.source()
        world = source.read(paths)
        plan, checked = source.examine(world, [file for file in world.files if file.campaign is not None])
    except CampaignerError:
        return None
    problems = [*(problem for file in world.files for problem in file.problems), *plan.problems, *checked.problems]
    problems += over(plan, runtime.clock.now())
    return Part(problems, _texts(checked), _times(plan))


def _texts(checked: Checked) -> Mapping[object, frozenset[bytes]]:
    from hashlib import blake2b

    found: dict[object, set[bytes]] = {}
    for owner, text in checked.texts:
        found.setdefault(owner, set()).add(blake2b(text.encode(), digest_size=8).digest())
    return {owner: frozenset(digests) for owner, digests in found.items()}


def _times(plan: Plan) -> Mapping[object, list[tuple[float, int]]]:
    found: dict[object, list[tuple[float, int]]] = {}
    for slot in plan.slots:
        row = found.setdefault(slot.account.name, [])
        row.append((slot.due_at.timestamp(), 1 + len(slot.message.thread or ())))
    return found


def _touch(parts: Sequence[Part], quotas: Mapping[str, tuple[Quota, ...]]) -> bool:
    """True when the same words stand in two groups on one account, or an account has too much to post in all."""
    owners = {owner for part in parts for owner in part.texts}
    for owner in owners:
        sets = [part.texts.get(owner, frozenset()) for part in parts]
        if len(frozenset().union(*sets)) < sum(map(len, sets)):
            return True
    return any(
        _exceeds(sorted(time for part in parts for time in part.times.get(name, ())), quota)
        for name, found in quotas.items()
        for quota in found
    )


def _exceeds(times: Iterable[tuple[float, int]], quota: Quota) -> bool:
    rows, within = list(times), quota.within.total_seconds()
    start = total = 0
    for at, posts in rows:
        total += posts
        while at - rows[start][0] >= within:
            total -= rows[start][1]
            start += 1
        if total > quota.posts:
            return True
    return False
