-- +goose Up

-- The training office of an organisation, and the organisation behind it that holds nothing else: their identifiers are apart,
-- and so is everything made there.
-- owner: offices
CREATE TABLE training_offices (
	organisation_id $ID PRIMARY KEY REFERENCES organisations (id),
	office_id       $ID NOT NULL UNIQUE REFERENCES offices (id)
) $TABLE;

-- Who somebody is when she practises: a user of the training office whom nobody can sign in as.
-- owner: accounts
CREATE TABLE practisers (
	user_id     $ID PRIMARY KEY REFERENCES users (id),
	practice_id $ID NOT NULL UNIQUE REFERENCES users (id)
) $TABLE;

-- The sessions whose user practises at the moment.
-- owner: accounts
CREATE TABLE practice_sessions (
	session_id  $ID PRIMARY KEY,
	practice_id $ID NOT NULL REFERENCES users (id)
) $TABLE;
