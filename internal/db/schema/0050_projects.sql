-- +goose Up

-- What somebody does for returnees with money, for a time, at places. What it is to do is its definition; each version of it
-- stands in project_versions, and nothing there is changed.
-- owner: projects
CREATE TABLE projects (
	id              $ID PRIMARY KEY,
	code            $KEY NOT NULL,
	organisation_id $ID NOT NULL,
	office_id       $ID NOT NULL,
	state           $KEY NOT NULL,
	from_on         $KEY NOT NULL,
	until_on        $KEY NOT NULL,
	definition      TEXT NOT NULL,
	version         $INT NOT NULL,
	user_name       TEXT NOT NULL,
	at              $TIME NOT NULL
) $TABLE;
CREATE UNIQUE INDEX projects_code ON projects (code);

-- owner: projects
CREATE TABLE project_versions (
	project_id $ID NOT NULL REFERENCES projects (id),
	number     $INT NOT NULL,
	state      $KEY NOT NULL,
	definition TEXT NOT NULL,
	why        TEXT NOT NULL,
	user_id    $ID NOT NULL,
	user_name  TEXT NOT NULL,
	at         $TIME NOT NULL,
	PRIMARY KEY (project_id, number)
) $TABLE;

-- The budget of a project and what came in and went out, in hundredths of a currency. An entry is never changed: another
-- reverses it, once, with the same amount below zero.
-- owner: projects
CREATE TABLE project_entries (
	id         $ID PRIMARY KEY,
	project_id $ID NOT NULL REFERENCES projects (id),
	kind       $KEY NOT NULL,
	line       $KEY NOT NULL,
	currency   $KEY NOT NULL,
	amount     $INT NOT NULL,
	on_day     $KEY NOT NULL,
	until_day  $KEY NOT NULL,
	partner    TEXT NOT NULL,
	says       TEXT NOT NULL,
	reverses   $ID NOT NULL,
	user_id    $ID NOT NULL,
	user_name  TEXT NOT NULL,
	at         $TIME NOT NULL
) $TABLE;
CREATE INDEX project_entries_project ON project_entries (project_id, id);
CREATE UNIQUE INDEX project_entries_reverses ON project_entries (reverses) WHERE reverses <> '';

-- What counts for which project, once in each: a person, a case, a service, an activity by its id, between two days. A row
-- that does not count takes out what a rule would let in.
-- owner: projects
CREATE TABLE project_counts (
	project_id $ID NOT NULL REFERENCES projects (id),
	kind       $KEY NOT NULL,
	subject_id $ID NOT NULL,
	counts     $FLAG NOT NULL,
	since      $KEY NOT NULL,
	until      $KEY NOT NULL,
	why        TEXT NOT NULL,
	user_id    $ID NOT NULL,
	user_name  TEXT NOT NULL,
	at         $TIME NOT NULL,
	PRIMARY KEY (project_id, kind, subject_id)
) $TABLE;
CREATE INDEX project_counts_subject ON project_counts (kind, subject_id);

-- Cases that count without being named: those of an organisation, or of one of its offices, or of one programme, that were
-- opened between two instants. Empty stands for any.
-- owner: projects
CREATE TABLE project_rules (
	id              $ID PRIMARY KEY,
	project_id      $ID NOT NULL REFERENCES projects (id),
	organisation_id $ID NOT NULL,
	office_id       $ID NOT NULL,
	programme       $KEY NOT NULL,
	from_on         $KEY NOT NULL,
	until_on        $KEY NOT NULL,
	from_at         $TIME NOT NULL,
	until_at        $TIME NOT NULL,
	user_id         $ID NOT NULL,
	user_name       TEXT NOT NULL,
	at              $TIME NOT NULL,
	ended_by        TEXT NOT NULL,
	ended_at        $TIME
) $TABLE;
CREATE INDEX project_rules_project ON project_rules (project_id, id);
CREATE INDEX project_rules_organisation ON project_rules (organisation_id, from_at) WHERE ended_at IS NULL;

-- Cases by when they were opened, also those that ended: for the rules above.
CREATE INDEX cases_opened ON cases (organisation_id, opened_at, id);
