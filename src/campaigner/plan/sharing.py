"""What the posts of a plan have in common: one composing of a message serves all accounts that get the same of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from unicodedata import normalize

from ..campaign.campaign import ByLanguage, Message
from ..post.post import Post
from .account import Account
from .expand import Slot

_OF_ACCOUNT = ("{platform}", "{account}", "{@")
"""What makes a text, a link or a file's name another one for another account."""


@dataclass(slots=True)
class Sharing:
    """Composes for a check, which asks for the parts alone: a shared post bears the key of the first that had it."""

    compose: Callable[[Slot], Post]
    _last: dict[tuple[object, ...], Post] = field(default_factory=dict)
    _message: Message | None = None
    _alike: bool = False
    _owners: dict[str, object] = field(default_factory=dict)

    def post_for(self, slot: Slot) -> Post:
        """The slot's post, or one whose parts are the same. Raises ComposeError."""
        if slot.message is not self._message:
            self._message, self._alike = slot.message, _is_alike(slot)
            self._last.clear()
        if not self._alike or slot.account.config.long_text == "thread":
            return self.compose(slot)
        key = (slot.key.campaign, slot.key.edition, slot.languages, slot.local_at.date())
        post = self._last.get(key)
        if post is None:
            post = self._last[key] = self.compose(slot)
        return post

    def owner_of(self, account: Account) -> object:
        """Who posts: two accounts of the config with the same options are one account of the platform."""
        config = account.config
        if config.name not in self._owners:
            alone = config.platform == "console"
            self._owners[config.name] = config.name if alone else (config.platform, config.options.model_dump_json())
        return self._owners[config.name]

    @staticmethod
    @lru_cache(maxsize=16)
    def folded(text: str) -> str:
        """The words alone: case, white space and Unicode form make no other text."""
        return " ".join(normalize("NFC", text).casefold().split())


def _is_alike(slot: Slot) -> bool:
    """True when nothing of the message depends on the account that posts it."""
    message = slot.message
    if message.warning is not None or message.card is not None:
        return False
    return not any(sign in text for text in _strings(slot) for sign in _OF_ACCOUNT)


def _strings(slot: Slot) -> Iterator[str]:
    message = slot.message
    texts: list[ByLanguage | None] = [message.text, message.link, slot.edition.link, slot.campaign.link]
    images = list(message.images or ())
    for part in message.thread or ():
        texts.append(part.text)
        images.extend(part.images)
    texts += [image.alt for image in images]
    for by_language in texts:
        yield from (by_language or {}).values()
    yield from (image.file for image in images)
