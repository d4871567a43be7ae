"""DuePost: one post whose time has come, as an engine hands it over for delivery."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from ..post.key import PostKey
from ..post.post import Post
from .parity import ParityGroup


@dataclass(frozen=True, slots=True, kw_only=True)
class DuePost:
    """`compose` renders the post as the files have it now, or raises CampaignerError when they can't give it.

    `late_until` is when it stops being useful. `answered` is a person's `--yes` to the gates that allow one. `group`:
    what goes out with it or not at all. `is_current` is asked when its turn comes: False when the files have given the post
    another time since.
    """

    key: PostKey
    due_at: datetime
    late_until: datetime
    spacing: timedelta
    compose: Callable[[], Post]
    answered: bool = False
    group: ParityGroup | None = None
    is_current: Callable[[], bool] = lambda: True
