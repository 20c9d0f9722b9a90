-- +goose Up
-- An account's bytes are sealed with a key that the database does not hold. name
-- and invitation are keyed hashes, to look it up by; empty where there is none.
CREATE TABLE account (
	staff BLOB NOT NULL PRIMARY KEY,
	organisation BLOB NOT NULL,
	version INTEGER NOT NULL,
	name BLOB NOT NULL,
	invitation BLOB NOT NULL,
	bytes BLOB NOT NULL
) STRICT;
CREATE INDEX account_organisation ON account (organisation);
CREATE INDEX account_name ON account (name);
CREATE INDEX account_invitation ON account (invitation);

-- hash is that of the session's token.
CREATE TABLE session (
	hash BLOB NOT NULL PRIMARY KEY,
	staff BLOB NOT NULL,
	means TEXT NOT NULL,
	made INTEGER NOT NULL,
	seen INTEGER NOT NULL
) STRICT;
CREATE INDEX session_staff ON session (staff);

-- +goose Down
DROP TABLE session;
DROP TABLE account;
