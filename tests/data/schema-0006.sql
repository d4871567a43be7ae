-- The tables of schema 0006, as its first ledgers have them.
CREATE TABLE meta (
    name TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (name)
);
CREATE TABLE alembic_version (
    version_num VARCHAR(32) NOT NULL,
    PRIMARY KEY (version_num)
);
CREATE TABLE accepted_files (
    campaign TEXT NOT NULL,
    path TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    signature TEXT NOT NULL,
    accepted_at BIGINT NOT NULL,
    PRIMARY KEY (campaign)
);
CREATE TABLE acceptances (
    key TEXT NOT NULL,
    campaign TEXT NOT NULL,
    due_at BIGINT NOT NULL,
    accepted_at BIGINT NOT NULL,
    late_at BIGINT NOT NULL,
    PRIMARY KEY (key)
);
CREATE TABLE deliveries (
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
CREATE INDEX deliveries_by_text ON deliveries (account, text_digest);
CREATE INDEX deliveries_by_state ON deliveries (state);
CREATE INDEX deliveries_by_update ON deliveries (updated_at);
CREATE INDEX deliveries_by_due ON deliveries (due_at);
CREATE TABLE lanes (
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
CREATE TABLE holds (
    id INTEGER NOT NULL,
    campaign TEXT,
    account TEXT,
    until BIGINT,
    reason TEXT NOT NULL,
    given_by TEXT NOT NULL,
    given_at BIGINT NOT NULL,
    released_by TEXT,
    released_at BIGINT,
    PRIMARY KEY (id)
);
CREATE TABLE approvals (
    key TEXT NOT NULL,
    digest TEXT NOT NULL,
    given_by TEXT NOT NULL,
    given_at BIGINT NOT NULL,
    PRIMARY KEY (key)
);
CREATE TABLE decisions (
    id INTEGER NOT NULL,
    what TEXT NOT NULL,
    key TEXT,
    reason TEXT DEFAULT '' NOT NULL,
    made_by TEXT NOT NULL,
    made_at BIGINT NOT NULL,
    PRIMARY KEY (id)
);
CREATE TABLE alerts (
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
CREATE UNIQUE INDEX alerts_standing ON alerts (subject) WHERE withdrawn_at IS NULL;
CREATE INDEX alerts_by_key ON alerts (key) WHERE withdrawn_at IS NULL;
CREATE INDEX alerts_unsent ON alerts (id) WHERE sent_at IS NULL;
CREATE TABLE media (
    id INTEGER NOT NULL,
    delivery_id INTEGER NOT NULL,
    part INTEGER NOT NULL,
    position INTEGER NOT NULL,
    media_type TEXT NOT NULL,
    alt TEXT NOT NULL,
    width INTEGER NOT NULL,
    height INTEGER NOT NULL,
    data BLOB,
    upload JSON,
    uploaded_at BIGINT,
    PRIMARY KEY (id),
    UNIQUE (delivery_id, part, position),
    FOREIGN KEY(delivery_id) REFERENCES deliveries (id)
);
CREATE TABLE parts (
    id INTEGER NOT NULL,
    delivery_id INTEGER NOT NULL,
    part INTEGER NOT NULL,
    generation INTEGER NOT NULL,
    identity TEXT NOT NULL,
    remote_id TEXT NOT NULL,
    url TEXT NOT NULL,
    extra JSON NOT NULL,
    published_at BIGINT NOT NULL,
    PRIMARY KEY (id),
    UNIQUE (identity, remote_id),
    UNIQUE (delivery_id, generation, part),
    FOREIGN KEY(delivery_id) REFERENCES deliveries (id)
);
CREATE TABLE delivery_attempts (
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
CREATE INDEX ix_delivery_attempts_started_at ON delivery_attempts (started_at);
CREATE INDEX ix_delivery_attempts_delivery_id ON delivery_attempts (delivery_id);
CREATE TABLE alert_receipts (
    alert_id INTEGER NOT NULL,
    recipient TEXT NOT NULL,
    sent_at BIGINT NOT NULL,
    PRIMARY KEY (alert_id, recipient),
    FOREIGN KEY(alert_id) REFERENCES alerts (id)
);
