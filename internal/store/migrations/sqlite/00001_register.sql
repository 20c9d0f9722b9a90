-- +goose Up
CREATE TABLE act (
	position INTEGER NOT NULL PRIMARY KEY,
	id BLOB NOT NULL UNIQUE,
	header BLOB NOT NULL
) STRICT;

-- place is the act's position times 1024 plus the section's number within the
-- act: one integer key keeps a section beside its act's others and in order.
CREATE TABLE section (
	place INTEGER NOT NULL PRIMARY KEY,
	name TEXT NOT NULL,
	salt BLOB NOT NULL,
	bytes BLOB NOT NULL
) STRICT;

-- hashes holds, one after the other, the stored hashes that leaf `act` adds to
-- the Merkle tree: its own, then that of every subtree it completes.
CREATE TABLE tree (
	act INTEGER NOT NULL PRIMARY KEY,
	hashes BLOB NOT NULL
) STRICT;

CREATE TABLE checkpoint (
	size INTEGER NOT NULL PRIMARY KEY,
	root BLOB NOT NULL,
	note BLOB NOT NULL
) STRICT;

CREATE TABLE token (
	act INTEGER NOT NULL PRIMARY KEY,
	key BLOB NOT NULL UNIQUE,
	fingerprint BLOB NOT NULL,
	secret BLOB NOT NULL
) STRICT;

CREATE TABLE head (
	one INTEGER NOT NULL PRIMARY KEY CHECK (one = 1)
) STRICT;
INSERT INTO head (one) VALUES (1);

CREATE TABLE setting (
	name TEXT NOT NULL PRIMARY KEY,
	bytes BLOB NOT NULL
) STRICT;

CREATE TABLE draft (
	id BLOB NOT NULL PRIMARY KEY,
	owner BLOB NOT NULL,
	changed INTEGER NOT NULL,
	bytes BLOB NOT NULL
) STRICT;
CREATE INDEX draft_owner ON draft (owner);

CREATE TABLE contact (
	id BLOB NOT NULL PRIMARY KEY,
	about BLOB NOT NULL,
	bytes BLOB NOT NULL
) STRICT;
CREATE INDEX contact_about ON contact (about);

CREATE TABLE sent (
	act INTEGER NOT NULL,
	recipient BLOB NOT NULL,
	PRIMARY KEY (act, recipient)
) STRICT;

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
