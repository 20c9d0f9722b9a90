-- +goose Up
CREATE TABLE act (
	position BIGINT NOT NULL PRIMARY KEY,
	id BYTEA NOT NULL UNIQUE,
	header BYTEA NOT NULL
);

-- place is the act's position times 1024 plus the section's number within the
-- act: one integer key keeps a section beside its act's others and in order.
CREATE TABLE section (
	place BIGINT NOT NULL PRIMARY KEY,
	name TEXT COLLATE "C" NOT NULL,
	salt BYTEA NOT NULL,
	bytes BYTEA NOT NULL
);

-- hashes holds, one after the other, the stored hashes that leaf `act` adds to
-- the Merkle tree: its own, then that of every subtree it completes.
CREATE TABLE tree (
	act BIGINT NOT NULL PRIMARY KEY,
	hashes BYTEA NOT NULL
);

CREATE TABLE checkpoint (
	size BIGINT NOT NULL PRIMARY KEY,
	root BYTEA NOT NULL,
	note BYTEA NOT NULL
);

CREATE TABLE token (
	act BIGINT NOT NULL PRIMARY KEY,
	key BYTEA NOT NULL UNIQUE,
	fingerprint BYTEA NOT NULL,
	secret BYTEA NOT NULL
);

CREATE TABLE head (
	one BIGINT NOT NULL PRIMARY KEY CHECK (one = 1)
);
INSERT INTO head (one) VALUES (1);

CREATE TABLE setting (
	name TEXT COLLATE "C" NOT NULL PRIMARY KEY,
	bytes BYTEA NOT NULL
);

CREATE TABLE draft (
	id BYTEA NOT NULL PRIMARY KEY,
	owner BYTEA NOT NULL,
	changed BIGINT NOT NULL,
	bytes BYTEA NOT NULL
);
CREATE INDEX draft_owner ON draft (owner);

CREATE TABLE contact (
	id BYTEA NOT NULL PRIMARY KEY,
	about BYTEA NOT NULL,
	bytes BYTEA NOT NULL
);
CREATE INDEX contact_about ON contact (about);

CREATE TABLE sent (
	act BIGINT NOT NULL,
	recipient BYTEA NOT NULL,
	PRIMARY KEY (act, recipient)
);

-- +goose Down
DROP TABLE sent;
DROP TABLE contact;
DROP TABLE draft;
DROP TABLE setting;
DROP TABLE head;
DROP TABLE token;
DROP TABLE checkpoint;
DROP TABLE tree;
DROP TABLE section;
DROP TABLE act;
