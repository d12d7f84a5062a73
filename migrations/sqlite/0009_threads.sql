-- What was answered in a thread tells what further questions there are about.
CREATE INDEX posts_thread ON posts (surface, conversation, thread) WHERE thread IS NOT NULL;
