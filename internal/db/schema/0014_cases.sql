-- +goose Up

-- What a programme asks of its cases: terms, reviews, approvals. Each version as it was; a later one holds from its day on.
-- owner: programmes
CREATE TABLE programmes (
	id         $ID PRIMARY KEY,
	code       $KEY NOT NULL,
	starts     $KEY NOT NULL,
	definition TEXT NOT NULL,
	user_name  TEXT NOT NULL,
	at         $TIME NOT NULL
) $TABLE;
CREATE INDEX programmes_code ON programmes (code, starts, id);

-- The file that an office keeps on one person's return. It is live until ended_at; after-care is live. Due_on is the next
-- term, as of the calendar when it was reckoned, or 9999-12-31 where there is none; alarm_at is the next reminder of it.
-- owner: cases
CREATE TABLE cases (
	id              $ID PRIMARY KEY,
	person_id       $ID NOT NULL REFERENCES persons (id),
	registration_id $ID NOT NULL,
	programme       $KEY NOT NULL,
	organisation_id $ID NOT NULL,
	office_id       $ID NOT NULL,
	worker_id       $ID NOT NULL,
	worker_name     TEXT NOT NULL,
	status          $KEY NOT NULL,
	origin          TEXT NOT NULL,
	risk            TEXT NOT NULL,
	openings        $INT NOT NULL,
	closure         TEXT NOT NULL,
	returned_on     $KEY NOT NULL,
	clock_from      $KEY NOT NULL,
	clock_due       $KEY NOT NULL,
	paused          $FLAG NOT NULL,
	due_for         TEXT NOT NULL,
	due_on          $KEY NOT NULL,
	alarm_to        TEXT NOT NULL,
	alarm_at        $TIME,
	opened_at       $TIME NOT NULL,
	touched_at      $TIME NOT NULL,
	closed_at       $TIME,
	ended_at        $TIME,
	version         $INT NOT NULL
) $TABLE;
CREATE UNIQUE INDEX cases_one_live ON cases (person_id, programme) WHERE ended_at IS NULL;
CREATE INDEX cases_person ON cases (person_id, id);
CREATE INDEX cases_worker ON cases (worker_id, due_on, id) WHERE ended_at IS NULL;
CREATE INDEX cases_office ON cases (office_id, due_on, id) WHERE ended_at IS NULL;
CREATE INDEX cases_organisation ON cases (organisation_id, due_on, id) WHERE ended_at IS NULL;
CREATE INDEX cases_due ON cases (due_on, id) WHERE ended_at IS NULL;
CREATE INDEX cases_board ON cases (office_id, worker_id, worker_name, status, risk, due_on, touched_at) WHERE ended_at IS NULL;
CREATE INDEX cases_alarm ON cases (alarm_at) WHERE alarm_at IS NOT NULL;

-- What was done to a case, in order; why, sealed under the person's key. What is of class 3 is not here.
-- owner: cases
CREATE TABLE case_events (
	id        $ID NOT NULL,
	case_id   $ID NOT NULL REFERENCES cases (id),
	act       TEXT NOT NULL,
	status    TEXT NOT NULL,
	user_id   $ID NOT NULL,
	user_name TEXT NOT NULL,
	at        $TIME NOT NULL,
	sealed    $BYTES NOT NULL,
	PRIMARY KEY (case_id, id)
) $TABLE;

-- Times during which the clock of a case stood still, with the reason sealed.
-- owner: cases
CREATE TABLE case_pauses (
	id        $ID NOT NULL,
	case_id   $ID NOT NULL REFERENCES cases (id),
	begins    $KEY NOT NULL,
	ends      $KEY NOT NULL,
	sealed    $BYTES NOT NULL,
	user_name TEXT NOT NULL,
	PRIMARY KEY (case_id, id)
) $TABLE;

-- Notes, sealed. Nothing is changed: a correction is a further note that names the one it stands for.
-- owner: cases
CREATE TABLE case_notes (
	id        $ID NOT NULL,
	case_id   $ID NOT NULL REFERENCES cases (id),
	protected $FLAG NOT NULL,
	replaces  $ID NOT NULL,
	sealed    $BYTES NOT NULL,
	user_id   $ID NOT NULL,
	user_name TEXT NOT NULL,
	at        $TIME NOT NULL,
	PRIMARY KEY (case_id, id)
) $TABLE;

-- Who of the family is a client of the case too: a relation of the register, which has the name.
-- owner: cases
CREATE TABLE case_members (
	id          $ID NOT NULL,
	case_id     $ID NOT NULL REFERENCES cases (id),
	relation_id $ID NOT NULL,
	user_name   TEXT NOT NULL,
	at          $TIME NOT NULL,
	ended_at    $TIME,
	PRIMARY KEY (case_id, id)
) $TABLE;

-- Something to do for a case by a day, by one of its people; what it is, sealed.
-- owner: cases
CREATE TABLE case_tasks (
	id        $ID PRIMARY KEY,
	case_id   $ID NOT NULL REFERENCES cases (id),
	user_id   $ID NOT NULL,
	due_on    $KEY NOT NULL,
	sealed    $BYTES NOT NULL,
	by_name   TEXT NOT NULL,
	at        $TIME NOT NULL,
	done_name TEXT NOT NULL,
	ended_at  $TIME
) $TABLE;
CREATE INDEX case_tasks_case ON case_tasks (case_id, id);
CREATE INDEX case_tasks_user ON case_tasks (user_id, due_on, id) WHERE ended_at IS NULL;

-- What one person may not decide alone: a plan, money, a closure. Why and what exactly, sealed.
-- owner: cases
CREATE TABLE case_approvals (
	id         $ID PRIMARY KEY,
	case_id    $ID NOT NULL REFERENCES cases (id),
	kind       TEXT NOT NULL,
	subject    TEXT NOT NULL,
	amount     $INT NOT NULL,
	needed     $INT NOT NULL,
	status     TEXT NOT NULL,
	sealed     $BYTES NOT NULL,
	asked_by   $ID NOT NULL,
	asked_name TEXT NOT NULL,
	asked_at   $TIME NOT NULL,
	decided_at $TIME
) $TABLE;
CREATE INDEX case_approvals_case ON case_approvals (case_id, id);
CREATE INDEX case_approvals_open ON case_approvals (asked_at, id) WHERE decided_at IS NULL;

-- Who said what to it. Nobody says it twice.
-- owner: cases
CREATE TABLE case_votes (
	approval_id $ID NOT NULL REFERENCES case_approvals (id),
	user_id     $ID NOT NULL,
	user_name   TEXT NOT NULL,
	yes         $FLAG NOT NULL,
	sealed      $BYTES NOT NULL,
	at          $TIME NOT NULL,
	PRIMARY KEY (approval_id, user_id)
) $TABLE;
