-- +goose Up

-- That the person of a case is to come to somebody, or to a counter, at a time. The office is where, or, where it is elsewhere, whose
-- appointment it is. For what, the place elsewhere, and what people wrote is sealed under her key; so is what was done about it.
-- Remind_at is when she is to be reminded, as long as that is to come; reminded_at when that was handed over for sending. Short is the number by which calendars know it.
-- owner: appointments
CREATE TABLE appointments (
	id          $ID PRIMARY KEY,
	case_id     $ID NOT NULL REFERENCES cases (id),
	person_id   $ID NOT NULL REFERENCES persons (id),
	office_id   $ID NOT NULL,
	elsewhere   $FLAG NOT NULL,
	counter_id  $ID NOT NULL,
	user_id     $ID NOT NULL,
	user_name   TEXT NOT NULL,
	starts_at   $TIME NOT NULL,
	ends_at     $TIME NOT NULL,
	state       $KEY NOT NULL,
	short       $KEY NOT NULL,
	sequence    $INT NOT NULL,
	remind_at   $TIME,
	reminded_at $TIME,
	sealed      $BYTES,
	changed_at  $TIME NOT NULL,
	version     $INT NOT NULL
) $TABLE;
CREATE UNIQUE INDEX appointments_short ON appointments (short);
CREATE INDEX appointments_case ON appointments (case_id, starts_at);
CREATE INDEX appointments_person ON appointments (person_id, starts_at);
CREATE INDEX appointments_office ON appointments (office_id, starts_at);
CREATE INDEX appointments_user ON appointments (user_id, starts_at) WHERE user_id <> '';
CREATE INDEX appointments_counter ON appointments (counter_id, starts_at) WHERE counter_id <> '';
CREATE INDEX appointments_remind ON appointments (remind_at) WHERE remind_at IS NOT NULL;

-- The secret address of a user's calendar, as a hash. A new one takes the place of the one before.
-- owner: appointments
CREATE TABLE appointment_feeds (
	user_id $ID PRIMARY KEY,
	hash    $KEY NOT NULL,
	made_at $TIME NOT NULL
) $TABLE;
CREATE UNIQUE INDEX appointment_feeds_hash ON appointment_feeds (hash);
