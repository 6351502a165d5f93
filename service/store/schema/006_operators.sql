-- Accounts of those who run the service through its admin pages. They are no users: nothing of a
-- reset reaches them.
CREATE TABLE operators (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  role BIGINT NOT NULL,
  person TEXT NOT NULL,
  enabled BIGINT NOT NULL,
  password_hash TEXT NOT NULL,
  sealed_totp TEXT NOT NULL,
  last_step BIGINT NOT NULL,
  invite_digest TEXT NOT NULL,
  invite_expires BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  signed_in_at BIGINT NOT NULL
);

-- sealed_secret: of an enrolment that is under way.
CREATE TABLE operator_sessions (
  digest TEXT PRIMARY KEY,
  operator_id TEXT NOT NULL REFERENCES operators(id) ON DELETE CASCADE,
  kind BIGINT NOT NULL,
  sealed_secret TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  last_seen BIGINT NOT NULL
);
CREATE INDEX operator_sessions_by_operator ON operator_sessions(operator_id);
CREATE INDEX operator_sessions_by_age ON operator_sessions(created_at);

-- What happened once and never happens again, whoever is removed later.
CREATE TABLE operator_setup (
  step TEXT PRIMARY KEY,
  at BIGINT NOT NULL
);

-- A caller who proves who they are to the help desk.
CREATE TABLE operator_proofs (
  id TEXT PRIMARY KEY,
  operator_id TEXT NOT NULL REFERENCES operators(id) ON DELETE CASCADE,
  user_id TEXT NOT NULL REFERENCES users(id) ON DELETE CASCADE,
  method_id TEXT NOT NULL,
  method_kind BIGINT NOT NULL,
  code_digest TEXT NOT NULL,
  attempts BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  proved_at BIGINT NOT NULL
);
CREATE INDEX operator_proofs_by_user ON operator_proofs(user_id);
CREATE INDEX operator_proofs_by_age ON operator_proofs(expires_at);

-- What one operator asks and another approves.
CREATE TABLE operator_requests (
  id TEXT PRIMARY KEY,
  kind BIGINT NOT NULL,
  target TEXT NOT NULL,
  detail TEXT NOT NULL,
  reason TEXT NOT NULL,
  asked_by_id TEXT NOT NULL REFERENCES operators(id) ON DELETE CASCADE,
  asked_by TEXT NOT NULL,
  asked_at BIGINT NOT NULL,
  state BIGINT NOT NULL,
  decided_by TEXT NOT NULL,
  decided_at BIGINT NOT NULL
);
CREATE INDEX operator_requests_by_age ON operator_requests(asked_at);

-- For the search of users by the beginning of a name.
CREATE INDEX users_by_display_name ON users(display_name);
