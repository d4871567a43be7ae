"""One campaign file's nodes to its models: what is right of it, and every fault of the rest."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter, ValidationError
from pydantic_core import PydanticCustomError

from ..campaign.campaign import Campaign, CardSpec, Content, FollowUp, ImageSpec, Message, Model, VideoSpec
from ..campaign.editions import EVERY_YEAR, FIELDS, split_edition
from ..campaign.written import ID, Languages
from ..errors import Place, Problem, Severity
from ..source import Document, shown
from .faults import missing_key, rest, translate, unknown_key
from .languages import check_campaign, check_message, spread
from .loaded import Path_
from .tree import MISSING, Found, Missing, Tree

if TYPE_CHECKING:
    from ..observance.catalogue import Catalogue

_LANGUAGES: TypeAdapter[tuple[str, ...]] = TypeAdapter(Languages)
CAMPAIGN_KEYS = ("format", "campaign", *(name for name in Campaign.model_fields if name not in ("id", "title")))
MESSAGE_KEYS = ("at", *(name for name in Message.model_fields if name not in ("id", "at")))
_PARTS: Mapping[str | int, type[Model]] = {
    "variants": Content,
    "images": ImageSpec,
    "video": VideoSpec,
    "card": CardSpec,
    "thread": FollowUp,
}
_REQUIRED = {"title": "–", "observance": "–", "editions": EVERY_YEAR, "languages": "en", "accounts": "all"}
_ID_HELP = "Use small letters a to z, digits and hyphens, as in migrants-day."


@dataclass(eq=False, kw_only=True)
class Parsing:
    """The work on one file. `found` gathers its faults; call `campaign` once, then `problems`."""

    id: str
    document: Document
    catalogue: Catalogue | None
    tree: Tree = field(init=False)
    found: list[Found] = field(init=False)
    _failed: set[str | None] = field(default_factory=set)
    _starts: list[tuple[tuple[int, int], Path_]] = field(init=False)

    def __post_init__(self) -> None:
        self.tree = Tree(self.document, _may_be_empty)
        self.found = list(self.tree.faults)
        named = [(place, path) for path, place in self.tree.keys.items()]
        parts = [(place, path) for place, path in named + self.tree.dropped if _begins_a_part(path)]
        self._starts = sorted(parts, key=lambda start: start[0])

    def campaign(self) -> Campaign | None:
        """Return the campaign with its faultless messages; None when a fault outside the messages holds it back."""
        if not ID.fullmatch(self.id):
            self._add((), "id", f'the file name "{shown(self.id)}" cannot be the name of a campaign', _ID_HELP)
        values = self.tree.values
        if values is None or isinstance(values, Missing):
            return None
        if not isinstance(values, dict):
            self._add((), "wrong-kind", "a campaign's keys were wanted", "Begin with campaign: and its title.")
            return None
        messages = self._messages(values.get("messages", MISSING), _languages(values))
        campaign = self._whole(values, messages)
        return None if self._held_back() else campaign

    @property
    def faulty(self) -> frozenset[str]:
        """The ids of the messages that have a fault of their own."""
        owners = (self._message_at(found.path) for found in self.found if not found.warning)
        by_place = (self._message_below(fault.line, fault.column) for fault in self.document.faults)
        return frozenset(owner for owner in (*owners, *by_place, *self._failed) if owner is not None)

    def problems(self, shown_as: str) -> tuple[Problem, ...]:
        """Return every fault in the file's order."""
        problems = [self._problem(found, shown_as) for found in self.found]
        for fault in self.document.faults:
            owner = self._message_below(fault.line, fault.column)
            place = Place(shown_as, fault.line, fault.column)
            problems.append(
                Problem(
                    place=place,
                    code=fault.code,
                    message=fault.message,
                    help=fault.help,
                    campaign=self.id,
                    message_id=owner,
                )
            )
        return tuple(sorted(problems, key=lambda problem: problem.place))

    def _whole(self, values: Mapping[str, Any], messages: tuple[Message, ...]) -> Campaign:
        self._unknown_names(values)
        fields = {name: value for name, value in values.items() if name not in ("format", "campaign", "id", "title")}
        fields |= {"id": self.id, "messages": messages}
        if "campaign" in values:
            fields["title"] = values["campaign"]
        else:
            self.found.append(missing_key((), "campaign"))
            fields["title"] = "–"
        if isinstance(editions := fields.get("editions"), dict):
            fields["editions"] = {
                label: split_edition(edition) if isinstance(edition, dict) else edition
                for label, edition in editions.items()
            }
        return self._validated(fields, values)

    def _validated(self, fields: Mapping[str, Any], values: Mapping[str, Any]) -> Campaign:
        try:
            campaign = Campaign.model_validate(fields)
        except ValidationError as error:
            self.found += translate(error, self.tree, (), known_keys, renamed={"title": "campaign"})
            self._failed.add(None)
            campaign = Campaign.model_validate(rest(fields, error, _REQUIRED))
        self._observance(values.get("observance", MISSING))
        if _languages(values):
            self.found += check_campaign(campaign)
        self._pins(campaign)
        return campaign

    def _unknown_names(self, values: Mapping[str, Any]) -> None:
        self.found += [unknown_key((name,), CAMPAIGN_KEYS) for name in ("id", "title") if name in values]
        if values.get("format", "1") != "1" and not isinstance(values["format"], Missing):
            self._add(("format",), "format", "this format is not known here", "Write format: 1, or leave it away.")

    def _observance(self, value: Any) -> None:
        """Which day it is, is known to the catalogue's rules alone."""
        if self.catalogue is None or not isinstance(value, str | dict) or _broken(value):
            return
        from ..observance.observance import ObservanceError, resolve

        try:
            resolve(value, self.catalogue)
        except ObservanceError as error:
            self._add(("observance",), "observance", str(error), error.hint)

    def _pins(self, campaign: Campaign) -> None:
        for label, edition in campaign.editions.items():
            path = ("editions", label, "date")
            if edition.date is not None and label == EVERY_YEAR:
                self._add(path, "date", "a date is one year's", "Pin the day under its year, as in 2027: {date: …}.")
            elif edition.date is not None and str(edition.date.year) != label[:4]:
                self._add(path, "date", f"{edition.date} is not in {label[:4]}", "Correct the date or the year.")

    def _messages(self, value: Any, languages: tuple[str, ...]) -> tuple[Message, ...]:
        if not isinstance(value, dict):
            if value is MISSING and "messages" not in self.tree.values:
                self.found.append(missing_key((), "messages"))
            elif not isinstance(value, Missing):
                help_ = "Write each message under a name of its own, as in good-morning: and its keys, indented."
                self._add(("messages",), "wrong-kind", "messages by name were wanted", help_)
            return ()
        if not value:
            self._add(("messages",), "empty-value", "no message stands here", "Write at least one message.")
        read = [self._message(str(id_), raw, languages) for id_, raw in value.items()]
        faulty = self.faulty
        return tuple(message for message in read if message is not None and message.id not in faulty)

    def _message(self, id_: str, raw: Any, languages: tuple[str, ...]) -> Message | None:
        path = ("messages", id_)
        if not ID.fullmatch(id_):
            self._add(path, "id", f'"{shown(id_)}" cannot be the name of a message', _ID_HELP, key=True)
        if not isinstance(raw, dict):
            if not isinstance(raw, Missing):
                help_ = "Write its keys below, indented: at: and text:"
                self._add(path, "wrong-kind", "a message's keys were wanted", help_)
            return None
        if "id" in raw:
            self.found.append(unknown_key((*path, "id"), MESSAGE_KEYS))
        try:
            message = Message.model_validate({**spread(raw, _languages(raw) or languages), "id": id_})
        except ValidationError as error:
            self.found += translate(error, self.tree, path, known_keys)
            raw = rest(raw, error, {"at": "00:00", "text": dict.fromkeys(languages, "–") or "–"})
            self._failed.add(id_)
            message = Message.model_validate({**spread(raw, languages), "id": id_})
        self.found += check_message(message, languages, raw) if languages else ()
        return message

    def _held_back(self) -> bool:
        """Say whether an error lies outside the messages."""
        if None in self._failed or _broken(self.tree.values.get("observance")):
            return True
        if any(not found.warning and self._message_at(found.path) is None for found in self.found):
            return True
        return any(self._message_below(fault.line, fault.column) is None for fault in self.document.faults)

    def _message_at(self, path: Path_) -> str | None:
        return str(path[1]) if len(path) > 1 and path[0] == "messages" else None

    def _message_below(self, line: int, column: int) -> str | None:
        """Return the message whose lines a place lies in."""
        index = bisect_right(self._starts, (line, column), key=lambda start: start[0])
        return self._message_at(self._starts[index - 1][1]) if index else None

    def _problem(self, found: Found, shown_as: str) -> Problem:
        return Problem(
            place=Place(shown_as, *self.tree.position(found)),
            code=found.code,
            message=found.message,
            help=found.help,
            severity=Severity.WARNING if found.warning else Severity.ERROR,
            campaign=self.id,
            message_id=self._message_at(found.path),
        )

    def _add(self, path: Path_, code: str, message: str, help_: str, *, key: bool = False) -> None:
        self.found.append(Found(path, code, message, help_, key=key))


def known_keys(path: Path_) -> Collection[str]:
    """Return the keys that may stand at `path` of a campaign file."""
    if not path:
        return CAMPAIGN_KEYS
    if len(path) == 2 and path[0] in ("messages", "editions"):
        return MESSAGE_KEYS if path[0] == "messages" else FIELDS
    owner = next((step for step in reversed(path) if step in _PARTS), None)
    return () if owner is None else tuple(_PARTS[owner].model_fields)


def _may_be_empty(path: Path_) -> bool:
    return len(path) == 2 and path[0] == "editions"


def _begins_a_part(path: Path_) -> bool:
    return len(path) == 1 or (len(path) == 2 and path[0] == "messages")


def _broken(value: Any) -> bool:
    parts: Iterable[Any] = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return isinstance(value, Missing) or any(_broken(part) for part in parts)


def _languages(values: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the languages as written, canonical, () when they are absent or wrong (which is reported elsewhere)."""
    try:
        return _LANGUAGES.validate_python(values["languages"])
    except (KeyError, ValidationError, PydanticCustomError):
        return ()
