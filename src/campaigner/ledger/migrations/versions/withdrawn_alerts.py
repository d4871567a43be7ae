"""0002: when an alert was withdrawn stands in a column of its own, and no longer as a suffix of its subject.

`attempts` becomes `delivery_attempts`. A process of the first release does not look at the schema once it runs; without
that table it can't claim a post, and ends.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

# PostgreSQL's own name for it; SQLite has none, and Alembic finds it by this rule.
UNIQUE_NAMES = {"uq": "%(table_name)s_%(column_0_name)s_key"}
STANDS = sa.text("withdrawn_at IS NULL")

# A subject that has nothing but its kind before the number is no withdrawn one: an account can be called "7".
TAKE_SUFFIX_OFF = sa.text("""
    UPDATE alerts
    SET subject = substr(subject, 1, length(subject) - length(' ' || id)), withdrawn_at = raised_at
    WHERE subject LIKE '% ' || id AND subject <> kind || ' ' || id
""")


def upgrade() -> None:
    """Change the tables, then take off each suffix: a post put right several times has several."""
    with op.batch_alter_table("alerts", naming_convention=UNIQUE_NAMES) as alerts:
        alerts.add_column(sa.Column("withdrawn_at", sa.BigInteger()))
        alerts.drop_constraint("alerts_subject_key", type_="unique")
    connection = op.get_bind()
    while connection.execute(TAKE_SUFFIX_OFF).rowcount:
        pass
    op.create_index("alerts_standing", "alerts", ["subject"], unique=True, sqlite_where=STANDS, postgresql_where=STANDS)
    for column in ("delivery_id", "started_at"):
        op.drop_index(f"ix_attempts_{column}", "attempts")
    op.rename_table("attempts", "delivery_attempts")
    for column in ("delivery_id", "started_at"):
        op.create_index(f"ix_delivery_attempts_{column}", "delivery_attempts", [column])
