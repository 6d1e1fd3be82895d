-- +goose Up

-- Until when she is to be told how a matter stands, such as a case at court. Due_on is as of the calendar and the pauses of the case when it
-- was reckoned; alarm_at is the next reminder of it. What matter it is, is sealed with the service.
-- owner: services
CREATE TABLE service_clocks (
	service_id $ID PRIMARY KEY REFERENCES services (id),
	case_id    $ID NOT NULL REFERENCES cases (id),
	months     $INT NOT NULL,
	told_on    $KEY NOT NULL,
	due_on     $KEY NOT NULL,
	alarm_to   TEXT NOT NULL,
	alarm_at   $TIME,
	ended_at   $TIME
) $TABLE;
CREATE INDEX service_clocks_case ON service_clocks (case_id, service_id);
CREATE INDEX service_clocks_due ON service_clocks (due_on, service_id) WHERE ended_at IS NULL;
CREATE INDEX service_clocks_alarm ON service_clocks (alarm_at) WHERE alarm_at IS NOT NULL;

-- When she was told, and what, sealed.
-- owner: services
CREATE TABLE service_tellings (
	id         $ID NOT NULL,
	service_id $ID NOT NULL REFERENCES services (id),
	told_on    $KEY NOT NULL,
	sealed     $BYTES NOT NULL,
	user_id    $ID NOT NULL,
	user_name  TEXT NOT NULL,
	at         $TIME NOT NULL,
	PRIMARY KEY (service_id, id)
) $TABLE;

-- How goals of a plan ended: reached, partly, or given up; why, sealed. Steps are in plan_steps.
-- owner: plans
CREATE TABLE plan_goals (
	id        $ID PRIMARY KEY,
	plan_id   $ID NOT NULL REFERENCES plans (id),
	protected $FLAG NOT NULL,
	outcome   TEXT NOT NULL,
	sealed    $BYTES NOT NULL,
	ended_by  TEXT NOT NULL,
	ended_at  $TIME NOT NULL
) $TABLE;
CREATE INDEX plan_goals_plan ON plan_goals (plan_id, id);
