-- +goose Up

-- owner: offices
CREATE TABLE organisations (
	id       $ID PRIMARY KEY,
	name_en  TEXT NOT NULL,
	name_bn  TEXT NOT NULL,
	kind     TEXT NOT NULL,
	added_at $TIME NOT NULL,
	version  INTEGER NOT NULL
) $TABLE;

-- owner: offices
CREATE TABLE offices (
	id              $ID PRIMARY KEY,
	organisation_id $ID NOT NULL REFERENCES organisations (id),
	name_en         TEXT NOT NULL,
	name_bn         TEXT NOT NULL,
	kind            TEXT NOT NULL,
	place_code      $KEY NOT NULL,
	opened_at       $TIME NOT NULL,
	closed_at       $TIME,
	version         INTEGER NOT NULL
) $TABLE;
CREATE INDEX offices_organisation ON offices (organisation_id);

-- owner: accounts
CREATE TABLE users (
	id             $ID PRIMARY KEY,
	login          $KEY NOT NULL UNIQUE,
	name           TEXT NOT NULL,
	office_id      $ID NOT NULL REFERENCES offices (id),
	language       TEXT NOT NULL,
	password       TEXT NOT NULL,
	totp           $BYTES,
	totp_step      $INT NOT NULL,
	enrolment      $KEY NOT NULL,
	enrolment_ends $TIME,
	added_at       $TIME NOT NULL,
	disabled_at    $TIME,
	version        INTEGER NOT NULL
) $TABLE;
CREATE INDEX users_office ON users (office_id);

-- owner: accounts
CREATE TABLE user_roles (
	user_id    $ID NOT NULL REFERENCES users (id),
	role       $KEY NOT NULL,
	scope      $KEY NOT NULL,
	granted_by $ID NOT NULL,
	granted_at $TIME NOT NULL,
	PRIMARY KEY (user_id, role, scope)
) $PACKED;
CREATE INDEX user_roles_role ON user_roles (role);

-- The codes with which a user gets in without the second factor, each once.
-- owner: accounts
CREATE TABLE recovery_codes (
	user_id $ID NOT NULL REFERENCES users (id),
	code    $KEY NOT NULL,
	used_at $TIME,
	PRIMARY KEY (user_id, code)
) $PACKED;

-- A sign-in or enrolment under way: one step is done, another is wanted.
-- owner: accounts
CREATE TABLE sign_ins (
	token   $KEY PRIMARY KEY,
	user_id $ID NOT NULL REFERENCES users (id),
	stage   TEXT NOT NULL,
	seed    $BYTES,
	tries   INTEGER NOT NULL,
	how     TEXT NOT NULL,
	ends_at $TIME NOT NULL
) $PACKED;
CREATE INDEX sign_ins_ends ON sign_ins (ends_at);
CREATE INDEX sign_ins_user ON sign_ins (user_id);

-- owner: accounts
CREATE TABLE sessions (
	id         $ID PRIMARY KEY,
	token      $KEY NOT NULL UNIQUE,
	user_id    $ID NOT NULL REFERENCES users (id),
	device     TEXT NOT NULL,
	network    TEXT NOT NULL,
	how        TEXT NOT NULL,
	started_at $TIME NOT NULL,
	seen_at    $TIME NOT NULL,
	idle_at    $TIME NOT NULL,
	ends_at    $TIME NOT NULL
) $TABLE;
CREATE INDEX sessions_user ON sessions (user_id);
CREATE INDEX sessions_ends ON sessions (ends_at);

-- Browsers on which a user has signed in to the end, by the hash of their cookie.
-- owner: accounts
CREATE TABLE known_devices (
	token   $KEY PRIMARY KEY,
	user_id $ID NOT NULL REFERENCES users (id),
	seen_at $TIME NOT NULL
) $PACKED;
CREATE INDEX known_devices_user ON known_devices (user_id);

-- Every time somebody offered a password, code or provider's word. What was typed is not kept, the login only as a keyed hash.
-- owner: accounts
CREATE TABLE sign_in_attempts (
	id      $ID PRIMARY KEY,
	at      $TIME NOT NULL,
	login   $KEY NOT NULL,
	user_id $ID,
	network TEXT NOT NULL,
	known   $FLAG NOT NULL,
	step    TEXT NOT NULL,
	passed  $FLAG NOT NULL
) $TABLE;
CREATE INDEX sign_in_attempts_user ON sign_in_attempts (user_id, id) WHERE user_id IS NOT NULL;

-- How often guessing failed, for a login on a known device, a login from a network, a network, a second factor.
-- owner: accounts
CREATE TABLE sign_in_failures (
	counter  $KEY PRIMARY KEY,
	failures INTEGER NOT NULL,
	refused  $INT NOT NULL,
	last_at  $TIME NOT NULL,
	until    $TIME NOT NULL
) $PACKED;
CREATE INDEX sign_in_failures_last ON sign_in_failures (last_at);

-- Keys of other systems. Each acts for its owner, with less than the owner may do.
-- owner: accounts
CREATE TABLE tokens (
	id          $ID PRIMARY KEY,
	hash        $KEY NOT NULL,
	user_id     $ID NOT NULL REFERENCES users (id),
	name        TEXT NOT NULL,
	permissions TEXT NOT NULL,
	scope       $KEY NOT NULL,
	scope_in    $KEY NOT NULL,
	added_at    $TIME NOT NULL,
	added_by    $ID NOT NULL,
	ends_at     $TIME NOT NULL,
	revoked_at  $TIME
) $TABLE;
CREATE INDEX tokens_user ON tokens (user_id);

-- An organisation's own sign-in (OpenID Connect).
-- owner: accounts
CREATE TABLE oidc_providers (
	id              $ID PRIMARY KEY,
	organisation_id $ID NOT NULL REFERENCES organisations (id),
	name            TEXT NOT NULL,
	issuer          TEXT NOT NULL,
	client_id       TEXT NOT NULL,
	client_secret   $BYTES NOT NULL,
	second_factor   $FLAG NOT NULL,
	added_at        $TIME NOT NULL,
	closed_at       $TIME
) $TABLE;

-- Which of our users a provider's user is.
-- owner: accounts
CREATE TABLE oidc_subjects (
	provider_id $ID NOT NULL REFERENCES oidc_providers (id),
	subject     $KEY NOT NULL,
	user_id     $ID NOT NULL REFERENCES users (id),
	linked_at   $TIME NOT NULL,
	linked_by   $ID NOT NULL,
	PRIMARY KEY (provider_id, subject),
	UNIQUE (provider_id, user_id)
) $PACKED;

-- Visitors who were sent to a provider and have not come back yet.
-- owner: accounts
CREATE TABLE oidc_visits (
	state       $KEY PRIMARY KEY,
	provider_id $ID NOT NULL REFERENCES oidc_providers (id),
	nonce       TEXT NOT NULL,
	verifier    TEXT NOT NULL,
	ends_at     $TIME NOT NULL
) $PACKED;
CREATE INDEX oidc_visits_ends ON oidc_visits (ends_at);

-- What a user is told, to be read when signed in.
-- owner: accounts
CREATE TABLE notices (
	id      $ID PRIMARY KEY,
	user_id $ID NOT NULL REFERENCES users (id),
	key     TEXT NOT NULL,
	subject TEXT NOT NULL,
	at      $TIME NOT NULL,
	read_at $TIME
) $TABLE;
CREATE INDEX notices_user ON notices (user_id, id);
CREATE INDEX notices_unread ON notices (user_id) WHERE read_at IS NULL;
