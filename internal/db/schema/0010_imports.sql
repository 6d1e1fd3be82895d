-- +goose Up

-- A file of people that somebody sent, on its way into the register.
-- owner: imports
CREATE TABLE imports (
	id              $ID PRIMARY KEY,
	organisation_id $ID NOT NULL,
	office_id       $ID NOT NULL,
	user_id         $ID NOT NULL,
	user_name       TEXT NOT NULL,
	source          TEXT NOT NULL,
	file_name       TEXT NOT NULL,
	size            $INT NOT NULL,
	state           TEXT NOT NULL,
	failure         TEXT NOT NULL,
	plan            $JSON NOT NULL,
	reason          TEXT NOT NULL,
	total           $INT NOT NULL,
	done            $INT NOT NULL,
	wrong           $INT NOT NULL,
	doubled         $INT NOT NULL,
	perhaps         $INT NOT NULL,
	known           $INT NOT NULL,
	entered         $INT NOT NULL,
	taken           $INT NOT NULL,
	clashes         $INT NOT NULL,
	next_row        $INT NOT NULL,
	sent_at         $TIME NOT NULL,
	changed_at      $TIME NOT NULL,
	emptied_at      $TIME,
	version         INTEGER NOT NULL
) $TABLE;
CREATE INDEX imports_working ON imports (changed_at) WHERE state IN ('checking', 'entering', 'undoing');
CREATE INDEX imports_kept ON imports (changed_at) WHERE emptied_at IS NULL;

-- The file itself, in pieces, sealed under a key of its own, until everybody in it is entered.
-- owner: imports
CREATE TABLE import_chunks (
	import_id $ID NOT NULL REFERENCES imports (id),
	n         $INT NOT NULL,
	sealed    $BYTES NOT NULL,
	PRIMARY KEY (import_id, n)
) $TABLE;

-- The rows of which there is something to say: what is wrong, who it may be, whom it became.
-- owner: imports
CREATE TABLE import_rows (
	import_id  $ID NOT NULL REFERENCES imports (id),
	row_number $INT NOT NULL,
	state      TEXT NOT NULL,
	troubles   TEXT NOT NULL,
	of_row     $INT NOT NULL,
	of_person  $ID NOT NULL,
	strength   TEXT NOT NULL,
	why        $JSON NOT NULL,
	sealed     $BYTES,
	person_id  $ID NOT NULL,
	PRIMARY KEY (import_id, row_number)
) $PACKED;
CREATE INDEX import_rows_state ON import_rows (import_id, state, row_number);

-- What the columns of a source meant the last time.
-- owner: imports
CREATE TABLE import_headings (
	organisation_id $ID NOT NULL,
	source          $KEY NOT NULL,
	heading         $KEY NOT NULL,
	target          TEXT NOT NULL,
	bijoy           $FLAG NOT NULL,
	PRIMARY KEY (organisation_id, source, heading)
) $PACKED;
