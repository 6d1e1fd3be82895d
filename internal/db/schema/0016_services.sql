-- +goose Up

-- What can be given: each version of a kind of service as it was; a later one holds from its day on.
-- owner: services
CREATE TABLE service_kinds (
	id         $ID PRIMARY KEY,
	code       $KEY NOT NULL,
	starts     $KEY NOT NULL,
	definition TEXT NOT NULL,
	user_name  TEXT NOT NULL,
	at         $TIME NOT NULL
) $TABLE;
CREATE INDEX service_kinds_code ON service_kinds (code, starts, id);

-- What was given. The code of what is of class 3 is sealed with the rest of it, under the person's key; the notes of a session
-- are sealed apart. Money is in poisha.
-- owner: services
CREATE TABLE services (
	id        $ID PRIMARY KEY,
	case_id   $ID NOT NULL REFERENCES cases (id),
	person_id $ID NOT NULL REFERENCES persons (id),
	code      $KEY NOT NULL,
	protected $FLAG NOT NULL,
	state     TEXT NOT NULL,
	given_on  $KEY NOT NULL,
	client    $ID NOT NULL,
	quantity  $INT NOT NULL,
	amount    $INT NOT NULL,
	approval  TEXT NOT NULL,
	same      $INT NOT NULL,
	sealed    $BYTES NOT NULL,
	notes     $BYTES,
	office_id $ID NOT NULL,
	user_id   $ID NOT NULL,
	user_name TEXT NOT NULL,
	replaces  $ID NOT NULL,
	at        $TIME NOT NULL,
	ended_by  TEXT NOT NULL,
	ended_at  $TIME
) $TABLE;
CREATE INDEX services_case ON services (case_id, id);
CREATE INDEX services_person ON services (person_id, code, given_on);
