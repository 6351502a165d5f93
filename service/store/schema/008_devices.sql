-- Enrolled devices, the tokens that enrol them, proofs that were seen, which key a flow is bound to.
-- The nudge to register. Risks that others report, and what is reported back to them.
CREATE TABLE devices (
  id TEXT PRIMARY KEY,
  public_key TEXT NOT NULL,
  name TEXT NOT NULL,
  os TEXT NOT NULL,
  versions TEXT NOT NULL,
  device_group TEXT NOT NULL,
  enrolment TEXT NOT NULL,
  enrolled_at BIGINT NOT NULL,
  last_seen BIGINT NOT NULL,
  sequence BIGINT NOT NULL,
  suspected_at BIGINT NOT NULL,
  revoked_at BIGINT NOT NULL,
  revoked_because TEXT NOT NULL
);

CREATE TABLE enrolment_tokens (
  id TEXT PRIMARY KEY,
  digest TEXT NOT NULL UNIQUE,
  device_group TEXT NOT NULL,
  uses BIGINT NOT NULL,
  uses_left BIGINT NOT NULL,
  issued_by TEXT NOT NULL,
  issued_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL
);

CREATE TABLE device_proofs (
  digest TEXT PRIMARY KEY,
  expires_at BIGINT NOT NULL
);
CREATE INDEX device_proofs_by_age ON device_proofs(expires_at);

ALTER TABLE flows ADD COLUMN proof_key TEXT NOT NULL DEFAULT '';
ALTER TABLE flows ADD COLUMN proved_device TEXT NOT NULL DEFAULT '';
ALTER TABLE transactions ADD COLUMN proved_device TEXT NOT NULL DEFAULT '';

CREATE TABLE nudges (
  user_id TEXT PRIMARY KEY REFERENCES users(id) ON DELETE CASCADE,
  snoozed_times BIGINT NOT NULL,
  snoozed_until BIGINT NOT NULL
);

CREATE TABLE external_ids (
  external_id TEXT PRIMARY KEY,
  user_id TEXT NOT NULL UNIQUE REFERENCES users(id) ON DELETE CASCADE
);

CREATE TABLE risk_reports (
  digest TEXT PRIMARY KEY,
  at BIGINT NOT NULL
);
CREATE INDEX risk_reports_by_age ON risk_reports(at);

CREATE TABLE risk_remediations (
  transaction_id TEXT PRIMARY KEY,
  user_id TEXT NOT NULL REFERENCES users(id) ON DELETE CASCADE,
  at BIGINT NOT NULL
);
CREATE INDEX risk_remediations_by_user ON risk_remediations(user_id, at);

CREATE TABLE risk_outbox (
  id TEXT PRIMARY KEY,
  external_id TEXT NOT NULL,
  user_id TEXT NOT NULL,
  transaction_id TEXT NOT NULL,
  queued_at BIGINT NOT NULL,
  not_before BIGINT NOT NULL,
  tries BIGINT NOT NULL
);
