-- Who is in which group, so that nobody has to read all users to find those of one; member_of stays
-- as the text of users' own. And what Prune looks for.
CREATE TABLE memberships (
  group_name TEXT NOT NULL,
  user_id TEXT NOT NULL REFERENCES users(id) ON DELETE CASCADE,
  PRIMARY KEY (group_name, user_id)
);
CREATE INDEX memberships_by_user ON memberships(user_id);
CREATE INDEX directory_changes_by_age ON directory_changes(at);
