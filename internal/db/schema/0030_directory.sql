-- +goose Up

-- Who offers what where: organisations, their services and the places where they work, each as it is now. The definition is JSON;
-- what lists are sorted and found by stands beside it.
-- owner: directory
CREATE TABLE directory_entries (
	id              $ID PRIMARY KEY,
	kind            $KEY NOT NULL,
	organisation_id $ID NOT NULL,
	name_bn         TEXT NOT NULL,
	name_en         TEXT NOT NULL,
	sorted          $KEY NOT NULL,
	state           $KEY NOT NULL,
	definition      TEXT NOT NULL,
	version         INTEGER NOT NULL,
	confirmed_on    $KEY NOT NULL,
	confirmed_by    TEXT NOT NULL,
	due_on          $KEY NOT NULL,
	changed_at      $TIME NOT NULL
) $TABLE;
CREATE INDEX directory_entries_sorted ON directory_entries (kind, sorted, id);
CREATE INDEX directory_entries_organisation ON directory_entries (organisation_id, kind, sorted, id);
CREATE INDEX directory_entries_due ON directory_entries (due_on, id);
CREATE INDEX directory_entries_changed ON directory_entries (kind, changed_at, id);

-- Each entry as it was at each version, who wrote it and why. Nothing is changed here.
-- owner: directory
CREATE TABLE directory_versions (
	entry_id   $ID NOT NULL REFERENCES directory_entries (id),
	version    INTEGER NOT NULL,
	act        TEXT NOT NULL,
	state      $KEY NOT NULL,
	definition TEXT NOT NULL,
	reason     TEXT NOT NULL,
	user_id    $ID NOT NULL,
	user_name  TEXT NOT NULL,
	at         $TIME NOT NULL,
	PRIMARY KEY (entry_id, version)
) $PACKED;

-- Who said, and how, that an entry is still right.
-- owner: directory
CREATE TABLE directory_confirmations (
	id        $ID PRIMARY KEY,
	entry_id  $ID NOT NULL REFERENCES directory_entries (id),
	on_day    $KEY NOT NULL,
	way       TEXT NOT NULL,
	told_by   TEXT NOT NULL,
	note      TEXT NOT NULL,
	user_id   $ID NOT NULL,
	user_name TEXT NOT NULL,
	at        $TIME NOT NULL
) $TABLE;
CREATE INDEX directory_confirmations_entry ON directory_confirmations (entry_id, id);

-- What is found under which need and for which place: one row for each need and each area of what is offered, "*" standing for any.
-- owner: directory
CREATE TABLE directory_reach (
	need       $KEY NOT NULL,
	area       $KEY NOT NULL,
	service_id $ID NOT NULL REFERENCES directory_entries (id),
	offer_id   $ID NOT NULL,
	location   $ID NOT NULL,
	place      $KEY NOT NULL,
	staff      TEXT NOT NULL,
	sex        TEXT NOT NULL,
	min_age    INTEGER NOT NULL,
	max_age    INTEGER NOT NULL,
	months     INTEGER NOT NULL,
	free       INTEGER NOT NULL,
	PRIMARY KEY (need, area, offer_id)
) $PACKED;
CREATE INDEX directory_reach_service ON directory_reach (service_id);
CREATE INDEX directory_reach_location ON directory_reach (location, service_id);

-- The words of the names of entries, for the search of those who keep the directory.
-- owner: directory
CREATE TABLE directory_words (
	word     $KEY NOT NULL,
	entry_id $ID NOT NULL REFERENCES directory_entries (id),
	PRIMARY KEY (word, entry_id)
) $PACKED;
CREATE INDEX directory_words_entry ON directory_words (entry_id);
