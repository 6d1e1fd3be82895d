-- +goose Up

-- Entries are numbered as they come, so that those that have a word can be bits: 63 entries in each line of directory_pages, of which
-- two words are put together by one operation. A word that tens of thousands have is then a few thousand lines.
ALTER TABLE directory_entries ADD COLUMN number INTEGER;
UPDATE directory_entries SET number = r.n FROM (SELECT id, row_number() OVER (ORDER BY id) AS n FROM directory_entries) AS r WHERE r.id = directory_entries.id;
CREATE UNIQUE INDEX directory_entries_number ON directory_entries (number);

-- Which entries have a word: bit b of line p is the entry with the number 63 p + b. It says what directory_terms says.
-- owner: directory
CREATE TABLE directory_pages (
	kind $KEY NOT NULL,
	word $KEY NOT NULL,
	line INTEGER NOT NULL,
	bits $INT NOT NULL,
	PRIMARY KEY (kind, word, line)
) $PACKED;
INSERT INTO directory_pages (kind, word, line, bits)
	SELECT t.kind, t.word, e.number / 63, CAST(sum(CAST(1 AS $INT) << (e.number % 63)) AS $INT) FROM directory_terms t JOIN directory_entries e ON e.id = t.entry_id GROUP BY t.kind, t.word, e.number / 63;
