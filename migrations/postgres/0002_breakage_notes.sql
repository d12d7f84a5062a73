-- What became known about a breakage after it was first told: what changed since green, who said "mine", owners.
CREATE TABLE breakage_notes (
    breakage_id TEXT   NOT NULL PRIMARY KEY REFERENCES breakages (id) ON DELETE CASCADE,
    notes       TEXT   NOT NULL,
    updated_at  BIGINT NOT NULL
);
