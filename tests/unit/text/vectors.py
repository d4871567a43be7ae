"""The vectors: texts with what reference implementations of the platforms made of them."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import yaml

from campaigner.text.measure import Entity

FILE = Path(__file__).parents[2] / "data" / "text-vectors.yaml"


@cache
def _cases() -> list[dict[str, Any]]:
    return list(yaml.load(FILE.read_bytes(), Loader=yaml.CSafeLoader)["cases"])


def expectations(platform: str) -> list[Any]:
    """(text, expected) of every case that says something of the platform, as pytest parameters."""
    import pytest

    cases = [case for case in _cases() if platform in case["expect"]]
    return [pytest.param(case["text"], case["expect"][platform], id=case["id"]) for case in cases]


def written(entities: tuple[Entity, ...]) -> list[tuple[str, str, int, int]]:
    return [(entity.type, entity.text, entity.start, entity.end) for entity in entities]


def wanted(expected: dict[str, Any]) -> list[tuple[str, str, int, int]]:
    """Entities of a reference that counts code points."""
    return [(item["type"], item["text"], item["start"], item["end"]) for item in expected["entities"]]


def in_code_points(text: str, encoding: str, unit: int, offset: int) -> int:
    """Turn an offset in bytes or UTF-16 units into one in code points."""
    return len(text.encode(encoding)[: offset * unit].decode(encoding))
