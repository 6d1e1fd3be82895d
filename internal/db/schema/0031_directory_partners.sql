-- +goose Up

-- Whom one speaks to at a partner. They are staff of others: class 2, never on a public page.
-- owner: directory
CREATE TABLE directory_people (
	id         $ID PRIMARY KEY,
	entry_id   $ID NOT NULL REFERENCES directory_entries (id),
	definition TEXT NOT NULL,
	user_name  TEXT NOT NULL,
	at         $TIME NOT NULL,
	ended_by   TEXT NOT NULL,
	ended_at   $TIME
) $TABLE;
CREATE INDEX directory_people_entry ON directory_people (entry_id, id);

-- What was agreed with an organisation, until when, and what may be shared with it.
-- owner: agreements
CREATE TABLE directory_agreements (
	id              $ID PRIMARY KEY,
	organisation_id $ID NOT NULL REFERENCES directory_entries (id),
	definition      TEXT NOT NULL,
	ends_on         $KEY NOT NULL,
	user_name       TEXT NOT NULL,
	at              $TIME NOT NULL,
	ended_by        TEXT NOT NULL,
	ended_why       TEXT NOT NULL,
	ended_at        $TIME
) $TABLE;
CREATE INDEX directory_agreements_organisation ON directory_agreements (organisation_id, id);
