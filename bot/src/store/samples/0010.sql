-- Rows of migration 10, as that version wrote them.
INSERT INTO lost_conversations (surface, conversation, error, since) VALUES ('slack', '#gone', 'the channel is archived', 1760000000000);
