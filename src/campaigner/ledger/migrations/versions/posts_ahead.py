"""0004: no copies of campaign files any more; of each post also when it is too late; of each account what its last call met.

What goes out is what the files say now. The ledger knows a file by its hash, and what lies ahead by KEY and time.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

TWO_HOURS = 2 * 60 * 60 * 1_000_000
"""`late` unless a config says otherwise, in microseconds. The next run writes each post's own."""


def upgrade() -> None:
    """Drop the copies, and make the other two columns."""
    with op.batch_alter_table("accepted_files") as files:
        for name in ("content", "unusable_since", "unusable_reason"):
            files.drop_column(name)
    with op.batch_alter_table("acceptances") as posts:
        posts.add_column(sa.Column("late_at", sa.BigInteger()))
    op.execute(sa.text("UPDATE acceptances SET late_at = due_at + :late").bindparams(late=TWO_HOURS))
    with op.batch_alter_table("acceptances") as posts:
        posts.alter_column("late_at", nullable=False)
    with op.batch_alter_table("lanes", recreate="always") as lanes:
        lanes.add_column(sa.Column("trouble", sa.Text()))
