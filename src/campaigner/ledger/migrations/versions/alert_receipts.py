"""0003: which of the places that alerts go to has accepted which alert, in a table of its own.

Until now an alert was sent or not: a place that took it got it again for as long as another one did not.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Add the table. What was sent by then has been accepted everywhere, and says so by itself."""
    op.create_table(
        "alert_receipts",
        sa.Column("alert_id", sa.Integer(), sa.ForeignKey("alerts.id"), nullable=False),
        sa.Column("recipient", sa.Text(), nullable=False),
        sa.Column("sent_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("alert_id", "recipient"),
    )
