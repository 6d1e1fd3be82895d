-- +goose Up

-- Questionnaires that were brought in, or that ship and were used or retired: each version as it was, for ever.
-- It may be begun from the day "starts" until before the day "ends", as far as these are there.
-- owner: assessments
CREATE TABLE assessment_instruments (
	name       $KEY NOT NULL,
	version    $KEY NOT NULL,
	definition TEXT NOT NULL,
	shipped    $FLAG NOT NULL,
	permitted  TEXT NOT NULL,
	activated  $FLAG NOT NULL,
	starts     $DATE NOT NULL,
	ends       $DATE NOT NULL,
	user_name  TEXT NOT NULL,
	at         $TIME NOT NULL,
	PRIMARY KEY (name, version)
) $TABLE;

-- One questionnaire asked of one person: begun, complete, or dropped. Hand is who goes on with it now, and until when.
-- owner: assessments
CREATE TABLE assessments (
	id              $ID PRIMARY KEY,
	person_id       $ID NOT NULL REFERENCES persons (id),
	registration_id $ID NOT NULL,
	instrument      $KEY NOT NULL,
	version         $KEY NOT NULL,
	protected       $FLAG NOT NULL,
	status          TEXT NOT NULL,
	language        TEXT NOT NULL,
	period          $KEY NOT NULL,
	user_name       TEXT NOT NULL,
	hand_id         $ID NOT NULL,
	hand_name       TEXT NOT NULL,
	hand_until      $TIME,
	began_at        $TIME NOT NULL,
	saved_at        $TIME NOT NULL,
	completed_at    $TIME,
	round           $INT NOT NULL
) $TABLE;
CREATE INDEX assessments_person ON assessments (person_id, instrument, id);

-- The answers as they were given, sealed under the person's key. Round 0 is what is being filled in or corrected,
-- round 1 what was given first, each further one a correction. Only round 0 ever changes.
-- owner: assessments
CREATE TABLE assessment_answers (
	assessment_id $ID NOT NULL REFERENCES assessments (id),
	round         $INT NOT NULL,
	sealed        $BYTES NOT NULL,
	user_name     TEXT NOT NULL,
	at            $TIME NOT NULL,
	PRIMARY KEY (assessment_id, round)
) $TABLE;

-- What a round comes to by one version of the questionnaire, sealed. A score by a newer version stands beside the older.
-- owner: assessments
CREATE TABLE assessment_scores (
	assessment_id $ID NOT NULL REFERENCES assessments (id),
	round         $INT NOT NULL,
	version       $KEY NOT NULL,
	sealed        $BYTES NOT NULL,
	at            $TIME NOT NULL,
	PRIMARY KEY (assessment_id, round, version)
) $TABLE;

-- An answer that needs somebody, raised when it was given; it stays until somebody says what was done, also if the answer was changed.
-- owner: assessments
CREATE TABLE assessment_alerts (
	id            $ID PRIMARY KEY,
	assessment_id $ID NOT NULL REFERENCES assessments (id),
	person_id     $ID NOT NULL,
	item          TEXT NOT NULL,
	level         TEXT NOT NULL,
	sealed        $BYTES NOT NULL,
	raised_by     TEXT NOT NULL,
	raised_at     $TIME NOT NULL,
	heeded_by     TEXT NOT NULL,
	heeded_at     $TIME
) $TABLE;
CREATE UNIQUE INDEX assessment_alerts_once ON assessment_alerts (assessment_id, item);
CREATE INDEX assessment_alerts_open ON assessment_alerts (raised_at) WHERE heeded_at IS NULL;

-- Old answers that are scored by a version that is in use now: who wanted it, how far it is. Reached is the last assessment looked at.
-- owner: assessments
CREATE TABLE assessment_rescorings (
	instrument $KEY NOT NULL,
	version    $KEY NOT NULL,
	asked_by   TEXT NOT NULL,
	asked_at   $TIME NOT NULL,
	reached    TEXT NOT NULL,
	scored     $INT NOT NULL,
	ended_at   $TIME,
	PRIMARY KEY (instrument, version)
) $TABLE;
