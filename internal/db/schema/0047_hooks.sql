-- +goose Up

-- Where other systems want to be told what happened, for which organisation. The secrets are sealed.
-- owner: hooks
CREATE TABLE hooks (
	id              $ID PRIMARY KEY,
	organisation_id $ID NOT NULL REFERENCES organisations (id),
	url             TEXT NOT NULL,
	kinds           TEXT NOT NULL,
	secret          $BYTES NOT NULL,
	old_secret      $BYTES,
	old_until       $TIME,
	state           $KEY NOT NULL,
	why             TEXT NOT NULL,
	good_at         $TIME,
	failing_since   $TIME,
	user_id         $ID NOT NULL,
	user_name       TEXT NOT NULL,
	made_at         $TIME NOT NULL,
	version         $INT NOT NULL
) $TABLE;
CREATE INDEX hooks_organisation ON hooks (organisation_id, state);

-- What happened, as it is told. The text is sealed, and gone when nobody needs it any more.
-- owner: hooks
CREATE TABLE hook_events (
	id              $ID PRIMARY KEY,
	kind            $KEY NOT NULL,
	organisation_id $ID NOT NULL,
	subject         $KEY NOT NULL,
	sealed          $BYTES,
	at              $TIME NOT NULL
) $TABLE;
CREATE INDEX hook_events_at ON hook_events (at) WHERE sealed IS NOT NULL;

-- One telling of one event to one endpoint, and how far it is.
-- owner: hooks
CREATE TABLE hook_deliveries (
	id       $ID PRIMARY KEY,
	hook_id  $ID NOT NULL REFERENCES hooks (id),
	event_id $ID NOT NULL REFERENCES hook_events (id),
	state    $KEY NOT NULL,
	why      TEXT NOT NULL,
	status   $INT NOT NULL,
	attempts $INT NOT NULL,
	holder   TEXT NOT NULL,
	until    $TIME,
	due_at   $TIME NOT NULL,
	tried_at $TIME,
	ended_at $TIME,
	made_at  $TIME NOT NULL
) $TABLE;
CREATE INDEX hook_deliveries_due ON hook_deliveries (due_at) WHERE state IN ('waiting', 'sending');
CREATE INDEX hook_deliveries_hook ON hook_deliveries (hook_id, id);
CREATE INDEX hook_deliveries_event ON hook_deliveries (event_id);
CREATE INDEX hook_deliveries_sending ON hook_deliveries (hook_id) WHERE state = 'sending';
