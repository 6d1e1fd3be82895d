-- +goose Up

-- A list that somebody takes away as a file: what of it, whether a second person allowed it, and how far it is made.
-- owner: exports
CREATE TABLE exports (
	id              $ID PRIMARY KEY,
	organisation_id $ID NOT NULL,
	office_id       $ID NOT NULL,
	user_id         $ID NOT NULL,
	user_name       TEXT NOT NULL,
	ask             $JSON NOT NULL,
	class           $INT NOT NULL,
	purpose         TEXT NOT NULL,
	recipient       TEXT NOT NULL,
	state           TEXT NOT NULL,
	decided_by      $ID NOT NULL,
	decided_name    TEXT NOT NULL,
	decided_at      $TIME,
	remark          TEXT NOT NULL,
	failure         TEXT NOT NULL,
	done            $INT NOT NULL,
	size            $INT NOT NULL,
	attempts        $INT NOT NULL,
	fetched         $INT NOT NULL,
	asked_at        $TIME NOT NULL,
	changed_at      $TIME NOT NULL,
	ends_at         $TIME,
	version         INTEGER NOT NULL
) $TABLE;
CREATE INDEX exports_working ON exports (changed_at) WHERE state IN ('waiting', 'making');
CREATE INDEX exports_ending ON exports (ends_at) WHERE state = 'ready';
CREATE INDEX exports_mine ON exports (user_id, id);
CREATE INDEX exports_asked ON exports (organisation_id, id) WHERE state = 'asked';

-- The file itself, in pieces, sealed under a key of its own, until its end.
-- owner: exports
CREATE TABLE export_chunks (
	export_id $ID NOT NULL REFERENCES exports (id),
	n         $INT NOT NULL,
	sealed    $BYTES NOT NULL,
	PRIMARY KEY (export_id, n)
) $TABLE;
