-- Second factors and new methods at sign-in, refresh tokens, the risk of users, and clients that
-- report it.
ALTER TABLE methods ADD COLUMN usable_from BIGINT NOT NULL DEFAULT 0;
ALTER TABLE clients ADD COLUMN secret_digest TEXT NOT NULL DEFAULT '';

CREATE TABLE refresh_tokens (
  digest TEXT PRIMARY KEY,
  family TEXT NOT NULL,
  user_id TEXT NOT NULL REFERENCES users(id) ON DELETE CASCADE,
  client_id TEXT NOT NULL,
  scope TEXT NOT NULL,
  password_generation BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  used BIGINT NOT NULL
);
CREATE INDEX refresh_tokens_by_family ON refresh_tokens(family);
CREATE INDEX refresh_tokens_by_age ON refresh_tokens(expires_at);

CREATE TABLE user_risks (
  user_id TEXT PRIMARY KEY REFERENCES users(id) ON DELETE CASCADE,
  level BIGINT NOT NULL,
  state BIGINT NOT NULL,
  detail TEXT NOT NULL,
  changed_at BIGINT NOT NULL
);
