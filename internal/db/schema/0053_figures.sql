-- +goose Up

-- What the codes of the figures stand for, by dimension; zero is never given away and stands for what is not known.
-- owner: indicators/counting
CREATE TABLE figure_codes (
	dimension $KEY NOT NULL,
	id        $INT NOT NULL,
	code      $KEY NOT NULL,
	PRIMARY KEY (dimension, id)
) $PACKED;
CREATE UNIQUE INDEX figure_codes_code ON figure_codes (dimension, code);

-- What is counted of each subject, in codes: a person however often she was registered, or an activity. Nothing of class 3 is here.
-- Month is 202603, 202600 when only the year is known.
-- owner: indicators/counting
CREATE TABLE figure_facts (
	subject_id $ID NOT NULL,
	n          $INT NOT NULL,
	measure    $INT NOT NULL,
	kind       $INT NOT NULL,
	kinded     $FLAG NOT NULL,
	record     $KEY NOT NULL,
	person_id  $ID NOT NULL,
	month      $INT NOT NULL,
	day        $INT NOT NULL,
	place      $INT NOT NULL,
	org        $INT NOT NULL,
	sex        $INT NOT NULL,
	age        $INT NOT NULL,
	country    $INT NOT NULL,
	reason     $INT NOT NULL,
	events     $INT NOT NULL,
	amount     $INT NOT NULL,
	PRIMARY KEY (subject_id, n)
) $PACKED;
CREATE INDEX figure_facts_measure ON figure_facts (measure, month, subject_id, n);

-- Under which subject a record of the register is counted when that is not itself, and what of class 3 is counted of it,
-- sealed under her key.
-- owner: indicators/counting
CREATE TABLE figure_subjects (
	person_id  $ID PRIMARY KEY,
	subject_id $ID NOT NULL,
	sealed     $BYTES
) $PACKED;
CREATE INDEX figure_subjects_subject ON figure_subjects (subject_id);

-- The totals: the cells of a page, sealed. Nobody is named in them, but a few people in one place could be known by them.
-- owner: indicators/counting
CREATE TABLE figure_pages (
	measure    $INT NOT NULL,
	kind       $INT NOT NULL,
	lane       $INT NOT NULL,
	cube       $INT NOT NULL,
	month      $INT NOT NULL,
	cells      $INT NOT NULL,
	sealed     $BYTES NOT NULL,
	changed_at $TIME NOT NULL,
	PRIMARY KEY (measure, kind, lane, cube, month)
) $TABLE;

-- What waits to be added to the totals: the change of some entries of the trail, sealed. A round adds many at once; what is ready
-- for that is in parts of few pages. A question reads these too.
-- owner: indicators/counting
CREATE TABLE figure_waiting (
	id     $ID PRIMARY KEY,
	ready  $FLAG NOT NULL,
	cells  $INT NOT NULL,
	sealed $BYTES NOT NULL,
	at     $TIME NOT NULL
) $TABLE;

-- How far the trail was counted, and whether all is being counted anew.
-- owner: indicators/counting
CREATE TABLE figure_marks (
	name $KEY PRIMARY KEY,
	at   $TIME NOT NULL,
	upto $INT NOT NULL,
	text TEXT NOT NULL
) $PACKED;

-- Indicators that monitoring officers added, or later versions of those that ship: each version as it was.
-- owner: indicators
CREATE TABLE figure_indicators (
	id         $ID PRIMARY KEY,
	code       $KEY NOT NULL,
	starts     $KEY NOT NULL,
	definition TEXT NOT NULL,
	user_name  TEXT NOT NULL,
	at         $TIME NOT NULL
) $TABLE;
CREATE INDEX figure_indicators_code ON figure_indicators (code, starts, id);

-- Tables that were published, as they were, signed. Nothing here is ever changed.
-- owner: indicators
CREATE TABLE figure_issues (
	code      $KEY NOT NULL,
	year      $INT NOT NULL,
	issue     $INT NOT NULL,
	answer    TEXT NOT NULL,
	note      TEXT NOT NULL,
	position  $INT NOT NULL,
	user_name TEXT NOT NULL,
	at        $TIME NOT NULL,
	PRIMARY KEY (code, year, issue)
) $TABLE;

-- Figures that somebody typed in, such as those of a report from before: the whole and its parts as they were published.
-- owner: indicators
CREATE TABLE figure_typed (
	id        $ID PRIMARY KEY,
	indicator $KEY NOT NULL,
	starts    $KEY NOT NULL,
	ends      $KEY NOT NULL,
	source    TEXT NOT NULL,
	whole     $INT NOT NULL,
	parts     TEXT NOT NULL,
	user_name TEXT NOT NULL,
	at        $TIME NOT NULL
) $TABLE;
CREATE INDEX figure_typed_indicator ON figure_typed (indicator, starts, id);
