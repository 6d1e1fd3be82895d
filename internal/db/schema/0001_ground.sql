-- +goose Up

-- Where a record may be seen from: o:<office>, g:<organisation>, a:<place code>, u:<user> (whose caseload it is).
-- owner: access
CREATE TABLE access_scopes (
	scope      $KEY NOT NULL,
	subject_id $ID NOT NULL,
	PRIMARY KEY (scope, subject_id)
) $PACKED;
CREATE INDEX access_scopes_subject ON access_scopes (subject_id);

-- Break-the-glass: protected data opened for a reason and for a time.
-- owner: access
CREATE TABLE access_openings (
	id          $ID PRIMARY KEY,
	user_id     $ID NOT NULL,
	user_name   TEXT NOT NULL,
	subject_id  $ID NOT NULL,
	reason      TEXT NOT NULL,
	opened_at   $TIME NOT NULL,
	ends_at     $TIME NOT NULL,
	reviewed_at $TIME,
	reviewed_by $ID,
	finding     TEXT
) $TABLE;
CREATE INDEX access_openings_subject ON access_openings (subject_id, user_id, ends_at);
CREATE INDEX access_openings_unreviewed ON access_openings (opened_at) WHERE reviewed_at IS NULL;

-- The keys under which values are sealed. A subject is a person, an organisation, "system" or "blind".
-- owner: seal
CREATE TABLE seal_keys (
	subject_id $ID PRIMARY KEY,
	parent_id  $ID NOT NULL,
	wrapped    $BYTES NOT NULL,
	made_at    $TIME NOT NULL
) $PACKED;

-- Which of an organisation's keys new persons' keys are wrapped under.
-- owner: seal
CREATE TABLE seal_current (
	organisation_id $ID PRIMARY KEY,
	key_id          $ID NOT NULL
) $PACKED;

-- Whose key was destroyed; replayed after a restore from an older backup.
-- owner: seal
CREATE TABLE seal_erasures (
	subject_id $ID PRIMARY KEY,
	erased_at  $TIME NOT NULL,
	receipt    TEXT NOT NULL
) $PACKED;

-- The trail. Position and chain are given after the commit, by one sealer.
-- owner: audit
CREATE TABLE audit_entries (
	id         $ID PRIMARY KEY,
	at         $TIME NOT NULL,
	actor_id   $ID NOT NULL,
	actor_name TEXT NOT NULL,
	office_id  TEXT NOT NULL,
	act        TEXT NOT NULL,
	subject    TEXT NOT NULL,
	person_id  $ID,
	fields     TEXT NOT NULL,
	reason     TEXT NOT NULL,
	digest     TEXT NOT NULL,
	mac        $BYTES NOT NULL,
	position   $INT,
	chain      $BYTES
) $PACKED;
CREATE INDEX audit_entries_unsealed ON audit_entries (id) WHERE position IS NULL;
CREATE UNIQUE INDEX audit_entries_position ON audit_entries (position) WHERE position IS NOT NULL;
CREATE INDEX audit_entries_person ON audit_entries (person_id, id) WHERE person_id IS NOT NULL;
CREATE INDEX audit_entries_actor ON audit_entries (actor_id, id);

-- What the changed fields held before and after, sealed under the person's key.
-- owner: audit
CREATE TABLE audit_values (
	entry_id   $ID PRIMARY KEY,
	key_of     $ID NOT NULL,
	sealed     $BYTES NOT NULL
) $PACKED;

-- Signed statements of how long the trail is and what its tree hash is.
-- owner: audit
CREATE TABLE audit_checkpoints (
	size     $INT PRIMARY KEY,
	at       $TIME NOT NULL,
	note     TEXT NOT NULL,
	frontier TEXT NOT NULL
) $TABLE;

-- Which process does which background work, and until when.
-- owner: queue
CREATE TABLE queue_leases (
	name   $KEY PRIMARY KEY,
	holder TEXT NOT NULL,
	until  $TIME NOT NULL
) $PACKED;

-- Work to do later.
-- owner: queue
CREATE TABLE queue_jobs (
	id       $ID PRIMARY KEY,
	kind     TEXT NOT NULL,
	body     $JSON NOT NULL,
	due_at   $TIME NOT NULL,
	attempts INTEGER NOT NULL,
	holder   TEXT NOT NULL,
	until    $TIME,
	failure  TEXT NOT NULL,
	done_at  $TIME
) $TABLE;
CREATE INDEX queue_jobs_due ON queue_jobs (due_at) WHERE done_at IS NULL;

-- What was answered to an act that carried an operation id, so that the same act sent again is answered the same.
-- owner: operations
CREATE TABLE operations (
	actor_id $ID NOT NULL,
	id       $KEY NOT NULL,
	digest   TEXT NOT NULL,
	subject  $ID NOT NULL,
	at       $TIME NOT NULL,
	PRIMARY KEY (actor_id, id)
) $PACKED;
CREATE INDEX operations_at ON operations (at);

-- only sqlite
-- +goose StatementBegin
CREATE TRIGGER audit_entries_keep BEFORE UPDATE ON audit_entries WHEN OLD.position IS NOT NULL
BEGIN SELECT RAISE(ABORT, 'the trail is never changed'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER audit_entries_stay BEFORE DELETE ON audit_entries
BEGIN SELECT RAISE(ABORT, 'the trail is never cut'); END;
-- +goose StatementEnd
-- end only
-- only postgres
-- +goose StatementBegin
CREATE FUNCTION audit_keep() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
	IF TG_OP <> 'UPDATE' OR OLD.position IS NOT NULL THEN
		RAISE EXCEPTION 'the trail is never changed';
	END IF;
	RETURN NEW;
END $body$;
-- +goose StatementEnd
CREATE TRIGGER audit_entries_keep BEFORE UPDATE OR DELETE ON audit_entries FOR EACH ROW EXECUTE FUNCTION audit_keep();
CREATE TRIGGER audit_entries_stay BEFORE TRUNCATE ON audit_entries FOR EACH STATEMENT EXECUTE FUNCTION audit_keep();
-- end only
