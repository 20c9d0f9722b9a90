-- +goose Up
-- cosignature is what witnesses signed: key is the name and hash of a witness's
-- key, at the moment it states (seconds since 1970), size the checkpoint it is
-- about, signature the base64 of its line.
CREATE TABLE cosignature (
	key TEXT NOT NULL,
	at BIGINT NOT NULL,
	size BIGINT NOT NULL,
	signature TEXT NOT NULL,
	PRIMARY KEY (key, at, size)
);
CREATE INDEX cosignature_size ON cosignature (size);

-- +goose Down
DROP TABLE cosignature;
