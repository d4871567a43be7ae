"""Parts, media and clocks that platform tests share."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

from campaigner.clock import Clock
from campaigner.platforms.base import Connection, Media, PartToSend, Platform

P = TypeVar("P", bound=Platform)

NOW = datetime(2020, 12, 18, 6, 0, tzinfo=UTC)
TOKEN = "5e" * 32
PNG = b"\x89PNG\r\n\x1a\n" + b"an image"
FINNISH = "Tänään on siirtolaisten päivä: ”R&D <3” https://finland.iom.int/ #SiirtolaistenPäivä"


def part_of(text: str = FINNISH, **changed: Any) -> PartToSend:
    wanted: dict[str, Any] = {"languages": ("fi",), "token": TOKEN, "due_at": NOW, "created_at": NOW, **changed}
    return PartToSend(text=text, **wanted)


def media_of(**changed: Any) -> Media:
    wanted: dict[str, Any] = {"data": PNG, "media_type": "image/png", "alt": "Kuva", "width": 4, "height": 3, **changed}
    return Media(**wanted)


def account_of(
    platform: type[P], options: Any, secrets: Mapping[str, str], clock: Clock, folder: Path | None = None
) -> P:
    """An account, desk, as the table connects it."""
    made = Connection(
        account="desk",
        options=options,
        secrets=secrets,
        clock=clock,
        folder=folder,
        show=lambda *_: None,
        limits=platform.profile,
    )
    return platform(made)
