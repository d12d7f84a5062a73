-- How each attempt of each run ended: what tells a flaky failure from a real one. The runs themselves keep only their last
-- attempt. Swept after some months.
CREATE TABLE attempts (
    source   TEXT   NOT NULL,
    repo     TEXT   NOT NULL,
    run_id   TEXT   NOT NULL,
    attempt  BIGINT NOT NULL,
    workflow TEXT   NOT NULL,
    branch   TEXT   NOT NULL,
    sha      TEXT   NOT NULL,
    author   TEXT   NOT NULL,
    bot      BIGINT NOT NULL CHECK (bot IN (0, 1)),
    outcome  TEXT   NOT NULL CHECK (outcome IN ('green', 'red')),
    at       BIGINT NOT NULL,
    PRIMARY KEY (source, repo, run_id, attempt)
);
CREATE INDEX attempts_pipeline ON attempts (source, repo, workflow, at);
CREATE INDEX attempts_at ON attempts (at);
-- Authors stand in the runs' JSON alone: without one an attempt counts, and is nobody's witness.
INSERT INTO attempts (source, repo, run_id, attempt, workflow, branch, sha, author, bot, outcome, at)
    SELECT source, repo, run_id, attempt, workflow, branch, sha, '', 0, outcome, at FROM runs WHERE outcome IN ('green', 'red');

-- The group that the same failure was stored under by an earlier version of the fingerprints.
ALTER TABLE failures ADD COLUMN follows TEXT;
