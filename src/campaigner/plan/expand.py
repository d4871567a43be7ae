"""Campaign x edition x message x account x language, as slots in time order. Times first: no text is composed here."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import cache, partial
from operator import attrgetter
from typing import NamedTuple

from ..campaign.campaign import Campaign, Edition, Message
from ..campaign.config import Config
from ..errors import Place, Problem, Severity
from ..loading.campaign_file import CampaignFile, Path_
from ..observance.catalogue import Catalogue
from ..observance.observance import Observance, ObservanceError, resolve
from ..post.key import PostKey
from .accounts import (
    Account,
    AccountFault,
    accounts_of,
    idle_variant_names,
    languages_of,
    variant_for,
    variants_of,
)
from .edition_dates import EditionDay, edition_days
from .local_time import Moment, UnknownZoneError, local_moment
from .suppressions import is_allowed

OVER_WITHIN = timedelta(days=31)
"""A day or a month back is where a slip leads; what is over for longer is the past."""


class Frame(NamedTuple):
    """What all posts of one campaign in one edition share."""

    file: CampaignFile
    campaign: Campaign
    edition_day: EditionDay
    observance: Observance
    late: timedelta
    handles: Mapping[str, Mapping[str, str]]


class Slot(NamedTuple):
    """A post's key and instant; its text is composed when it is due or shown.

    `local_at` is the same instant on the account's own clock, in the zone `timezone`. `message` is what counts for this
    account: its variants are merged in. `draft`: never posted, for the officer says so, or because the day is not
    pinned yet. `waits_for`: how long after `due_at` it goes out at the earliest, for the posts of its message before it.
    `clock_note` says that a clock skips or repeats the wall time.
    """

    key: PostKey
    due_at: datetime
    local_at: datetime
    frame: Frame
    message: Message
    account: Account
    languages: tuple[str, ...]
    spacing: timedelta
    waits_for: timedelta
    draft: bool
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
        return self.frame.edition_day.edition

    @property
    def day(self) -> date:
        """The first day of the observance."""
        return self.frame.edition_day.on

    @property
    def late(self) -> timedelta:
        return self.frame.late

    @property
    def notes(self) -> tuple[str, ...]:
        """What a preview says beside the post."""
        day, at = self.frame.edition_day, self.message.at
        notes = (
            day.unpinned,
            f"the day: {day.note}" if day.note else "",
            f"{at.time:%H:%M} in {at.zone}" if at.zone is not None and at.zone != self.timezone else "",
            self.clock_note,
            f"not before {self.local_at + self.waits_for:%H:%M}, for the account's spacing" if self.waits_for else "",
        )
        return tuple(filter(None, notes))

    def place(self, path: Path_, words: str = "") -> Place:
        """Where ("text", "fi"), or another value of the message, stands: in the message, or in one of its variants.

        With `words`, which are part of its text, where these begin.
        """
        here: Path_ = ("messages", self.key.message)
        for names, content in reversed(variants_of(self.message, self.account)):
            value = getattr(content, str(path[0]), None)
            if value is not None and (path[0] != "text" or len(path) < 2 or path[1] in value):
                here = (*here, "variants", self.file.variant_as_written(self.key.message, names))
                break
        return self.file.places.of_words((*here, *path), words) if words else self.file.place(*here, *path)

    def problem(
        self,
        path: Path_,
        code: str,
        message: str,
        help: str = "",
        *,
        severity: Severity = Severity.ERROR,
        language: str | None = None,
        words: str = "",
    ) -> Problem:
        """A problem of the value at `path` of the message, or of words in it; with `language` of that language's text."""
        return Problem(
            place=self.place(path if language is None else (*path, language), words),
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
    slots.sort(key=attrgetter("due_at"))
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


class _Group(NamedTuple):
    """The languages of one post, as its KEY joins them, and how it follows the others of its message."""

    languages: tuple[str, ...]
    joined: str
    spacing: timedelta
    waits_for: timedelta


class _Version(NamedTuple):
    """A message as some accounts get it, in all editions: one version for each variant."""

    message: Message
    draft: bool
    recipients: Sequence[tuple[Account, Sequence[_Group]]]


class _Expansion:
    """One campaign's way to slots."""

    def __init__(
        self,
        file: CampaignFile,
        campaign: Campaign,
        accounts: Mapping[str, Account],
        config: Config,
        catalogue: Catalogue,
        today: date,
        problems: dict[Problem, None],
    ) -> None:
        self.file, self.campaign, self.accounts, self.config = file, campaign, accounts, config
        self.catalogue, self.today, self.problems = catalogue, today, problems
        self._is_mistyped = False
        """Whether a name means no account: what the campaign lacks for want of one is the same fault."""
        # Most messages of a campaign go to the same accounts, in the same languages.
        self._has_unknown_account = False
        self._chosen = cache(partial(accounts_of, accounts=accounts))
        self._recipients_of = cache(self._recipients)
        self._left_out_of = cache(self._left_out)

    def slots(self) -> Iterator[Slot]:
        try:
            observance = resolve(self.campaign.observance, self.catalogue)
        except ObservanceError as error:
            self._say(("observance",), Severity.ERROR, "observance", str(error), error.hint)
            return
        chosen = {message.id: self._accounts(message) for message in self.campaign.messages}
        if not self._is_mistyped:
            self._say_unreached_languages(chosen.values())
        versions = [(message, self._versions(message, chosen[message.id])) for message in self.campaign.messages]
        for day in edition_days(self.campaign, observance, self.today, self._say):
            frame = self._frame(day, observance)
            for message, its_versions in versions:
                yield from self._of_message(frame, message, its_versions)

    def _frame(self, day: EditionDay, observance: Observance) -> Frame:
        return Frame(
            file=self.file,
            campaign=self.campaign,
            edition_day=day,
            observance=observance,
            late=self.config.late if self.campaign.late is None else self.campaign.late,
            handles={**self.config.handles, **self.campaign.handles},
        )

    def _accounts(self, message: Message) -> list[Account]:
        """The accounts that get a message; names that mean nobody are said."""
        written_here = message.accounts is not None
        names = message.accounts if message.accounts is not None else self.campaign.accounts
        path: Path_ = ("messages", message.id, "accounts") if written_here else ("accounts",)
        chosen, faults = self._chosen(names)
        self._is_mistyped |= not all(fault.harmless for fault in faults)
        for fault in faults:
            self._say_fault(path, fault, message if written_here else None)
        for variant, fault in idle_variant_names(message, chosen, self.accounts):
            written = self.file.variant_as_written(message.id, variant)
            self._say_fault(("messages", message.id, "variants", written), fault, message)
        # That a message has fewer languages than the campaign was asked for.
        for account in () if message.languages else self._left_out_of(names, self.campaign.languages):
            self._say_no_language(message, account)
        return chosen

    def _versions(self, message: Message, accounts: Sequence[Account]) -> list[_Version]:
        if not message.variants:
            return [self._version(message, message.accounts or self.campaign.accounts)]
        return [self._version(variant_for(message, account), (account.name,)) for account in accounts]

    def _version(self, message: Message, names: tuple[str, ...]) -> _Version:
        return _Version(
            message=message,
            draft=self.campaign.draft if message.draft is None else message.draft,
            recipients=self._recipients_of(
                names, message.languages or self.campaign.languages, message.bilingual or self.campaign.bilingual
            ),
        )

    def _recipients(
        self, names: tuple[str, ...], offered: tuple[str, ...], bilingual: str | None
    ) -> list[tuple[Account, list[_Group]]]:
        """The accounts that get a message, each with the languages of its posts."""
        return [(account, self._groups(account, offered, bilingual)) for account in self._chosen(names)[0]]

    def _left_out(self, names: tuple[str, ...], offered: tuple[str, ...]) -> list[Account]:
        """The accounts that would get a message, and have none of its languages."""
        return [account for account in self._chosen(names)[0] if not languages_of(offered, account)]

    def _groups(self, account: Account, offered: tuple[str, ...], bilingual: str | None) -> list[_Group]:
        """The languages of each post, in the account's order: one for each language, or one for all together."""
        languages, spacing = languages_of(offered, account), account.config.spacing
        if languages and (bilingual or account.config.bilingual) == "together":
            # KEYs join languages in the campaign's order, whatever order the account sends them in.
            joined = "+".join(language for language in self.campaign.languages if language in languages)
            return [_Group(languages, joined, spacing, timedelta(0))]
        gap = timedelta(0) if self.campaign.parity else spacing
        return [
            _Group((language,), language, gap if number else spacing, number * gap)
            for number, language in enumerate(languages)
        ]

    def _of_message(self, frame: Frame, message: Message, versions: Sequence[_Version]) -> Iterator[Slot]:
        """The posts of one message on its day."""
        day, unpinned = frame.edition_day, bool(frame.edition_day.unpinned)
        moments: dict[str, Moment | None] = {}
        # What a NamedTuple does when it is called takes longer than all else here.
        record = tuple.__new__
        for version, draft, recipients in versions:
            for account, groups in recipients:
                zone = account.config.timezone
                if zone not in moments:
                    moments[zone] = self._moment(day, message, zone)
                if (when := moments[zone]) is None:
                    continue
                for languages, joined, spacing, waits_for in groups:
                    key = record(PostKey, (self.campaign.id, day.label, message.id, account.config.name, joined))
                    yield record(
                        Slot,
                        (
                            key,
                            when.at,
                            when.local_at,
                            frame,
                            version,
                            account,
                            languages,
                            spacing,
                            waits_for,
                            unpinned or draft,
                            when.note,
                        ),
                    )

    def _moment(self, day: EditionDay, message: Message, own: str) -> Moment | None:
        """When the message is due, with the time on the clock of the zone `own`; None when there is no such time."""
        path: Path_ = ("messages", message.id, "at")
        try:
            at = message.at
            return local_moment(day.on + timedelta(days=at.days), at.time, at.zone or own, own)
        except UnknownZoneError as error:
            self._say(path, Severity.ERROR, "timezone", str(error), error.hint, message.id)
        except OverflowError:
            self._say(path, Severity.ERROR, "no-day", "the day lies outside the calendar", "", message.id)
        return None

    def _say_no_language(self, message: Message, account: Account) -> None:
        offered = ", ".join(self.campaign.languages)
        text = f'message "{message.id}" is not posted on {account.name}, which gets none of its languages ({offered})'
        help_ = f"The account gets {', '.join(account.config.languages)}."
        path: Path_ = ("messages", message.id)
        self._say(path, Severity.NOTE, "no-language", text, help_, message.id, account.name)

    def _say_unreached_languages(self, chosen: Iterable[Sequence[Account]]) -> None:
        """A language that no account gets was written for nobody, unless it was for one whose name was mistyped."""
        if self._has_unknown_account:
            return
        accounts = {account.name: account for accounts in chosen for account in accounts}
        reached = {language for account in accounts.values() for language in account.config.languages}
        for language in self.campaign.languages:
            if reached and language not in reached:
                text = f"nothing is posted in {language}: none of the campaign's accounts gets that language"
                help_ = "Write it under `languages` of an account in the config."
                self._say(("languages",), Severity.WARNING, "language-without-account", text, help_)

    def _say_fault(self, path: Path_, fault: AccountFault, message: Message | None) -> None:
        severity = Severity.WARNING if fault.harmless else Severity.ERROR
        self._has_unknown_account |= not fault.harmless
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
        self.problems.setdefault(self.file.problem(path, code, message, help_, severity, message_id, account=account))
