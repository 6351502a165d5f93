-- The first schema. Bytes are hexadecimal text, times are Unix seconds, so that SQLite and
-- PostgreSQL read it alike. A statement ends with a semicolon at the end of a line.
CREATE TABLE users (
  id TEXT PRIMARY KEY,
  username TEXT NOT NULL UNIQUE,
  display_name TEXT NOT NULL,
  local_account TEXT NOT NULL,
  language TEXT NOT NULL,
  enabled BIGINT NOT NULL,
  password_hash TEXT NOT NULL,
  password_generation BIGINT NOT NULL,
  password_changed_at BIGINT NOT NULL,
  created_at BIGINT NOT NULL
);

CREATE TABLE methods (
  id TEXT PRIMARY KEY,
  user_id TEXT NOT NULL REFERENCES users(id) ON DELETE CASCADE,
  kind BIGINT NOT NULL,
  address TEXT NOT NULL,
  sealed_secret TEXT NOT NULL,
  last_step BIGINT NOT NULL,
  added_at BIGINT NOT NULL
);
CREATE INDEX methods_by_user ON methods(user_id);

-- Masked domains of the users' addresses, for the hints of users who do not exist. None is taken
-- out, so that such a hint stays the same.
CREATE TABLE domain_hints (
  hint TEXT PRIMARY KEY
);

CREATE TABLE clients (
  client_id TEXT PRIMARY KEY,
  concealment BIGINT NOT NULL
);

CREATE TABLE settings (
  name TEXT PRIMARY KEY,
  value TEXT NOT NULL
);

-- user_id is empty for a flow of somebody we do not know, which is why it is no foreign key.
CREATE TABLE flows (
  id TEXT PRIMARY KEY,
  version BIGINT NOT NULL,
  purpose BIGINT NOT NULL,
  state BIGINT NOT NULL,
  client_id TEXT NOT NULL,
  subject TEXT NOT NULL,
  user_id TEXT NOT NULL,
  password_generation BIGINT NOT NULL,
  capabilities BIGINT NOT NULL,
  completed_gates BIGINT NOT NULL,
  passed_kinds BIGINT NOT NULL,
  passed_methods TEXT NOT NULL,
  proved_at BIGINT NOT NULL,
  submits BIGINT NOT NULL,
  local_account TEXT NOT NULL,
  device_id TEXT NOT NULL,
  nonce TEXT NOT NULL,
  resume_digest TEXT NOT NULL,
  transaction_id TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  last_seen BIGINT NOT NULL,
  challenge_id TEXT NOT NULL,
  challenge_method TEXT NOT NULL,
  challenge_kind BIGINT NOT NULL,
  challenge_digest TEXT NOT NULL,
  challenge_length BIGINT NOT NULL,
  challenge_expires BIGINT NOT NULL,
  challenge_attempts BIGINT NOT NULL
);
CREATE INDEX flows_by_subject ON flows(subject);
CREATE INDEX flows_by_resume ON flows(resume_digest);
CREATE INDEX flows_by_age ON flows(created_at);

CREATE TABLE tokens (
  digest TEXT PRIMARY KEY,
  flow_id TEXT NOT NULL REFERENCES flows(id) ON DELETE CASCADE,
  kind BIGINT NOT NULL,
  gates BIGINT NOT NULL
);
CREATE INDEX tokens_by_flow ON tokens(flow_id);

-- One row for each attempt that counts against a bucket.
CREATE TABLE attempts (
  reservation TEXT NOT NULL,
  bucket TEXT NOT NULL,
  at BIGINT NOT NULL
);
CREATE INDEX attempts_by_bucket ON attempts(bucket, at);
CREATE INDEX attempts_by_reservation ON attempts(reservation);
CREATE INDEX attempts_by_age ON attempts(at);

CREATE TABLE sign_in_locks (
  subject TEXT PRIMARY KEY,
  failures BIGINT NOT NULL,
  locked_until BIGINT NOT NULL,
  changed_at BIGINT NOT NULL
);
CREATE INDEX sign_in_locks_by_age ON sign_in_locks(changed_at);

CREATE TABLE transactions (
  id TEXT PRIMARY KEY,
  state BIGINT NOT NULL,
  client_id TEXT NOT NULL,
  flow_id TEXT NOT NULL,
  subject TEXT NOT NULL,
  user_id TEXT NOT NULL,
  local_account TEXT NOT NULL,
  device_id TEXT NOT NULL,
  nonce TEXT NOT NULL,
  commitment TEXT NOT NULL,
  changed_at BIGINT NOT NULL
);
CREATE INDEX transactions_by_state ON transactions(state);
CREATE INDEX transactions_by_age ON transactions(changed_at);

-- What the built-in directory did for a transaction: set its password, or promised never to.
CREATE TABLE directory_changes (
  transaction_id TEXT PRIMARY KEY,
  done BIGINT NOT NULL,
  at BIGINT NOT NULL
);
