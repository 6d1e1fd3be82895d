-- +goose Up

-- An office that is a one-stop centre: it has counters, and people wait there. The number of the key is part of the address of
-- its wall screen: a greater one makes the addresses before it worthless.
-- owner: centres
CREATE TABLE centres (
	office_id  $ID PRIMARY KEY REFERENCES offices (id),
	hours      $JSON NOT NULL,
	key_number $INT NOT NULL,
	set_at     $TIME NOT NULL,
	version    $INT NOT NULL
) $TABLE;

-- A counter of a centre. The organisation is whose people sit there. Tickets for it begin with the letter. No needs stand for
-- all of them, no languages for Bangla alone.
-- owner: centres
CREATE TABLE centre_counters (
	id              $ID PRIMARY KEY,
	office_id       $ID NOT NULL REFERENCES centres (office_id),
	organisation_id $ID NOT NULL,
	letter          $KEY NOT NULL,
	number          $INT NOT NULL,
	name_bn         TEXT NOT NULL,
	name_en         TEXT NOT NULL,
	needs           TEXT NOT NULL,
	languages       TEXT NOT NULL,
	women           $FLAG NOT NULL,
	closed_at       $TIME,
	version         $INT NOT NULL
) $TABLE;
CREATE UNIQUE INDEX centre_counters_number ON centre_counters (office_id, number) WHERE closed_at IS NULL;

-- Somebody who waits, without a name. Arrived_at is the place in the queue and never changes; serves is the one counter it was sent
-- on to; counter_id is where it was called.
-- owner: centres
CREATE TABLE centre_tickets (
	id         $ID PRIMARY KEY,
	office_id  $ID NOT NULL REFERENCES centres (office_id),
	day        $KEY NOT NULL,
	letter     $KEY NOT NULL,
	number     $INT NOT NULL,
	need       $KEY NOT NULL,
	language   TEXT NOT NULL,
	women      $FLAG NOT NULL,
	goes_first $FLAG NOT NULL,
	state      $KEY NOT NULL,
	only_id    TEXT NOT NULL,
	counter_id $ID NOT NULL,
	calls      $INT NOT NULL,
	arrived_at $TIME NOT NULL,
	called_at  $TIME,
	begun_at   $TIME,
	ended_at   $TIME,
	version    $INT NOT NULL
) $TABLE;
CREATE UNIQUE INDEX centre_tickets_number ON centre_tickets (office_id, day, letter, number);
CREATE INDEX centre_tickets_state ON centre_tickets (office_id, day, state);
CREATE UNIQUE INDEX centre_tickets_counter ON centre_tickets (counter_id) WHERE state IN ('called', 'desk');
CREATE INDEX centre_tickets_served ON centre_tickets (counter_id, day) WHERE state = 'done';
CREATE INDEX centre_tickets_open ON centre_tickets (day) WHERE state IN ('waiting', 'called', 'desk');

-- Whose ticket one is, where that was said. The id is a keyed hash of the ticket's, and the way back is sealed under her key, so
-- that the table does not say for what she waited.
-- owner: centres
CREATE TABLE centre_ties (
	ref       $ID PRIMARY KEY,
	person_id $ID NOT NULL REFERENCES persons (id),
	sealed    $BYTES NOT NULL
) $TABLE;
CREATE INDEX centre_ties_person ON centre_ties (person_id);
