-- +goose Up

-- That people who do not exist were put into this store, and since when. There is one row or none.
-- owner: simulated
CREATE TABLE simulated_since (
	id $KEY PRIMARY KEY,
	at $TIME NOT NULL
) $TABLE;
