"""Campaign x edition x message x account x language, as slots in time order. Times first: no text is composed here."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from ..campaign.campaign import EVERY_YEAR, Campaign, Edition, Message
from ..campaign.config import Config
from ..errors import Problem, Severity
from ..files.loaded import CampaignFile
from ..observance.catalogue import Catalogue
from ..observance.observance import Observance, resolve
from ..post.key import PostKey
from .account import Account
from .select import accounts_of, languages_of, variant_for
from .times import moment, shifted


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """A post's key and instant; its text is composed when it is due or shown.

    `message` is what counts for this account: its variants are merged in. `day` is the first day of the observance.
    """

    key: PostKey
    due_at: datetime
    local_at: datetime
    timezone: str
    file: CampaignFile
    campaign: Campaign
    edition: Edition
    day: date
    observance: Observance
    message: Message
    account: Account
    languages: tuple[str, ...]
    late: timedelta
    spacing: timedelta
    draft: bool
    handles: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Every slot in time order, and what is wrong with how they came about."""

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
    problems: list[Problem] = []
    slots = [
        slot
        for file in files
        if file.campaign is not None
        for slot in _Expansion(file, file.campaign, accounts, config, catalogue, today, problems).slots()
    ]
    slots.sort(key=lambda slot: (slot.due_at, slot.key.account))
    return Plan(slots=tuple(slots), problems=tuple(problems), files=tuple(files))


def busiest(slots: Sequence[Slot], late: timedelta) -> int:
    """The largest number of posts that come due within one hour and `late`: what a single run may have to send."""
    window = timedelta(hours=1) + late
    most = start = 0
    for end, slot in enumerate(slots):
        while slot.due_at - slots[start].due_at > window:
            start += 1
        most = max(most, end - start + 1)
    return most


@dataclass(slots=True)
class _Expansion:
    """One campaign's way to slots."""

    file: CampaignFile
    campaign: Campaign
    accounts: Mapping[str, Account]
    config: Config
    catalogue: Catalogue
    today: date
    problems: list[Problem]

    def slots(self) -> Iterator[Slot]:
        observance = resolve(self.campaign.observance, self.catalogue)
        chosen = {message.id: self._accounts(message) for message in self.campaign.messages}
        for label, edition, day in self._days(observance):
            for message in self.campaign.messages:
                for account in chosen[message.id]:
                    yield from self._of_account(label, edition, day, observance, message, account)

    def _days(self, observance: Observance) -> Iterator[tuple[str, Edition, date]]:
        """Each edition with its label and its day; one that has no sure day is said and left out."""
        every_year = self.campaign.editions.get(EVERY_YEAR)
        labels = {label: edition for label, edition in self.campaign.editions.items() if label != EVERY_YEAR}
        for label, edition in labels.items():
            yield from self._day(label, edition, observance, ("editions", label))
        if every_year is not None:
            for year in (self.today.year, self.today.year + 1):
                for label in _labels(observance, year):
                    if label not in labels:
                        yield from self._day(label, every_year, observance, ("editions",))

    def _day(
        self, label: str, edition: Edition, observance: Observance, path: tuple[str, ...]
    ) -> Iterator[tuple[str, Edition, date]]:
        if edition.date is not None:
            yield label, edition, edition.date
            return
        year, number = _year_of(label)
        found = observance.rule.occurrences(year)
        if len(found) < number:
            self._no_day(label, observance, year, path)
            return
        occurrence = found[number - 1]
        if occurrence.status == "expected":
            tolerance = f", give or take {occurrence.tolerance_days} days" if occurrence.tolerance_days else ""
            self._say(
                "expected-day",
                f"the day in {label} is only expected: {occurrence.on}{tolerance}. It is not posted until it is pinned",
                f"Pin it once it is sure: editions: {{{label}: {{date: {occurrence.on}}}}}",
                path,
                Severity.WARNING,
            )
            return
        yield label, edition, occurrence.on

    def _no_day(self, label: str, observance: Observance, year: int, path: tuple[str, ...]) -> None:
        why = observance.rule.why_unknown(year) or f"the day does not fall in {label}"
        self._say("no-day", f"there is no day in {label}: {why}", "Pin it with `date`, or leave the edition out.", path)

    def _accounts(self, message: Message) -> list[Account]:
        written_here = message.accounts is not None
        names = message.accounts if message.accounts is not None else self.campaign.accounts
        path = ("messages", message.id, "accounts") if written_here else ("accounts",)
        chosen, faults = accounts_of(names, self.accounts)
        for fault in faults:
            severity = Severity.WARNING if fault.harmless else Severity.ERROR
            self._say(fault.code, fault.message, fault.help, path, severity, message.id if written_here else None)
        return chosen

    def _of_account(
        self, label: str, edition: Edition, day: date, observance: Observance, message: Message, account: Account
    ) -> Iterator[Slot]:
        effective = variant_for(message, account)
        languages = languages_of(self.campaign, effective, account.config.languages)
        zone = ZoneInfo(message.at.zone or account.config.timezone)
        try:
            when = moment(shifted(day, message.at.days), message.at.time, zone)
        except OverflowError:
            self._say(
                "no-day", "the day lies outside the calendar", "", ("messages", message.id, "at"), message_id=message.id
            )
            return
        groups = [languages] if self._together(effective, account) and languages else [(one,) for one in languages]
        for number, group in enumerate(groups):
            spacing = timedelta(0) if self.campaign.parity and number else account.config.spacing
            notes = [when.note] if when.note else []
            if number and spacing:
                notes.append(f"not before {when.local_at + number * spacing:%H:%M}, for the account's spacing")
            yield Slot(
                key=PostKey(self.campaign.id, label, message.id, account.name, self._joined(group)),
                due_at=when.at,
                local_at=when.local_at,
                timezone=zone.key,
                file=self.file,
                campaign=self.campaign,
                edition=edition,
                day=day,
                observance=observance,
                message=effective,
                account=account,
                languages=group,
                late=self.campaign.late if self.campaign.late is not None else self.config.late,
                spacing=spacing,
                draft=effective.draft if effective.draft is not None else self.campaign.draft,
                handles={**self.config.handles, **self.campaign.handles},
                notes=tuple(notes),
            )

    def _joined(self, group: tuple[str, ...]) -> str:
        """KEYs join languages in the campaign's order, whatever order the account sends them in."""
        return "+".join(language for language in self.campaign.languages if language in group)

    def _together(self, message: Message, account: Account) -> bool:
        choice = message.bilingual or self.campaign.bilingual or account.config.bilingual
        return choice == "together"

    def _say(
        self,
        code: str,
        message: str,
        help: str,
        path: tuple[str, ...],
        severity: Severity = Severity.ERROR,
        message_id: str | None = None,
    ) -> None:
        problem = Problem(
            place=self.file.place(*path),
            code=code,
            message=message,
            help=help,
            severity=severity,
            campaign=self.campaign.id,
            message_id=message_id,
        )
        if problem not in self.problems:
            self.problems.append(problem)


def _labels(observance: Observance, year: int) -> Iterable[str]:
    """`2030`, and `2030-2` for a day that falls twice in the year."""
    count = max(1, len(observance.rule.occurrences(year)))
    return [str(year) if number == 1 else f"{year}-{number}" for number in range(1, count + 1)]


def _year_of(label: str) -> tuple[int, int]:
    year, _, number = label.partition("-")
    return int(year), int(number or 1)
