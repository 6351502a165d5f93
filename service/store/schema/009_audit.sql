-- The audit: a row for each line, in chains of which each process writes one. line is the text
-- with the hashes; the columns before it repeat what is searched for. seal is keyed with a key
-- that is not in the database.
CREATE TABLE audit_events (
  chain TEXT NOT NULL,
  n BIGINT NOT NULL,
  at BIGINT NOT NULL,
  event TEXT NOT NULL,
  outcome TEXT NOT NULL,
  user_id TEXT NOT NULL,
  username TEXT NOT NULL,
  actor TEXT NOT NULL,
  device TEXT NOT NULL,
  address TEXT NOT NULL,
  seal TEXT NOT NULL,
  line TEXT NOT NULL,
  PRIMARY KEY (chain, n)
);
CREATE INDEX audit_events_by_time ON audit_events(at, chain, n);
CREATE INDEX audit_events_by_user ON audit_events(username, at);
