-- Rows of migration 4, as that version wrote them.
INSERT INTO attempts (source, repo, run_id, attempt, workflow, branch, sha, author, bot, outcome, at) VALUES
    ('github', 'acme/payments', '8', 1, 'CI', 'main', 'abd', 'mona', 0, 'green', 1760000060000);
INSERT INTO failures (id, fingerprint, first_seen, last_seen, category, owner, rule, summary, known_issue, follows) VALUES
    ('4e68142ee2b35a67', 'v2:connect timed out', 1760000000000, 1760000000000, 'network', 'infra', 'network.timeout', 'The registry did not answer', NULL, '320a03815b58667e');
