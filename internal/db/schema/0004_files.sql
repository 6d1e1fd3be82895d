-- +goose Up

-- A photograph or paper of a person. Its title is sealed, because it may say what happened.
-- owner: files
CREATE TABLE files (
	id        $ID PRIMARY KEY,
	person_id $ID NOT NULL,
	kind      TEXT NOT NULL,
	protected $FLAG NOT NULL,
	type      TEXT NOT NULL,
	title     $BYTES NOT NULL,
	size      $INT NOT NULL,
	user_id   $ID NOT NULL,
	user_name TEXT NOT NULL,
	at        $TIME NOT NULL,
	ended_at  $TIME
) $TABLE;
CREATE INDEX files_person ON files (person_id);

-- The bytes, in pieces of at most 256 KiB, each sealed under the person's key.
-- owner: files
CREATE TABLE file_chunks (
	file_id $ID NOT NULL REFERENCES files (id),
	n       $INT NOT NULL,
	sealed  $BYTES NOT NULL,
	PRIMARY KEY (file_id, n)
) $TABLE;

-- Forms that somebody began and has not sent. They are their writer's alone.
-- owner: drafts
CREATE TABLE drafts (
	user_id  $ID NOT NULL,
	name     $KEY NOT NULL,
	sealed   $BYTES NOT NULL,
	saved_at $TIME NOT NULL,
	PRIMARY KEY (user_id, name)
) $TABLE;
CREATE INDEX drafts_saved ON drafts (saved_at);
