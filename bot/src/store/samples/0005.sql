-- Rows of migration 5, as that version wrote them.
INSERT INTO attempts (source, repo, run_id, attempt, workflow, branch, sha, author, bot, outcome, at, started_at) VALUES
    ('github', 'acme/payments', '9', 1, 'CI', 'main', 'abe', 'mona', 0, 'green', 1760000120000, 1760000100000);
