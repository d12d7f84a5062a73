-- Migration 9 adds no column: an answer in a thread, as that version writes it.
INSERT INTO posts (id, seq, surface, conversation, key, subject, thread, message, revision, delivered_revision, state, in_doubt, created_at, updated_at)
    SELECT '019a0000-0000-7000-8000-0000000000f8', seq + 100, surface, conversation, 'answer:f8', 'about:b1', '99.1', message, 1, 1, 'delivered', 0, created_at, updated_at FROM posts LIMIT 1;
