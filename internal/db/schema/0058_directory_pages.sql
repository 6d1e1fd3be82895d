-- +goose Up

-- Entries are numbered as they come, so that those that have a word can be bits, of which two words are put together by one operation.
ALTER TABLE directory_entries ADD COLUMN number INTEGER;
UPDATE directory_entries SET number = r.n FROM (SELECT id, row_number() OVER (ORDER BY id) AS n FROM directory_entries) AS r WHERE r.id = directory_entries.id;
CREATE UNIQUE INDEX directory_entries_number ON directory_entries (number);

-- Which entries have a word, as directory_terms says it: 4,032 numbers on a page, in lines of 63. Lines holds, of each line with any, two
-- hexadecimal digits for which line it is and sixteen for its bits. "a*" and "ab*" stand for all words that begin so.
-- owner: directory
CREATE TABLE directory_pages (
	kind  $KEY NOT NULL,
	word  $KEY NOT NULL,
	page  INTEGER NOT NULL,
	lines TEXT NOT NULL,
	PRIMARY KEY (kind, word, page)
) $PACKED;
INSERT INTO directory_pages (kind, word, page, lines)
	SELECT kind, word, line / 64,
-- only sqlite
		group_concat(printf('%02x%016x', line % 64, bits), '')
-- end only
-- only postgres
		string_agg(lpad(to_hex(line % 64), 2, '0') || lpad(to_hex(bits), 16, '0'), '')
-- end only
	FROM (
		SELECT kind, word, number / 63 AS line, CAST(sum(CAST(1 AS $INT) << (number % 63)) AS $INT) AS bits FROM (
			SELECT t.kind, t.word, e.number FROM directory_terms t JOIN directory_entries e ON e.id = t.entry_id
			UNION SELECT t.kind, substr(t.word, 1, 1) || '*', e.number FROM directory_terms t JOIN directory_entries e ON e.id = t.entry_id
			UNION SELECT t.kind, substr(t.word, 1, 2) || '*', e.number FROM directory_terms t JOIN directory_entries e ON e.id = t.entry_id WHERE length(t.word) > 1
		) AS said GROUP BY kind, word, number / 63
	) AS told GROUP BY kind, word, line / 64;
