-- A row in each table of migration 3, as that version wrote it.
INSERT INTO baselines (source, repo, workflow, job, learned, runs, updated_at) VALUES
    ('github', 'acme/payments', 'CI', 'test', BYTES'574859420100', 3, 1760000000000);
