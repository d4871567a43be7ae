"""`campaigner status`: what needs a person, what goes out today, and what is ahead. It only reads."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any
from zoneinfo import ZoneInfo

import typer

from ..engine.due import Kind, PostStatus
from ..errors import ExitCode, InvalidFilesError
from .options import Json, TargetArgument
from .post_keys import matching
from .status_posts import Standing, changed_since, command_for_account, look
from .terminal import rfc3339

if TYPE_CHECKING:
    from .wiring import Workspace

WATCH_SECONDS = 5.0


def status(
    context: typer.Context,
    target: TargetArgument = None,
    attention: Annotated[bool, typer.Option("--attention", help="Only what needs a person.")] = False,
    past: Annotated[bool, typer.Option("--past", help="Also what was before today.")] = False,
    watch: Annotated[bool, typer.Option("--watch", help="Look again every five seconds, until Ctrl-C.")] = False,
    as_json: Json = False,
) -> ExitCode:
    """Show where every post stands; exit 1 when something needs a person."""
    workspace: Workspace = context.obj
    show = partial(_show, workspace, target, attention=attention, past=past, clears=watch, as_json=as_json)
    if not watch:
        return show()
    pause = threading.Event()
    while True:
        try:
            show()
        except InvalidFilesError as error:
            # Somebody is at work on the config.
            workspace.terminal.error(error)
        pause.wait(WATCH_SECONDS)


def _show(
    workspace: Workspace, target: str | None, *, attention: bool, past: bool, clears: bool, as_json: bool
) -> ExitCode:
    """Look once, and show what was found."""
    from .status_page import Page

    standing = look(workspace)
    if target is not None:
        keys = set(matching(target, standing.keys, workspace.platforms()))
        standing = standing._replace(posts=[post for post in standing.posts if str(post.key) in keys])
    if as_json:
        workspace.terminal.json(_as_json(workspace, standing, standing.needing if attention else standing.posts))
    else:
        page = Page(workspace, standing, with_past=past or target is not None)
        workspace.terminal.page(page.attention() if attention else page.whole(), clears=clears)
    return ExitCode.ATTENTION if standing.needs_person else ExitCode.DONE


# For programs


def _as_json(workspace: Workspace, standing: Standing, posts: Sequence[PostStatus]) -> dict[str, Any]:
    run, facts = standing.run, standing.facts
    ahead = standing.ahead
    return {
        "now": rfc3339(standing.now),
        "timezone": str(workspace.zone()),
        "daemon": {
            "running": facts.is_at_work,
            **_fields(run, engine="engine", started_at="started_at", last_seen_at="seen_at", pid="pid"),
        },
        "needs_person": standing.needs_person,
        "next": {"key": str(ahead.key), "due_at": rfc3339(ahead.due_at)} if ahead else None,
        "holds": [
            _fields(
                hold,
                campaign="campaign",
                account="account",
                until="until",
                reason="reason",
                by="given_by",
                at="given_at",
            )
            for hold in facts.holds
        ],
        "accounts": [
            {
                **_fields(state, account="account", stopped="stopped_reason", at="stopped_at"),
                "command": command_for_account(state.account),
            }
            for state in standing.stopped
        ],
        "alerts": [
            _fields(alert, kind="kind", key="key", text="text", command="command", at="raised_at")
            for alert in standing.alerts
        ],
        "posts": [_post_json(workspace, standing, post) for post in posts],
    }


def _fields(record: object, **names: str) -> dict[str, Any]:
    """What a record of the ledger has, by the names that scripts know; of none nothing."""
    found = {name: getattr(record, field, None) for name, field in names.items()}
    return {name: rfc3339(value) if isinstance(value, datetime) else value for name, value in found.items()}


IN_ONE_WORD = {Kind.SKIPPED: Kind.CANCELLED, Kind.DELETED: Kind.CANCELLED}
"""`state` is what scripts know since the first release; `word` is what people are told."""


def _post_json(workspace: Workspace, standing: Standing, post: PostStatus) -> dict[str, Any]:
    from ..preview.json_format import as_json

    state, delivery, slot = post.state, post.delivery, post.slot
    planned = _bare_json(workspace, post) if slot is None else as_json(workspace.compose(slot), slot.account.profile)
    return {
        **planned,
        "state": str(IN_ONE_WORD.get(state.kind, state.kind)),
        "word": str(state.kind),
        "needs_person": bool(state.command),
        "command": state.command or None,
        "next_try_at": rfc3339(state.until),
        "late_at": rfc3339(post.late_at),
        **_fields(delivery, url="url", published_at="published_at"),
        "attempts": standing.attempts.get(str(post.key), 0),
        "reason": changed_since(workspace, post) or state.reason,
    }


def _bare_json(workspace: Workspace, post: PostStatus) -> dict[str, Any]:
    """A post whose message has left the files: what its KEY and the ledger still tell."""
    account = workspace.config.accounts.get(post.key.account)
    zone = ZoneInfo(account.timezone) if account else workspace.zone()
    return {
        "key": str(post.key),
        **post.key._asdict(),
        "due_at": rfc3339(post.due_at),
        "local_time": post.due_at.astimezone(zone).isoformat(),
        "timezone": str(zone),
    }
