"""Options and arguments that several commands share."""

from __future__ import annotations

from typing import Annotated

import typer

Json = Annotated[bool, typer.Option("--json", help="Machine-readable output with stable keys.")]
Yes = Annotated[bool, typer.Option("--yes", help="Do it without asking.")]
CampaignOption = Annotated[str | None, typer.Option("--campaign", help="Only this campaign.")]
AccountOption = Annotated[str | None, typer.Option("--account", help="Only this account.")]
Key = Annotated[str, typer.Argument(metavar="KEY", help="campaign/edition/message/account/language, or a prefix.")]
Reason = Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why; `campaigner log` shows it.")]
