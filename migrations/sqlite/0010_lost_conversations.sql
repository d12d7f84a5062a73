-- Conversations that a surface does not take messages for any more: gone, closed to us, or our token died.
CREATE TABLE lost_conversations (
    surface      TEXT   NOT NULL,
    conversation TEXT   NOT NULL,
    error        TEXT   NOT NULL,
    since        BIGINT NOT NULL,
    PRIMARY KEY (surface, conversation)
);
