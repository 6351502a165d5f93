-- Words that an organisation bans, and the hashes of passwords that a user had before.
CREATE TABLE banned_terms (
  term TEXT PRIMARY KEY
);

CREATE TABLE password_history (
  user_id TEXT NOT NULL REFERENCES users(id) ON DELETE CASCADE,
  generation BIGINT NOT NULL,
  password_hash TEXT NOT NULL,
  PRIMARY KEY (user_id, generation)
);
