-- +goose Up

-- Which records are of one person: each, and the oldest of them, under which they are found. Who
-- is registered once is not here.
-- owner: ties
CREATE TABLE ties (
	record_id $ID PRIMARY KEY,
	person_id $ID NOT NULL
) $PACKED;
CREATE INDEX ties_person ON ties (person_id, record_id);

-- What ties them: pairs of records, the older first.
-- owner: ties
CREATE TABLE tie_pairs (
	one_id   $ID NOT NULL,
	other_id $ID NOT NULL,
	PRIMARY KEY (one_id, other_id)
) $PACKED;
CREATE INDEX tie_pairs_other ON tie_pairs (other_id);

-- What was found that two records may be of one person, and has not been judged.
-- owner: links
CREATE TABLE link_pairs (
	one_id   $ID NOT NULL,
	other_id $ID NOT NULL,
	bits     $INT NOT NULL,
	verdict  TEXT NOT NULL,
	doubt    TEXT NOT NULL,
	model    TEXT NOT NULL,
	found_at $TIME NOT NULL,
	PRIMARY KEY (one_id, other_id)
) $PACKED;
CREATE INDEX link_pairs_other ON link_pairs (other_id);
CREATE INDEX link_pairs_bits ON link_pairs (bits, one_id, other_id);
CREATE INDEX link_pairs_doubt ON link_pairs (doubt, bits);

-- What was judged about two records: by whom, why, and from which evidence, so that it is not
-- asked again until there is other evidence. The reason is sealed under the older record's key.
-- owner: links
CREATE TABLE link_decisions (
	id        $ID PRIMARY KEY,
	one_id    $ID NOT NULL,
	other_id  $ID NOT NULL,
	answer    TEXT NOT NULL,
	state     TEXT NOT NULL,
	how       TEXT NOT NULL,
	bits      $INT NOT NULL,
	model     TEXT NOT NULL,
	evidence  TEXT NOT NULL,
	reason    $BYTES,
	user_id   $ID NOT NULL,
	user_name TEXT NOT NULL,
	at        $TIME NOT NULL,
	second_id $ID,
	ended_at  $TIME
) $PACKED;
CREATE INDEX link_decisions_pair ON link_decisions (one_id, other_id, id);
CREATE INDEX link_decisions_other ON link_decisions (other_id);

-- Who asked whether somebody is known to the network, so that it is not asked too often: alone, or
-- with the rows of a list; how many were asked about, and how many are known.
-- owner: links
CREATE TABLE link_questions (
	id              $ID PRIMARY KEY,
	user_id         $ID NOT NULL,
	organisation_id $ID NOT NULL,
	list            TEXT NOT NULL,
	asked           $INT NOT NULL,
	told            $INT NOT NULL,
	at              $TIME NOT NULL
) $PACKED;
CREATE INDEX link_questions_user ON link_questions (user_id, at);
CREATE INDEX link_questions_organisation ON link_questions (organisation_id, at);

-- How far work over the whole register has come, and what it works with.
-- owner: links
CREATE TABLE link_marks (
	name $KEY PRIMARY KEY,
	at   $INT NOT NULL,
	text TEXT NOT NULL
) $PACKED;
