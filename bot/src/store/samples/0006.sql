-- Rows of migration 6, as that version wrote them.
INSERT INTO feedback (id, fingerprint, rule, verdict, person, surface, post_id, note, category, line, at) VALUES
    ('019a0000-0000-7000-8000-00000000000c', 'v2:connect timed out', 'network.timeout', 'wrong', 'U2', 'slack', '019a0000-0000-7000-8000-000000000008', 'a full disk', 'disk_full', 'No space left on device', 1760000070000);
