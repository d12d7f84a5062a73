-- Everything that is remembered. The same text as migrations/sqlite: types are those both databases read alike.
-- Times are unix milliseconds, JSON is text, ids are UUID version 7 (they sort by creation).

-- What came in from outside, exactly once for each delivery.
CREATE TABLE inbox (
    id           TEXT   NOT NULL PRIMARY KEY,
    source       TEXT   NOT NULL,
    delivery_id  TEXT   NOT NULL,
    kind         TEXT   NOT NULL CHECK (kind IN ('webhook', 'interaction')),
    event        TEXT   NOT NULL,
    body         TEXT   NOT NULL,
    received_at  BIGINT NOT NULL,
    processed_at BIGINT,
    outcome      TEXT,
    UNIQUE (source, delivery_id)
);
CREATE INDEX inbox_received ON inbox (received_at);
CREATE INDEX inbox_waiting ON inbox (received_at) WHERE processed_at IS NULL;

-- Work to be done. A finished job is deleted; what is left is ready, running or dead.
CREATE TABLE jobs (
    id           TEXT   NOT NULL PRIMARY KEY,
    kind         TEXT   NOT NULL,
    payload      TEXT   NOT NULL,
    lane         TEXT,
    dedupe_key   TEXT,
    state        TEXT   NOT NULL CHECK (state IN ('ready', 'running', 'dead')),
    run_at       BIGINT NOT NULL,
    attempts     BIGINT NOT NULL,
    max_attempts BIGINT NOT NULL,
    lease_until  BIGINT,
    lease_owner  TEXT,
    last_error   TEXT,
    created_at   BIGINT NOT NULL,
    updated_at   BIGINT NOT NULL
);
CREATE INDEX jobs_due ON jobs (run_at, id) WHERE state = 'ready';
CREATE INDEX jobs_leased ON jobs (lease_until) WHERE state = 'running';
CREATE INDEX jobs_dead ON jobs (id) WHERE state = 'dead';
CREATE INDEX jobs_lane ON jobs (lane, id) WHERE lane IS NOT NULL AND state <> 'dead';
-- The same work is asked for once, however often somebody asks before it starts.
CREATE UNIQUE INDEX jobs_dedupe ON jobs (kind, dedupe_key) WHERE dedupe_key IS NOT NULL AND state = 'ready';
-- The database itself holds a lane to one job at a time.
CREATE UNIQUE INDEX jobs_lane_running ON jobs (lane) WHERE lane IS NOT NULL AND state = 'running';

-- Each pipeline run as it stood last.
CREATE TABLE runs (
    source      TEXT   NOT NULL,
    repo        TEXT   NOT NULL,
    run_id      TEXT   NOT NULL,
    attempt     BIGINT NOT NULL,
    number      BIGINT NOT NULL,
    workflow    TEXT   NOT NULL,
    branch      TEXT   NOT NULL,
    sha         TEXT   NOT NULL,
    outcome     TEXT   NOT NULL CHECK (outcome IN ('running', 'green', 'red', 'other')),
    at          BIGINT NOT NULL,
    updated_at  BIGINT NOT NULL,
    run         TEXT   NOT NULL,
    PRIMARY KEY (source, repo, run_id)
);
CREATE INDEX runs_pipeline ON runs (source, repo, workflow, branch, outcome, number);
CREATE INDEX runs_at ON runs (at);

-- An episode of redness of one pipeline on one branch.
CREATE TABLE breakages (
    id           TEXT   NOT NULL PRIMARY KEY,
    source       TEXT   NOT NULL,
    repo         TEXT   NOT NULL,
    branch       TEXT   NOT NULL,
    workflow     TEXT   NOT NULL,
    state        TEXT   NOT NULL CHECK (state IN ('open', 'fixed')),
    opened_at    BIGINT NOT NULL,
    closed_at    BIGINT,
    first_run_id TEXT   NOT NULL,
    first_sha    TEXT   NOT NULL,
    last_run_id  TEXT   NOT NULL,
    last_attempt BIGINT NOT NULL,
    last_number  BIGINT NOT NULL,
    failures     BIGINT NOT NULL,
    fixed_run    TEXT
);
CREATE UNIQUE INDEX breakages_open ON breakages (source, repo, branch, workflow) WHERE state = 'open';
CREATE INDEX breakages_pipeline ON breakages (source, repo, branch, workflow, opened_at);

-- Which runs a breakage has counted, so that a further attempt of the same run is not counted again.
CREATE TABLE breakage_runs (
    breakage_id TEXT NOT NULL REFERENCES breakages (id) ON DELETE CASCADE,
    run_id      TEXT NOT NULL,
    PRIMARY KEY (breakage_id, run_id)
);

-- One known way of failing: all occurrences of one fingerprint.
CREATE TABLE failures (
    id          TEXT   NOT NULL PRIMARY KEY,
    fingerprint TEXT   NOT NULL UNIQUE,
    first_seen  BIGINT NOT NULL,
    last_seen   BIGINT NOT NULL,
    category    TEXT   NOT NULL,
    owner       TEXT   NOT NULL,
    rule        TEXT,
    summary     TEXT   NOT NULL,
    known_issue TEXT
);
CREATE INDEX failures_last_seen ON failures (last_seen);

-- The verdict on one job of one attempt of one run.
CREATE TABLE occurrences (
    id          TEXT   NOT NULL PRIMARY KEY,
    breakage_id TEXT   REFERENCES breakages (id) ON DELETE SET NULL,
    failure_id  TEXT   NOT NULL REFERENCES failures (id),
    source      TEXT   NOT NULL,
    repo        TEXT   NOT NULL,
    run_id      TEXT   NOT NULL,
    attempt     BIGINT NOT NULL,
    job_id      TEXT   NOT NULL,
    job_name    TEXT   NOT NULL,
    fingerprint TEXT   NOT NULL,
    category    TEXT   NOT NULL,
    owner       TEXT   NOT NULL,
    rule        TEXT,
    summary     TEXT   NOT NULL,
    confidence  DOUBLE PRECISION NOT NULL,
    diagnosis   TEXT   NOT NULL,
    at          BIGINT NOT NULL,
    UNIQUE (source, repo, run_id, attempt, job_id)
);
CREATE INDEX occurrences_breakage ON occurrences (breakage_id);
CREATE INDEX occurrences_failure ON occurrences (failure_id, at);

-- Numbers that only ever grow, in the order in which transactions commit.
CREATE TABLE counters (
    name  TEXT   NOT NULL PRIMARY KEY,
    value BIGINT NOT NULL
);
INSERT INTO counters (name, value) VALUES ('posts', 0), ('audit', 0);

-- Every message as it should stand, and how far its surface has it: the outbox.
CREATE TABLE posts (
    id                    TEXT   NOT NULL PRIMARY KEY,
    seq                   BIGINT NOT NULL UNIQUE,
    surface               TEXT   NOT NULL,
    conversation          TEXT   NOT NULL,
    key                   TEXT   NOT NULL,
    subject               TEXT   NOT NULL,
    parent_id             TEXT   REFERENCES posts (id),
    thread                TEXT,
    message               TEXT   NOT NULL,
    revision              BIGINT NOT NULL,
    delivered_revision    BIGINT NOT NULL,
    state                 TEXT   NOT NULL CHECK (state IN ('pending', 'delivered', 'failed', 'withdrawn')),
    in_doubt              BIGINT NOT NULL CHECK (in_doubt IN (0, 1)),
    external_conversation TEXT,
    external_message      TEXT,
    error                 TEXT,
    created_at            BIGINT NOT NULL,
    updated_at            BIGINT NOT NULL,
    UNIQUE (surface, conversation, key)
);
CREATE INDEX posts_external ON posts (surface, external_conversation, external_message);
CREATE INDEX posts_parent ON posts (parent_id);
CREATE INDEX posts_subject ON posts (subject);
CREATE INDEX posts_undelivered ON posts (id) WHERE state IN ('pending', 'failed');

-- What people asked the bot to do.
CREATE TABLE actions (
    id         TEXT   NOT NULL PRIMARY KEY,
    key        TEXT   NOT NULL UNIQUE,
    remedy     TEXT   NOT NULL,
    target     TEXT   NOT NULL,
    person     TEXT   NOT NULL,
    surface    TEXT   NOT NULL,
    post_id    TEXT   REFERENCES posts (id),
    state      TEXT   NOT NULL CHECK (state IN ('requested', 'denied', 'running', 'done', 'failed')),
    rule       TEXT,
    result     TEXT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);

-- Who did what to what, chained by hashes.
CREATE TABLE audit (
    seq       BIGINT NOT NULL PRIMARY KEY,
    at        BIGINT NOT NULL,
    actor     TEXT   NOT NULL,
    what      TEXT   NOT NULL,
    target    TEXT   NOT NULL,
    rule      TEXT,
    result    TEXT   NOT NULL,
    detail    TEXT   NOT NULL,
    prev_hash TEXT   NOT NULL,
    hash      TEXT   NOT NULL
);

-- What a conversation asked to hear about.
CREATE TABLE subscriptions (
    id           TEXT   NOT NULL PRIMARY KEY,
    surface      TEXT   NOT NULL,
    conversation TEXT   NOT NULL,
    filter       TEXT   NOT NULL,
    created_by   TEXT   NOT NULL,
    created_at   BIGINT NOT NULL,
    muted_until  BIGINT,
    UNIQUE (surface, conversation, filter)
);

-- What people thought of a verdict: one opinion for each person and post, the last one counts.
CREATE TABLE feedback (
    id          TEXT   NOT NULL PRIMARY KEY,
    fingerprint TEXT   NOT NULL,
    rule        TEXT,
    verdict     TEXT   NOT NULL CHECK (verdict IN ('up', 'down', 'wrong')),
    person      TEXT   NOT NULL,
    surface     TEXT   NOT NULL,
    post_id     TEXT   NOT NULL REFERENCES posts (id),
    note        TEXT,
    at          BIGINT NOT NULL,
    UNIQUE (surface, person, post_id)
);

-- Small facts: cursors, markers.
CREATE TABLE settings (
    name       TEXT   NOT NULL PRIMARY KEY,
    value      TEXT   NOT NULL,
    updated_at BIGINT NOT NULL
);
