-- A row in each table of migration 2, as that version wrote it.
INSERT INTO breakage_notes (breakage_id, notes, updated_at) VALUES
    ('019a0000-0000-7000-8000-000000000006', '{"owners":["@acme/payments"],"claimed_by":"Mona"}', 1760000000000);
