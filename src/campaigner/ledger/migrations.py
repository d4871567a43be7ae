"""`ledger upgrade`: from the schema of an earlier release to ours, after a backup, alone, and in one transaction.

The lock is the transaction itself: a process that is killed leaves the schema as it was and no lock behind.
"""

from __future__ import annotations

import fcntl
import os
import platform
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from ..clock import Clock
from ..errors import SurroundingsError
from . import backup, database, tables
from .rows import Connection

PATIENCE = timedelta(seconds=30)
"""How long an upgrade waits for publishing calls in flight: cut off from the ledger, each would be left in doubt."""
LOOK_EVERY = timedelta(seconds=0.2)
IN_FLIGHT = """
SELECT DISTINCT owners.host, owners.lock_path FROM deliveries JOIN owners ON owners.id = deliveries.owner_id
WHERE deliveries.state = 'sending' AND owners.ended_at IS NULL
"""

WITHDRAWN_ALERTS = """
CREATE TABLE new_alerts (
    id INTEGER NOT NULL,
    subject TEXT NOT NULL,
    kind TEXT NOT NULL,
    key TEXT,
    text TEXT NOT NULL,
    command TEXT DEFAULT '' NOT NULL,
    raised_at BIGINT NOT NULL,
    sent_at BIGINT,
    withdrawn_at BIGINT,
    PRIMARY KEY (id)
);
INSERT INTO new_alerts SELECT id,
    (
        WITH RECURSIVE shorter (subject) AS (
            SELECT alerts.subject
            UNION ALL SELECT substr(subject, 1, length(subject) - length(' ' || alerts.id)) FROM shorter
            WHERE subject LIKE '% ' || alerts.id AND subject <> alerts.kind || ' ' || alerts.id
        )
        SELECT subject FROM shorter ORDER BY length(subject) LIMIT 1
    ),
    kind, key, text, command, raised_at, sent_at,
    CASE WHEN subject LIKE '% ' || id AND subject <> kind || ' ' || id THEN raised_at END
FROM alerts;
DROP TABLE alerts;
ALTER TABLE new_alerts RENAME TO alerts;
CREATE UNIQUE INDEX alerts_standing ON alerts (subject) WHERE withdrawn_at IS NULL;
DROP INDEX ix_attempts_delivery_id;
DROP INDEX ix_attempts_started_at;
ALTER TABLE attempts RENAME TO delivery_attempts;
CREATE INDEX ix_delivery_attempts_delivery_id ON delivery_attempts (delivery_id);
CREATE INDEX ix_delivery_attempts_started_at ON delivery_attempts (started_at)
"""
"""0002: when an alert was withdrawn stands in a column of its own, and no longer as a suffix of its subject.

A post put right several times has several suffixes. A subject that has nothing but its kind before the number is no
withdrawn one: an account can be called "7". `attempts` becomes `delivery_attempts`: a process of the first release does
not look at the schema once it runs; without that table it can't claim a post, and ends.
"""

ALERT_RECEIPTS = """
CREATE TABLE alert_receipts (
    alert_id INTEGER NOT NULL,
    recipient TEXT NOT NULL,
    sent_at BIGINT NOT NULL,
    PRIMARY KEY (alert_id, recipient),
    FOREIGN KEY(alert_id) REFERENCES alerts (id)
)
"""
"""0003: which of the places that alerts go to has accepted which alert, in a table of its own.

Until then an alert was sent or not: a place that took it got it again for as long as another one did not. What was sent
by then has been accepted everywhere, and says so by itself.
"""

POSTS_AHEAD = """
CREATE TABLE new_accepted_files (
    campaign TEXT NOT NULL,
    path TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    signature TEXT NOT NULL,
    accepted_at BIGINT NOT NULL,
    PRIMARY KEY (campaign)
);
INSERT INTO new_accepted_files SELECT campaign, path, sha256, signature, accepted_at FROM accepted_files;
DROP TABLE accepted_files;
ALTER TABLE new_accepted_files RENAME TO accepted_files;
CREATE TABLE new_acceptances (
    key TEXT NOT NULL,
    campaign TEXT NOT NULL,
    due_at BIGINT NOT NULL,
    accepted_at BIGINT NOT NULL,
    late_at BIGINT NOT NULL,
    PRIMARY KEY (key)
);
INSERT INTO new_acceptances SELECT key, campaign, due_at, accepted_at, due_at + 7200000000 FROM acceptances;
DROP TABLE acceptances;
ALTER TABLE new_acceptances RENAME TO acceptances;
CREATE TABLE new_lanes (
    account TEXT NOT NULL,
    owner_id TEXT,
    identity TEXT,
    last_sent_at BIGINT,
    failures INTEGER DEFAULT '0' NOT NULL,
    rested_until BIGINT,
    stopped_at BIGINT,
    stopped_reason TEXT,
    trouble TEXT,
    PRIMARY KEY (account)
);
INSERT INTO new_lanes SELECT
    account, owner_id, identity, last_sent_at, failures, rested_until, stopped_at, stopped_reason, NULL
FROM lanes;
DROP TABLE lanes;
ALTER TABLE new_lanes RENAME TO lanes
"""
"""0004: no copies of campaign files any more; of each post also when it is too late; of each account what its last call met.

What goes out is what the files say now. The ledger knows a file by its hash, and what lies ahead by KEY and time. A post
was too late after two hours unless a config said otherwise: the next run writes each post's own.
"""

ONE_RUN = """
CREATE TABLE new_deliveries (
    id INTEGER NOT NULL,
    key TEXT NOT NULL,
    campaign TEXT NOT NULL,
    edition TEXT NOT NULL,
    message TEXT NOT NULL,
    account TEXT NOT NULL,
    language TEXT NOT NULL,
    identity TEXT,
    state TEXT NOT NULL,
    generation INTEGER DEFAULT '0' NOT NULL,
    forced BOOLEAN DEFAULT 0 NOT NULL,
    due_at BIGINT NOT NULL,
    first_due_at BIGINT,
    content_created_at BIGINT,
    retry_at BIGINT,
    failures INTEGER DEFAULT '0' NOT NULL,
    digest TEXT,
    text_digest TEXT,
    content JSON,
    reason TEXT,
    url TEXT,
    published_at BIGINT,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (id),
    UNIQUE (key)
);
INSERT INTO new_deliveries SELECT id, key, campaign, edition, message, account, language, identity, state, generation, forced,
    due_at, first_due_at, content_created_at, retry_at, failures, digest, text_digest, content, reason, url, published_at,
    updated_at
FROM deliveries;
DROP TABLE deliveries;
ALTER TABLE new_deliveries RENAME TO deliveries;
CREATE INDEX deliveries_by_text ON deliveries (account, text_digest);
CREATE INDEX deliveries_by_state ON deliveries (state);
CREATE INDEX deliveries_by_update ON deliveries (updated_at);
CREATE TABLE new_lanes (
    account TEXT NOT NULL,
    identity TEXT,
    identified_at BIGINT,
    access TEXT,
    looked_at BIGINT,
    last_sent_at BIGINT,
    failures INTEGER DEFAULT '0' NOT NULL,
    rested_until BIGINT,
    stopped_at BIGINT,
    stopped_reason TEXT,
    trouble TEXT,
    PRIMARY KEY (account)
);
INSERT INTO new_lanes SELECT
    account, identity, NULL, NULL, NULL, last_sent_at, failures, rested_until, stopped_at, stopped_reason, trouble
FROM lanes;
DROP TABLE lanes;
ALTER TABLE new_lanes RENAME TO lanes;
CREATE TABLE new_attempts (
    id INTEGER NOT NULL,
    delivery_id INTEGER NOT NULL,
    part INTEGER NOT NULL,
    generation INTEGER NOT NULL,
    kind TEXT NOT NULL,
    run_id TEXT NOT NULL,
    started_at BIGINT NOT NULL,
    ended_at BIGINT,
    outcome TEXT,
    reason TEXT,
    PRIMARY KEY (id),
    FOREIGN KEY(delivery_id) REFERENCES deliveries (id)
);
INSERT INTO new_attempts SELECT id, delivery_id, part, generation, kind, owner_id, started_at, ended_at, outcome, reason
FROM delivery_attempts;
DROP TABLE delivery_attempts;
ALTER TABLE new_attempts RENAME TO delivery_attempts;
CREATE INDEX ix_delivery_attempts_started_at ON delivery_attempts (started_at);
CREATE INDEX ix_delivery_attempts_delivery_id ON delivery_attempts (delivery_id);
DELETE FROM meta WHERE name LIKE 'teller %';
INSERT INTO meta (name, value) SELECT 'run', json_object(
    'place', '', 'pid', pid, 'engine', engine, 'started_at', started_at, 'seen_at', seen_at,
    'ended_at', coalesce(ended_at, seen_at), 'at_work_since', started_at
) FROM owners ORDER BY seen_at DESC LIMIT 1;
DROP TABLE owners
"""
"""0005: one run at a time works on a ledger and has its lock, so nothing in it has an owner any more.

Of each account it is kept who it is on its platform, and when its posts were looked at: no run asks that of every minute.
"""

STEPS = {"0002": WITHDRAWN_ALERTS, "0003": ALERT_RECEIPTS, "0004": POSTS_AHEAD, "0005": ONE_RUN}
"""What leads to a schema from the one before; nothing leads to 0001, that of the first release."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Upgrade:
    """What was done: from which schema, and where the backup lies."""

    before: str
    backup: Path


def upgrade(path: Path, clock: Clock) -> Upgrade | None:
    """Back a ledger up and bring it to our schema; None when it has it, or there is no ledger.

    Raises SurroundingsError, with the ledger as it was: for a schema that is newer, or that no way leads from, for one that
    is locked, damaged or can't be written, and while posts are being sent.
    """
    if not database.holds_ledger(path):
        return None
    with database.explained(path):
        # Looked at without any right to write.
        with closing(database.connect(path, read_only=True)) as connection:
            found = database.schema_version(connection)
        if found == tables.SCHEMA_VERSION:
            return None
        if found not in tables.EARLIER:
            raise database.wrong_schema(found)
        with closing(database.connect(path)) as connection:
            # A table that is made anew would take with it the rows that refer to it; they are looked at before the commit.
            connection.execute("PRAGMA foreign_keys=0")
            return _upgrade_alone(connection, path, clock)


def _upgrade_alone(connection: Connection, path: Path, clock: Clock) -> Upgrade | None:
    _begin_between_sends(connection, clock)
    before = database.schema_version(connection)
    if before == tables.SCHEMA_VERSION or before is None:
        # Another upgrade had the lock before.
        return None
    # Nobody else can write now, so nothing that the backup lacks is ever upgraded.
    saved = backup.back_up(path, None, clock)
    migrate(connection)
    fault = connection.execute("PRAGMA foreign_key_check").fetchone()
    if fault is not None:
        raise SurroundingsError(f"the ledger {path} is damaged: rows of {fault[0]} refer to nothing")
    connection.execute("COMMIT")
    return Upgrade(before=before, backup=saved)


def _begin_between_sends(connection: Connection, clock: Clock) -> None:
    """Take the ledger for ourselves, at a moment when no post is on its way."""
    ends_at = clock.now() + PATIENCE
    while True:
        connection.execute("BEGIN EXCLUSIVE")
        if not _in_flight(connection):
            return
        connection.execute("ROLLBACK")
        if clock.now() >= ends_at:
            raise SurroundingsError(
                "posts are being sent at this moment: nothing was changed",
                hint="end the process that runs, or try again when the posts are out",
            )
        clock.wait_until(clock.now() + LOOK_EVERY)


def _in_flight(connection: Connection) -> bool:
    here = platform.node() or "localhost"
    if database.schema_version(connection) == tables.SCHEMA_VERSION:
        # Another upgrade was quicker.
        return False
    found = connection.execute(IN_FLIGHT).fetchall()
    return any(host == here and not _is_free(Path(lock_path)) for host, lock_path in found)


def _is_free(lock: Path) -> bool:
    """True when no process of this machine holds a lock, as earlier releases had one for each process."""
    try:
        descriptor = os.open(lock, os.O_RDWR)
    except FileNotFoundError:
        return True
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    finally:
        os.close(descriptor)
    return True


def migrate(connection: Connection) -> None:
    """Take all steps that are ahead, inside the transaction that the connection is in."""
    before = database.schema_version(connection) or ""
    for version, script in STEPS.items():
        if version > before:
            tables.run_script(connection, script)
            connection.execute("UPDATE alembic_version SET version_num = ?", (version,))
