"""Campaign x edition x message x account x language, as slots in time order. Times first: no text is composed here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple

from ..campaign.campaign import Campaign, Edition, Message
from ..campaign.config import Config
from ..errors import Place, Problem, Severity
from ..loading.campaign_file import CampaignFile, Path_
from ..observance.catalogue import Catalogue
from ..observance.observance import Observance, ObservanceError, resolve
from ..post.key import PostKey
from .edition_dates import EditionDay, edition_days
from .local_time import Moment, UnknownZoneError, local_moment
from .suppressions import is_allowed
from .targeting import (
    Account,
    AccountFault,
    accounts_of,
    idle_variant_names,
    languages_of,
    variant_as_written,
    variant_for,
    variants_of,
)

OVER_WITHIN = timedelta(days=31)
"""A day or a month back is where a slip leads; what is over for longer is the past."""


class Frame(NamedTuple):
    """What all posts of one campaign in one edition share. `day` is the first day of the observance."""

    file: CampaignFile
    campaign: Campaign
    edition: Edition
    day: date
    observance: Observance
    late: timedelta
    handles: Mapping[str, Mapping[str, str]]


class Slot(NamedTuple):
    """A post's key and instant; its text is composed when it is due or shown.

    `local_at` is the same instant on the account's own clock, in the zone `timezone`. `message` is what counts for this
    account: its variants are merged in. `draft`: never posted, for the officer says so, or because the day is not
    pinned yet. `clock_note` says that a clock skips or repeats the wall time; it stands among the `notes` too.
    """

    key: PostKey
    due_at: datetime
    local_at: datetime
    frame: Frame
    message: Message
    account: Account
    languages: tuple[str, ...]
    spacing: timedelta
    draft: bool
    notes: tuple[str, ...] = ()
    clock_note: str = ""

    @property
    def timezone(self) -> str:
        return self.account.config.timezone

    @property
    def file(self) -> CampaignFile:
        return self.frame.file

    @property
    def campaign(self) -> Campaign:
        return self.frame.campaign

    @property
    def edition(self) -> Edition:
        return self.frame.edition

    @property
    def day(self) -> date:
        return self.frame.day

    @property
    def observance(self) -> Observance:
        return self.frame.observance

    @property
    def late(self) -> timedelta:
        return self.frame.late

    @property
    def handles(self) -> Mapping[str, Mapping[str, str]]:
        return self.frame.handles

    def place(self, path: Path_) -> Place:
        """Where ("text", "fi"), or another value of the message, stands: in the message, or in one of its variants."""
        here = ("messages", self.key.message)
        for names, content in reversed(variants_of(self.message, self.account)):
            value = getattr(content, str(path[0]), None)
            if value is not None and (path[0] != "text" or len(path) < 2 or path[1] in value):
                return self.file.place(*here, "variants", variant_as_written(self.file, here[1], names), *path)
        return self.file.place(*here, *path)

    def problem(
        self,
        path: Path_,
        code: str,
        message: str,
        help: str = "",
        *,
        severity: Severity = Severity.ERROR,
        language: str | None = None,
    ) -> Problem:
        """A problem of the value at `path` of the message; with `language` it stands at that language's text."""
        return Problem(
            place=self.place(path if language is None else (*path, language)),
            code=code,
            message=message,
            help=help,
            severity=severity,
            campaign=self.key.campaign,
            message_id=self.key.message,
            account=self.key.account,
            language=language,
        )

    def allows(self, severity: Severity, code: str) -> bool:
        """True when the officer has silenced the code here, or for the whole campaign."""
        return is_allowed(severity, code, self.campaign.allow, self.message.allow)


class Plan(NamedTuple):
    """Every slot in time order, and what is wrong with how they came about.

    Slots of one instant stand in the order of files, messages, accounts and then languages as the account sends them.
    """

    slots: tuple[Slot, ...]
    problems: tuple[Problem, ...]
    files: tuple[CampaignFile, ...]


def expand(
    files: Sequence[CampaignFile],
    accounts: Mapping[str, Account],
    *,
    config: Config,
    catalogue: Catalogue,
    today: date,
) -> Plan:
    """Expand every usable file. `today` decides which years `every year` means: this one and the next."""
    problems: dict[Problem, None] = {}
    slots = [
        slot
        for file in files
        if file.campaign is not None
        for slot in _Expansion(file, file.campaign, accounts, config, catalogue, today, problems).slots()
    ]
    slots.sort(key=lambda slot: slot.due_at)
    return Plan(slots=tuple(slots), problems=tuple(problems), files=tuple(files))


def busiest(slots: Sequence[Slot], late: timedelta) -> int:
    """The largest number of posts that come due within one hour and `late`: what a single run may have to send.

    A campaign's own `late` counts where it is longer. The slots stand in time order; drafts are left out.
    """
    due = [slot for slot in slots if not slot.draft]
    window = timedelta(hours=1) + max([late, *(slot.late for slot in due)])
    most = start = 0
    for end, slot in enumerate(due):
        while slot.due_at - due[start].due_at > window:
            start += 1
        most = max(most, end - start + 1)
    return most


def over_lately(slots: Sequence[Slot], now: datetime, within: timedelta) -> list[Slot]:
    """Posts whose time, and `late` too, has passed, of editions whose last post is ahead, or was due within that span.

    The slots stand in time order; drafts are left out.
    """
    last_at = {(slot.key.campaign, slot.key.edition): slot.due_at for slot in slots}
    return [
        slot
        for slot in slots
        if slot.due_at + slot.late <= now
        and last_at[slot.key.campaign, slot.key.edition] > now - within
        and not slot.draft
    ]


class _Expansion(NamedTuple):
    """One campaign's way to slots."""

    file: CampaignFile
    campaign: Campaign
    accounts: Mapping[str, Account]
    config: Config
    catalogue: Catalogue
    today: date
    problems: dict[Problem, None]

    def slots(self) -> Iterator[Slot]:
        try:
            observance = resolve(self.campaign.observance, self.catalogue)
        except ObservanceError as error:
            self._say(("observance",), Severity.ERROR, "observance", str(error), error.hint)
            return
        chosen = {message.id: self._accounts(message) for message in self.campaign.messages}
        self._say_unreached_languages(chosen)
        # What an account gets is the same in all editions.
        wanted = [
            (message, variant_for(message, account), account)
            for message in self.campaign.messages
            for account in chosen[message.id]
        ]
        for day in edition_days(self.campaign, observance, self.today, self._say):
            frame = self._frame(day, observance)
            for message, effective, account in wanted:
                yield from self._of_account(day, frame, message, effective, account)

    def _frame(self, day: EditionDay, observance: Observance) -> Frame:
        return Frame(
            file=self.file,
            campaign=self.campaign,
            edition=day.edition,
            day=day.on,
            observance=observance,
            late=self.config.late if self.campaign.late is None else self.campaign.late,
            handles={**self.config.handles, **self.campaign.handles},
        )

    def _accounts(self, message: Message) -> list[Account]:
        """The accounts that get a message; names that mean nobody are said."""
        written_here = message.accounts is not None
        names = message.accounts if message.accounts is not None else self.campaign.accounts
        path: Path_ = ("messages", message.id, "accounts") if written_here else ("accounts",)
        chosen, faults = accounts_of(names, self.accounts)
        for fault in faults:
            self._say_fault(path, fault, message if written_here else None)
        for variant, fault in idle_variant_names(message, chosen, self.accounts):
            written = variant_as_written(self.file, message.id, variant)
            self._say_fault(("messages", message.id, "variants", written), fault, message)
        for account in chosen:
            if not languages_of(self.campaign, message, account.config.languages):
                self._say_no_language(message, account)
        return chosen

    def _of_account(
        self, day: EditionDay, frame: Frame, message: Message, effective: Message, account: Account
    ) -> Iterator[Slot]:
        """The posts of one message for one account: one for each language, or one for all together."""
        when = self._moment(day, message, account)
        if when is None:
            return
        languages = languages_of(self.campaign, effective, account.config.languages)
        draft = bool(day.unpinned) or (self.campaign.draft if effective.draft is None else effective.draft)
        notes = tuple(_notes(day, message, account, when))
        for number, group in enumerate(self._groups(effective, account, languages)):
            spacing = timedelta(0) if self.campaign.parity and number else account.config.spacing
            waiting_for = number * spacing
            yield Slot(
                key=PostKey(self.campaign.id, day.label, message.id, account.name, self._joined(group)),
                due_at=when.at,
                local_at=when.local_at,
                frame=frame,
                message=effective,
                account=account,
                languages=group,
                spacing=spacing,
                draft=draft,
                notes=(*notes, _spaced(when.local_at + waiting_for)) if waiting_for else notes,
                clock_note=when.note,
            )

    def _moment(self, day: EditionDay, message: Message, account: Account) -> Moment | None:
        """When the message is due, with the time on the account's clock; None when there is no such time."""
        path: Path_ = ("messages", message.id, "at")
        try:
            at, own = message.at, account.config.timezone
            return local_moment(day.on + timedelta(days=at.days), at.time, at.zone or own, own)
        except UnknownZoneError as error:
            self._say(path, Severity.ERROR, "timezone", str(error), error.hint, message.id)
        except OverflowError:
            self._say(path, Severity.ERROR, "no-day", "the day lies outside the calendar", "", message.id)
        return None

    def _groups(self, message: Message, account: Account, languages: tuple[str, ...]) -> list[tuple[str, ...]]:
        """The languages of each post, in the account's order."""
        choice = message.bilingual or self.campaign.bilingual or account.config.bilingual
        if choice == "together" and languages:
            return [languages]
        return [(language,) for language in languages]

    def _joined(self, group: tuple[str, ...]) -> str:
        """KEYs join languages in the campaign's order, whatever order the account sends them in."""
        if len(group) == 1:
            return group[0]
        return "+".join(language for language in self.campaign.languages if language in group)

    def _say_no_language(self, message: Message, account: Account) -> None:
        offered = ", ".join(message.languages or self.campaign.languages)
        text = f'message "{message.id}" is not posted on {account.name}, which gets none of its languages ({offered})'
        help_ = f"The account gets {', '.join(account.config.languages)}."
        path: Path_ = ("messages", message.id, "languages")
        self._say(path, Severity.NOTE, "no-language", text, help_, message.id, account.name)

    def _say_unreached_languages(self, chosen: Mapping[str, Sequence[Account]]) -> None:
        """A language that no account gets was written for nobody."""
        reached = {
            language
            for message in self.campaign.messages
            for account in chosen[message.id]
            for language in account.config.languages
        }
        for language in self.campaign.languages:
            if reached and language not in reached:
                text = f"nothing is posted in {language}: none of the campaign's accounts gets that language"
                help_ = "Write it under `languages` of an account in the config."
                self._say(("languages",), Severity.WARNING, "language-without-account", text, help_)

    def _say_fault(self, path: Path_, fault: AccountFault, message: Message | None) -> None:
        severity = Severity.WARNING if fault.harmless else Severity.ERROR
        self._say(path, severity, fault.code, fault.message, fault.help, message.id if message else None)

    def _say(
        self,
        path: Path_,
        severity: Severity,
        code: str,
        message: str,
        help_: str,
        message_id: str | None = None,
        account: str | None = None,
    ) -> None:
        of_message = next((message.allow for message in self.campaign.messages if message.id == message_id), None)
        if is_allowed(severity, code, self.campaign.allow, of_message):
            return
        problem = Problem(
            place=self.file.place(*path),
            code=code,
            message=message,
            help=help_,
            severity=severity,
            campaign=self.campaign.id,
            message_id=message_id,
            account=account,
        )
        self.problems.setdefault(problem)


def _notes(day: EditionDay, message: Message, account: Account, when: Moment) -> Iterator[str]:
    """What a preview says beside the post."""
    if day.unpinned:
        yield day.unpinned
    if day.note:
        yield f"the day: {day.note}"
    if message.at.zone is not None and message.at.zone != account.config.timezone:
        yield f"{message.at.time:%H:%M} in {message.at.zone}"
    if when.note:
        yield when.note


def _spaced(local_at: datetime) -> str:
    return f"not before {local_at.hour:02}:{local_at.minute:02}, for the account's spacing"
