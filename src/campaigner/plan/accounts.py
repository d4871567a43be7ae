"""Who gets a message, in which languages, and in which variant."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from ..campaign.campaign import Content, Message
from ..campaign.config import PLATFORMS, AccountConfig, platform_meant
from ..post.profile import Profile


class Account(NamedTuple):
    """An account of the config together with what its platform allows it."""

    config: AccountConfig
    profile: Profile

    @property
    def name(self) -> str:
        return self.config.name


class AccountFault(NamedTuple):
    """A name that means no account; `harmless` when the campaign can go out all the same."""

    code: str
    message: str
    help: str
    harmless: bool = False


def accounts_of(names: Iterable[str], accounts: Mapping[str, Account]) -> tuple[list[Account], list[AccountFault]]:
    """The accounts that these names mean, in the config's order, and the names that mean none."""
    wanted: set[str] = set()
    faults: list[AccountFault] = []
    for name in names:
        found = _meant(name, accounts)
        if not found:
            faults.append(_no_account(name, accounts))
        wanted |= found
    if not wanted and all(fault.harmless for fault in faults):
        faults.append(
            AccountFault("no-account", "no account of the config gets this", "Add an account, or write: accounts: all")
        )
    return [account for name, account in accounts.items() if name in wanted], faults


def _meant(name: str, accounts: Mapping[str, Account]) -> set[str]:
    if name == "all":
        return set(accounts)
    if name in accounts:
        return {name}
    return {key for key, account in accounts.items() if name in (account.config.platform, account.config.like)}


def _no_account(name: str, accounts: Mapping[str, Account]) -> AccountFault:
    if name in PLATFORMS:
        return AccountFault(
            "platform-without-account",
            f"there is no {name} account in the config",
            "Nothing is posted there.",
            harmless=True,
        )
    near = platform_meant(name, [*accounts, *sorted(PLATFORMS), "all"])
    hint = f"Did you mean {near}?" if near else f"There is: {', '.join(accounts)}."
    return AccountFault("unknown-account", f"there is no account or platform {name}", hint)


def languages_of(offered: tuple[str, ...], account: Account) -> tuple[str, ...]:
    """What the account gets of the languages of a message, in the account's order."""
    languages = account.config.languages
    return languages if languages == offered else tuple(language for language in languages if language in offered)


def variant_for(message: Message, account: Account) -> Message:
    """The message as this account gets it: texts merge by language, other keys replace."""
    for _, content in variants_of(message, account):
        message = _merged(message, content)
    return message


def variants_of(message: Message, account: Account) -> list[tuple[tuple[str, ...], Content]]:
    """The variants that count for an account, the strongest last: its platform's, then its own."""
    if not message.variants:
        return []
    platforms = {account.config.behaves_as, account.config.platform}
    by_platform = [variant for variant in message.variants if platforms & set(variant[0])]
    return [*by_platform, *(variant for variant in message.variants if account.name in variant[0])]


def idle_variant_names(
    message: Message, chosen: Iterable[Account], accounts: Mapping[str, Account]
) -> Iterator[tuple[tuple[str, ...], AccountFault]]:
    """The names of variants that nobody answers to, each with the names it stands among."""
    if not message.variants:
        return
    used = {name for account in chosen for name in (account.name, account.config.behaves_as, account.config.platform)}
    for names, _ in message.variants:
        for name in names:
            if name in used:
                continue
            if _meant(name, accounts):
                text = f"the message does not go to {name}: this variant is not used"
                yield names, AccountFault("idle-variant", text, "Delete it, or add the account.", harmless=True)
            elif not (fault := _no_account(name, accounts)).harmless:
                yield names, fault


def _merged(message: Message, content: Content) -> Message:
    changes = {name: value for name in Content.model_fields if (value := getattr(content, name)) is not None}
    if "text" in changes:
        changes["text"] = {**message.text, **changes["text"]}
    return message.model_copy(update=changes)
