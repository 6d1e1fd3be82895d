-- +goose Up

-- The word that a person chose, by which she is known on the telephone. Sealed under her key.
-- owner: calls
CREATE TABLE call_words (
	person_id $ID PRIMARY KEY REFERENCES persons (id),
	sealed    $BYTES NOT NULL,
	user_id   $ID NOT NULL,
	user_name TEXT NOT NULL,
	at        $TIME NOT NULL
) $TABLE;

-- When a contact may be used: days of the week, and minutes since midnight in Dhaka. None where that was not settled.
-- owner: calls
CREATE TABLE call_hours (
	contact_id  $ID PRIMARY KEY,
	person_id   $ID NOT NULL REFERENCES persons (id),
	days        TEXT NOT NULL,
	from_minute $INT NOT NULL,
	to_minute   $INT NOT NULL,
	user_name   TEXT NOT NULL,
	at          $TIME NOT NULL
) $TABLE;
CREATE INDEX call_hours_person ON call_hours (person_id);

-- Every call, visit and message with a person or about her. What it was about, and why it was made against her word, is sealed.
-- owner: calls
CREATE TABLE calls (
	id          $ID PRIMARY KEY,
	person_id   $ID NOT NULL REFERENCES persons (id),
	case_id     TEXT NOT NULL,
	incoming    $FLAG NOT NULL,
	way         TEXT NOT NULL,
	contact_id  TEXT NOT NULL,
	other       TEXT NOT NULL,
	outcome     TEXT NOT NULL,
	proven      $FLAG NOT NULL,
	overridden  $FLAG NOT NULL,
	next_on     $KEY NOT NULL,
	next_done   $TIME,
	sealed      $BYTES,
	office_id   $ID NOT NULL,
	user_id     $ID NOT NULL,
	user_name   TEXT NOT NULL,
	at          $TIME NOT NULL
) $TABLE;
CREATE INDEX calls_person ON calls (person_id, id);
CREATE INDEX calls_office ON calls (office_id, id);
CREATE INDEX calls_next ON calls (office_id, next_on) WHERE next_on <> '' AND next_done IS NULL;

-- Words that were offered on the telephone and were not the right one: too many in an hour, and the question is closed.
-- owner: calls
CREATE TABLE call_misses (
	id        $ID PRIMARY KEY,
	person_id $ID NOT NULL REFERENCES persons (id),
	at        $TIME NOT NULL
) $TABLE;
CREATE INDEX call_misses_person ON call_misses (person_id, at);

-- What an organisation says about how a step of the work is done well. A version is never changed: a later one takes its place.
-- owner: guidance
CREATE TABLE guidance_texts (
	id              $ID PRIMARY KEY,
	organisation_id $ID NOT NULL,
	topic           $KEY NOT NULL,
	number          $INT NOT NULL,
	title_bn        TEXT NOT NULL,
	title_en        TEXT NOT NULL,
	text_bn         TEXT NOT NULL,
	text_en         TEXT NOT NULL,
	material        TEXT NOT NULL,
	withdrawn       $FLAG NOT NULL,
	why             TEXT NOT NULL,
	user_id         $ID NOT NULL,
	user_name       TEXT NOT NULL,
	at              $TIME NOT NULL
) $TABLE;
CREATE UNIQUE INDEX guidance_texts_number ON guidance_texts (organisation_id, topic, number);
