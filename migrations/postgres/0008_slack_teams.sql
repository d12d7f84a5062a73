-- Workspaces that the Slack app was installed in. Tokens are sealed with a key that only the configuration names.
CREATE TABLE slack_teams (
    surface      TEXT   NOT NULL,
    team         TEXT   NOT NULL,
    name         TEXT   NOT NULL,
    sealed_token TEXT   NOT NULL,
    installed_by TEXT   NOT NULL,
    installed_at BIGINT NOT NULL,
    PRIMARY KEY (surface, team)
);
