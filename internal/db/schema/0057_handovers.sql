-- +goose Up

-- A whole case that one organisation offers to another. What is handed over is sealed under the key of the record of the
-- organisation that offers, what is of class 3 apart; it is never shown here: it goes into the record of who takes the case. A
-- hand-over is open until ended_at, and nobody is in two that are open. Due_on is the day by which whoever's turn it is has to act.
-- owner: handovers
CREATE TABLE handovers (
	id                $ID PRIMARY KEY,
	batch_id          $ID NOT NULL,
	case_id           $ID NOT NULL,
	person_id         $ID NOT NULL,
	from_organisation $ID NOT NULL,
	from_office       $ID NOT NULL,
	user_id           $ID NOT NULL,
	user_name         TEXT NOT NULL,
	to_organisation   $ID NOT NULL,
	to_office         $ID NOT NULL,
	taker_id          $ID NOT NULL,
	taker_name        TEXT NOT NULL,
	new_person        $ID NOT NULL,
	new_case          $ID NOT NULL,
	programme         $KEY NOT NULL,
	district          $KEY NOT NULL,
	urgency           TEXT NOT NULL,
	state             $KEY NOT NULL,
	due_on            $KEY NOT NULL,
	alarm_to          TEXT NOT NULL,
	alarm_at          $TIME,
	offered_at        $TIME NOT NULL,
	since_at          $TIME NOT NULL,
	received_at       $TIME,
	decided_at        $TIME,
	meets_at          $TIME,
	ended_at          $TIME,
	sealed            $BYTES,
	protected         $BYTES,
	version           $INT NOT NULL
) $TABLE;
CREATE UNIQUE INDEX handovers_one_open ON handovers (person_id) WHERE ended_at IS NULL;
CREATE INDEX handovers_case ON handovers (case_id, id);
CREATE INDEX handovers_person ON handovers (person_id, id);
CREATE INDEX handovers_inbox ON handovers (to_organisation, state, due_on, id);
CREATE INDEX handovers_outbox ON handovers (from_office, state, due_on, id);
CREATE INDEX handovers_batch ON handovers (batch_id, id);
CREATE INDEX handovers_new_case ON handovers (new_case);
CREATE INDEX handovers_alarm ON handovers (alarm_at) WHERE alarm_at IS NOT NULL;

-- What was done with a hand-over, in order, by which side; why, sealed.
-- owner: handovers
CREATE TABLE handover_events (
	id          $ID NOT NULL,
	handover_id $ID NOT NULL REFERENCES handovers (id),
	act         TEXT NOT NULL,
	state       TEXT NOT NULL,
	side        TEXT NOT NULL,
	user_id     $ID NOT NULL,
	user_name   TEXT NOT NULL,
	at          $TIME NOT NULL,
	sealed      $BYTES,
	PRIMARY KEY (handover_id, id)
) $PACKED;

-- Many cases that were offered to one organisation in one act.
-- owner: handovers
CREATE TABLE handover_batches (
	id                $ID PRIMARY KEY,
	from_organisation $ID NOT NULL,
	from_office       $ID NOT NULL,
	to_organisation   $ID NOT NULL,
	user_id           $ID NOT NULL,
	user_name         TEXT NOT NULL,
	at                $TIME NOT NULL
) $TABLE;
CREATE INDEX handover_batches_user ON handover_batches (from_organisation, id);

-- The cases that stayed behind when many were offered, and why, as a code.
-- owner: handovers
CREATE TABLE handover_left (
	batch_id $ID NOT NULL REFERENCES handover_batches (id),
	case_id  $ID NOT NULL,
	why      TEXT NOT NULL,
	PRIMARY KEY (batch_id, case_id)
) $PACKED;

-- Whom an organisation registered out of what another network had brought, so that it is done once.
-- owner: handovers
CREATE TABLE handover_intakes (
	referral_id $ID PRIMARY KEY,
	person_id   $ID NOT NULL,
	case_id     $ID NOT NULL,
	user_name   TEXT NOT NULL,
	at          $TIME NOT NULL
) $TABLE;
CREATE INDEX handover_intakes_person ON handover_intakes (person_id);
