-- +goose Up
-- An account's bytes are sealed with a key that the database does not hold. name
-- and invitation are keyed hashes, to look it up by; empty where there is none.
CREATE TABLE account (
	staff BYTEA NOT NULL PRIMARY KEY,
	organisation BYTEA NOT NULL,
	version BIGINT NOT NULL,
	name BYTEA NOT NULL,
	invitation BYTEA NOT NULL,
	bytes BYTEA NOT NULL
);
CREATE INDEX account_organisation ON account (organisation);
CREATE INDEX account_name ON account (name);
CREATE INDEX account_invitation ON account (invitation);

-- hash is that of the session's token.
CREATE TABLE session (
	hash BYTEA NOT NULL PRIMARY KEY,
	staff BYTEA NOT NULL,
	means TEXT NOT NULL,
	made BIGINT NOT NULL,
	seen BIGINT NOT NULL
);
CREATE INDEX session_staff ON session (staff);

-- +goose Down
DROP TABLE session;
DROP TABLE account;
