-- A row or more in each table of migration 1, as that version wrote them.
INSERT INTO inbox (id, source, delivery_id, kind, event, body, received_at, processed_at, outcome) VALUES
    ('019a0000-0000-7000-8000-000000000001', 'github', 'd-1', 'webhook', 'workflow_run', '{"action":"completed"}', 1760000000000, 1760000000100, 'told'),
    ('019a0000-0000-7000-8000-000000000002', 'slack', 'Ev1', 'interaction', 'app_mention', '{}', 1760000001000, NULL, NULL);
INSERT INTO jobs (id, kind, payload, lane, dedupe_key, state, run_at, attempts, max_attempts, lease_until, lease_owner, last_error, created_at, updated_at) VALUES
    ('019a0000-0000-7000-8000-000000000003', 'triage', '{}', 'a', 'k', 'ready', 1760000000000, 0, 12, NULL, NULL, NULL, 1760000000000, 1760000000000),
    ('019a0000-0000-7000-8000-000000000004', 'deliver', '{}', 'b', 'k', 'running', 1760000000000, 1, 12, 1760000030000, 'p/w', NULL, 1760000000000, 1760000000000),
    ('019a0000-0000-7000-8000-000000000005', 'deliver', '{}', NULL, NULL, 'dead', 1760000000000, 12, 12, NULL, NULL, 'Slack is away', 1760000000000, 1760000000000);
INSERT INTO runs (source, repo, run_id, attempt, number, workflow, branch, sha, outcome, at, updated_at, run) VALUES
    ('github', 'acme/payments', '7', 1, 41, 'CI', 'main', 'abc', 'red', 1760000000000, 1760000000000, '{"source":"github","repo":"acme/payments","id":"7","attempt":1,"number":41,"workflow":"CI","branch":"main","sha":"abc","title":"Round","trigger":"push","author":{"login":"mona","name":null,"email":null,"bot":false},"url":"https://github.example/7","private":true,"conclusion":"failure","started_at":null,"finished_at":null}');
INSERT INTO breakages (id, source, repo, branch, workflow, state, opened_at, closed_at, first_run_id, first_sha, last_run_id, last_attempt, last_number, failures, fixed_run) VALUES
    ('019a0000-0000-7000-8000-000000000006', 'github', 'acme/payments', 'main', 'CI', 'open', 1760000000000, NULL, '7', 'abc', '7', 1, 41, 1, NULL);
INSERT INTO breakage_runs (breakage_id, run_id) VALUES ('019a0000-0000-7000-8000-000000000006', '7');
INSERT INTO failures (id, fingerprint, first_seen, last_seen, category, owner, rule, summary, known_issue) VALUES
    ('320a03815b58667e', 'v1:connect timed out', 1760000000000, 1760000000000, 'network', 'infra', 'network.timeout', 'The registry did not answer', NULL);
INSERT INTO occurrences (id, breakage_id, failure_id, source, repo, run_id, attempt, job_id, job_name, fingerprint, category, owner, rule, summary, confidence, diagnosis, at) VALUES
    ('019a0000-0000-7000-8000-000000000007', '019a0000-0000-7000-8000-000000000006', '320a03815b58667e', 'github', 'acme/payments', '7', 1, '70', 'test', 'v1:connect timed out', 'network', 'infra', 'network.timeout', 'The registry did not answer', 0.9, '{"verdict":"failed"}', 1760000000000);
UPDATE counters SET value = 1 WHERE name = 'posts';
INSERT INTO posts (id, seq, surface, conversation, key, subject, parent_id, thread, message, revision, delivered_revision, state, in_doubt, external_conversation, external_message, error, created_at, updated_at) VALUES
    ('019a0000-0000-7000-8000-000000000008', 1, 'slack', '#payments', 'b', 'breakage:019a0000-0000-7000-8000-000000000006', NULL, NULL, '{"tone":"broken","headline":"payments · main broke","url":null,"mentions":[],"sections":[],"excerpt":null,"facts":[],"citations":[],"actions":[],"footer":[]}', 2, 1, 'pending', 1, 'C01', '17.1', NULL, 1760000000000, 1760000000000);
INSERT INTO actions (id, key, remedy, target, person, surface, post_id, state, rule, result, created_at, updated_at) VALUES
    ('019a0000-0000-7000-8000-000000000009', 'rerun_failed:github:acme/payments:7:1', 'rerun_failed', '{}', 'U1', 'slack', '019a0000-0000-7000-8000-000000000008', 'done', 'owner', 'run 8', 1760000000000, 1760000000000);
UPDATE counters SET value = 1 WHERE name = 'audit';
INSERT INTO audit (seq, at, actor, what, target, rule, result, detail, prev_hash, hash) VALUES
    (1, 1760000000000, 'slack:U1', 'rerun_failed requested', 'acme/payments', 'owner', 'allowed', '{"run":"7"}', '0000000000000000000000000000000000000000000000000000000000000000', 'abde2a02ff23fc6742aa044984cd6ff6a05d0082abbeb1bb7b2316a1f9cff483');
INSERT INTO subscriptions (id, surface, conversation, filter, created_by, created_at, muted_until) VALUES
    ('019a0000-0000-7000-8000-00000000000a', 'slack', 'C01', 'acme/payments', 'U1', 1760000000000, NULL);
INSERT INTO feedback (id, fingerprint, rule, verdict, person, surface, post_id, note, at) VALUES
    ('019a0000-0000-7000-8000-00000000000b', 'v1:connect timed out', 'network.timeout', 'up', 'U1', 'slack', '019a0000-0000-7000-8000-000000000008', 'thanks', 1760000000000);
INSERT INTO settings (name, value, updated_at) VALUES ('cursor', '42', 1760000000000);
