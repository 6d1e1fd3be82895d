-- +goose Up

-- Kinds of activities: each version as it was; a later one holds from its day on.
-- owner: activities
CREATE TABLE activity_kinds (
	id         $ID PRIMARY KEY,
	code       $KEY NOT NULL,
	starts     $KEY NOT NULL,
	definition TEXT NOT NULL,
	user_name  TEXT NOT NULL,
	at         $TIME NOT NULL
) $TABLE;
CREATE INDEX activity_kinds_code ON activity_kinds (code, starts, id);

-- A standing group of people who meet.
-- owner: activities
CREATE TABLE forums (
	id              $ID PRIMARY KEY,
	organisation_id $ID NOT NULL,
	office_id       $ID NOT NULL,
	name_bn         TEXT NOT NULL,
	name_en         TEXT NOT NULL,
	place           $KEY NOT NULL,
	formed_on       $KEY NOT NULL,
	ended_on        $KEY NOT NULL,
	version         $INT NOT NULL,
	user_name       TEXT NOT NULL,
	at              $TIME NOT NULL
) $TABLE;

-- Who is in a forum. One who is in the register is known by her id; the name of another is sealed under a key of the forum.
-- owner: activities
CREATE TABLE forum_members (
	id         $ID PRIMARY KEY,
	forum_id   $ID NOT NULL REFERENCES forums (id),
	person_id  $ID REFERENCES persons (id),
	sealed     $BYTES,
	sex        $KEY NOT NULL,
	role       $KEY NOT NULL,
	from_on    $KEY NOT NULL,
	until_on   $KEY NOT NULL,
	user_name  TEXT NOT NULL,
	at         $TIME NOT NULL
) $TABLE;
CREATE INDEX forum_members_forum ON forum_members (forum_id, id);
CREATE INDEX forum_members_person ON forum_members (person_id) WHERE person_id IS NOT NULL;

-- Something done among people, as it stands now: what the latest version says. Reached is the sum of activity_cells; typed is
-- a total that somebody typed in or published, kept beside it, and -1 where there is none.
-- owner: activities
CREATE TABLE activities (
	id              $ID PRIMARY KEY,
	kind            $KEY NOT NULL,
	unit            $KEY NOT NULL,
	organisation_id $ID NOT NULL,
	office_id       $ID NOT NULL,
	place           $KEY NOT NULL,
	from_on         $KEY NOT NULL,
	until_on        $KEY NOT NULL,
	forum_id        $ID NOT NULL,
	events          $INT NOT NULL,
	households      $INT NOT NULL,
	reached         $INT NOT NULL,
	typed           $INT NOT NULL,
	named           $FLAG NOT NULL,
	currency        $KEY NOT NULL,
	cost            $INT NOT NULL,
	definition      TEXT NOT NULL,
	undone          $FLAG NOT NULL,
	version         $INT NOT NULL,
	user_id         $ID NOT NULL,
	user_name       TEXT NOT NULL,
	at              $TIME NOT NULL
) $TABLE;
CREATE INDEX activities_day ON activities (from_on, id);
CREATE INDEX activities_kind ON activities (kind, from_on, id);
CREATE INDEX activities_place ON activities (place, from_on, id);
CREATE INDEX activities_forum ON activities (forum_id, from_on) WHERE forum_id <> '';

-- owner: activities
CREATE TABLE activity_versions (
	activity_id $ID NOT NULL REFERENCES activities (id),
	number      $INT NOT NULL,
	definition  TEXT NOT NULL,
	undone      $FLAG NOT NULL,
	why         TEXT NOT NULL,
	user_id     $ID NOT NULL,
	user_name   TEXT NOT NULL,
	at          $TIME NOT NULL,
	PRIMARY KEY (activity_id, number)
) $TABLE;

-- How many people were there, by sex, age and disability; unknown where it was not counted. Of the latest version.
-- owner: activities
CREATE TABLE activity_cells (
	activity_id $ID NOT NULL REFERENCES activities (id),
	sex         $KEY NOT NULL,
	age         $KEY NOT NULL,
	disability  $KEY NOT NULL,
	people      $INT NOT NULL,
	PRIMARY KEY (activity_id, sex, age, disability)
) $PACKED;

-- Who was there, by name. One who is in the register is known by her id; the name of another is sealed under a key of the
-- activity. What was counted of somebody who was erased stays, and leads nowhere.
-- owner: activities
CREATE TABLE activity_attendances (
	id          $ID PRIMARY KEY,
	activity_id $ID NOT NULL REFERENCES activities (id),
	person_id   $ID REFERENCES persons (id),
	sealed      $BYTES,
	sex         $KEY NOT NULL,
	age         $KEY NOT NULL,
	disability  $KEY NOT NULL,
	user_name   TEXT NOT NULL,
	at          $TIME NOT NULL,
	ended_by    TEXT NOT NULL,
	ended_at    $TIME
) $TABLE;
CREATE INDEX activity_attendances_activity ON activity_attendances (activity_id, id);
CREATE UNIQUE INDEX activity_attendances_once ON activity_attendances (activity_id, person_id) WHERE person_id IS NOT NULL AND ended_at IS NULL;
CREATE INDEX activity_attendances_person ON activity_attendances (person_id) WHERE person_id IS NOT NULL;

-- Who said that she heard of help at an activity, when she came for help later.
-- owner: activities
CREATE TABLE activity_heard (
	person_id   $ID NOT NULL REFERENCES persons (id),
	activity_id $ID NOT NULL REFERENCES activities (id),
	office_id   $ID NOT NULL,
	user_id     $ID NOT NULL,
	user_name   TEXT NOT NULL,
	at          $TIME NOT NULL,
	PRIMARY KEY (person_id, activity_id)
) $TABLE;
CREATE INDEX activity_heard_activity ON activity_heard (activity_id);
