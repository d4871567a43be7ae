"""What the ledger accepted: the hash of each campaign file, and each post's due time with its first acceptance."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import datetime, timedelta
from sys import intern

from .models import Acceptance, AcceptedFile
from .tables import Connection, Instants, recalled, upsertion

REMEMBERED = timedelta(days=60)
"""Acceptances of posts that were due longer ago are dropped: their deliveries remember them."""
POST = upsertion("acceptances", "key", Acceptance._fields)


@recalled("accepted_files")
def accepted_files(connection: Connection) -> dict[str, AcceptedFile]:
    """Every campaign file as it was accepted last, by the campaign's id."""
    return {file.campaign: file for file in connection.records(AcceptedFile, "FROM accepted_files")}


def accept_file(connection: Connection, file: AcceptedFile) -> None:
    """Remember a good file."""
    connection.upsert("accepted_files", "campaign", **asdict(file))


def forget_file(connection: Connection, campaign: str) -> None:
    """It is gone, and nothing of it lies ahead."""
    connection.run("DELETE FROM accepted_files WHERE campaign = :campaign", campaign=campaign)


def acceptances(connection: Connection) -> dict[str, Acceptance]:
    """All remembered acceptances, by key. There may be 100,000 of them, and few different instants and campaigns."""
    # A NamedTuple that is called takes four times as long.
    at, record = Instants(), tuple.__new__
    found = connection.execute("SELECT key, campaign, due_at, late_at, accepted_at FROM acceptances")
    return {
        key: record(Acceptance, (key, intern(campaign), at[due_at], at[late_at], at[accepted_at]))
        for key, campaign, due_at, late_at, accepted_at in found
    }


def accept_posts(
    connection: Connection, found: Iterable[Acceptance], before: Mapping[str, Acceptance], now: datetime
) -> None:
    """Remember these posts; only those are written that are not in `before` as they are. The long past is dropped."""
    connection.run_many(POST, [post._asdict() for post in found if before.get(post.key) != post])
    connection.run("DELETE FROM acceptances WHERE due_at < :bound", bound=now - REMEMBERED)


def forget_post(connection: Connection, key: str) -> None:
    """It left the files: should it come back, that is a new acceptance."""
    connection.run("DELETE FROM acceptances WHERE key = :key", key=key)
