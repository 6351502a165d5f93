-- Methods that are kept as hashes (questions, recovery codes, temporary passes), phone numbers,
-- groups, unlock without a reset, and the history of the policy.
ALTER TABLE users ADD COLUMN member_of TEXT NOT NULL DEFAULT '';
ALTER TABLE users ADD COLUMN methods_confirmed_at BIGINT NOT NULL DEFAULT 0;

ALTER TABLE methods ADD COLUMN secret_hash TEXT NOT NULL DEFAULT '';
ALTER TABLE methods ADD COLUMN detail TEXT NOT NULL DEFAULT '';
ALTER TABLE methods ADD COLUMN expires_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE methods ADD COLUMN digits BIGINT NOT NULL DEFAULT 6;
ALTER TABLE methods ADD COLUMN algorithm BIGINT NOT NULL DEFAULT 0;

ALTER TABLE flows ADD COLUMN operation BIGINT NOT NULL DEFAULT 0;
ALTER TABLE transactions ADD COLUMN operation BIGINT NOT NULL DEFAULT 0;

CREATE TABLE policy_changes (
  version BIGINT PRIMARY KEY,
  at BIGINT NOT NULL,
  name TEXT NOT NULL,
  old_value TEXT NOT NULL,
  new_value TEXT NOT NULL
);
