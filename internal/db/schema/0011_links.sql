-- +goose Up

-- Which records are of one person: each, and the oldest of them, under which they are found. Who
-- is registered once is not here.
-- owner: ties
CREATE TABLE ties (
	record_id $ID PRIMARY KEY,
	person_id $ID NOT NULL
) $PACKED;
CREATE INDEX ties_person ON ties (person_id, record_id);

-- What ties them: pairs of records, the older first.
-- owner: ties
CREATE TABLE tie_pairs (
	one_id   $ID NOT NULL,
	other_id $ID NOT NULL,
	PRIMARY KEY (one_id, other_id)
) $PACKED;
CREATE INDEX tie_pairs_other ON tie_pairs (other_id);
