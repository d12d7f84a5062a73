-- Several failures told as one in a conversation: an incident (many repositories, one cause), or what happened while a
-- conversation was to be left alone.
CREATE TABLE rollups (
    id           TEXT   NOT NULL PRIMARY KEY,
    kind         TEXT   NOT NULL CHECK (kind IN ('incident', 'quiet')),
    surface      TEXT   NOT NULL,
    conversation TEXT   NOT NULL,
    failure_id   TEXT,
    state        TEXT   NOT NULL CHECK (state IN ('waiting', 'open', 'closed')),
    opened_at    BIGINT NOT NULL,
    due_at       BIGINT
);
CREATE UNIQUE INDEX rollups_incident ON rollups (surface, conversation, failure_id) WHERE kind = 'incident' AND state = 'open';
CREATE UNIQUE INDEX rollups_quiet ON rollups (surface, conversation) WHERE kind = 'quiet' AND state = 'waiting';

-- Which breakages are told in it.
CREATE TABLE rollup_members (
    rollup_id   TEXT NOT NULL REFERENCES rollups (id) ON DELETE CASCADE,
    breakage_id TEXT NOT NULL REFERENCES breakages (id) ON DELETE CASCADE,
    PRIMARY KEY (rollup_id, breakage_id)
);
CREATE INDEX rollup_members_breakage ON rollup_members (breakage_id);
