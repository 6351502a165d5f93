-- Agents on the premises, the codes that register them, and what they are asked to do. No password is
-- in these rows but sealed to the agents' own keys, and not even that once a job is over.
-- writeback_jobs.state: 0 waits, 1 is with an agent, 2 was answered, 3 ended without being done.
CREATE TABLE writeback_codes (
  id TEXT PRIMARY KEY,
  digest TEXT NOT NULL UNIQUE,
  issued_by TEXT NOT NULL,
  issued_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  used_by TEXT NOT NULL
);

CREATE TABLE writeback_agents (
  id TEXT PRIMARY KEY,
  public_key TEXT NOT NULL,
  sealing_key TEXT NOT NULL,
  name TEXT NOT NULL,
  versions TEXT NOT NULL,
  code TEXT NOT NULL,
  registered_at BIGINT NOT NULL,
  last_seen BIGINT NOT NULL,
  revoked_at BIGINT NOT NULL
);

CREATE TABLE writeback_jobs (
  id TEXT PRIMARY KEY,
  kind TEXT NOT NULL,
  transaction_id TEXT NOT NULL,
  user_id TEXT NOT NULL,
  payload TEXT NOT NULL,
  sealed TEXT NOT NULL,
  state BIGINT NOT NULL,
  queued_ms BIGINT NOT NULL,
  not_before BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  tries BIGINT NOT NULL,
  taken_by TEXT NOT NULL,
  taken_session TEXT NOT NULL,
  taken_lane BIGINT NOT NULL,
  taken_at BIGINT NOT NULL,
  answer TEXT NOT NULL,
  reason TEXT NOT NULL,
  ended_at BIGINT NOT NULL
);
CREATE INDEX writeback_jobs_by_state ON writeback_jobs(state, queued_ms);
CREATE INDEX writeback_jobs_by_transaction ON writeback_jobs(transaction_id);
