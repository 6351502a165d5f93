-- Sessions of the pages, by a digest of their token, each for one purpose; and the method that a
-- person wants to be asked for first.
CREATE TABLE page_sessions (
  digest TEXT PRIMARY KEY,
  purpose TEXT NOT NULL,
  subject TEXT NOT NULL,
  generation BIGINT NOT NULL,
  version BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  last_seen BIGINT NOT NULL,
  proved_at BIGINT NOT NULL,
  state TEXT NOT NULL
);
CREATE INDEX page_sessions_by_subject ON page_sessions(subject);
CREATE INDEX page_sessions_by_age ON page_sessions(created_at);

ALTER TABLE methods ADD COLUMN preferred BIGINT NOT NULL DEFAULT 0;
