-- +goose Up

-- A person as she is seen: the values in use, over one or more registrations.
-- Terms are those under which the search box finds her, see index_terms. Chosen says for
-- which fields a person decided which value is used: a JSON object of field and claim.
-- owner: persons
CREATE TABLE persons (
	id             $ID PRIMARY KEY,
	office_id      $ID NOT NULL,
	name_bn        TEXT NOT NULL,
	name_latin     TEXT NOT NULL,
	call_name      TEXT NOT NULL,
	sex            TEXT NOT NULL,
	birth          $DATE NOT NULL,
	place_code     $KEY NOT NULL,
	terms          TEXT NOT NULL,
	photo_id       TEXT NOT NULL,
	chosen         TEXT NOT NULL,
	lists          INTEGER NOT NULL,
	do_not_contact $FLAG NOT NULL,
	registered_at  $TIME NOT NULL,
	changed_at     $TIME NOT NULL,
	version        INTEGER NOT NULL,
	erased_at      $TIME
) $PACKED;
CREATE INDEX persons_place ON persons (place_code, id);

-- What an organisation recorded, as it was recorded, for ever: in the open its values that are not
-- protected and its consents, sealed the rest. The rows are too long to lie within their key.
-- owner: persons
CREATE TABLE person_registrations (
	id              $ID NOT NULL,
	person_id       $ID NOT NULL REFERENCES persons (id),
	organisation_id $ID NOT NULL,
	office_id       $ID NOT NULL,
	user_id         $ID NOT NULL,
	user_name       TEXT NOT NULL,
	at              $TIME NOT NULL,
	met_at          TEXT NOT NULL,
	given           TEXT NOT NULL,
	sealed          $BYTES,
	PRIMARY KEY (person_id, id)
) $TABLE;

-- Every value that was given for a field of a person after her registration, with its source,
-- and protected ones given with it.
-- owner: persons
CREATE TABLE person_claims (
	id              $ID NOT NULL,
	person_id       $ID NOT NULL REFERENCES persons (id),
	registration_id $ID NOT NULL,
	field           TEXT NOT NULL,
	value           TEXT NOT NULL,
	sealed          $BYTES,
	source          TEXT NOT NULL,
	at              $TIME NOT NULL,
	user_name       TEXT NOT NULL,
	PRIMARY KEY (person_id, id)
) $PACKED;

-- owner: persons
CREATE TABLE person_contacts (
	id              $ID NOT NULL,
	person_id       $ID NOT NULL REFERENCES persons (id),
	registration_id $ID NOT NULL,
	kind            TEXT NOT NULL,
	sealed          $BYTES NOT NULL,
	last            TEXT NOT NULL,
	blind           $KEY NOT NULL,
	owner           TEXT NOT NULL,
	safety          TEXT NOT NULL,
	ways            TEXT NOT NULL,
	hours           TEXT NOT NULL,
	warnings        TEXT NOT NULL,
	at              $TIME NOT NULL,
	ended_at        $TIME,
	version         INTEGER NOT NULL,
	PRIMARY KEY (person_id, id)
) $PACKED;

-- owner: persons
CREATE TABLE person_identifiers (
	id              $ID NOT NULL,
	person_id       $ID NOT NULL REFERENCES persons (id),
	registration_id $ID NOT NULL,
	kind            TEXT NOT NULL,
	sealed          $BYTES NOT NULL,
	last            TEXT NOT NULL,
	blind           $KEY NOT NULL,
	issued          $DATE NOT NULL,
	expires         $DATE NOT NULL,
	issuer          TEXT NOT NULL,
	seen            $FLAG NOT NULL,
	warnings        TEXT NOT NULL,
	at              $TIME NOT NULL,
	ended_at        $TIME,
	version         INTEGER NOT NULL,
	PRIMARY KEY (person_id, id)
) $PACKED;

-- What was agreed to after the registration, for which purpose, in which words.
-- owner: persons
CREATE TABLE person_consents (
	id              $ID NOT NULL,
	person_id       $ID NOT NULL REFERENCES persons (id),
	registration_id $ID NOT NULL,
	purpose         TEXT NOT NULL,
	given           $FLAG NOT NULL,
	method          TEXT NOT NULL,
	language        TEXT NOT NULL,
	text_version    TEXT NOT NULL,
	asked_by        $ID NOT NULL,
	asked_name      TEXT NOT NULL,
	at              $TIME NOT NULL,
	ended_at        $TIME,
	PRIMARY KEY (person_id, id)
) $PACKED;

-- One stay abroad, from departure to return.
-- owner: persons
CREATE TABLE person_journeys (
	id              $ID NOT NULL,
	person_id       $ID NOT NULL REFERENCES persons (id),
	registration_id $ID NOT NULL,
	country         TEXT NOT NULL,
	city            TEXT NOT NULL,
	occupation      TEXT NOT NULL,
	work            TEXT NOT NULL,
	employer        TEXT NOT NULL,
	recruiter       TEXT NOT NULL,
	left_by         TEXT NOT NULL,
	cost            $INT NOT NULL,
	paid_by         TEXT NOT NULL,
	departed        $DATE NOT NULL,
	returned        $DATE NOT NULL,
	port            TEXT NOT NULL,
	papers          TEXT NOT NULL,
	reasons         TEXT NOT NULL,
	sealed          $BYTES,
	at              $TIME NOT NULL,
	ended_at        $TIME,
	version         INTEGER NOT NULL,
	PRIMARY KEY (person_id, id)
) $PACKED;
CREATE INDEX person_journeys_returned ON person_journeys (returned, country);

-- Family and household.
-- owner: persons
CREATE TABLE person_relations (
	id              $ID NOT NULL,
	person_id       $ID NOT NULL REFERENCES persons (id),
	registration_id $ID NOT NULL,
	other_id        $ID,
	relation        TEXT NOT NULL,
	name            TEXT NOT NULL,
	sex             TEXT NOT NULL,
	birth           $DATE NOT NULL,
	lives_with      $FLAG NOT NULL,
	depends         $FLAG NOT NULL,
	at              $TIME NOT NULL,
	ended_at        $TIME,
	version         INTEGER NOT NULL,
	PRIMARY KEY (person_id, id)
) $PACKED;

-- Answers to the Washington Group short set, sealed.
-- owner: persons
CREATE TABLE person_functioning (
	id              $ID NOT NULL,
	person_id       $ID NOT NULL REFERENCES persons (id),
	registration_id $ID NOT NULL,
	instrument      TEXT NOT NULL,
	sealed          $BYTES NOT NULL,
	user_name       TEXT NOT NULL,
	at              $TIME NOT NULL,
	PRIMARY KEY (person_id, id)
) $PACKED;

-- What a search box looks up: keys of names by sound, pairs of keys, blind hashes of numbers.
-- owner: index
CREATE TABLE index_terms (
	term       $KEY NOT NULL,
	office_id  $ID NOT NULL,
	subject_id $ID NOT NULL,
	place_code $KEY NOT NULL,
	PRIMARY KEY (term, office_id, subject_id)
) $PACKED;

-- The terms of who was registered a moment ago, with a space before and after each: they are
-- entered in index_terms for many at once. A search looks here too.
-- owner: index
CREATE TABLE index_waiting (
	subject_id $ID PRIMARY KEY,
	office_id  $ID NOT NULL,
	place_code $KEY NOT NULL,
	terms      TEXT NOT NULL
) $PACKED;
