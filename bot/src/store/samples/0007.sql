-- Rows of migration 7, as that version wrote them.
INSERT INTO rollups (id, kind, surface, conversation, failure_id, state, opened_at, due_at) VALUES
    ('0199d0b0-0000-7000-8000-000000000061', 'incident', 'slack', '#payments', '320a03815b58667e', 'open', 1760000000000, NULL);
INSERT INTO rollup_members (rollup_id, breakage_id) VALUES
    ('0199d0b0-0000-7000-8000-000000000061', '019a0000-0000-7000-8000-000000000006');
