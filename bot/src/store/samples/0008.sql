-- Rows of migration 8, as that version wrote them.
INSERT INTO slack_teams (surface, team, name, sealed_token, installed_by, installed_at) VALUES
    ('slack', 'T0GLOBEX', 'Globex', 'c2VhbGVk', 'sam', 1760000080000);
