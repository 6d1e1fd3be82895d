-- +goose Up

-- A house in which people are safe for a time. Its name tells nothing. Where it is, and its rules, are sealed under a key of
-- the shelter's own. Days is how long a stay lasts unless somebody says otherwise, extension how long one prolonging may be.
-- owner: shelters
CREATE TABLE shelters (
	id              $ID PRIMARY KEY,
	organisation_id $ID NOT NULL,
	name            TEXT NOT NULL,
	division        $KEY NOT NULL,
	days            $INT NOT NULL,
	extension       $INT NOT NULL,
	shared          $FLAG NOT NULL,
	whereabouts     $BYTES NOT NULL,
	rules           $BYTES NOT NULL,
	opened_at       $TIME NOT NULL,
	closed_at       $TIME,
	version         $INT NOT NULL
) $TABLE;
CREATE INDEX shelters_division ON shelters (division, id) WHERE closed_at IS NULL;

-- owner: shelters
CREATE TABLE shelter_rooms (
	id         $ID PRIMARY KEY,
	shelter_id $ID NOT NULL REFERENCES shelters (id),
	label      TEXT NOT NULL,
	serves     TEXT NOT NULL
) $TABLE;
CREATE INDEX shelter_rooms_shelter ON shelter_rooms (shelter_id, id);

-- owner: shelters
CREATE TABLE shelter_beds (
	id         $ID PRIMARY KEY,
	shelter_id $ID NOT NULL REFERENCES shelters (id),
	room_id    $ID NOT NULL REFERENCES shelter_rooms (id),
	label      TEXT NOT NULL,
	accessible $FLAG NOT NULL,
	unused     $FLAG NOT NULL
) $TABLE;
CREATE INDEX shelter_beds_shelter ON shelter_beds (shelter_id, room_id, id);

-- That a bed is asked for, kept or slept in, by somebody of an age and sex. Who it is does not stand here: the id is a keyed
-- hash of the stay's, and the way back to the stay is sealed. Days have no hours, so that they do not tell what else happened then.
-- owner: shelters
CREATE TABLE shelter_holds (
	id              $ID PRIMARY KEY,
	shelter_id      $ID NOT NULL,
	bed_id          $ID NOT NULL,
	division        $KEY NOT NULL,
	organisation_id $ID NOT NULL,
	party           $ID NOT NULL,
	state           $KEY NOT NULL,
	sex             TEXT NOT NULL,
	age             TEXT NOT NULL,
	accessible      $FLAG NOT NULL,
	from_on         $KEY NOT NULL,
	until_on        $KEY NOT NULL,
	placed_on       $KEY NOT NULL,
	alarm_to        TEXT NOT NULL,
	alarm_at        $TIME,
	sealed          $BYTES
) $PACKED;
CREATE INDEX shelter_holds_shelter ON shelter_holds (shelter_id, state);
CREATE INDEX shelter_holds_asked ON shelter_holds (division, from_on) WHERE state = 'asked';
CREATE INDEX shelter_holds_alarm ON shelter_holds (alarm_at) WHERE alarm_at IS NOT NULL;

-- A night in a bed. The key holds that nobody lies in a bed in which another lies, and nobody in two.
-- owner: shelters
CREATE TABLE shelter_nights (
	bed_id  $ID NOT NULL REFERENCES shelter_beds (id),
	night   $KEY NOT NULL,
	hold_id $ID NOT NULL,
	PRIMARY KEY (bed_id, night)
) $PACKED;
CREATE UNIQUE INDEX shelter_nights_hold ON shelter_nights (hold_id, night);

-- That a person, or somebody of her family who is a client of the case, needs a bed. All else is sealed, or stands in the hold.
-- owner: shelters
CREATE TABLE shelter_stays (
	id              $ID PRIMARY KEY,
	case_id         $ID NOT NULL REFERENCES cases (id),
	person_id       $ID NOT NULL REFERENCES persons (id),
	registration_id $ID NOT NULL,
	client          $ID NOT NULL,
	party           $ID NOT NULL,
	ended_on        $KEY NOT NULL,
	sealed          $BYTES NOT NULL,
	version         $INT NOT NULL
) $TABLE;
CREATE UNIQUE INDEX shelter_stays_one ON shelter_stays (case_id, client) WHERE ended_on = '';
CREATE INDEX shelter_stays_case ON shelter_stays (case_id, id);
CREATE INDEX shelter_stays_person ON shelter_stays (person_id, id);

-- What was done about a stay, in order; what, by whom and when, sealed.
-- owner: shelters
CREATE TABLE shelter_events (
	stay_id $ID NOT NULL REFERENCES shelter_stays (id),
	place   $INT NOT NULL,
	sealed  $BYTES NOT NULL,
	PRIMARY KEY (stay_id, place)
) $PACKED;
