-- +goose Up

-- What is found under which need and for which place: one row for each need and each area of each way to a service, "*" standing for any.
-- Place is where it is: empty for a way without a place, such as a telephone, and "-" for a place that nobody knows. Lat and lon are in
-- hundred-thousandths of a degree, where somebody gave them. It takes the place of directory_reach.
-- owner: directory/near
CREATE TABLE directory_ways (
	need       $KEY NOT NULL,
	area       $KEY NOT NULL,
	place      $KEY NOT NULL,
	offer_id   $ID NOT NULL,
	service_id $ID NOT NULL REFERENCES directory_entries (id),
	location   $ID NOT NULL,
	staff      TEXT NOT NULL,
	sex        TEXT NOT NULL,
	min_age    INTEGER NOT NULL,
	max_age    INTEGER NOT NULL,
	months     INTEGER NOT NULL,
	free       INTEGER NOT NULL,
	due_on     $KEY NOT NULL,
	lat        INTEGER,
	lon        INTEGER,
	PRIMARY KEY (need, area, place, offer_id)
) $PACKED;
CREATE INDEX directory_ways_service ON directory_ways (service_id);
CREATE INDEX directory_ways_anywhere ON directory_ways (need, due_on, offer_id) WHERE area = '*';
CREATE INDEX directory_ways_offer ON directory_ways (offer_id) WHERE need = '*' AND area = '*' AND location <> '';
INSERT INTO directory_ways (need, area, place, offer_id, service_id, location, staff, sex, min_age, max_age, months, free, due_on)
	SELECT r.need, r.area, CASE WHEN r.place = '' AND r.location <> '' THEN '-' ELSE r.place END, r.offer_id, r.service_id, r.location, r.staff, r.sex, r.min_age, r.max_age, r.months, r.free, e.due_on
	FROM directory_reach r JOIN directory_entries e ON e.id = r.service_id;

-- Which services are offered at a location, so that they are entered anew when it changes.
-- owner: directory/near
CREATE TABLE directory_offers (
	location_id $ID NOT NULL,
	service_id  $ID NOT NULL REFERENCES directory_entries (id),
	PRIMARY KEY (location_id, service_id)
) $PACKED;
CREATE INDEX directory_offers_service ON directory_offers (service_id);
INSERT INTO directory_offers (location_id, service_id) SELECT DISTINCT location, service_id FROM directory_reach WHERE location <> '';
DROP TABLE directory_reach;

-- The words of the names of entries, for the search of those who keep the directory; the kind is "withdrawn" for those taken out. It takes
-- the place of directory_words.
-- owner: directory
CREATE TABLE directory_terms (
	kind     $KEY NOT NULL,
	word     $KEY NOT NULL,
	entry_id $ID NOT NULL REFERENCES directory_entries (id),
	PRIMARY KEY (kind, word, entry_id)
) $PACKED;
CREATE INDEX directory_terms_entry ON directory_terms (entry_id, word);
INSERT INTO directory_terms (kind, word, entry_id)
	SELECT CASE WHEN e.state = 'withdrawn' THEN 'withdrawn' ELSE e.kind END, w.word, w.entry_id FROM directory_words w JOIN directory_entries e ON e.id = w.entry_id;
DROP TABLE directory_words;

-- Whose people keep an organisation of the directory and what is its own; empty when nobody's do.
ALTER TABLE directory_entries ADD COLUMN partner_id $KEY NOT NULL DEFAULT '';
-- only sqlite
UPDATE directory_entries SET partner_id = COALESCE(definition ->> '$.organisation.partner', '') WHERE kind = 'organisation';
-- end only
-- only postgres
UPDATE directory_entries SET partner_id = COALESCE(definition::json -> 'organisation' ->> 'partner', '') WHERE kind = 'organisation';
-- end only
CREATE INDEX directory_entries_partner ON directory_entries (partner_id, id) WHERE partner_id <> '';

-- How far those who keep an entry were asked to confirm it: soon, late or escalated, for the day on which it is due; empty for one that
-- nobody confirmed yet.
-- owner: asking
CREATE TABLE directory_askings (
	entry_id $ID PRIMARY KEY REFERENCES directory_entries (id),
	due_on   $KEY NOT NULL,
	stage    TEXT NOT NULL,
	at       $TIME NOT NULL
) $TABLE;

-- Lists leave out what was withdrawn, so that their indexes do.
DROP INDEX directory_entries_sorted;
DROP INDEX directory_entries_due;
DROP INDEX directory_entries_changed;
CREATE INDEX directory_entries_sorted ON directory_entries (kind, sorted, id) WHERE state <> 'withdrawn';
CREATE INDEX directory_entries_due ON directory_entries (kind, due_on, id) WHERE state <> 'withdrawn';
CREATE INDEX directory_entries_changed ON directory_entries (kind, changed_at, id) WHERE state <> 'withdrawn';
CREATE INDEX directory_entries_there ON directory_entries (kind, id) WHERE state <> 'withdrawn';
CREATE INDEX directory_entries_withdrawn ON directory_entries (kind, sorted, id) WHERE state = 'withdrawn';

-- How many entries there are of each kind, without those withdrawn.
-- owner: directory
CREATE TABLE directory_totals (
	kind    $KEY PRIMARY KEY,
	entries INTEGER NOT NULL
) $TABLE;
INSERT INTO directory_totals (kind, entries) SELECT kind, count(*) FROM directory_entries WHERE state <> 'withdrawn' GROUP BY kind;

-- Several entries may be confirmed in one act, and it may be taken back: what stood before is kept with each.
ALTER TABLE directory_confirmations ADD COLUMN batch $KEY NOT NULL DEFAULT '';
ALTER TABLE directory_confirmations ADD COLUMN before_on $KEY NOT NULL DEFAULT '';
ALTER TABLE directory_confirmations ADD COLUMN before_by TEXT NOT NULL DEFAULT '';
ALTER TABLE directory_confirmations ADD COLUMN undone_at $TIME;
ALTER TABLE directory_confirmations ADD COLUMN undone_by TEXT NOT NULL DEFAULT '';
CREATE INDEX directory_confirmations_batch ON directory_confirmations (batch, entry_id) WHERE batch <> '';

-- How who is referred to answers: after how many days as a rule, and how many referrals wait for an answer. It is written by who refers,
-- and is for those who refer, never for the public.
-- owner: directory
CREATE TABLE directory_conduct (
	entry_id    $ID PRIMARY KEY REFERENCES directory_entries (id),
	median_days INTEGER,
	unanswered  INTEGER NOT NULL,
	as_of       $KEY NOT NULL
) $TABLE;
