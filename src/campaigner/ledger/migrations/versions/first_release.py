"""0001, the schema of the first release. Ledgers begin with it or, made by `tables.py`, with a later one: nothing leads here."""

from __future__ import annotations

revision = "0001"
down_revision = None


def upgrade() -> None:
    """There is nothing before it."""
