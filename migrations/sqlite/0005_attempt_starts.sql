-- When each attempt began: how soon a failed one is tried again tells an automatic retry from an afterthought.
ALTER TABLE attempts ADD COLUMN started_at BIGINT;
