-- Directories that get each new password behind the one where the passwords are, and how far they
-- are. No password is in these rows: it is in the memory of the process that has it, for as long as
-- that lives and the row waits. followings.state: 0 waits, 1 followed, 2 has no such person there,
-- 3 ended without being done, 4 a newer password took its place.
CREATE TABLE followings (
  id TEXT PRIMARY KEY,
  transaction_id TEXT NOT NULL,
  follower TEXT NOT NULL,
  user_id TEXT NOT NULL,
  username TEXT NOT NULL,
  state BIGINT NOT NULL,
  tries BIGINT NOT NULL,
  queued_at BIGINT NOT NULL,
  gives_up_at BIGINT NOT NULL,
  ended_at BIGINT NOT NULL,
  reason TEXT NOT NULL
);
CREATE INDEX followings_by_state ON followings(state, queued_at);
