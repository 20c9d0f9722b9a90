-- +goose Up
-- Nothing ever wrote to sent: the outbox takes its place.
DROP TABLE sent;

-- outbox is who is still to be told of what, and who was. cause is an act's id,
-- or the day of a digest; recipient says who without saying where; place keeps
-- what happened in its order. state is 0 while it waits; due is when it may be
-- tried next, or when it was done with.
CREATE TABLE outbox (
	cause BYTEA NOT NULL,
	recipient BYTEA NOT NULL,
	place BIGINT NOT NULL,
	state BIGINT NOT NULL,
	tries BIGINT NOT NULL,
	due BIGINT NOT NULL,
	PRIMARY KEY (cause, recipient)
);
CREATE INDEX outbox_due ON outbox (state, due);

-- +goose Down
DROP TABLE outbox;
CREATE TABLE sent (
	act BIGINT NOT NULL,
	recipient BYTEA NOT NULL,
	PRIMARY KEY (act, recipient)
);
