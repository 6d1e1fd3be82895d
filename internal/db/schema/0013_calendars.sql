-- +goose Up

-- Days that are not as their day of the week is, as an administrator entered them: holidays, and days of the weekend that
-- are worked. Nothing is changed or taken away: a day that was wrong is ended, and another entered.
-- owner: calendars
CREATE TABLE calendar_days (
	id         $ID PRIMARY KEY,
	day        $KEY NOT NULL,
	worked     $FLAG NOT NULL,
	moon       $FLAG NOT NULL,
	name_bn    TEXT NOT NULL,
	name_en    TEXT NOT NULL,
	source     TEXT NOT NULL,
	user_name  TEXT NOT NULL,
	at         $TIME NOT NULL,
	ended_by   TEXT NOT NULL,
	ended_why  TEXT NOT NULL,
	ended_at   $TIME
) $TABLE;
CREATE UNIQUE INDEX calendar_days_once ON calendar_days (day) WHERE ended_at IS NULL;
