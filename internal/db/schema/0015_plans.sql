-- +goose Up

-- The plan of a case. Agreed and draft are numbers of versions, or 0.
-- owner: plans
CREATE TABLE plans (
	id      $ID PRIMARY KEY,
	case_id $ID NOT NULL UNIQUE REFERENCES cases (id),
	agreed  $INT NOT NULL,
	draft   $INT NOT NULL,
	version $INT NOT NULL,
	at      $TIME NOT NULL
) $TABLE;

-- A plan as it was written and agreed. Only the draft is written over. The goals are sealed under the person's key, those of
-- class 3 apart.
-- owner: plans
CREATE TABLE plan_versions (
	plan_id   $ID NOT NULL REFERENCES plans (id),
	number    $INT NOT NULL,
	sealed    $BYTES NOT NULL,
	protected $BYTES,
	user_name TEXT NOT NULL,
	at        $TIME NOT NULL,
	approval  TEXT NOT NULL,
	how       TEXT NOT NULL,
	file_id   $ID NOT NULL,
	agreed_by TEXT NOT NULL,
	agreed_at $TIME,
	PRIMARY KEY (plan_id, number)
) $TABLE;

-- The steps of what was agreed, without what they are: whose, until when, how it ended.
-- owner: plans
CREATE TABLE plan_steps (
	id        $ID PRIMARY KEY,
	plan_id   $ID NOT NULL REFERENCES plans (id),
	protected $FLAG NOT NULL,
	user_id   $ID NOT NULL,
	due_on    $KEY NOT NULL,
	outcome   TEXT NOT NULL,
	sealed    $BYTES,
	ended_by  TEXT NOT NULL,
	ended_at  $TIME
) $TABLE;
CREATE INDEX plan_steps_plan ON plan_steps (plan_id, id);
CREATE INDEX plan_steps_user ON plan_steps (user_id, due_on, id) WHERE ended_at IS NULL;

-- When it is looked at how the plan goes, and what was found; sealed.
-- owner: plans
CREATE TABLE plan_reviews (
	id        $ID PRIMARY KEY,
	plan_id   $ID NOT NULL REFERENCES plans (id),
	months    $INT NOT NULL,
	due_on    $KEY NOT NULL,
	sealed    $BYTES,
	user_name TEXT NOT NULL,
	done_at   $TIME
) $TABLE;
CREATE INDEX plan_reviews_plan ON plan_reviews (plan_id, due_on);
