-- What a directory outside was asked to do for a transaction, and what it held before: enough to find
-- out later whether it was done. state: 1 claimed, 2 done, 0 never.
CREATE TABLE directory_claims (
  transaction_id TEXT PRIMARY KEY,
  user_id TEXT NOT NULL,
  state BIGINT NOT NULL,
  state_before TEXT NOT NULL,
  at BIGINT NOT NULL
);
CREATE INDEX directory_claims_by_age ON directory_claims(at);
