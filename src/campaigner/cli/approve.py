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

if TYPE_CHECKING:
    from ..plan.expand import Slot
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
    runtime: Workspace = context.obj
    if not (by := by.strip()) or by == "NAME":
        raise UsageError(
            "--by says nobody", hint='put the name of who has looked at it there, as in --by "Aino Virtanen"'
        )
    now = runtime.clock.now()
    with runtime.working_ledger() as ledger:
        slots = {str(slot.key): slot for slot in runtime.slots()}
        chosen = (
            sorted({one for key in keys for one in matching(key, slots, runtime.platforms())})
            if keys
            else _shown(runtime, slots)
        )
        digests = {one: runtime.digest_of(slots[one]) for one in chosen}
        _refuse_other_content(code, list(digests.values()), " ".join(keys or ()) or "what `campaigner preview` shows")
        for one, digest in digests.items():
            ledger.write(partial(decisions.approve, key=one, digest=digest, given_by=by, now=now, reason=reason))
            runtime.terminal.out(f"approved {one}")
    if len(digests) > 1:
        runtime.terminal.err(f"{len(digests)} posts approved")
    return ExitCode.DONE


def _shown(runtime: Workspace, slots: dict[str, Slot]) -> list[str]:
    """What `preview` shows when it is asked for nothing special."""
    from .preview import Choice, choose

    return sorted(str(slot.key) for slot in choose(runtime, list(slots.values()), Choice(), ()))


def _refuse_other_content(code: str, digests: Sequence[str], named: str) -> None:
    if not digests:
        raise RefusedError("there is nothing to approve", hint="`campaigner preview` shows what will be posted")
    if re.sub(r"[\W_]", "", code).upper() != approval_code(digests).replace("-", ""):
        raise RefusedError(
            f"the code {code} is not that of {named} as it stands now: it has changed since, or is mistyped",
            hint="`campaigner preview` shows it again with its code; look at it before you approve",
        )
