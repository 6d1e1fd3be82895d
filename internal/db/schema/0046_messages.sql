-- +goose Up

-- Messages on their way to people: what kind, for whom, how far they are. Neither a number nor a text is here: what a text is
-- made of is sealed, the number is opened when the message leaves, and the hash tells only whether a number is the same.
-- owner: messages
CREATE TABLE messages (
	id              $ID PRIMARY KEY,
	person_id       $ID REFERENCES persons (id),
	case_id         $KEY NOT NULL,
	organisation_id $ID NOT NULL,
	office_id       $ID NOT NULL,
	user_id         $ID NOT NULL,
	user_name       TEXT NOT NULL,
	kind            $KEY NOT NULL,
	way             $KEY NOT NULL,
	subject         $KEY NOT NULL,
	sealed          $BYTES,
	state           $KEY NOT NULL,
	why             TEXT NOT NULL,
	contact_id      TEXT NOT NULL,
	contact_owner   TEXT NOT NULL,
	blind           $KEY NOT NULL,
	code            $KEY NOT NULL,
	text_version    TEXT NOT NULL,
	parts           $INT NOT NULL,
	attempts        $INT NOT NULL,
	unsure          $INT NOT NULL,
	holder          TEXT NOT NULL,
	until           $TIME,
	due_at          $TIME NOT NULL,
	expires_at      $TIME NOT NULL,
	asked_until     $TIME,
	left_at         $TIME,
	ended_at        $TIME,
	made_at         $TIME NOT NULL
) $TABLE;
CREATE INDEX messages_due ON messages (due_at) WHERE state IN ('waiting', 'sending');
CREATE INDEX messages_person ON messages (person_id, id);
CREATE INDEX messages_case ON messages (case_id, id) WHERE case_id <> '';
CREATE INDEX messages_code ON messages (code) WHERE code <> '';
CREATE INDEX messages_asked ON messages (blind) WHERE code <> '' AND blind <> '';
CREATE INDEX messages_state ON messages (state, organisation_id, id);

-- What people answered. What they wrote beyond yes and no is sealed under their key.
-- owner: messages
CREATE TABLE message_answers (
	id         $ID PRIMARY KEY,
	message_id $ID NOT NULL REFERENCES messages (id),
	person_id  $ID NOT NULL REFERENCES persons (id),
	subject    $KEY NOT NULL,
	value      TEXT NOT NULL,
	matched_by TEXT NOT NULL,
	sealed     $BYTES,
	at         $TIME NOT NULL
) $TABLE;
CREATE INDEX message_answers_subject ON message_answers (subject, id);
CREATE INDEX message_answers_person ON message_answers (person_id, id);

-- Numbers that want nothing any more, as hashes.
-- owner: messages
CREATE TABLE message_stops (
	blind $KEY PRIMARY KEY,
	at    $TIME NOT NULL
) $TABLE;

-- What came in and was dealt with, so that a gateway may tell it twice; and hashes of numbers that sent what fits nothing.
-- owner: messages
CREATE TABLE message_arrivals (
	id    $KEY PRIMARY KEY,
	blind $KEY NOT NULL,
	fits  $FLAG NOT NULL,
	at    $TIME NOT NULL
) $TABLE;
CREATE INDEX message_arrivals_blind ON message_arrivals (blind, at);
CREATE INDEX message_arrivals_at ON message_arrivals (at);

-- By which gateway messages leave, and when it last worked and last did not.
-- owner: messages
CREATE TABLE message_gateways (
	name   $KEY PRIMARY KEY,
	set_at $TIME NOT NULL,
	good_at $TIME,
	bad_at  $TIME,
	why    TEXT NOT NULL
) $TABLE;
