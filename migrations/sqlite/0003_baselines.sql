-- What green runs of a job print: hashes of redacted lines and counts, in the classifier's own format, never text.
CREATE TABLE baselines (
    source     TEXT   NOT NULL,
    repo       TEXT   NOT NULL,
    workflow   TEXT   NOT NULL,
    job        TEXT   NOT NULL,
    learned    BLOB NOT NULL,
    runs       BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (source, repo, workflow, job)
);
CREATE INDEX baselines_by_age ON baselines (updated_at);
