"""`campaigner approve`: four eyes, with a code of exactly what will be posted."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from ..errors import ExitCode, RefusedError, UsageError
from ..ledger import decisions
from ..ledger.decisions import approval_code
from .options import Reason
from .post_keys import matching
from .preview import Choice, choose
from .status_posts import look

if TYPE_CHECKING:
    from .wiring import Workspace


def approve(
    context: typer.Context,
    by: Annotated[str, typer.Option("--by", metavar="NAME", help="Who has looked at it.")],
    code: Annotated[str, typer.Option("--code", metavar="CODE", help="The code that the preview shows.")],
    keys: Annotated[
        list[str] | None, typer.Argument(metavar="CAMPAIGN|KEY", help="Else all that `preview` shows.")
    ] = None,
    reason: Reason = "",
) -> ExitCode:
    """Record that a person has seen exactly this content; refused when it is not what the code says."""
    workspace: Workspace = context.obj
    if not (by := by.strip()) or by == "NAME":
        raise UsageError(
            "--by says nobody", hint='put the name of who has looked at it there, as in --by "Aino Virtanen"'
        )
    now = workspace.clock.now()
    with workspace.working_ledger() as ledger:
        world, planned = workspace.planned()
        slots = {str(slot.key): slot for slot in planned.slots}
        chosen = (
            {one for key in keys for one in matching(key, slots, workspace.platforms())}
            if keys
            else {str(slot.key) for slot in choose(workspace, world, planned, Choice())[0]}
        )
        out = sorted(chosen & set(map(str, look(workspace).out)))
        if out and len(out) == len(chosen):
            raise RefusedError(f"{out[0]} is out already", hint="`campaigner status` shows what is ahead")
        digests = {one: workspace.digest_of(slots[one]) for one in sorted(chosen.difference(out))}
        _refuse_other_content(code, list(digests.values()), " ".join(keys or ()) or "what `campaigner preview` shows")
        for one, digest in digests.items():
            ledger.write(partial(decisions.approve, key=one, digest=digest, given_by=by, now=now, reason=reason))
            workspace.terminal.out(f"approved {one}")
    if len(digests) > 1:
        workspace.terminal.err(f"{len(digests)} posts approved")
    if out:
        workspace.terminal.err(f"{len(out)} left as they are: they are out already")
    return ExitCode.DONE


def _refuse_other_content(code: str, digests: Sequence[str], named: str) -> None:
    if not digests:
        raise RefusedError("there is nothing to approve", hint="`campaigner preview` shows what will be posted")
    if re.sub(r"[\W_]", "", code).upper() != approval_code(digests).replace("-", ""):
        raise RefusedError(
            f"the code {code} is not that of {named} as it stands now: it has changed since, or is mistyped",
            hint="`campaigner preview` shows it again with its code; look at it before you approve",
        )
