-- Phones that approve, what they are asked, accounts whose resets a report stopped, hand-offs to a
-- phone, passkeys.
CREATE TABLE approval_devices (
  method_id TEXT PRIMARY KEY REFERENCES methods(id) ON DELETE CASCADE,
  user_id TEXT NOT NULL,
  public_key TEXT NOT NULL,
  push_endpoint TEXT NOT NULL,
  push_key TEXT NOT NULL,
  push_auth TEXT NOT NULL
);
CREATE INDEX approval_devices_by_user ON approval_devices(user_id);

CREATE TABLE approval_enrolments (
  code_digest TEXT PRIMARY KEY,
  user_id TEXT NOT NULL REFERENCES users(id) ON DELETE CASCADE,
  expires_at BIGINT NOT NULL
);

-- user_id is empty for a flow of somebody we do not know, which is why it is no foreign key.
CREATE TABLE approval_requests (
  id TEXT PRIMARY KEY,
  flow_id TEXT NOT NULL,
  subject TEXT NOT NULL,
  user_id TEXT NOT NULL,
  number_digest TEXT NOT NULL,
  state BIGINT NOT NULL,
  operation BIGINT NOT NULL,
  machine TEXT NOT NULL,
  place TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  decided_by TEXT NOT NULL,
  polled_at BIGINT NOT NULL
);
-- One outstanding for each name, whoever asks at the same moment.
CREATE UNIQUE INDEX approval_requests_outstanding ON approval_requests(subject) WHERE state = 0;
CREATE INDEX approval_requests_by_user ON approval_requests(user_id, state);
CREATE INDEX approval_requests_by_age ON approval_requests(created_at);

CREATE TABLE reset_stops (
  user_id TEXT PRIMARY KEY REFERENCES users(id) ON DELETE CASCADE,
  stopped_at BIGINT NOT NULL,
  stopped_until BIGINT NOT NULL
);

CREATE TABLE hand_offs (
  id TEXT PRIMARY KEY,
  flow_id TEXT NOT NULL,
  code_digest TEXT NOT NULL UNIQUE,
  token_digest TEXT NOT NULL,
  state BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  polled_at BIGINT NOT NULL
);
CREATE INDEX hand_offs_by_flow ON hand_offs(flow_id);
CREATE INDEX hand_offs_by_age ON hand_offs(expires_at);

CREATE TABLE passkeys (
  method_id TEXT PRIMARY KEY REFERENCES methods(id) ON DELETE CASCADE,
  user_id TEXT NOT NULL,
  credential_id TEXT NOT NULL UNIQUE,
  public_key TEXT NOT NULL,
  algorithm BIGINT NOT NULL,
  sign_count BIGINT NOT NULL
);
CREATE INDEX passkeys_by_user ON passkeys(user_id);

-- Of registrations; each is good for one use.
CREATE TABLE passkey_challenges (
  digest TEXT PRIMARY KEY,
  user_id TEXT NOT NULL REFERENCES users(id) ON DELETE CASCADE,
  expires_at BIGINT NOT NULL
);
